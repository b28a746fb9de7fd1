//! Behind a NAT: what we show, what the far end sees, and what keeps the way open.

use super::*;

fn outside() -> SocketAddr {
    "203.0.113.5:5062".parse().unwrap()
}

fn registered(trunk: Trunk, via: &str) -> Desk {
    let mut desk = Desk::with(trunk);
    desk.order(Command::Register { trunk: TRUNK });
    let register = desk.request();
    let bytes = String::from_utf8(response(&register, 200, "r", &[], b"").print()).unwrap();
    desk.hear(bytes.replace(";rport;received=192.0.2.1", via).as_bytes());
    desk
}

#[test]
fn the_advertised_address_is_what_via_and_contact_show() {
    let mut desk = Desk::with(Trunk {
        advertised: outside(),
        ..trunk()
    });
    let invite = desk.call(LEG);
    let via = invite.headers.first(&Name::Via).unwrap();
    assert!(via.starts_with("SIP/2.0/UDP 203.0.113.5:5062;"), "{via}");
    let contact = "<sip:02166660000@203.0.113.5:5062>";
    assert_eq!(invite.headers.first(&Name::Contact), Some(contact));
}

#[test]
fn an_address_that_the_far_end_sees_instead_is_told_once() {
    let mut desk = registered(trunk(), ";received=203.0.113.5;rport=1024");
    let address = "203.0.113.5:1024".parse().unwrap();
    let (trunk, rest) = (TRUNK, desk.rest());
    assert_eq!(rest.first(), Some(&Output::Seen { trunk, address }));
    desk.order(Command::Options { trunk, target: None });
    let options = desk.request();
    let bytes = String::from_utf8(response(&options, 200, "o", &[], b"").print()).unwrap();
    desk.hear(
        bytes
            .replace(";rport;received=192.0.2.1", ";received=203.0.113.5;rport=1024")
            .as_bytes(),
    );
    assert!(matches!(desk.rest().as_slice(), [Output::OptionsAnswered { .. }]));
}

#[test]
fn a_registered_trunk_behind_a_nat_is_kept_open() {
    let advertised = Trunk {
        advertised: outside(),
        ..trunk()
    };
    for mut desk in [
        registered(advertised, ";received=203.0.113.5;rport=5062"),
        registered(trunk(), ";rport=1024"),
    ] {
        desk.wait(seconds(300));
        assert!((10..=12).contains(&desk.pings.len()), "{}", desk.pings.len());
        assert!(desk.pings.iter().all(|to| *to == there()));
        desk.order(Command::Unregister { trunk: TRUNK });
        let removal = desk.request();
        desk.reply(&removal, 200, "r", &[], b"");
        desk.pings.clear();
        desk.wait(seconds(300));
        assert!(desk.pings.is_empty());
        desk.leaves_nothing();
    }
}

#[test]
fn without_a_nat_nothing_is_kept_open() {
    let mut desk = registered(trunk(), ";received=192.0.2.1;rport=5060");
    desk.wait(seconds(300));
    assert!(desk.pings.is_empty());
    assert!(!desk.rest().iter().any(|output| matches!(output, Output::Seen { .. })));
}
