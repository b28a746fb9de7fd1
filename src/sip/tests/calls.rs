//! Calls as they mostly go: rung, answered, refused, ended by either side, and what is sent when nothing comes back.

use super::*;

#[test]
fn an_invite_carries_what_a_trunk_needs_and_no_inner_address_in_its_call_id() {
    let (desk, invite) = Desk::calling();
    let field = |name| invite.headers.first(&name).unwrap();
    assert_eq!(invite.uri, "sip:13812341234@trunk.example");
    assert!(field(Name::Via).starts_with("SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK"));
    assert!(field(Name::Via).ends_with(";rport"));
    assert_eq!(field(Name::MaxForwards), "70");
    assert_eq!(field(Name::To), "<sip:13812341234@trunk.example>");
    assert!(field(Name::From).starts_with("<sip:02166660000@trunk.example>;tag="));
    assert_eq!(field(Name::Contact), "<sip:02166660000@192.0.2.1:5060>");
    assert_eq!(field(Name::CSeq), "1 INVITE");
    assert_eq!(field(Name::ContentType), "application/sdp");
    assert_eq!(invite.body, OFFER);
    assert_eq!(field(Name::Supported), "100rel, timer");
    assert!(field(Name::Allow).contains("UPDATE"));
    assert!(!field(Name::CallId).contains(['@', '.']));
    assert_eq!(desk.agent.call_id(LEG), Some(field(Name::CallId)));
}

#[test]
fn an_answered_call_is_acknowledged_and_ended_by_our_bye() {
    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 100, "", &[], b"");
    desk.reply(&invite, 180, "a", &[], b"");
    let early = [("Content-Type", "application/sdp"), ("Reason", "SIP;cause=183")];
    desk.reply(&invite, 183, "a", &early, b"v=0 early");
    desk.reply(
        &invite,
        200,
        "a",
        &[("Contact", "<sip:p@192.0.2.9:5099;x=y>")],
        b"v=0 answer",
    );
    let progressed = |status, sdp: Option<&[u8]>, reasons: &[&str]| Event::Progressed {
        status,
        sdp: sdp.map(<[u8]>::to_vec),
        reasons: reasons.iter().map(|&reason| reason.to_owned()).collect(),
    };
    let expected = [
        Event::Trying,
        progressed(180, None, &[]),
        progressed(183, Some(b"v=0 early"), &["SIP;cause=183"]),
        Event::Answered {
            sdp: b"v=0 answer".to_vec(),
        },
    ];
    assert_eq!(desk.events(), expected);
    let ack = desk.request();
    assert_eq!(
        (ack.method, ack.uri.as_str()),
        (Method::Ack, "sip:p@192.0.2.9:5099;x=y")
    );
    assert_eq!(ack.headers.first(&Name::CSeq), Some("1 ACK"));
    assert_ne!(ack.headers.first(&Name::Via), invite.headers.first(&Name::Via));

    desk.wait(seconds(60));
    desk.hang_up();
    let bye = desk.request();
    assert_eq!(
        (&bye.method, bye.uri.as_str()),
        (&Method::Bye, "sip:p@192.0.2.9:5099;x=y")
    );
    assert_eq!(bye.headers.first(&Name::CSeq), Some("2 BYE"));
    assert_eq!(
        bye.headers.first(&Name::To),
        Some("<sip:13812341234@trunk.example>;tag=a")
    );
    desk.reply(&bye, 200, "", &[], b"");
    let [Event::Closed { answered: true, ending }] = &desk.events()[..] else {
        panic!("no Closed");
    };
    assert_eq!((ending.status, ending.phrase.as_str()), (Some(200), "As Said"));
    desk.leaves_nothing();
}

#[test]
fn a_busy_patient_fails_the_call_and_every_copy_of_486_gets_its_ack() {
    let (mut desk, invite) = Desk::calling();
    let fields = [
        ("Reason", "SIP;cause=486, q.850;cause=17;text=\"User busy\""),
        ("Reason", "Q.850;cause=16"),
        ("Retry-After", "30 (soon)"),
    ];
    for _ in 0..2 {
        desk.reply(&invite, 486, "b", &fields, b"");
        let ack = desk.request();
        assert_eq!((&ack.method, &ack.uri), (&Method::Ack, &invite.uri));
        assert_eq!(ack.headers.first(&Name::Via), invite.headers.first(&Name::Via));
        assert_eq!(
            ack.headers.first(&Name::To),
            Some("<sip:13812341234@trunk.example>;tag=b")
        );
    }
    let expected = Ending {
        status: Some(486),
        phrase: "As Said".to_owned(),
        reasons: vec![
            "SIP;cause=486, q.850;cause=17;text=\"User busy\"".to_owned(),
            "Q.850;cause=16".to_owned(),
        ],
        q850: Some(17),
        retry_after: Some(30),
        local: None,
    };
    assert_eq!(desk.events(), [Event::Failed(expected)]);
    assert_eq!(desk.agent.active(), 0);
    desk.leaves_nothing();
}

#[test]
fn an_unanswered_invite_is_sent_seven_times_and_given_up_after_32_seconds() {
    let (mut desk, _) = Desk::calling();
    desk.wait(seconds(31));
    let times: Vec<u64> = desk.sent().iter().map(|sent| sent.at.nanos() / 1_000_000).collect();
    assert_eq!(times, [500, 1500, 3500, 7500, 15_500]);
    desk.wait(seconds(2));
    assert_eq!(desk.methods(), ["INVITE"]);
    let ending = Ending::local(LocalEnding::TimedOut);
    assert_eq!(desk.events(), [Event::Failed(ending)]);
    desk.leaves_nothing();
}

#[test]
fn a_provisional_ends_the_copies_and_the_time_limit() {
    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 100, "", &[], b"");
    desk.wait(seconds(60));
    assert_eq!(desk.methods(), [""; 0]);
    assert_eq!(desk.events(), [Event::Trying]);
}

#[test]
fn a_peer_that_the_system_cannot_reach_fails_the_call_at_once() {
    let (mut desk, invite) = Desk::calling();
    desk.refuse(way("192.0.2.9:9".parse().unwrap()), &invite);
    assert_eq!(desk.events(), []);
    desk.refuse(way(there()), &invite);
    let ending = Ending::local(LocalEnding::Unreachable);
    assert_eq!(desk.events(), [Event::Failed(ending)]);
    desk.leaves_nothing();
}

#[test]
fn a_trunk_that_does_not_exist_fails_the_call() {
    let mut desk = Desk::new();
    desk.order(Command::Invite {
        leg: LEG,
        to: Callee::Number {
            trunk: TrunkId(9),
            number: Number::parse("1").unwrap(),
            caller: None,
        },
        mark: CallMark::default(),
        before: 0,
        offer: Vec::new(),
    });
    assert!(matches!(desk.events().as_slice(), [Event::Failed(_)]));
}

#[test]
fn the_far_ends_bye_ends_the_call_and_its_copies_are_answered_alike() {
    let (mut desk, invite) = Desk::talking();
    desk.wait(seconds(40));
    let fields = [("Reason", "Q.850;cause=31")];
    desk.ask(&invite, "a", "BYE", 7, &fields, b"");
    let first = desk.response();
    assert_eq!(first.status, 200);
    let [Event::HungUp(ending)] = &desk.events()[..] else {
        panic!("no HungUp");
    };
    assert_eq!((ending.status, ending.q850), (None, Some(31)));
    desk.ask(&invite, "a", "BYE", 7, &fields, b"");
    assert_eq!(desk.response(), first);
    assert_eq!(desk.events(), []);
    desk.hang_up();
    assert!(desk.sent().is_empty());
    desk.leaves_nothing();
}

#[test]
fn a_lost_bye_is_repeated_until_it_is_answered() {
    let (mut desk, _) = Desk::talking();
    desk.hang_up();
    let bye = desk.request();
    desk.wait(seconds(12));
    let times: Vec<u64> = desk.sent().iter().map(|sent| sent.at.nanos() / 1_000_000).collect();
    assert_eq!(times, [500, 1500, 3500, 7500, 11_500]);
    desk.reply(&bye, 481, "", &[], b"");
    assert!(matches!(
        desk.events().as_slice(),
        [Event::Closed {
            answered: true,
            ending: Ending { status: Some(481), .. }
        }]
    ));
    desk.leaves_nothing();
}

#[test]
fn a_bye_that_is_never_answered_closes_the_call_all_the_same() {
    let (mut desk, _) = Desk::talking();
    desk.hang_up();
    desk.wait(seconds(32));
    let ending = Ending::local(LocalEnding::TimedOut);
    assert_eq!(desk.events(), [Event::Closed { answered: true, ending }]);
    desk.leaves_nothing();
}

#[test]
fn byes_that_cross_end_the_call_once() {
    let (mut desk, invite) = Desk::talking();
    desk.hang_up();
    let bye = desk.request();
    desk.ask(&invite, "a", "BYE", 1, &[], b"");
    assert_eq!(desk.response().status, 200);
    assert_eq!(desk.events(), []);
    desk.reply(&bye, 481, "", &[], b"");
    assert!(matches!(
        desk.events().as_slice(),
        [Event::Closed { answered: true, .. }]
    ));
    desk.leaves_nothing();
}

#[test]
fn a_recorded_route_is_followed_in_reverse_and_a_strict_router_in_its_own_way() {
    let fields = |first: &'static str| {
        [
            ("Record-Route", first),
            ("Record-Route", "<sip:192.0.2.9:5071;lr;ftag=1>"),
            ("Contact", "\"P\" <sip:p@10.0.0.7:5099>;expires=1"),
        ]
    };
    let (mut desk, invite) = Desk::calling();
    desk.reply(
        &invite,
        200,
        "a",
        &fields("<sip:far.example;lr>, <sip:mid.example;lr>"),
        b"",
    );
    let Sent { to, message, .. } = desk.sent().remove(0);
    let Message::Request(ack) = message else {
        panic!("no request");
    };
    // The port of the next hop is taken, because it is the peer's machine.
    assert_eq!(to.to_string(), "192.0.2.9:5071");
    assert_eq!(ack.uri, "sip:p@10.0.0.7:5099");
    let routes: Vec<&str> = ack.headers.all(&Name::Route).collect();
    assert_eq!(
        routes,
        [
            "<sip:192.0.2.9:5071;lr;ftag=1>",
            "<sip:mid.example;lr>",
            "<sip:far.example;lr>"
        ]
    );

    let (mut desk, invite) = Desk::calling();
    desk.reply(
        &invite,
        200,
        "a",
        &[("Record-Route", "<sip:strict.example>"), fields("")[2]],
        b"",
    );
    desk.sent();
    desk.hang_up();
    let bye = desk.request();
    assert_eq!(bye.uri, "sip:strict.example");
    assert_eq!(bye.headers.first(&Name::Route), Some("<sip:p@10.0.0.7:5099>"));
}

#[test]
fn a_contact_on_another_machine_is_reached_through_the_trunk() {
    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 200, "a", &[("Contact", "<sip:p@10.0.0.7:5099>")], b"");
    assert_eq!(desk.sent().remove(0).to, there());
}

#[test]
fn the_same_seed_gives_the_same_night() {
    let (_, one) = Desk::calling();
    let (_, two) = Desk::calling();
    assert_eq!(one, two);
}

#[test]
fn the_debug_view_shows_no_number() {
    let (desk, _) = Desk::calling();
    assert!(!format!("{:?}", desk.agent).contains("1381234"));
}
