//! The far end changes the session: re-INVITE and UPDATE, what is answered, refused, repeated, and what crosses.

use super::*;

const SDP: (&str, &str) = ("Content-Type", "application/sdp");

fn answer(desk: &mut Desk, sdp: &[u8]) {
    desk.order(Command::Answer {
        leg: LEG,
        sdp: sdp.to_vec(),
    });
}

fn offered(sdp: Option<&[u8]>) -> [Event; 1] {
    [Event::Offered {
        sdp: sdp.map(<[u8]>::to_vec),
    }]
}

#[test]
fn a_re_invite_is_answered_and_its_ack_ends_the_copies() {
    let (mut desk, invite) = Desk::talking();
    let fields = [SDP, ("Contact", "<sip:moved@192.0.2.9:5099>")];
    desk.ask(&invite, "a", "INVITE", 7, &fields, b"v=0 hold");
    assert_eq!(desk.events(), offered(Some(b"v=0 hold")));
    assert!(desk.sent().is_empty());
    answer(&mut desk, b"v=0 ours");
    let ok = desk.response();
    assert_eq!((ok.status, ok.body.as_slice()), (200, &b"v=0 ours"[..]));
    assert_eq!(
        ok.headers.first(&Name::Contact),
        Some("<sip:02166660000@192.0.2.1:5060>")
    );
    assert_eq!(ok.headers.first(&Name::ContentType), Some("application/sdp"));
    // A copy that crossed our 200 is nobody's second change.
    desk.ask(&invite, "a", "INVITE", 7, &fields, b"v=0 hold");
    assert!(desk.sent().is_empty() && desk.events().is_empty());
    desk.wait(seconds(4));
    assert_eq!(desk.methods(), ["200"; 3]);
    desk.ask(&invite, "a", "ACK", 7, &[], b"");
    desk.wait(seconds(60));
    assert!(desk.sent().is_empty());
    assert_eq!((desk.events(), desk.rest()), (Vec::new(), Vec::new()));
    // Requests go to where the far end moved.
    desk.hang_up();
    assert_eq!(desk.request().uri, "sip:moved@192.0.2.9:5099");
    desk.leaves_nothing();
}

#[test]
fn a_200_without_ack_is_repeated_for_32_seconds_and_then_the_call_ends() {
    let (mut desk, invite) = Desk::talking();
    desk.ask(&invite, "a", "INVITE", 1, &[SDP], b"v=0");
    answer(&mut desk, b"v=0");
    desk.wait(Duration::from_millis(31_900));
    let times: Vec<u64> = desk.sent().iter().map(|sent| sent.at.nanos() / 1_000_000).collect();
    assert_eq!(
        times,
        [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]
    );
    desk.events();
    desk.wait(Duration::from_millis(100));
    assert_eq!(desk.methods(), ["BYE"]);
    let ending = Ending::local(LocalEnding::TimedOut);
    assert_eq!(desk.events(), [Event::HungUp(ending)]);
    desk.leaves_nothing();
}

#[test]
fn an_update_is_answered_once_and_its_copies_alike() {
    let (mut desk, invite) = Desk::talking();
    desk.ask(&invite, "a", "UPDATE", 1, &[SDP], b"v=0 codec");
    assert_eq!(desk.events(), offered(Some(b"v=0 codec")));
    answer(&mut desk, b"v=0 ours");
    let first = desk.response();
    assert_eq!((first.status, first.body.as_slice()), (200, &b"v=0 ours"[..]));
    desk.ask(&invite, "a", "UPDATE", 1, &[SDP], b"v=0 codec");
    assert_eq!(desk.response(), first);
    assert_eq!(desk.events(), []);
    desk.wait(seconds(60));
    assert!(desk.sent().is_empty());
}

#[test]
fn a_refused_change_leaves_the_call_as_it_was_and_is_repeated_until_its_ack() {
    let (mut desk, invite) = Desk::talking();
    for (cseq, method) in [(1, "UPDATE"), (2, "INVITE")] {
        desk.ask(&invite, "a", method, cseq, &[SDP], b"v=0 t38");
        desk.events();
        desk.order(Command::Refuse { leg: LEG, status: 488 });
        assert_eq!(desk.response().status, 488);
        assert_eq!(desk.events(), [Event::ChangeRefused { status: 488 }]);
    }
    desk.wait(seconds(4));
    assert_eq!(desk.methods(), ["488"; 3]);
    // The ACK to a refusal shares the branch of its INVITE.
    let field = |name| invite.headers.first(&name).unwrap();
    let call_id = field(Name::CallId);
    let ack = format!(
        "ACK sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bK-INVITE-2-{call_id}\r\n\
         From: {};tag=a\r\nTo: {}\r\nCall-ID: {call_id}\r\nCSeq: 2 ACK\r\n\r\n",
        field(Name::To),
        field(Name::From)
    );
    desk.hear(ack.as_bytes());
    desk.wait(seconds(60));
    assert!(desk.sent().is_empty());
    assert_eq!(desk.rest(), []);
    desk.hang_up();
    assert_eq!(desk.methods(), ["BYE"]);
    desk.leaves_nothing();
}

#[test]
fn a_re_invite_without_an_offer_gets_ours_and_the_ack_brings_the_answer() {
    let (mut desk, invite) = Desk::talking();
    desk.ask(&invite, "a", "INVITE", 1, &[], b"");
    assert_eq!(desk.events(), offered(None));
    answer(&mut desk, b"v=0 full offer");
    assert_eq!(desk.response().body, b"v=0 full offer");
    // Until then our offer is open: nothing else can be negotiated.
    desk.ask(&invite, "a", "UPDATE", 2, &[SDP], b"v=0");
    assert_eq!(desk.response().status, 491);
    desk.ask(&invite, "a", "ACK", 1, &[SDP], b"v=0 answer");
    let sdp = b"v=0 answer".to_vec();
    assert_eq!(desk.events(), [Event::Agreed { sdp }]);
    desk.ask(&invite, "a", "ACK", 1, &[SDP], b"v=0 answer");
    assert_eq!(desk.events(), []);
}

#[test]
fn an_update_without_an_offer_only_moves_the_target() {
    let (mut desk, invite) = Desk::talking();
    desk.ask(&invite, "a", "UPDATE", 1, &[("Contact", "<sip:new@192.0.2.9>")], b"");
    assert_eq!(desk.response().status, 200);
    assert_eq!(desk.events(), []);
    desk.hang_up();
    assert_eq!(desk.request().uri, "sip:new@192.0.2.9");
}

#[test]
fn a_second_change_before_the_first_is_answered_gets_500_with_retry_after() {
    let (mut desk, invite) = Desk::talking();
    desk.ask(&invite, "a", "UPDATE", 1, &[SDP], b"v=0");
    desk.ask(&invite, "a", "INVITE", 2, &[SDP], b"v=0");
    let busy = desk.response();
    assert_eq!(busy.status, 500);
    let seconds: u32 = busy.headers.first(&Name::RetryAfter).unwrap().parse().unwrap();
    assert!(seconds <= 10);
    answer(&mut desk, b"v=0");
    assert_eq!(desk.response().status, 200);
}

#[test]
fn an_early_offer_waits_until_ours_is_answered_reliably() {
    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 183, "a", &[SDP], b"v=0 preview");
    desk.events();
    desk.ask(&invite, "a", "UPDATE", 1, &[SDP], b"v=0");
    assert_eq!(desk.response().status, 491);
    desk.reply(&invite, 183, "a", &[SDP, ("Require", "100rel"), ("RSeq", "1")], b"v=0");
    desk.sent();
    desk.events();
    desk.ask(&invite, "a", "UPDATE", 2, &[SDP], b"v=0 early change");
    assert_eq!(desk.events(), offered(Some(b"v=0 early change")));
    answer(&mut desk, b"v=0");
    assert_eq!(desk.response().status, 200);
    desk.ask(&invite, "a", "INVITE", 3, &[SDP], b"v=0");
    assert_eq!(desk.response().status, 491);
    assert_eq!(desk.events(), []);
    // A 200 without a description stands on the newest one.
    desk.reply(&invite, 200, "a", &[], b"");
    let sdp = b"v=0 early change".to_vec();
    assert_eq!(desk.events(), [Event::Answered { sdp }]);
}

#[test]
fn a_change_in_a_call_that_is_being_ended_gets_481() {
    let (mut desk, invite) = Desk::talking();
    desk.hang_up();
    let bye = desk.request();
    desk.ask(&invite, "a", "INVITE", 1, &[SDP], b"v=0");
    assert_eq!(desk.response().status, 481);
    desk.reply(&bye, 200, "", &[], b"");
    desk.events();
    desk.leaves_nothing();
}

#[test]
fn a_change_that_a_bye_overtakes_gets_487() {
    let (mut desk, invite) = Desk::talking();
    desk.ask(&invite, "a", "INVITE", 1, &[SDP], b"v=0");
    desk.ask(&invite, "a", "BYE", 2, &[], b"");
    assert_eq!(desk.methods(), ["200", "487"]);
    answer(&mut desk, b"v=0");
    assert!(desk.sent().is_empty());
    desk.leaves_nothing();
}

#[test]
fn a_bye_before_the_ack_ends_the_copies_of_our_200() {
    let (mut desk, invite) = Desk::talking();
    desk.ask(&invite, "a", "INVITE", 1, &[SDP], b"v=0");
    answer(&mut desk, b"v=0");
    desk.ask(&invite, "a", "BYE", 2, &[], b"");
    desk.sent();
    desk.wait(seconds(10));
    assert!(desk.sent().is_empty());
    desk.leaves_nothing();
}

#[test]
fn a_body_that_is_no_description_gets_415() {
    let (mut desk, invite) = Desk::talking();
    desk.ask(&invite, "a", "INVITE", 1, &[("Content-Type", "text/plain")], b"hello");
    let refused = desk.response();
    assert_eq!(refused.status, 415);
    assert_eq!(refused.headers.first(&Name::Accept), Some("application/sdp"));
    assert_eq!(desk.events(), []);
}

#[test]
fn an_answer_or_a_refusal_that_nobody_asked_for_does_nothing() {
    let (mut desk, _) = Desk::talking();
    answer(&mut desk, b"v=0");
    desk.order(Command::Refuse { leg: LEG, status: 488 });
    assert!(desk.sent().is_empty() && desk.events().is_empty());
}

#[test]
fn a_cancel_that_crosses_our_200_changes_nothing() {
    let (mut desk, invite) = Desk::talking();
    desk.ask(&invite, "a", "INVITE", 1, &[SDP], b"v=0");
    answer(&mut desk, b"v=0");
    desk.sent();
    desk.events();
    let field = |name| invite.headers.first(&name).unwrap();
    let call_id = field(Name::CallId);
    let cancel = format!(
        "CANCEL sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bK-INVITE-1-{call_id}\r\n\
         From: {};tag=a\r\nTo: {}\r\nCall-ID: {call_id}\r\nCSeq: 1 CANCEL\r\n\r\n",
        field(Name::To),
        field(Name::From)
    );
    desk.hear(cancel.as_bytes());
    assert_eq!(desk.response().status, 200);
    assert_eq!((desk.events(), desk.rest()), (Vec::new(), Vec::new()));
}
