//! Challenged requests: which challenge is answered, how often, and what is kept for the rest of the call.

use super::super::digest::{Answer, Challenge};
use super::*;

const MD5: &str = "Digest realm=\"pbx\", nonce=\"n1\", qop=\"auth,auth-int\"";

/// The value of a parameter in credentials.
fn value(credentials: &str, name: &str) -> String {
    let pairs = credentials.trim_start_matches("Digest ").split(", ");
    let mut pairs = pairs.filter_map(|pair| pair.split_once('='));
    let found = pairs
        .find(|(own, _)| *own == name)
        .unwrap_or_else(|| panic!("{name} in {credentials}"));
    found.1.trim_matches('"').to_owned()
}

/// Whether the credentials are right for the challenge and our password.
fn are_right(credentials: &str, challenge: &str, request: &Request) -> bool {
    let cnonce = value(credentials, "cnonce");
    let expected = Challenge::read(challenge)[0].credentials(Answer {
        user: "account",
        password: "secret",
        method: request.method.as_str(),
        uri: &request.uri,
        body: &request.body,
        cnonce: &cnonce,
        count: u32::from_str_radix(&value(credentials, "nc"), 16).unwrap(),
    });
    expected == credentials
}

/// The far end challenges; the ACK is checked, the retry given back.
fn challenge(desk: &mut Desk, invite: &Request, status: u16, fields: &[(&str, &str)]) -> Request {
    desk.reply(invite, status, "x", fields, b"");
    let mut sent = desk.sent();
    assert_eq!(sent.len(), 2, "{sent:?}");
    let Message::Request(retry) = sent.remove(1).message else {
        panic!("no request");
    };
    assert_eq!(retry.method, Method::Invite);
    retry
}

#[test]
fn a_407_is_answered_in_the_same_call_under_a_new_branch() {
    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 100, "", &[], b"");
    let retry = challenge(&mut desk, &invite, 407, &[("Proxy-Authenticate", MD5)]);
    let credentials = retry.headers.first(&Name::ProxyAuthorization).unwrap();
    assert!(are_right(credentials, MD5, &retry));
    assert_eq!(retry.headers.first(&Name::CSeq), Some("2 INVITE"));
    assert_eq!(retry.headers.first(&Name::CallId), invite.headers.first(&Name::CallId));
    assert_eq!(retry.headers.first(&Name::From), invite.headers.first(&Name::From));
    assert_eq!(retry.headers.first(&Name::To), invite.headers.first(&Name::To));
    assert_ne!(retry.headers.first(&Name::Via), invite.headers.first(&Name::Via));

    desk.reply(&retry, 100, "", &[], b"");
    desk.reply(&retry, 200, "a", &[], b"v=0");
    assert!(matches!(
        desk.events().as_slice(),
        [Event::Trying, Event::Answered { .. }]
    ));
    let ack = desk.request();
    assert_eq!(ack.headers.first(&Name::ProxyAuthorization), Some(credentials));
    assert_eq!(ack.headers.first(&Name::CSeq), Some("2 ACK"));

    // BYE uses the nonce once more.
    desk.hang_up();
    let bye = desk.request();
    let again = bye.headers.first(&Name::ProxyAuthorization).unwrap();
    assert_eq!(value(again, "nc"), "00000002");
    assert!(are_right(again, MD5, &bye));
    desk.reply(&bye, 200, "", &[], b"");
    desk.leaves_nothing();
}

#[test]
fn a_bye_whose_nonce_has_aged_is_sent_again_with_the_new_one() {
    let (mut desk, invite) = Desk::calling();
    let retry = challenge(&mut desk, &invite, 407, &[("Proxy-Authenticate", MD5)]);
    desk.reply(&retry, 200, "a", &[], b"v=0");
    desk.hang_up();
    let sent = desk.sent();
    let Message::Request(bye) = &sent[1].message else {
        panic!("{sent:?}");
    };
    desk.events();
    let newer = MD5.replace("n1", "n2");
    desk.reply(bye, 407, "", &[("Proxy-Authenticate", &newer)], b"");
    let again = desk.request();
    assert_eq!(again.headers.first(&Name::CSeq), Some("4 BYE"));
    assert!(are_right(
        again.headers.first(&Name::ProxyAuthorization).unwrap(),
        &newer,
        &again
    ));
    desk.reply(&again, 407, "", &[("Proxy-Authenticate", &newer)], b"");
    let [Event::Closed { answered: true, ending }] = &desk.events()[..] else {
        panic!("no Closed");
    };
    assert_eq!(
        (ending.status, ending.local),
        (Some(407), Some(LocalEnding::CredentialsRefused))
    );
    desk.leaves_nothing();
}

#[test]
fn of_two_challenges_for_one_realm_the_stronger_is_answered_whatever_their_order() {
    let sha = "Digest realm=\"pbx\", nonce=\"s\", algorithm=SHA-256, qop=\"auth\"";
    for fields in [[MD5, sha], [sha, MD5]] {
        let (mut desk, invite) = Desk::calling();
        let fields = fields.map(|challenge| ("WWW-Authenticate", challenge));
        let retry = challenge(&mut desk, &invite, 401, &fields);
        let all: Vec<&str> = retry.headers.all(&Name::Authorization).collect();
        assert_eq!(all.len(), 1);
        assert_eq!(value(all[0], "algorithm"), "SHA-256");
        assert!(are_right(all[0], sha, &retry));
    }
}

#[test]
fn a_proxy_and_the_server_behind_it_are_both_answered() {
    let (mut desk, invite) = Desk::calling();
    let second = challenge(&mut desk, &invite, 407, &[("Proxy-Authenticate", MD5)]);
    let inner = MD5.replace("pbx", "inner");
    let third = challenge(&mut desk, &second, 401, &[("WWW-Authenticate", &inner)]);
    assert!(are_right(
        third.headers.first(&Name::ProxyAuthorization).unwrap(),
        MD5,
        &third
    ));
    assert!(are_right(
        third.headers.first(&Name::Authorization).unwrap(),
        &inner,
        &third
    ));
    desk.reply(&third, 200, "a", &[], b"v=0");
    assert!(matches!(desk.events().as_slice(), [Event::Answered { .. }]));
}

#[test]
fn a_stale_nonce_is_replaced_once() {
    let (mut desk, invite) = Desk::calling();
    let second = challenge(&mut desk, &invite, 401, &[("WWW-Authenticate", MD5)]);
    let stale = format!("{}, stale=true", MD5.replace("n1", "n2"));
    let third = challenge(&mut desk, &second, 401, &[("WWW-Authenticate", &stale)]);
    assert_eq!(value(third.headers.first(&Name::Authorization).unwrap(), "nonce"), "n2");
    desk.reply(&third, 401, "x", &[("WWW-Authenticate", &stale)], b"");
    assert_eq!(desk.methods(), ["ACK"]);
    refused(&mut desk, 401);
}

#[test]
fn a_wrong_password_is_tried_once() {
    let (mut desk, invite) = Desk::calling();
    let second = challenge(&mut desk, &invite, 407, &[("Proxy-Authenticate", MD5)]);
    desk.reply(&second, 407, "x", &[("Proxy-Authenticate", MD5)], b"");
    assert_eq!(desk.methods(), ["ACK"]);
    refused(&mut desk, 407);
    desk.leaves_nothing();
}

#[test]
fn a_challenge_that_cannot_be_answered_ends_the_call() {
    for fields in [
        &[][..],
        &[("WWW-Authenticate", "Basic realm=\"x\"")],
        &[(
            "WWW-Authenticate",
            "Digest realm=\"x\", nonce=\"1\", algorithm=AKAv1-MD5",
        )],
        &[("WWW-Authenticate", "Digest realm=\"x\", nonce=\"1\", qop=\"other\"")],
    ] {
        let (mut desk, invite) = Desk::calling();
        desk.reply(&invite, 401, "x", fields, b"");
        assert_eq!(desk.methods(), ["ACK"]);
        refused(&mut desk, 401);
    }
}

#[test]
fn without_a_password_a_challenge_ends_the_call() {
    let mut desk = Desk::with(Trunk {
        password: None,
        ..trunk()
    });
    let invite = desk.call(LEG);
    desk.reply(&invite, 407, "x", &[("Proxy-Authenticate", MD5)], b"");
    assert_eq!(desk.methods(), ["ACK"]);
    refused(&mut desk, 407);
}

#[test]
fn a_challenge_from_another_address_gets_nothing() {
    let (mut desk, invite) = Desk::calling();
    let forged = response(&invite, 407, "x", &[("Proxy-Authenticate", MD5)], b"").print();
    desk.hear_from("192.0.2.66:5070".parse().unwrap(), &forged);
    assert!(desk.sent().is_empty() && desk.events().is_empty());
    assert_eq!(desk.rest(), [Output::Fault(Fault::UnknownSource)]);
}

fn refused(desk: &mut Desk, status: u16) {
    let [Event::Failed(ending)] = &desk.events()[..] else {
        panic!("no Failed");
    };
    assert_eq!(
        (ending.status, ending.local),
        (Some(status), Some(LocalEnding::CredentialsRefused))
    );
}
