//! Requests of the far end inside a call.

use super::*;
use crate::phone::Key;

#[test]
fn a_change_of_the_session_is_refused_and_the_call_goes_on() {
    let (mut desk, invite) = Desk::talking();
    for (cseq, method) in [(1, "INVITE"), (2, "UPDATE")] {
        desk.ask(
            &invite,
            "a",
            method,
            cseq,
            &[("Content-Type", "application/sdp")],
            b"v=0",
        );
        assert_eq!(desk.response().status, 488);
        assert_eq!(desk.events(), [Event::ChangeRefused { status: 488 }]);
    }
    desk.hang_up();
    assert!(desk.methods().contains(&"BYE".to_owned()));
}

#[test]
fn a_refused_change_is_repeated_until_its_ack_comes() {
    let (mut desk, invite) = Desk::talking();
    desk.ask(&invite, "a", "INVITE", 1, &[], b"");
    desk.wait(seconds(4));
    assert_eq!(desk.methods(), ["488"; 4]);
    // The ACK shares the branch of its INVITE.
    let field = |name| invite.headers.first(&name).unwrap();
    let call_id = field(Name::CallId);
    let ack = format!(
        "ACK sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bK-INVITE-1-{call_id}\r\n\
         From: {};tag=a\r\nTo: {}\r\nCall-ID: {call_id}\r\nCSeq: 1 ACK\r\n\r\n",
        field(Name::To),
        field(Name::From)
    );
    desk.hear(ack.as_bytes());
    desk.wait(seconds(10));
    assert!(desk.sent().is_empty());
    assert_eq!(desk.rest(), []);
}

#[test]
fn a_refused_change_without_ack_is_repeated_for_32_seconds() {
    let (mut desk, invite) = Desk::talking();
    desk.ask(&invite, "a", "INVITE", 1, &[], b"");
    desk.wait(seconds(60));
    let times: Vec<u64> = desk.sent().iter().map(|sent| sent.at.nanos() / 1_000_000).collect();
    assert_eq!(
        times,
        [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]
    );
}

#[test]
fn a_key_by_info_is_heard_once() {
    let (mut desk, invite) = Desk::talking();
    for _ in 0..2 {
        let fields = [("Content-Type", "application/dtmf-relay")];
        desk.ask(&invite, "a", "INFO", 1, &fields, b"Signal=#\r\nDuration=250\r\n");
        assert_eq!(desk.response().status, 200);
    }
    let key = Event::KeyInfo {
        key: Key::HASH,
        duration_ms: Some(250),
    };
    assert_eq!(desk.events(), [key]);
    desk.ask(&invite, "a", "INFO", 2, &[], b"");
    assert_eq!(desk.response().status, 200);
    desk.ask(&invite, "a", "INFO", 3, &[("Content-Type", "text/plain")], b"5");
    let unknown = desk.response();
    assert_eq!(unknown.status, 415);
    assert!(unknown.headers.first(&Name::Accept).is_some());
    assert_eq!(desk.events(), []);
}

#[test]
fn a_request_out_of_order_gets_500() {
    let (mut desk, invite) = Desk::talking();
    desk.ask(&invite, "a", "OPTIONS", 9, &[], b"");
    assert_eq!(desk.response().status, 200);
    desk.ask(&invite, "a", "INFO", 8, &[], b"");
    assert_eq!(desk.response().status, 500);
    assert_eq!(desk.rest(), [Output::Fault(Fault::Malformed)]);
}

#[test]
fn a_request_in_a_dialog_that_is_not_there_gets_481() {
    let (mut desk, invite) = Desk::talking();
    desk.ask(&invite, "other", "BYE", 1, &[], b"");
    assert_eq!(desk.response().status, 481);
    desk.ask(&invite, "a", "BYE", 2, &[], b"");
    desk.sent();
    desk.events();
    desk.ask(&invite, "a", "INFO", 3, &[], b"");
    assert_eq!(desk.response().status, 481);
    assert_eq!(desk.rest(), [const { Output::Fault(Fault::StrayRequest) }; 2]);
}

#[test]
fn an_early_change_is_refused_before_the_answer() {
    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 183, "a", &[], b"");
    desk.events();
    desk.ask(&invite, "a", "UPDATE", 1, &[], b"v=0");
    assert_eq!(desk.response().status, 488);
    assert_eq!(desk.events(), [Event::ChangeRefused { status: 488 }]);
}

#[test]
fn a_required_extension_and_an_unserved_method_are_named() {
    let (mut desk, invite) = Desk::talking();
    desk.ask(
        &invite,
        "a",
        "INVITE",
        1,
        &[("Require", "timer, 100rel"), ("Require", "x")],
        b"",
    );
    let bad = desk.response();
    assert_eq!(
        (bad.status, bad.headers.first(&Name::Unsupported)),
        (420, Some("timer, 100rel, x"))
    );
    desk.ask(&invite, "a", "MESSAGE", 2, &[], b"hello");
    let unserved = desk.response();
    assert_eq!(unserved.status, 405);
    assert!(unserved.headers.first(&Name::Allow).unwrap().contains("INVITE"));
    assert_eq!(desk.rest(), [Output::Fault(Fault::UnservedMethod)]);
    // A BYE is taken whatever it requires.
    desk.ask(&invite, "a", "BYE", 3, &[("Require", "timer")], b"");
    assert_eq!(desk.response().status, 200);
}
