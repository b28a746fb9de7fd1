//! Who gets credentials: one pinned realm, the trunk's own addresses, and nobody who merely asks.

use super::*;

const FIRST: &str = "Digest realm=\"pbx\", nonce=\"n1\", qop=\"auth\"";

fn challenge(realm: &str, nonce: &str) -> String {
    FIRST.replace("pbx", realm).replace("n1", nonce)
}

/// The last request that left.
fn last(desk: &mut Desk) -> Request {
    match desk.sent().pop().expect("nothing left").message {
        Message::Request(request) => request,
        Message::Response(response) => panic!("{response:?}"),
    }
}

/// The far end asks for credentials of an INVITE; the retry is given back.
fn answered(desk: &mut Desk, invite: &Request, line: &str) -> Request {
    desk.reply(invite, 407, "x", &[("Proxy-Authenticate", line)], b"");
    let retry = last(desk);
    assert_eq!(retry.method, Method::Invite);
    retry
}

fn credentials(request: &Request) -> &str {
    request.headers.first(&Name::ProxyAuthorization).unwrap_or_default()
}

fn is_refused(desk: &mut Desk) -> bool {
    let refused = Some(LocalEnding::CredentialsRefused);
    matches!(desk.events().as_slice(), [.., Event::Failed(ending)] if ending.local == refused)
}

#[test]
fn a_good_nonce_serves_the_next_call_too_and_counts_on() {
    let (mut desk, invite) = Desk::calling();
    let retry = answered(&mut desk, &invite, FIRST);
    assert!(credentials(&retry).contains("nc=00000001"));
    desk.reply(&retry, 486, "a", &[], b"");
    desk.sent();
    let next = desk.call(LegId(2));
    assert!(credentials(&next).contains("nonce=\"n1\""), "{next:?}");
    assert!(credentials(&next).contains("nc=00000002"));
    // One that has aged is replaced, and a wrong password is still found out.
    let again = answered(&mut desk, &next, &challenge("pbx", "n2"));
    assert!(credentials(&again).contains("nonce=\"n2\"") && credentials(&again).contains("nc=00000001"));
    desk.events();
    desk.reply(
        &again,
        407,
        "x",
        &[("Proxy-Authenticate", &challenge("pbx", "n3"))],
        b"",
    );
    assert!(is_refused(&mut desk));
    // What was refused is not offered again unasked.
    desk.sent();
    assert_eq!(credentials(&desk.call(LegId(3))), "");
}

#[test]
fn the_nonce_that_the_far_end_names_next_is_used() {
    let (mut desk, invite) = Desk::calling();
    let retry = answered(&mut desk, &invite, FIRST);
    let info = [("Proxy-Authentication-Info", "qop=auth, nextnonce=\"n9\", nc=00000001")];
    desk.reply(&retry, 200, "a", &info, b"v=0");
    desk.hang_up();
    let bye = last(&mut desk);
    assert!(credentials(&bye).contains("nonce=\"n9\"") && credentials(&bye).contains("nc=00000001"));
}

#[test]
fn the_first_realm_is_pinned_and_another_refused_with_one_alarm() {
    let (mut desk, invite) = Desk::calling();
    let retry = answered(&mut desk, &invite, FIRST);
    for leg in [2, 3] {
        desk.reply(&retry, 486, "a", &[], b"");
        desk.sent();
        desk.events();
        let next = desk.call(LegId(leg));
        desk.reply(
            &next,
            407,
            "x",
            &[("Proxy-Authenticate", &challenge("thief", "n"))],
            b"",
        );
        assert_eq!(desk.methods(), ["ACK"]);
        assert!(is_refused(&mut desk));
    }
    let alarm = Output::RealmRefused {
        trunk: TRUNK,
        pinned: "pbx".to_owned(),
        offered: "thief".to_owned(),
    };
    assert_eq!(desk.rest(), [alarm]);
}

#[test]
fn of_several_realms_only_the_pinned_one_is_answered() {
    let (mut desk, invite) = Desk::calling();
    let retry = answered(&mut desk, &invite, FIRST);
    desk.reply(&retry, 486, "a", &[], b"");
    desk.sent();
    let next = desk.call(LegId(2));
    let both = format!("{}, {}", challenge("other", "n5"), challenge("pbx", "n6"));
    let again = answered(&mut desk, &next, &both);
    let all: Vec<&str> = again.headers.all(&Name::ProxyAuthorization).collect();
    assert_eq!(all.len(), 1);
    assert!(all[0].contains("nonce=\"n6\""));
}

#[test]
fn a_realm_in_the_settings_is_the_only_one() {
    let mut desk = Desk::with(Trunk {
        realm: Some("carrier".to_owned()),
        ..trunk()
    });
    let invite = desk.call(LEG);
    desk.reply(&invite, 407, "x", &[("Proxy-Authenticate", FIRST)], b"");
    assert!(is_refused(&mut desk));
    let alarm = Output::RealmRefused {
        trunk: TRUNK,
        pinned: "carrier".to_owned(),
        offered: "pbx".to_owned(),
    };
    assert_eq!(desk.rest(), [alarm]);
    desk.sent();
    let invite = desk.call(LegId(2));
    let retry = answered(&mut desk, &invite, &challenge("carrier", "n"));
    assert!(credentials(&retry).contains("realm=\"carrier\""));
}

#[test]
fn a_proxy_and_a_server_have_each_one_realm() {
    let (mut desk, invite) = Desk::calling();
    let retry = answered(&mut desk, &invite, FIRST);
    let inner = challenge("inner", "i1");
    desk.reply(&retry, 401, "x", &[("WWW-Authenticate", &inner)], b"");
    let third = last(&mut desk);
    assert!(
        third
            .headers
            .first(&Name::Authorization)
            .unwrap()
            .contains("realm=\"inner\"")
    );
    assert!(credentials(&third).contains("realm=\"pbx\""));
    desk.reply(&third, 401, "x", &[("WWW-Authenticate", &challenge("third", "t"))], b"");
    assert!(is_refused(&mut desk));
}

#[test]
fn the_registrar_pins_the_realm_of_calls_too_but_keeps_its_own_nonces() {
    let mut desk = Desk::new();
    desk.order(Command::Register { trunk: TRUNK });
    let register = desk.request();
    desk.reply(&register, 401, "r", &[("WWW-Authenticate", FIRST)], b"");
    let signed = desk.request();
    desk.reply(&signed, 200, "r", &[], b"");
    desk.rest();
    let invite = desk.call(LEG);
    assert_eq!(invite.headers.first(&Name::Authorization), None);
    desk.reply(
        &invite,
        401,
        "x",
        &[("WWW-Authenticate", &challenge("other", "n"))],
        b"",
    );
    assert!(is_refused(&mut desk));
}

#[test]
fn a_qop_list_is_read_however_it_is_written() {
    for qop in ["auth,auth-int", "auth-int,auth", "\" auth-int , auth \"", "AUTH"] {
        let (mut desk, invite) = Desk::calling();
        let line = format!("Digest nonce=\"n\",qop={qop} , realm = \"pbx\"");
        let retry = answered(&mut desk, &invite, &line);
        assert!(
            credentials(&retry).contains("qop=auth,"),
            "{qop}: {}",
            credentials(&retry)
        );
    }
}

#[test]
fn a_call_that_was_sent_on_to_another_host_shows_no_credentials() {
    let mut desk = Desk::with(Trunk {
        redirect_hosts: vec!["sbc2.example".to_owned(), "trunk.example".to_owned()],
        ..trunk()
    });
    let invite = desk.call(LEG);
    let retry = answered(&mut desk, &invite, FIRST);
    desk.reply(&retry, 302, "r", &[("Contact", "<sip:1@sbc2.example>")], b"");
    let moved = last(&mut desk);
    assert_eq!((moved.uri.as_str(), credentials(&moved)), ("sip:1@sbc2.example", ""));
    desk.reply(&moved, 407, "x", &[("Proxy-Authenticate", FIRST)], b"");
    assert!(is_refused(&mut desk));
    // Within the trunk's own domain it does.
    desk.sent();
    let invite = desk.call(LegId(2));
    desk.reply(&invite, 302, "r", &[("Contact", "<sip:1@trunk.example>")], b"");
    assert!(credentials(&last(&mut desk)).contains("realm=\"pbx\""));
}

#[test]
fn a_far_end_that_challenges_without_being_asked_gets_nothing() {
    let (mut desk, invite) = Desk::talking();
    let fields = [("WWW-Authenticate", FIRST), ("Proxy-Authenticate", FIRST)];
    // With a request of its own.
    for (cseq, method) in [(1, "INFO"), (2, "OPTIONS"), (3, "MESSAGE")] {
        desk.ask(&invite, "a", method, cseq, &fields, b"");
    }
    // As the answer to an answer of ours, and to an ACK.
    let options = desk.sent().remove(1).message;
    let Message::Response(ours) = options else {
        panic!("no response");
    };
    let via = ours.headers.first(&Name::Via).unwrap().to_owned();
    let challenge = format!(
        "SIP/2.0 401 Unauthorized\r\nVia: {via}\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\n\
         CSeq: 2 OPTIONS\r\nWWW-Authenticate: {FIRST}\r\n\r\n"
    );
    desk.hear(challenge.as_bytes());
    desk.reply(&invite, 407, "a", &fields, b"");
    desk.wait(seconds(40));
    assert!(desk.sent().is_empty());
    // Nothing was pinned by it either.
    desk.hang_up();
    let bye = last(&mut desk);
    assert_eq!(credentials(&bye), "");
    assert_eq!(bye.headers.first(&Name::Authorization), None);
}
