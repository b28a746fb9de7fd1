//! Digests against the examples of RFC 2617 section 3.5, RFC 7616 section 3.9.1 and errata 749 of RFC 2069.

use super::super::digest::{Answer, Challenge, Hash, Qop, Session, Stale};

const RFC_7616: &str = r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=ALGORITHM, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#;

fn mufasa<'a>(password: &'a str, cnonce: &'a str) -> Answer<'a> {
    Answer {
        user: "Mufasa",
        password,
        method: "GET",
        uri: "/dir/index.html",
        body: b"",
        cnonce,
        count: 1,
    }
}

fn only(line: &str) -> Challenge {
    let mut challenges = Challenge::read(line);
    assert_eq!(challenges.len(), 1, "{challenges:?}");
    challenges.remove(0)
}

fn contains(credentials: &str, response: &str) {
    assert!(
        credentials.contains(&format!("response=\"{response}\"")),
        "{credentials}"
    );
}

#[test]
fn rfc_7616_with_md5() {
    let answer = mufasa("Circle of Life", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ");
    let credentials = only(&RFC_7616.replace("ALGORITHM", "MD5")).credentials(answer);
    contains(&credentials, "8ca523f5e9506fed4657c9700eebdbec");
    assert!(credentials.contains("qop=auth, nc=00000001, cnonce=\"f2/wE"));
    assert!(credentials.contains("opaque=\"FQhe/"));
}

#[test]
fn rfc_7616_with_sha_256() {
    let answer = mufasa("Circle of Life", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ");
    let credentials = only(&RFC_7616.replace("ALGORITHM", "SHA-256")).credentials(answer);
    contains(
        &credentials,
        "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
    );
    assert!(credentials.contains("algorithm=SHA-256,"));
}

#[test]
fn rfc_7616_with_sha_512_256() {
    // Reckoned with Python's hashlib: the RFC's own figures are of a SHA-512 that was merely cut.
    let answer = mufasa("Circle of Life", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ");
    let credentials = only(&RFC_7616.replace("ALGORITHM", "SHA-512-256")).credentials(answer);
    contains(
        &credentials,
        "430d05014cecc49cab6fbe03176d41a1da86cbfe24a16580e22aaad928d960d0",
    );
}

#[test]
fn rfc_2617_without_algorithm() {
    let challenge =
        only(r#"Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093""#);
    let credentials = challenge.credentials(mufasa("Circle Of Life", "0a4f113b"));
    contains(&credentials, "6629fae49393a05397450978507c4ef1");
    assert!(!credentials.contains("algorithm"));
}

#[test]
fn rfc_2069_without_qop() {
    let challenge = only(r#"Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093""#);
    let credentials = challenge.credentials(mufasa("CircleOfLife", "unused"));
    contains(&credentials, "1949323746fe6a43ef61f9606e7febea");
    assert!(!credentials.contains("cnonce"));
}

#[test]
fn several_challenges_in_one_line_are_told_apart_and_strangers_left_out() {
    let read = Challenge::read(
        r#"Basic realm="x", Digest realm="a, b",nonce="1",algorithm=SHA-256-sess,qop=auth-int ,DIGEST nonce=2 , Realm = "c", stale=TRUE, Digest realm="d", nonce="3", algorithm=AKAv1-MD5"#,
    );
    let (first, second) = (&read[0], &read[1]);
    assert_eq!(read.len(), 2);
    assert_eq!(
        (first.realm.as_str(), first.hash, first.session),
        ("a, b", Hash::Sha256, Session::Yes)
    );
    assert_eq!((first.qop, first.stale), (Some(Qop::AuthInt), Stale::No));
    assert_eq!(
        (second.realm.as_str(), second.nonce.as_str(), second.qop),
        ("c", "2", None)
    );
    assert_eq!((second.hash, second.stale), (Hash::Md5, Stale::Yes));
}

#[test]
fn a_session_digest_and_a_protected_body_are_what_rfc_7616_defines() {
    // Reckoned with Python's hashlib by the formulas of section 3.4.2 and 3.4.3.
    let challenge = only(r#"Digest realm="r", nonce="n", algorithm=MD5-sess, qop="auth-int""#);
    let answer = Answer {
        user: "u",
        password: "p",
        method: "INVITE",
        uri: "sip:1@t",
        body: b"v=0\r\n",
        cnonce: "c",
        count: 10,
    };
    let credentials = challenge.credentials(answer);
    contains(&credentials, "606eb02ab607076f6eb50d82ed7010f8");
    assert!(credentials.contains("nc=0000000a"));
}
