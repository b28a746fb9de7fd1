//! A trunk with several addresses: which is asked, which comes next, and whom we listen to.

use super::*;

fn second() -> SocketAddr {
    "192.0.2.10:5060".parse().unwrap()
}

fn both() -> Vec<Target> {
    vec![Target::udp(there()), Target::udp(second())]
}

fn desk() -> Desk {
    Desk::with(Trunk {
        targets: both(),
        ..trunk()
    })
}

fn calling() -> (Desk, Request) {
    let mut desk = desk();
    let invite = desk.call(LEG);
    (desk, invite)
}

/// The last request that left, and where to; an ACK before it is looked over.
fn last(desk: &mut Desk) -> (SocketAddr, Request) {
    let sent = desk.sent().pop().expect("nothing left");
    match sent.message {
        Message::Request(request) => (sent.to, request),
        Message::Response(response) => panic!("{response:?}"),
    }
}

fn resolved(desk: &mut Desk, targets: Vec<Target>) {
    desk.put(Input::Resolved { trunk: TRUNK, targets });
}

#[test]
fn a_call_that_a_target_cannot_have_heard_goes_to_the_next() {
    let (mut desk, invite) = calling();
    desk.refuse(way(there()), &invite);
    let (to, again) = last(&mut desk);
    assert_eq!((to, &again.method), (second(), &Method::Invite));
    assert_eq!(again.headers.first(&Name::CallId), invite.headers.first(&Name::CallId));
    assert_ne!(again.headers.first(&Name::Via), invite.headers.first(&Name::Via));
    assert_eq!(desk.events(), []);
    desk.refuse(way(second()), &again);
    let ending = Ending::local(LocalEnding::Unreachable);
    assert_eq!(desk.events(), [Event::Failed(ending)]);
    desk.leaves_nothing();
}

#[test]
fn a_call_that_may_have_been_heard_goes_nowhere_else() {
    let (mut desk, invite) = calling();
    desk.wait(Duration::from_millis(600));
    desk.refuse(way(there()), &invite);
    assert_eq!(desk.events(), []);
    desk.wait(seconds(32));
    assert!(desk.sent().iter().all(|sent| sent.to == there()));
    let ending = Ending::local(LocalEnding::TimedOut);
    assert_eq!(desk.events(), [Event::Failed(ending)]);
    desk.leaves_nothing();
}

#[test]
fn a_target_that_cannot_serve_is_followed_by_the_next_and_rests() {
    let (mut desk, invite) = calling();
    desk.reply(&invite, 100, "", &[], b"");
    desk.reply(&invite, 503, "a", &[("Retry-After", "60")], b"");
    let (to, again) = last(&mut desk);
    assert_eq!(to, second());
    desk.reply_by(way(second()), &again, 486, "b", &[], b"");
    let failed = desk.events().pop();
    assert!(matches!(failed, Some(Event::Failed(Ending { status: Some(486), .. }))));
    desk.wait(seconds(59));
    desk.sent();
    desk.call(LegId(2));
    desk.wait(seconds(2));
    let invites: Vec<SocketAddr> = desk.sent().iter().map(|sent| sent.to).collect();
    assert!(invites.iter().all(|to| *to == second()), "{invites:?}");
    desk.call(LegId(3));
    desk.wait(Duration::from_millis(500));
    assert!(desk.sent().iter().any(|sent| sent.to == there()));
}

#[test]
fn a_503_after_the_phone_rang_is_the_end() {
    let (mut desk, invite) = calling();
    desk.reply(&invite, 180, "a", &[], b"");
    desk.reply(&invite, 503, "a", &[], b"");
    assert_eq!(desk.methods(), ["ACK"]);
    let failed = desk.events().pop();
    assert!(matches!(failed, Some(Event::Failed(Ending { status: Some(503), .. }))));
    desk.leaves_nothing();
}

#[test]
fn a_503_says_more_than_a_target_that_cannot_be_reached() {
    let (mut desk, invite) = calling();
    let reason = "Q.850;cause=34";
    desk.reply(&invite, 503, "a", &[("Reason", reason)], b"");
    let (_, again) = last(&mut desk);
    desk.refuse(way(second()), &again);
    let Some(Event::Failed(ending)) = desk.events().pop() else {
        panic!("no Failed");
    };
    assert_eq!((ending.status, ending.q850), (Some(503), Some(34)));
    desk.leaves_nothing();
}

#[test]
fn where_all_rest_the_one_that_rests_longest_is_asked() {
    let (mut desk, invite) = calling();
    desk.refuse(way(there()), &invite);
    desk.wait(Duration::from_millis(100));
    let (_, again) = last(&mut desk);
    desk.refuse(way(second()), &again);
    desk.call(LegId(2));
    desk.wait(Duration::from_millis(500));
    assert!(desk.sent().iter().all(|sent| sent.to == there()));
}

#[test]
fn a_call_stays_with_the_target_that_took_it() {
    let (mut desk, invite) = calling();
    desk.refuse(way(there()), &invite);
    let (_, again) = last(&mut desk);
    desk.reply_by(way(second()), &again, 183, "a", &[], b"");
    desk.hang_up();
    let (to, cancel) = last(&mut desk);
    assert_eq!((to, cancel.method), (second(), Method::Cancel));
    desk.reply_by(way(second()), &again, 200, "a", &[("Contact", "<sip:10.0.0.1>")], b"");
    let sent: Vec<SocketAddr> = desk.sent().iter().map(|sent| sent.to).collect();
    assert_eq!(sent, [second(), second()]);
    desk.leaves_nothing();
}

#[test]
fn the_next_hop_may_be_another_of_the_trunks_machines_but_no_strangers() {
    for (contact, to) in [
        ("<sip:192.0.2.10:5080>", "192.0.2.10:5080"),
        ("<sip:192.0.2.9>", "192.0.2.9:5060"),
        ("<sip:192.0.2.9:5060;transport=tcp>", "192.0.2.9:5070"),
        ("<sip:203.0.113.7>", "192.0.2.9:5070"),
        ("<sip:host.example>", "192.0.2.9:5070"),
    ] {
        let (mut desk, invite) = calling();
        desk.reply(&invite, 200, "a", &[("Contact", contact)], b"v=0");
        desk.hang_up();
        let (sent_to, bye) = last(&mut desk);
        assert_eq!(
            (sent_to.to_string().as_str(), bye.method),
            (to, Method::Bye),
            "{contact}"
        );
    }
}

#[test]
fn a_trunk_without_addresses_fails_calls_until_its_name_is_resolved() {
    let mut desk = Desk::with(Trunk {
        targets: Vec::new(),
        ..trunk()
    });
    desk.order(Command::Invite {
        leg: LEG,
        to: Callee::Number {
            trunk: TRUNK,
            number: Number::parse("13812341234").unwrap(),
            caller: None,
        },
        mark: CallMark::default(),
        before: 0,
        offer: OFFER.to_vec(),
    });
    assert_eq!(desk.events(), [Event::Failed(Ending::local(LocalEnding::Unreachable))]);
    desk.order(Command::Options {
        trunk: TRUNK,
        target: None,
    });
    assert!(matches!(
        desk.rest().as_slice(),
        [Output::OptionsAnswered {
            target: None,
            result: Err(_),
            ..
        }]
    ));
    resolved(&mut desk, both());
    desk.call(LEG);
    desk.leaves_nothing();
}

#[test]
fn a_call_goes_on_when_its_trunk_moves_and_moves_again() {
    let (mut desk, invite) = Desk::talking();
    for host in ["192.0.2.60", "192.0.2.61", "192.0.2.62"] {
        let moved = SocketAddr::new(host.parse().unwrap(), 5060);
        resolved(&mut desk, vec![Target::udp(moved)]);
        resolved(&mut desk, Vec::new());
    }
    desk.ask(&invite, "a", "BYE", 1, &[], b"");
    assert_eq!(desk.response().status, 200);
    assert!(matches!(desk.events().as_slice(), [Event::HungUp(_)]));
    desk.wait(seconds(60));
    // Nothing stands there any more, and the name has left it twice.
    resolved(&mut desk, both());
    resolved(&mut desk, vec![Target::udp(second())]);
    desk.hear_from("192.0.2.60:5060".parse().unwrap(), b"OPTIONS sip:a@b SIP/2.0\r\n\r\n");
    assert_eq!(desk.rest(), [Output::Fault(Fault::UnknownSource)]);
    desk.hear(b"hello\r\n\r\n");
    assert_eq!(desk.rest(), [Output::Fault(Fault::Unparsable)]);
}

#[test]
fn options_asks_the_targets_in_turn_or_the_one_that_is_meant() {
    let mut desk = desk();
    desk.order(Command::Options {
        trunk: TRUNK,
        target: None,
    });
    let first = desk.request();
    desk.reply(&first, 503, "o", &[], b"");
    let (to, next) = last(&mut desk);
    assert_eq!(to, second());
    desk.reply_by(
        way(second()),
        &next,
        401,
        "o",
        &[("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\"")],
        b"",
    );
    let rest = desk.rest();
    let [Output::OptionsAnswered { target, result, .. }] = rest.as_slice() else {
        panic!("{rest:?}");
    };
    assert_eq!((target, result), (&Some(Target::udp(second())), &Ok(401)));
    assert!(desk.sent().is_empty());

    desk.order(Command::Options {
        trunk: TRUNK,
        target: Some(Target::udp(there())),
    });
    desk.wait(seconds(32));
    assert!(desk.sent().iter().all(|sent| sent.to == there()));
    let rest = desk.rest();
    assert!(
        matches!(
            rest.as_slice(),
            [Output::OptionsAnswered {
                round_trip: None,
                result: Err(_),
                ..
            }]
        ),
        "{rest:?}"
    );
    desk.leaves_nothing();
}
