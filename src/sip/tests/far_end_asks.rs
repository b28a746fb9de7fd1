//! Requests of the far end inside a call, but for changes of the session.

use super::*;
use crate::phone::Key;

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
    assert_eq!((bad.status, bad.headers.first(&Name::Unsupported)), (420, Some("x")));
    for (cseq, method, status) in [
        (2, "REFER", 603),
        (3, "SUBSCRIBE", 489),
        (4, "NOTIFY", 489),
        (5, "PRACK", 481),
    ] {
        desk.ask(&invite, "a", method, cseq, &[("Refer-To", "<sip:x@y>")], b"");
        assert_eq!(desk.response().status, status, "{method}");
    }
    desk.rest();
    desk.ask(&invite, "a", "MESSAGE", 6, &[], b"hello");
    let unserved = desk.response();
    assert_eq!(unserved.status, 405);
    assert!(unserved.headers.first(&Name::Allow).unwrap().contains("INVITE"));
    assert_eq!(desk.rest(), [Output::Fault(Fault::UnservedMethod)]);
    // A BYE is taken whatever it requires.
    desk.ask(&invite, "a", "BYE", 7, &[("Require", "timer")], b"");
    assert_eq!(desk.response().status, 200);
}
