//! Reliable provisionals: PRACK in order, once each, along the early dialog that the provisional made.

use super::*;

const SDP: (&str, &str) = ("Content-Type", "application/sdp");
const REQUIRED: (&str, &str) = ("Require", "100rel");

fn statuses(events: &[Event]) -> Vec<u16> {
    let mut statuses = Vec::new();
    for event in events {
        if let Event::Progressed { status, .. } = event {
            statuses.push(*status);
        }
    }
    statuses
}

#[test]
fn a_reliable_183_is_acknowledged_along_its_own_route_set() {
    let (mut desk, invite) = Desk::calling();
    let fields = [
        SDP,
        REQUIRED,
        ("RSeq", "988789"),
        ("Record-Route", "<sip:far.example;lr>, <sip:192.0.2.9:5071;lr>"),
        ("Contact", "<sip:early@10.0.0.7:5099>"),
    ];
    desk.reply(&invite, 183, "a", &fields, b"v=0 early");
    let Sent { to, message, .. } = desk.sent().remove(0);
    let Message::Request(prack) = message else {
        panic!("no request");
    };
    assert_eq!(to.to_string(), "192.0.2.9:5071");
    assert_eq!(
        (prack.method.as_str(), prack.uri.as_str()),
        ("PRACK", "sip:early@10.0.0.7:5099")
    );
    let routes: Vec<&str> = prack.headers.all(&Name::Route).collect();
    assert_eq!(routes, ["<sip:192.0.2.9:5071;lr>", "<sip:far.example;lr>"]);
    assert_eq!(prack.headers.first(&Name::RAck), Some("988789 1 INVITE"));
    assert_eq!(prack.headers.first(&Name::CSeq), Some("2 PRACK"));
    let to = prack.headers.first(&Name::To).unwrap();
    assert_eq!(to, "<sip:13812341234@trunk.example>;tag=a");
    // Provisionals without Record-Route leave the route set of the first.
    desk.reply(&invite, 180, "a", &[REQUIRED, ("RSeq", "988790")], b"");
    let next = desk.request();
    assert_eq!(next.headers.all(&Name::Route).count(), 2);
    assert_eq!(next.headers.first(&Name::CSeq), Some("3 PRACK"));
    // The ACK has the number of its INVITE, the BYE the next one.
    desk.reply(&invite, 200, "a", &[], b"v=0");
    assert_eq!(desk.request().headers.first(&Name::CSeq), Some("1 ACK"));
    desk.hang_up();
    assert_eq!(desk.request().headers.first(&Name::CSeq), Some("4 BYE"));
    desk.leaves_nothing();
}

#[test]
fn copies_and_responses_ahead_of_their_turn_are_neither_told_nor_acknowledged() {
    let (mut desk, invite) = Desk::calling();
    let reliable = |rseq: &'static str| [REQUIRED, ("RSeq", rseq)];
    desk.reply(&invite, 183, "a", &reliable("5"), b"");
    assert_eq!(desk.methods(), ["PRACK"]);
    desk.reply(&invite, 183, "a", &reliable("5"), b"");
    desk.reply(&invite, 180, "a", &reliable("7"), b"");
    assert_eq!(desk.methods(), [""; 0]);
    desk.reply(&invite, 181, "a", &reliable("6"), b"");
    desk.reply(&invite, 180, "a", &reliable("7"), b"");
    assert_eq!(desk.methods(), ["PRACK", "PRACK"]);
    assert_eq!(statuses(&desk.events()), [183, 181, 180]);
}

#[test]
fn each_fork_counts_its_own_responses() {
    let (mut desk, invite) = Desk::calling();
    for (tag, rseq) in [("a", "10"), ("b", "90"), ("a", "11"), ("b", "91")] {
        desk.reply(&invite, 183, tag, &[REQUIRED, ("RSeq", rseq)], b"");
        let prack = desk.request();
        let rack = format!("{rseq} 1 INVITE");
        assert_eq!(prack.headers.first(&Name::RAck), Some(rack.as_str()));
        assert!(prack.headers.first(&Name::To).unwrap().ends_with(tag));
    }
}

#[test]
fn a_challenged_prack_is_sent_again_with_credentials() {
    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 183, "a", &[REQUIRED, ("RSeq", "1")], b"");
    let prack = desk.request();
    let challenge = [("Proxy-Authenticate", "Digest realm=\"r\", nonce=\"n\"")];
    desk.reply(&prack, 407, "", &challenge, b"");
    let again = desk.request();
    assert_eq!(again.method, Method::Prack);
    assert_eq!(again.headers.first(&Name::RAck), Some("1 1 INVITE"));
    assert_eq!(again.headers.first(&Name::CSeq), Some("3 PRACK"));
    assert!(again.headers.first(&Name::ProxyAuthorization).is_some());
    desk.reply(&again, 407, "", &challenge, b"");
    assert!(desk.sent().is_empty());
    desk.hang_up();
    desk.reply(&invite, 487, "a", &[], b"");
    desk.leaves_nothing();
}

#[test]
fn a_lost_prack_is_repeated_whether_or_not_the_200_overtakes_its_answer() {
    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 183, "a", &[REQUIRED, ("RSeq", "1")], b"");
    let prack = desk.request();
    desk.reply(&invite, 200, "a", &[], b"v=0");
    assert_eq!(desk.methods(), ["ACK"]);
    desk.wait(seconds(2));
    assert_eq!(desk.methods(), ["PRACK", "PRACK"]);
    desk.reply(&prack, 200, "", &[], b"");
    desk.wait(seconds(5));
    assert!(desk.sent().is_empty());
    desk.hang_up();
    desk.leaves_nothing();
}

#[test]
fn a_reliable_description_stands_when_the_200_has_none_and_yields_when_it_has_one() {
    let (mut desk, invite) = Desk::calling();
    let fields = [SDP, REQUIRED, ("RSeq", "1")];
    desk.reply(&invite, 183, "a", &fields, b"v=0 a");
    desk.reply(&invite, 183, "b", &fields, b"v=0 b");
    desk.events();
    desk.reply(&invite, 200, "a", &[], b"");
    let sdp = b"v=0 a".to_vec();
    assert_eq!(desk.events(), [Event::Answered { sdp }]);

    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 183, "a", &fields, b"v=0 early");
    desk.events();
    desk.reply(&invite, 200, "a", &[], b"v=0 last");
    let sdp = b"v=0 last".to_vec();
    assert_eq!(desk.events(), [Event::Answered { sdp }]);
}

#[test]
fn an_early_answer_of_another_fork_is_not_the_answer() {
    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 183, "a", &[SDP], b"v=0 a");
    desk.events();
    desk.reply(&invite, 200, "b", &[], b"");
    assert_eq!(desk.events(), [Event::Answered { sdp: Vec::new() }]);
}

#[test]
fn where_100rel_is_off_nothing_is_reliable() {
    let mut desk = Desk::with(Trunk {
        reliable: Reliable::Off,
        ..trunk()
    });
    let invite = desk.call(LEG);
    assert_eq!(invite.headers.first(&Name::Supported), Some("timer"));
    for _ in 0..2 {
        desk.reply(&invite, 183, "a", &[REQUIRED, ("RSeq", "1")], b"");
    }
    assert!(desk.sent().is_empty());
    assert_eq!(statuses(&desk.events()), [183, 183]);
}

#[test]
fn a_ringing_call_is_acknowledged_and_cancelled_alike() {
    let (mut desk, invite) = Desk::calling();
    desk.hang_up();
    desk.reply(&invite, 183, "a", &[REQUIRED, ("RSeq", "1")], b"");
    assert_eq!(desk.methods(), ["PRACK", "CANCEL"]);
    desk.reply(&invite, 487, "a", &[], b"");
    desk.leaves_nothing();
}

#[test]
fn a_fork_that_ended_early_is_told_and_its_dialog_is_gone() {
    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 180, "a", &[], b"");
    desk.reply(&invite, 199, "a", &[], b"");
    assert_eq!(statuses(&desk.events()), [180, 199]);
    desk.ask(&invite, "a", "INFO", 1, &[], b"");
    assert_eq!(desk.response().status, 481);
    desk.reply(&invite, 200, "b", &[], b"v=0 b");
    assert!(matches!(desk.events().as_slice(), [Event::Answered { .. }]));
}
