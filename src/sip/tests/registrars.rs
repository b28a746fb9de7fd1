//! Registrations at trunks with several addresses, and the route that a registrar names.

use super::*;

fn second() -> SocketAddr {
    "192.0.2.10:5060".parse().unwrap()
}

fn desk() -> (Desk, Request) {
    let mut desk = Desk::with(Trunk {
        targets: vec![Target::udp(there()), Target::udp(second())],
        outbound_proxy: Some("sip:edge.example;lr".to_owned()),
        ..trunk()
    });
    desk.order(Command::Register { trunk: TRUNK });
    let register = desk.request();
    (desk, register)
}

fn one(desk: &mut Desk) -> (SocketAddr, Request) {
    let mut sent = desk.sent();
    assert_eq!(sent.len(), 1, "{sent:?}");
    let sent = sent.remove(0);
    match sent.message {
        Message::Request(request) => (sent.to, request),
        Message::Response(response) => panic!("{response:?}"),
    }
}

fn target_told(desk: &mut Desk) -> (Option<Target>, Result<Duration, Ending>) {
    match desk.rest().as_slice() {
        [Output::Registered { target, result, .. }] => (*target, result.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_registrar_that_cannot_serve_or_be_reached_is_followed_by_the_next() {
    let (mut desk, register) = desk();
    desk.reply(&register, 503, "r", &[], b"");
    let (to, next) = one(&mut desk);
    assert_eq!(to, second());
    assert_eq!(desk.rest(), []);
    desk.reply_by(way(second()), &next, 200, "r", &[("Expires", "600")], b"");
    let place = Some(Target::udp(second()));
    assert_eq!(target_told(&mut desk), (place, Ok(seconds(600))));
    // The binding is refreshed where it is held.
    desk.wait(seconds(536));
    let (to, refresh) = one(&mut desk);
    assert_eq!(to, second());
    desk.refuse(way(second()), &refresh);
    assert_eq!(one(&mut desk).0, there());
}

#[test]
fn a_registrar_that_is_silent_is_followed_by_the_next_and_all_silence_is_told_once() {
    let (mut desk, _) = desk();
    desk.wait(seconds(32));
    assert_eq!(desk.rest(), []);
    assert!(desk.sent().iter().any(|sent| sent.to == second()));
    desk.wait(seconds(32));
    let place = Some(Target::udp(second()));
    let silence = Err(Ending::local(LocalEnding::TimedOut));
    assert_eq!(target_told(&mut desk), (place, silence));
}

#[test]
fn a_binding_whose_holder_left_the_trunks_name_is_made_anew_at_once() {
    let (mut desk, register) = desk();
    desk.reply(&register, 200, "r", &[], b"");
    desk.rest();
    let targets = vec![Target::udp(second()), Target::udp(there())];
    desk.put(Input::Resolved { trunk: TRUNK, targets });
    assert!(desk.sent().is_empty());
    let targets = vec![Target::udp(second())];
    desk.put(Input::Resolved { trunk: TRUNK, targets });
    let (to, again) = one(&mut desk);
    assert_eq!(to, second());
    desk.reply_by(way(second()), &again, 200, "r", &[], b"");
    assert_eq!(target_told(&mut desk).0, Some(Target::udp(second())));
    assert!(desk.sent().is_empty());
}

#[test]
fn a_holder_that_leaves_while_it_answers_is_left_at_once() {
    let (mut desk, register) = desk();
    let targets = vec![Target::udp(second())];
    desk.put(Input::Resolved { trunk: TRUNK, targets });
    assert!(desk.sent().is_empty());
    desk.reply(&register, 200, "r", &[], b"");
    desk.wait(Duration::ZERO);
    assert_eq!(one(&mut desk).0, second());
}

#[test]
fn a_trunk_that_has_no_address_yet_registers_as_soon_as_it_has() {
    let mut desk = Desk::with(Trunk {
        targets: Vec::new(),
        ..trunk()
    });
    desk.order(Command::Register { trunk: TRUNK });
    let unreachable = Err(Ending::local(LocalEnding::Unreachable));
    assert_eq!(target_told(&mut desk), (None, unreachable));
    let targets = vec![Target::udp(there())];
    desk.put(Input::Resolved { trunk: TRUNK, targets });
    assert_eq!(one(&mut desk).1.method, Method::Register);
}

#[test]
fn the_route_that_the_registrar_names_is_taken_by_what_follows() {
    let (mut desk, register) = desk();
    assert_eq!(register.headers.first(&Name::Route), Some("<sip:edge.example;lr>"));
    let named = [("Service-Route", "<sip:a.example;lr>, <sip:b.example;lr>")];
    desk.reply(&register, 200, "r", &named, b"");
    let invite = desk.call(LEG);
    let route: Vec<&str> = invite.headers.all(&Name::Route).collect();
    assert_eq!(route, ["<sip:a.example;lr>", "<sip:b.example;lr>"]);
    desk.order(Command::Options {
        trunk: TRUNK,
        target: None,
    });
    assert_eq!(one(&mut desk).1.headers.all(&Name::Route).count(), 2);
    // CANCEL and the ACK to a refusal go the way of the INVITE; the next REGISTER does not.
    desk.reply(&invite, 180, "a", &[], b"");
    desk.hang_up();
    assert_eq!(one(&mut desk).1.headers.all(&Name::Route).count(), 2);
    desk.order(Command::Unregister { trunk: TRUNK });
    let removal = one(&mut desk).1;
    assert_eq!(removal.headers.first(&Name::Route), Some("<sip:edge.example;lr>"));
    desk.reply(&removal, 200, "r", &[], b"");
    let next = desk.call(LegId(2));
    assert_eq!(next.headers.first(&Name::Route), Some("<sip:edge.example;lr>"));
}
