//! What a refused INVITE may do: leave an extension out, ask for a longer session, follow a redirection, or fail.

use super::*;

fn failed(desk: &mut Desk, status: u16) {
    let events = desk.events();
    assert!(
        matches!(events.as_slice(), [Event::Failed(ending)] if ending.status == Some(status)),
        "{events:?}"
    );
}

/// The INVITE that follows the ACK.
fn second(desk: &mut Desk) -> Request {
    let mut sent = desk.sent();
    assert_eq!(sent.len(), 2, "{sent:?}");
    match sent.remove(1).message {
        Message::Request(invite) if invite.method == Method::Invite => invite,
        other @ (Message::Request(_) | Message::Response(_)) => panic!("{other:?}"),
    }
}

#[test]
fn a_trunk_that_knows_no_100rel_is_called_without_it_once() {
    let mut desk = Desk::with(Trunk {
        reliable: Reliable::Required,
        ..trunk()
    });
    let invite = desk.call(LEG);
    assert_eq!(invite.headers.first(&Name::Require), Some("100rel"));
    let unsupported = [("Unsupported", "100rel")];
    desk.reply(&invite, 420, "x", &unsupported, b"");
    let again = second(&mut desk);
    assert_eq!(again.headers.first(&Name::Require), None);
    assert_eq!(again.headers.first(&Name::CSeq), Some("2 INVITE"));
    assert_eq!(desk.events(), []);
    desk.reply(&again, 420, "y", &unsupported, b"");
    failed(&mut desk, 420);
    desk.leaves_nothing();
}

#[test]
fn a_420_for_something_else_is_a_failure() {
    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 420, "x", &[("Unsupported", "privacy")], b"");
    failed(&mut desk, 420);
}

#[test]
fn a_session_too_short_for_the_trunk_is_asked_for_longer() {
    let mut desk = Desk::with(Trunk {
        session_expires: Some(seconds(120)),
        ..trunk()
    });
    let invite = desk.call(LEG);
    assert_eq!(invite.headers.first(&Name::SessionExpires), Some("120"));
    desk.reply(&invite, 422, "x", &[("Min-SE", "1800")], b"");
    let again = second(&mut desk);
    assert_eq!(again.headers.first(&Name::SessionExpires), Some("1800"));
    assert_eq!(again.headers.first(&Name::MinSe), Some("1800"));
    desk.reply(&again, 422, "x", &[("Min-SE", "1800")], b"");
    failed(&mut desk, 422);
}

#[test]
fn a_422_that_names_no_interval_is_a_failure() {
    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 422, "x", &[("Min-SE", "soon")], b"");
    failed(&mut desk, 422);
    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 422, "x", &[("Min-SE", "99999999")], b"");
    failed(&mut desk, 422);
}

#[test]
fn a_redirection_to_where_no_call_may_go_is_a_failure_whose_facts_are_kept() {
    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 302, "r", &[("Contact", "<sip:else@192.0.2.77>")], b"");
    assert_eq!(desk.methods(), ["ACK"]);
    failed(&mut desk, 302);
    desk.leaves_nothing();
}

#[test]
fn a_redirection_to_an_allowed_host_is_followed_once_over_the_same_trunk() {
    let mut desk = Desk::with(Trunk {
        redirect_hosts: vec!["sbc2.example".to_owned()],
        ..trunk()
    });
    let invite = desk.call(LEG);
    desk.reply(&invite, 180, "a", &[], b"");
    desk.events();
    let contacts =
        "<sip:x@evil.example>;q=1.0, <sip:1@sbc2.example>;q=0.3, \"B\" <sip:2@SBC2.example:5090;user=phone?X=y>;q=0.7";
    desk.reply(&invite, 302, "r", &[("Contact", contacts)], b"");
    assert_eq!(desk.sent.last().unwrap().to, there());
    let again = second(&mut desk);
    assert_eq!(again.uri, "sip:2@SBC2.example:5090;user=phone");
    assert_eq!(again.headers.first(&Name::To), invite.headers.first(&Name::To));
    assert_eq!(again.headers.first(&Name::CallId), invite.headers.first(&Name::CallId));
    assert_eq!(desk.events(), [Event::Redirected { status: 302 }]);
    desk.reply(&again, 302, "r", &[("Contact", contacts)], b"");
    failed(&mut desk, 302);
    desk.leaves_nothing();
}

#[test]
fn a_call_given_up_follows_nothing() {
    let mut desk = Desk::with(Trunk {
        redirect_hosts: vec!["sbc2.example".to_owned()],
        ..trunk()
    });
    let invite = desk.call(LEG);
    desk.reply(&invite, 100, "", &[], b"");
    desk.hang_up();
    desk.reply(&invite, 302, "r", &[("Contact", "<sip:1@sbc2.example>")], b"");
    assert_eq!(desk.methods(), ["CANCEL", "ACK"]);
}
