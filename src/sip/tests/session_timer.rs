//! Session timers: refreshed by either side, refused in every way, and never refreshed.

use super::*;

const SDP: (&str, &str) = ("Content-Type", "application/sdp");
const WE: (&str, &str) = ("Session-Expires", "100;refresher=uac");
const THEY: (&str, &str) = ("Session-Expires", "100;refresher=uas");
const UPDATES: (&str, &str) = ("Allow", "INVITE, ACK, BYE, UPDATE");

/// A call whose session we refresh after 50 s; by then nothing has left.
fn due(fields: &[(&str, &str)]) -> (Desk, Request, Request) {
    let (mut desk, invite) = Desk::talking_with(trunk(), fields);
    desk.wait(Duration::from_millis(49_999));
    assert!(desk.sent().is_empty());
    desk.wait(Duration::from_millis(1));
    let refresh = desk.request();
    (desk, invite, refresh)
}

fn lost(desk: &mut Desk) {
    let ending = Ending::local(LocalEnding::TimedOut);
    assert_eq!(desk.events(), [Event::HungUp(ending)]);
    assert!(desk.methods().contains(&"BYE".to_owned()));
}

#[test]
fn we_refresh_by_update_at_half_the_time_where_the_far_end_serves_it() {
    let (mut desk, _, update) = due(&[WE, UPDATES]);
    assert_eq!((update.method.as_str(), update.body.as_slice()), ("UPDATE", &b""[..]));
    let field = |name| update.headers.first(&name).unwrap();
    assert_eq!(field(Name::SessionExpires), "100;refresher=uac");
    assert_eq!(field(Name::Supported), "timer");
    assert_eq!(field(Name::Contact), "<sip:02166660000@192.0.2.1:5060>");
    desk.reply(&update, 200, "", &[("Session-Expires", "200;refresher=uac")], b"");
    desk.wait(Duration::from_millis(99_999));
    assert!(desk.sent().is_empty());
    desk.wait(Duration::from_millis(1));
    assert_eq!(desk.request().method, Method::Update);
    assert_eq!(desk.events(), []);
}

#[test]
fn we_refresh_by_re_invite_with_the_same_description_where_it_does_not() {
    let (mut desk, invite, again) = due(&[WE]);
    assert_eq!((again.method.as_str(), again.body.as_slice()), ("INVITE", OFFER));
    assert_eq!(again.headers.first(&Name::CSeq), Some("2 INVITE"));
    assert_ne!(again.headers.first(&Name::To), invite.headers.first(&Name::To));
    for _ in 0..2 {
        desk.reply(&again, 200, "", &[WE, SDP], b"v=0 moved");
        let ack = desk.request();
        assert_eq!(ack.headers.first(&Name::CSeq), Some("2 ACK"));
    }
    // The far end may have changed its side; whether it did is for the session above to see.
    let sdp = b"v=0 moved".to_vec();
    assert_eq!(desk.events(), [Event::Agreed { sdp }]);
    desk.wait(seconds(50));
    assert_eq!(desk.methods(), ["INVITE"]);
    desk.hang_up();
    desk.leaves_nothing();
}

#[test]
fn a_session_that_the_far_end_does_not_refresh_ends_in_time() {
    let (mut desk, invite) = Desk::talking_with(trunk(), &[THEY]);
    desk.wait(seconds(60));
    desk.ask(
        &invite,
        "a",
        "UPDATE",
        1,
        &[("Supported", "timer"), ("Session-Expires", "90")],
        b"",
    );
    let ok = desk.response();
    assert_eq!(ok.headers.first(&Name::SessionExpires), Some("90;refresher=uac"));
    assert_eq!(ok.headers.first(&Name::Require), Some("timer"));
    // 90 - 90 / 3
    desk.wait(Duration::from_millis(59_999));
    assert!(desk.sent().is_empty());
    desk.wait(Duration::from_millis(1));
    lost(&mut desk);
    desk.leaves_nothing();
}

#[test]
fn a_200_without_a_timer_turns_it_off() {
    let (mut desk, _, update) = due(&[WE, UPDATES]);
    desk.reply(&update, 200, "", &[], b"");
    desk.wait(seconds(3600));
    assert!(desk.sent().is_empty());
    assert!(desk.agent.out.timers.is_empty());
}

#[test]
fn a_refresh_that_crosses_a_change_is_tried_again_a_little_later() {
    let (mut desk, invite, again) = due(&[WE]);
    // Both at once: the far end's change waits, and so does ours.
    desk.ask(&invite, "a", "INVITE", 1, &[SDP], b"v=0");
    assert_eq!(desk.response().status, 491);
    desk.reply(&again, 491, "", &[], b"");
    assert_eq!(desk.methods(), ["ACK"]);
    desk.wait(Duration::from_millis(2_099));
    assert!(!desk.methods().contains(&"INVITE".to_owned()));
    desk.wait(Duration::from_millis(1_901));
    assert!(desk.methods().contains(&"INVITE".to_owned()));
}

#[test]
fn a_refresh_waits_while_the_far_end_changes_the_session() {
    let (mut desk, invite) = Desk::talking_with(trunk(), &[WE]);
    desk.wait(Duration::from_millis(49_900));
    let fields = [SDP, ("Session-Expires", "100;refresher=uas"), ("Supported", "timer")];
    desk.ask(&invite, "a", "INVITE", 1, &fields, b"v=0");
    desk.events();
    desk.wait(seconds(1));
    assert!(desk.sent().is_empty());
    desk.order(Command::Answer {
        leg: LEG,
        sdp: b"v=0".to_vec(),
    });
    let ok = desk.response();
    assert_eq!(ok.headers.first(&Name::SessionExpires), Some("100;refresher=uas"));
    desk.ask(&invite, "a", "ACK", 1, &[], b"");
    desk.wait(seconds(50));
    assert_eq!(desk.methods(), ["INVITE"]);
}

#[test]
fn a_far_end_that_knows_the_call_no_more_ends_it() {
    for status in [408, 481] {
        let (mut desk, _, update) = due(&[WE, UPDATES]);
        desk.reply(&update, status, "", &[], b"");
        lost(&mut desk);
        desk.leaves_nothing();
    }
}

#[test]
fn a_refresh_that_nobody_answers_ends_the_call() {
    let (mut desk, _, _) = due(&[WE, UPDATES]);
    // 100 - 32 s is the session's end, before Timer F.
    desk.wait(Duration::from_millis(17_999));
    desk.sent();
    assert_eq!(desk.events(), []);
    desk.wait(seconds(1));
    lost(&mut desk);
    desk.leaves_nothing();
}

#[test]
fn an_update_that_is_not_served_after_all_becomes_a_re_invite() {
    let (mut desk, _, update) = due(&[WE, UPDATES]);
    desk.reply(&update, 405, "", &[], b"");
    let again = desk.request();
    assert_eq!(again.method, Method::Invite);
    desk.reply(&again, 200, "", &[WE], b"v=0");
    desk.sent();
    desk.wait(seconds(50));
    assert_eq!(desk.methods(), ["INVITE"]);
}

#[test]
fn a_refresh_is_challenged_lengthened_and_put_off() {
    let (mut desk, _, update) = due(&[WE, UPDATES]);
    desk.reply(
        &update,
        401,
        "",
        &[("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\"")],
        b"",
    );
    let signed = desk.request();
    assert!(signed.headers.first(&Name::Authorization).is_some());
    desk.reply(&signed, 422, "", &[("Min-SE", "600")], b"");
    let longer = desk.request();
    assert_eq!(longer.headers.first(&Name::SessionExpires), Some("600;refresher=uac"));
    assert_eq!(longer.headers.first(&Name::MinSe), Some("600"));
    desk.reply(&longer, 500, "", &[("Retry-After", "11")], b"");
    desk.wait(Duration::from_millis(10_999));
    assert!(desk.sent().is_empty());
    desk.wait(Duration::from_millis(1));
    assert_eq!(desk.methods(), ["UPDATE"]);
    assert_eq!(desk.events(), []);
}

#[test]
fn a_far_end_that_asks_for_too_short_a_session_is_told_the_least() {
    let (mut desk, invite) = Desk::talking();
    let fields = [("Supported", "timer"), ("Session-Expires", "60")];
    desk.ask(&invite, "a", "UPDATE", 1, &fields, b"");
    let refused = desk.response();
    assert_eq!((refused.status, refused.headers.first(&Name::MinSe)), (422, Some("90")));
}

#[test]
fn a_proxy_that_put_a_timer_in_for_a_far_end_without_one_leaves_the_refresh_to_us() {
    let (mut desk, invite) = Desk::talking();
    desk.ask(
        &invite,
        "a",
        "UPDATE",
        1,
        &[("Session-Expires", "200;refresher=uac")],
        b"",
    );
    let ok = desk.response();
    assert_eq!(ok.headers.first(&Name::SessionExpires), Some("200;refresher=uas"));
    assert_eq!(ok.headers.first(&Name::Require), None);
    desk.wait(seconds(100));
    assert_eq!(desk.methods(), ["INVITE"]);
}

#[test]
fn a_flood_of_tiny_sessions_is_not_obeyed() {
    let (mut desk, _) = Desk::talking_with(trunk(), &[("Session-Expires", "0;refresher=uac"), UPDATES]);
    desk.wait(Duration::from_millis(14_999));
    assert!(desk.sent().is_empty());
}

#[test]
fn a_re_invite_without_final_response_is_forgotten_with_the_call() {
    let (mut desk, invite, again) = due(&[WE]);
    desk.reply(&again, 100, "", &[], b"");
    desk.ask(&invite, "a", "BYE", 1, &[], b"");
    desk.sent();
    desk.leaves_nothing();
}
