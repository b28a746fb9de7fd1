//! What the trunk says, and which mistakes of a caller it notices.

use super::super::exchange::Line;
use super::caller::{Request, World};

const NUMBER: &str = "13800000001";

fn answered(behaviour: &str) -> (World, Request, String) {
    let mut world = World::all(behaviour);
    let invite = Request::invite(NUMBER, "a@x");
    world.send(&invite);
    world.wait(200);
    let tag = world.tag();
    (world, invite, tag)
}

#[test]
fn a_busy_patient_is_refused_with_the_cause_until_the_ack() {
    let mut world = World::all("status = 486\nreason = \"Q.850;cause=17\"\nring = \"1s\"");
    let invite = Request::invite(NUMBER, "a@x");
    world.send(&invite);
    world.wait(2_000);
    assert!(world.said.last().unwrap().contains("Reason: Q.850;cause=17\r\n"));
    let tag = world.tag();
    assert_eq!(
        world.lines(),
        [
            "SIP/2.0 100 Trying",
            "SIP/2.0 180 Ringing",
            "SIP/2.0 486 Busy Here",
            "SIP/2.0 486 Busy Here"
        ]
    );
    world.send(&invite.same("ACK", &tag));
    world.wait(5_000);
    assert_eq!(world.lines(), Vec::<String>::new());
    let entry = &world.log[0];
    assert_eq!(
        (&entry["status"], &entry["ringing_ms"], &entry["answered"]),
        (&486.into(), &1_000.into(), &false.into())
    );
    assert_eq!(world.sip_faults(), Vec::<String>::new());
}

#[test]
fn a_patient_who_never_answers_is_cancelled() {
    let mut world = World::all("does = \"rings-on\"");
    let invite = Request::invite(NUMBER, "a@x");
    world.send(&invite);
    world.wait(10_000);
    world.send(&invite.same("CANCEL", ""));
    let tag = world.tag();
    world.send(&invite.same("ACK", &tag));
    world.wait(40);
    let said = ["100 Trying", "180 Ringing", "200 OK", "487 Request Terminated"].map(|s| format!("SIP/2.0 {s}"));
    assert_eq!(world.lines(), said);
    let entry = &world.log[0];
    assert_eq!((&entry["cancelled"], &entry["status"]), (&true.into(), &487.into()));
    assert_eq!(entry["ringing_ms"], 9_900);
    assert_eq!(world.sip_faults(), Vec::<String>::new());
}

#[test]
fn an_answered_call_that_the_caller_ends_has_no_fault() {
    let (mut world, invite, tag) = answered("");
    world.send(&invite.inside("ACK", 1, &tag));
    world.wait(3_000);
    let bye = invite.inside("BYE", 2, &tag);
    world.send(&bye);
    world.wait(40);
    world.send(&bye);
    assert_eq!(
        world.lines(),
        ["100 Trying", "200 OK", "200 OK", "200 OK"].map(|s| format!("SIP/2.0 {s}"))
    );
    let entry = &world.log[0];
    assert_eq!((&entry["acked"], &entry["bye_by"]), (&true.into(), &"them".into()));
    assert_eq!((&entry["talk_ms"], &entry["attempt"]), (&3_100.into(), &1.into()));
    assert_eq!(entry["rtp_faults"][0]["what"], "no RTP at all");
    assert_eq!((world.sip_faults(), world.log.len()), (Vec::new(), 1));
}

#[test]
fn an_answer_without_ack_is_repeated_and_given_up_with_bye() {
    let (mut world, _, _) = answered("");
    world.lines();
    world.wait(31_800);
    let repeated = world.lines();
    assert_eq!(repeated.len(), 10);
    assert!(repeated.iter().all(|line| line == "SIP/2.0 200 OK"));
    world.wait(400);
    assert_eq!(world.lines(), ["BYE sip:daemon@127.0.0.1:5060 SIP/2.0"]);
    world.wait(33_000);
    assert_eq!(world.sip_faults(), ["BYE was not answered", "no ACK of the 200"]);
}

#[test]
fn a_patient_who_hangs_up_sends_bye_until_it_is_answered() {
    let (mut world, invite, tag) = answered("hang_up = [{ at = \"2s\" }]");
    world.send(&invite.inside("ACK", 1, &tag));
    world.wait(2_700);
    let bye = world.said.last().unwrap().clone();
    assert!(bye.starts_with("BYE sip:daemon@127.0.0.1:5060 SIP/2.0"));
    let copied: Vec<&str> = bye
        .lines()
        .filter(|l| !l.starts_with("BYE") && !l.starts_with("Max"))
        .collect();
    world.send_text(&format!("SIP/2.0 200 OK\r\n{}\r\n\r\n", copied.join("\r\n").trim_end()));
    world.wait(5_000);
    assert_eq!(world.lines().iter().filter(|l| l.starts_with("BYE")).count(), 2);
    assert_eq!(
        (&world.log[0]["bye_by"], world.sip_faults()),
        (&"us".into(), Vec::new())
    );
}

#[test]
fn credentials_are_asked_for_and_verified() {
    let account = "challenge = { status = 407, user = \"u\", password = \"p\", realm = \"r\" }\nstatus = 603";
    for (secret, expected) in [("p", 603), ("q", 403)] {
        let mut world = World::all(account);
        let invite = Request::invite(NUMBER, "a@x");
        world.send(&invite);
        let tag = world.tag();
        let challenge = world.said.last().unwrap().clone();
        let nonce = challenge.split_once("nonce=\"").unwrap().1.split_once('"').unwrap().0;
        world.send(&invite.same("ACK", &tag));
        let uri = format!("sip:{NUMBER}@127.0.0.1:5070");
        let hash = |text: String| {
            use md5::Digest;
            md5::Md5::digest(text)
                .iter()
                .map(|b| format!("{b:02x}"))
                .collect::<String>()
        };
        let (a1, a2) = (hash(format!("u:r:{secret}")), hash(format!("INVITE:{uri}")));
        let response = hash(format!("{a1}:{nonce}:00000001:c:auth:{a2}"));
        let mut again = Request {
            cseq: 2,
            branch: "z9hG4bK-second".to_owned(),
            ..invite.clone()
        };
        again.more.push_str(&format!(
            "Proxy-Authorization: Digest username=\"u\", realm=\"r\", nonce=\"{nonce}\", uri=\"{uri}\", \
             response=\"{response}\", algorithm=MD5, cnonce=\"c\", qop=auth, nc=00000001\r\n"
        ));
        world.send(&again);
        world.wait(200);
        let tag = world.tag();
        world.send(&again.same("ACK", &tag));
        world.wait(40);
        let entry = &world.log[0];
        assert_eq!(
            (&entry["status"], &entry["invite_messages"]),
            (&expected.into(), &2.into())
        );
        let faults = if expected == 403 {
            vec!["credentials with a wrong response".to_owned()]
        } else {
            Vec::new()
        };
        assert_eq!(world.sip_faults(), faults);
    }
}

#[test]
fn a_lost_invite_is_counted_and_never_answered() {
    let mut world = World::all("does = \"drops\"");
    let invite = Request::invite(NUMBER, "a@x");
    for _ in 0..7 {
        world.send(&invite);
        world.wait(4_000);
    }
    world.wait(8_000);
    assert_eq!(world.lines(), Vec::<String>::new());
    assert_eq!(
        (&world.log[0]["invite_messages"], &world.log[0]["status"]),
        (&7.into(), &serde_json::Value::Null)
    );
}

#[test]
fn a_lost_ack_brings_the_200_again_and_wants_a_second_ack() {
    let (mut world, invite, tag) = answered("tricks = \"loses-first-ack\"");
    world.send(&invite.inside("ACK", 1, &tag));
    world.wait(600);
    assert_eq!(world.lines().iter().filter(|l| l.ends_with("200 OK")).count(), 2);
    world.send(&invite.inside("ACK", 1, &tag));
    world.wait(5_000);
    world.send(&invite.inside("BYE", 2, &tag));
    world.wait(40);
    assert_eq!((world.sip_faults(), &world.log[0]["acked"]), (Vec::new(), &true.into()));
}

#[test]
fn the_second_telephone_of_a_forked_call_wants_ack_and_bye() {
    for is_right in [true, false] {
        let (mut world, invite, tag) = answered("tricks = \"forks\"");
        assert!(tag.ends_with("-fork"));
        let first = tag.trim_end_matches("-fork").to_owned();
        world.send(&invite.inside("ACK", 1, &first));
        if is_right {
            world.send(&invite.inside("ACK", 1, &tag));
            world.send(&invite.inside("BYE", 2, &tag));
        }
        world.wait(2_000);
        world.send(&invite.inside("BYE", 2, &first));
        world.wait(40);
        let expected = ["the forked 200 was not acknowledged", "the forked call was not hung up"];
        let expected: &[&str] = if is_right { &[] } else { &expected };
        assert_eq!(world.sip_faults(), expected);
        assert_eq!(world.log[0]["bye_by"], "them");
    }
}

#[test]
fn a_number_that_is_rung_twice_at_once_is_a_fault_and_the_attempt_is_counted() {
    let mut world = World::all("does = \"rings-on\"");
    let (first, second) = (Request::invite(NUMBER, "a@x"), Request::invite(NUMBER, "b@x"));
    world.send(&first);
    world.wait(1_000);
    world.send(&second);
    world.wait(1_000);
    for invite in [&first, &second] {
        world.send(&invite.same("CANCEL", ""));
        let tag = world.tag();
        world.send(&invite.same("ACK", &tag));
    }
    world.wait(40);
    assert_eq!(
        (&world.log[0]["attempt"], &world.log[1]["attempt"]),
        (&1.into(), &2.into())
    );
    assert_eq!(world.log[0]["sip_faults"].as_array().unwrap().len(), 0);
    assert_eq!(world.log[1]["sip_faults"][0]["what"], "number rung twice at once");
    assert_eq!((world.exchange.counts.most_up, world.exchange.counts.calls), (2, 2));
}

#[test]
fn every_mistake_of_a_caller_is_named() {
    let (mut world, invite, tag) = answered("");
    world.send(&Request {
        branch: "z9hG4bK-other".to_owned(),
        ..invite.same("CANCEL", "")
    });
    world.send(&Request {
        branch: invite.branch.clone(),
        ..invite.inside("ACK", 1, &tag)
    });
    world.send(&invite.inside("BYE", 2, "wrong"));
    world.send(&Request {
        cseq: 2,
        branch: "z9hG4bK-x".to_owned(),
        ..invite.clone()
    });
    world.send(&invite.inside("BYE", 1, &tag));
    world.wait(40);
    assert_eq!(
        world.sip_faults(),
        [
            "ACK of the 200 with the branch of its INVITE",
            "BYE with a wrong tag",
            "CANCEL that fits no INVITE",
            "CSeq did not rise",
            "a second INVITE with the same Call-ID",
        ]
    );
    world.send(&invite.inside("BYE", 9, &tag));
    assert_eq!(
        (&world.log[1]["kind"], &world.log[1]["fault"]),
        (&"after".into(), &"BYE after the end".into())
    );
    world.send(&Request {
        call_id: "none",
        ..invite.inside("BYE", 9, &tag)
    });
    assert_eq!(world.log[2]["fault"], "a request of no known call");
}

#[test]
fn more_calls_than_lines_get_503() {
    let text = "[far_end]\nlines = 1\ndefault = \"p\"\n[[behaviour]]\nname = \"p\"\ndoes = \"rings-on\"\n";
    let mut world = World::script(text, Vec::new());
    world.send(&Request::invite("1", "a@x"));
    world.send(&Request::invite("2", "b@x"));
    world.wait(200);
    assert!(world.lines().contains(&"SIP/2.0 503 Service Unavailable".to_owned()));
}

#[test]
fn early_media_comes_with_a_description_and_sound() {
    let mut world =
        World::all("early = \"announcement\"\nearly_for = \"3s\"\nstatus = 480\nreason = \"Q.850;cause=20\"");
    let invite = Request::invite(NUMBER, "a@x");
    world.send(&invite);
    world.wait(2_000);
    assert!(
        world.said.last().unwrap().starts_with("SIP/2.0 183") && world.said.last().unwrap().contains("m=audio 30000")
    );
    assert!(world.rtp.len() > 80);
    world.wait(1_200);
    let tag = world.tag();
    world.send(&invite.same("ACK", &tag));
    world.wait(40);
    assert_eq!((&world.log[0]["status"], world.sip_faults()), (&480.into(), Vec::new()));
}

#[test]
fn a_call_that_the_stop_cuts_off_is_told_as_unfinished() {
    let (mut world, invite, tag) = answered("");
    world.send(&invite.inside("ACK", 1, &tag));
    world.wait(1_000);
    let lines = world.exchange.abandon(world.now);
    assert_eq!(lines.len(), 1);
    let Line::Call(entry) = &lines[0] else {
        panic!("{lines:?}")
    };
    assert!(entry.unfinished && entry.answered && entry.bye_by.is_none());
    assert!(world.exchange.abandon(world.now).is_empty());
}

#[test]
fn a_registrar_with_an_account_asks_for_its_password() {
    let text = "[far_end]\nregistrar = { user = \"u\", password = \"p\" }\n[[behaviour]]\nname = \"p\"\nweight = 1";
    let mut world = World::script(text, Vec::new());
    let register = Request {
        method: "REGISTER",
        body: "",
        ..Request::invite(NUMBER, "r@x")
    };
    world.send(&register);
    assert!(world.said[0].contains("WWW-Authenticate: Digest realm=\"far-end\""));
    let mut wrong = Request { cseq: 2, ..register };
    wrong.more.push_str("Authorization: Digest username=\"u\"\r\n");
    world.send(&wrong);
    assert_eq!(world.lines(), ["SIP/2.0 401 Unauthorized", "SIP/2.0 403 Forbidden"]);
}

#[test]
fn a_forwarded_call_says_so_first() {
    let mut world = World::all("tricks = \"forwards\"\nstatus = 480\nreason = \"Q.850;cause=31\"");
    world.send(&Request::invite(NUMBER, "a@x"));
    world.wait(200);
    let said = [
        "100 Trying",
        "181 Call Is Being Forwarded",
        "480 Temporarily Unavailable",
    ];
    assert_eq!(world.lines(), said.map(|s| format!("SIP/2.0 {s}")));
}

#[test]
fn a_registration_is_taken_and_options_are_answered() {
    let mut world = World::all("");
    world.send(&Request {
        method: "REGISTER",
        body: "",
        ..Request::invite(NUMBER, "r@x")
    });
    world.send(&Request {
        method: "OPTIONS",
        ..Request::invite(NUMBER, "o@x").same("OPTIONS", "")
    });
    assert!(world.said[0].contains("Contact: <sip:daemon@127.0.0.1:5060>"));
    assert_eq!(world.lines(), ["SIP/2.0 200 OK", "SIP/2.0 200 OK"]);
    assert!(world.log.is_empty());
}
