//! Registrations: bound, refreshed, raised, refused, removed.

use super::*;

fn registering() -> (Desk, Request) {
    let mut desk = Desk::new();
    desk.order(Command::Register { trunk: TRUNK });
    let register = desk.request();
    (desk, register)
}

fn result(desk: &mut Desk) -> Result<Duration, Ending> {
    match desk.rest().as_slice() {
        [
            Output::Registered {
                trunk: TRUNK, result, ..
            },
        ] => result.clone(),
        other => panic!("{other:?}"),
    }
}

/// When the next REGISTER leaves, in seconds from now.
fn next(desk: &mut Desk) -> (u64, Request) {
    let start = desk.now;
    for _ in 0..100_000 {
        desk.wait(seconds(1));
        if let Some(sent) = desk.sent().pop() {
            let Message::Request(request) = sent.message else {
                panic!("no request");
            };
            return (sent.at.since(start).as_secs(), request);
        }
    }
    panic!("no REGISTER");
}

#[test]
fn a_binding_is_asked_for_and_refreshed_before_it_ends() {
    let (mut desk, register) = registering();
    assert_eq!(register.uri, "sip:trunk.example");
    assert_eq!(
        register.headers.first(&Name::To),
        Some("<sip:02166660000@trunk.example>")
    );
    assert_eq!(register.headers.first(&Name::Expires), Some("3600"));
    let contacts = "<sip:other@10.0.0.1>;expires=7, <sip:02166660000@192.0.2.1>;q=1;expires=600";
    desk.reply(&register, 200, "r", &[("Contact", contacts), ("Expires", "1800")], b"");
    assert_eq!(result(&mut desk), Ok(seconds(600)));
    let (after, again) = next(&mut desk);
    assert_eq!(after, 536);
    assert_eq!(
        again.headers.first(&Name::CallId),
        register.headers.first(&Name::CallId)
    );
    assert_eq!(again.headers.first(&Name::CSeq), Some("2 REGISTER"));
    desk.reply(&again, 200, "r", &[("Expires", "1000")], b"");
    assert_eq!(result(&mut desk), Ok(seconds(1000)));
    let (after, again) = next(&mut desk);
    assert_eq!(after, 900);
    desk.reply(&again, 200, "r", &[], b"");
    assert_eq!(result(&mut desk), Ok(seconds(3600)));
}

#[test]
fn a_challenge_is_answered_and_its_nonce_used_again_at_the_refresh() {
    let (mut desk, register) = registering();
    let line = "Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\"";
    desk.reply(&register, 401, "r", &[("WWW-Authenticate", line)], b"");
    let signed = desk.request();
    assert!(
        signed
            .headers
            .first(&Name::Authorization)
            .unwrap()
            .contains("nc=00000001")
    );
    desk.reply(&signed, 200, "r", &[], b"");
    assert_eq!(result(&mut desk), Ok(seconds(3600)));
    let (_, again) = next(&mut desk);
    assert!(
        again
            .headers
            .first(&Name::Authorization)
            .unwrap()
            .contains("nc=00000002")
    );
    desk.reply(
        &again,
        401,
        "r",
        &[("WWW-Authenticate", &line.replace("\"n\"", "\"m\""))],
        b"",
    );
    let signed = desk.request();
    assert!(
        signed
            .headers
            .first(&Name::Authorization)
            .unwrap()
            .contains("nonce=\"m\"")
    );
    desk.reply(&signed, 401, "r", &[("WWW-Authenticate", line)], b"");
    assert_eq!(
        result(&mut desk).unwrap_err().local,
        Some(LocalEnding::CredentialsRefused)
    );
    let (after, _) = next(&mut desk);
    assert!((150..=300).contains(&after), "{after}");
}

#[test]
fn a_registrar_that_wants_a_longer_expiry_gets_it() {
    let (mut desk, register) = registering();
    desk.reply(&register, 423, "r", &[("Min-Expires", "7200")], b"");
    let longer = desk.request();
    assert_eq!(longer.headers.first(&Name::Expires), Some("7200"));
    desk.reply(&longer, 423, "r", &[("Min-Expires", "7200")], b"");
    assert_eq!(result(&mut desk).unwrap_err().status, Some(423));
}

#[test]
fn after_failures_the_pause_doubles_from_30_to_300_seconds_and_is_cut_by_chance() {
    let (mut desk, mut register) = registering();
    let mut pauses = Vec::new();
    for _ in 0..6 {
        desk.reply(&register, 503, "r", &[], b"");
        assert_eq!(result(&mut desk).unwrap_err().status, Some(503));
        let (after, again) = next(&mut desk);
        pauses.push(after);
        register = again;
    }
    for (pause, most) in pauses.into_iter().zip([30, 60, 120, 240, 300, 300]) {
        assert!((most / 2..=most).contains(&pause), "{pause} of {most}");
    }
    desk.reply(&register, 503, "r", &[("Retry-After", "1000")], b"");
    desk.rest();
    let (after, register) = next(&mut desk);
    assert!((1000..=1100).contains(&after), "{after}");
    desk.reply(&register, 200, "r", &[], b"");
    desk.rest();
    let (_, register) = next(&mut desk);
    desk.reply(&register, 500, "r", &[], b"");
    assert!((15..=30).contains(&next(&mut desk).0));
}

#[test]
fn a_registrar_that_is_silent_or_unreachable_is_tried_again() {
    let (mut desk, _) = registering();
    desk.wait(seconds(32));
    assert_eq!(result(&mut desk), Err(Ending::local(LocalEnding::TimedOut)));
    desk.sent();
    let (after, again) = next(&mut desk);
    assert!((15..=30).contains(&after), "{after}");
    desk.refuse(way(there()), &again);
    assert_eq!(result(&mut desk), Err(Ending::local(LocalEnding::Unreachable)));
    let (after, _) = next(&mut desk);
    assert!((30..=60).contains(&after), "{after}");
}

#[test]
fn a_binding_of_no_time_is_no_binding() {
    let (mut desk, register) = registering();
    desk.reply(&register, 200, "r", &[("Expires", "0")], b"");
    assert_eq!(result(&mut desk).unwrap_err().local, Some(LocalEnding::Unusable));
}

#[test]
fn a_removed_binding_is_not_refreshed() {
    let (mut desk, register) = registering();
    desk.reply(&register, 200, "r", &[], b"");
    desk.rest();
    desk.order(Command::Unregister { trunk: TRUNK });
    let removal = desk.request();
    assert_eq!(removal.headers.first(&Name::Expires), Some("0"));
    desk.reply(&removal, 200, "r", &[], b"");
    assert_eq!(result(&mut desk), Ok(Duration::ZERO));
    desk.leaves_nothing();
}

#[test]
fn a_removal_asked_for_while_registering_follows_the_answer() {
    let (mut desk, register) = registering();
    desk.order(Command::Unregister { trunk: TRUNK });
    assert!(desk.sent().is_empty());
    desk.reply(&register, 200, "r", &[], b"");
    let removal = desk.request();
    assert_eq!(removal.headers.first(&Name::Expires), Some("0"));
    desk.order(Command::Register { trunk: TRUNK });
    desk.rest();
    desk.reply(&removal, 200, "r", &[], b"");
    assert_eq!(desk.request().headers.first(&Name::Expires), Some("3600"));
}

#[test]
fn a_trunk_that_does_not_register_never_does() {
    let mut desk = Desk::with(Trunk {
        register: None,
        ..trunk()
    });
    desk.order(Command::Register { trunk: TRUNK });
    desk.order(Command::Unregister { trunk: TRUNK });
    desk.order(Command::Register { trunk: TrunkId(7) });
    assert!(desk.sent().is_empty());
}
