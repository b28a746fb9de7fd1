//! HangUp before the answer: CANCEL, when it may be sent, and everything that can cross it.

use super::*;

#[test]
fn a_ringing_call_is_cancelled_on_the_way_of_its_invite() {
    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 180, "a", &[], b"");
    desk.events();
    desk.hang_up();
    let cancel = desk.request();
    assert_eq!((&cancel.method, &cancel.uri), (&Method::Cancel, &invite.uri));
    for name in [Name::Via, Name::From, Name::To, Name::CallId] {
        assert_eq!(cancel.headers.first(&name), invite.headers.first(&name));
    }
    assert_eq!(cancel.headers.first(&Name::CSeq), Some("1 CANCEL"));
    desk.hang_up();
    desk.reply(&cancel, 200, "c", &[], b"");
    assert!(desk.sent().is_empty());
    desk.reply(&invite, 487, "a", &[], b"");
    assert_eq!(desk.methods(), ["ACK"]);
    assert!(matches!(
        desk.events().as_slice(),
        [Event::Closed {
            answered: false,
            ending: Ending { status: Some(487), .. }
        }]
    ));
    desk.leaves_nothing();
}

#[test]
fn before_any_provisional_cancel_waits_for_one() {
    let (mut desk, invite) = Desk::calling();
    desk.hang_up();
    assert!(desk.sent().is_empty());
    desk.wait(Duration::from_millis(600));
    assert_eq!(desk.methods(), ["INVITE"]);
    desk.reply(&invite, 100, "", &[], b"");
    assert_eq!(desk.methods(), ["CANCEL"]);
    assert_eq!(desk.events(), []);
}

#[test]
fn a_call_given_up_before_anything_came_back_closes_when_nothing_ever_does() {
    let (mut desk, _) = Desk::calling();
    desk.hang_up();
    desk.wait(seconds(32));
    assert!(!desk.methods().contains(&"CANCEL".to_owned()));
    let ending = Ending::local(LocalEnding::TimedOut);
    assert_eq!(
        desk.events(),
        [Event::Closed {
            answered: false,
            ending
        }]
    );
    desk.leaves_nothing();
}

#[test]
fn a_200_that_crosses_cancel_is_acknowledged_and_ended() {
    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 180, "a", &[], b"");
    desk.hang_up();
    desk.sent();
    desk.events();
    desk.reply(&invite, 200, "a", &[], b"v=0");
    let sent = desk.sent();
    let [Message::Request(ack), Message::Request(bye)] = [&sent[0].message, &sent[1].message] else {
        panic!("{sent:?}");
    };
    assert_eq!((&ack.method, &bye.method, sent.len()), (&Method::Ack, &Method::Bye, 2));
    assert_eq!(desk.events(), []);
    desk.reply(bye, 200, "", &[], b"");
    assert!(matches!(
        desk.events().as_slice(),
        [Event::Closed { answered: true, .. }]
    ));
    desk.leaves_nothing();
}

#[test]
fn a_200_without_any_provisional_after_hang_up_is_acknowledged_and_ended() {
    let (mut desk, invite) = Desk::calling();
    desk.hang_up();
    desk.reply(&invite, 200, "a", &[], b"v=0");
    assert_eq!(desk.methods(), ["ACK", "BYE"]);
    desk.leaves_nothing();
}

#[test]
fn a_refusal_that_crosses_cancel_is_the_ending() {
    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 180, "a", &[], b"");
    desk.hang_up();
    desk.events();
    desk.reply(&invite, 603, "a", &[], b"");
    assert!(matches!(
        desk.events().as_slice(),
        [Event::Closed {
            answered: false,
            ending: Ending { status: Some(603), .. }
        }]
    ));
}

#[test]
fn a_challenge_to_a_call_given_up_is_not_answered() {
    let (mut desk, invite) = Desk::calling();
    desk.hang_up();
    desk.reply(
        &invite,
        407,
        "a",
        &[("Proxy-Authenticate", "Digest realm=\"r\", nonce=\"n\"")],
        b"",
    );
    assert_eq!(desk.methods(), ["ACK"]);
    assert!(matches!(
        desk.events().as_slice(),
        [Event::Closed { answered: false, .. }]
    ));
}

#[test]
fn a_cancelled_invite_without_final_response_is_given_up_after_32_seconds() {
    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 180, "a", &[], b"");
    desk.hang_up();
    desk.events();
    desk.wait(Duration::from_millis(31_900));
    assert_eq!(desk.events(), []);
    desk.wait(seconds(1));
    let ending = Ending::local(LocalEnding::TimedOut);
    assert_eq!(
        desk.events(),
        [Event::Closed {
            answered: false,
            ending
        }]
    );
    desk.sent();
    desk.reply(&invite, 200, "a", &[], b"");
    assert!(desk.sent().is_empty());
    assert_eq!(desk.rest(), [Output::Fault(Fault::StrayResponse)]);
    desk.leaves_nothing();
}

#[test]
fn hang_up_for_a_leg_that_is_not_there_does_nothing() {
    let mut desk = Desk::new();
    desk.hang_up();
    assert!(desk.sent().is_empty() && desk.events().is_empty());
}
