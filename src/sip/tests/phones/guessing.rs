//! Passwords that are wrong, overheard or guessed, and strangers.

use super::*;

#[test]
fn a_nonce_is_good_once_with_each_count_and_stale_after_its_time() {
    let mut hall = Hall::new();
    let nonce = hall.nonce(desk_phone(), "8001");
    let fields = |count| {
        let line = authorization("8001", PASSWORD, Hash::Sha256, &nonce, count);
        format!("Authorization: {line}\r\nContact: <sip:8001@10.1.1.1>\r\n")
    };
    hall.register(desk_phone(), "8001", &fields(1));
    assert_eq!(hall.response().status, 200);
    hall.register(desk_phone(), "8001", &fields(1));
    let again = hall.response();
    assert!(
        again
            .headers
            .first(&Name::WwwAuthenticate)
            .unwrap()
            .ends_with("stale=true")
    );
    hall.register(desk_phone(), "8001", &fields(2));
    assert_eq!(hall.response().status, 200);
    // Overheard, it is of no use at another address.
    hall.register(elsewhere(), "8001", &fields(3));
    assert_eq!(hall.response().status, 401);
    hall.wait(seconds(301));
    hall.sent();
    hall.register(desk_phone(), "8001", &fields(3));
    assert_eq!(hall.response().status, 401);
    assert!(hall.news.iter().all(|news| !matches!(news, PhoneNews::Guessing { .. })));
}

#[test]
fn nobody_registers_as_somebody_else() {
    let mut hall = Hall::new();
    let nonce = hall.nonce(desk_phone(), "8002");
    let line = authorization("8001", PASSWORD, Hash::Sha256, &nonce, 1);
    hall.register(
        desk_phone(),
        "8002",
        &format!("Authorization: {line}\r\nContact: <sip:8002@10.1.1.1>\r\n"),
    );
    assert_eq!((hall.response().status, hall.agent.bound()), (403, 0));
}

#[test]
fn ten_wrong_passwords_are_slowed_then_banned_and_a_right_one_from_elsewhere_still_works() {
    let mut hall = Hall::new();
    let mut pauses = Vec::new();
    for number in 0..9 {
        let user = if number % 2 == 0 { "8001" } else { "nobody" };
        hall.try_password(elsewhere(), user, "guess", Hash::Md5, "");
        let begun = hall.now;
        while hall.sent.is_empty() {
            hall.wait(Duration::from_millis(250));
        }
        pauses.push(hall.now.since(begun).as_millis());
        // A wrong name and a wrong password are answered alike.
        assert_eq!(hall.response().status, 401);
    }
    assert_eq!(pauses, [0, 0, 500, 1_000, 2_000, 4_000, 4_000, 4_000, 4_000]);
    hall.try_password(elsewhere(), "8001", "guess", Hash::Md5, "");
    hall.wait(seconds(10));
    assert!(hall.sent().is_empty());
    let banned = seconds(900);
    let guessing = PhoneNews::Guessing {
        source: elsewhere().ip(),
        account: Some("8001".to_owned()),
        banned,
    };
    assert_eq!(hall.news, [guessing]);
    // No answer to anything, from whatever port, and it is told no more.
    for _ in 0..20 {
        hall.register(SocketAddr::new(elsewhere().ip(), 1), "8001", "");
    }
    assert!(hall.sent().is_empty() && hall.news.len() == 1);
    assert_eq!(hall.registers(desk_phone(), "8001", 600).status, 200);
    hall.wait(banned);
    hall.sent();
    assert_eq!(hall.registers(elsewhere(), "8002", 600).status, 200);
}

#[test]
fn a_copy_of_a_wrong_password_is_no_second_try() {
    let mut hall = Hall::new();
    let nonce = hall.nonce(elsewhere(), "8001");
    let line = authorization("8001", "guess", Hash::Md5, &nonce, 1);
    for _ in 0..30 {
        hall.asked = 50;
        hall.register(elsewhere(), "8001", &format!("Authorization: {line}\r\n"));
    }
    assert_eq!(hall.news, []);
}

#[test]
fn behind_a_banned_address_a_phone_that_has_registered_goes_on() {
    let mut hall = Hall::with_phone();
    for _ in 0..10 {
        hall.try_password(SocketAddr::new(desk_phone().ip(), 9), "8001", "guess", Hash::Md5, "");
        hall.sent();
    }
    assert!(matches!(hall.news.as_slice(), [PhoneNews::Guessing { .. }]));
    hall.sent();
    assert_eq!(hall.registers(desk_phone(), "8001", 600).status, 200);
}

#[test]
fn a_stranger_gets_nothing_but_a_challenge_to_register() {
    let mut hall = Hall::with_phone();
    for method in [
        "INVITE",
        "OPTIONS",
        "MESSAGE",
        "SUBSCRIBE",
        "BYE",
        "CANCEL",
        "ACK",
        "NOTIFY",
        "FETCH",
    ] {
        let text = format!(
            "{method} sip:8001@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bK-{method}\r\n\
             From: <sip:8001@hall>;tag=x\r\nTo: <sip:8001@hall>\r\nCall-ID: {method}\r\nCSeq: 1 {method}\r\n\
             Contact: <sip:x@198.51.100.7>\r\n\r\n"
        );
        hall.hear(elsewhere(), &text);
        hall.hear(
            elsewhere(),
            &text.replace("To: <sip:8001@hall>", "To: <sip:8001@hall>;tag=y"),
        );
        assert!(hall.sent().is_empty(), "{method}");
    }
    for odd in [
        "",
        "\r\n\r\n",
        "hello",
        "REGISTER sip:hall SIP/2.0\r\n\r\n",
        "REGISTER x SIP/3.0\r\nVia: a\r\n\r\n",
    ] {
        hall.hear(elsewhere(), odd);
        assert!(hall.sent().is_empty(), "{odd}");
    }
    assert_eq!(hall.events, []);
}

#[test]
fn a_registered_phone_calls_nobody_and_is_told_so() {
    let mut hall = Hall::with_phone();
    let text = "INVITE sip:13812341234@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.1.1:5062;branch=z9hG4bK-own;rport\r\n\
        From: <sip:8001@hall>;tag=x\r\nTo: <sip:13812341234@hall>\r\nCall-ID: own\r\nCSeq: 1 INVITE\r\n\
        Contact: <sip:8001@10.1.1.1:5062>\r\n\r\n";
    hall.hear(desk_phone(), text);
    assert_eq!(hall.response().status, 403);
    hall.hear(desk_phone(), &text.replace("INVITE", "OPTIONS"));
    assert_eq!(hall.response().status, 200);
}

#[test]
fn until_it_is_told_who_may_register_nobody_is_answered() {
    let mut hall = Hall::new();
    let settings = Settings {
        phones: Some(Phones::new(hall_address(), REALM)),
        ..Settings::new(Vec::new(), 480)
    };
    hall.agent = UserAgent::new(settings, [7; 32]);
    hall.register(desk_phone(), "8001", "");
    assert!(hall.sent().is_empty());
    let accounts = Vec::new();
    hall.put(Input::Do(Command::Accounts { accounts }));
    hall.register(desk_phone(), "8001", "");
    assert_eq!(hall.response().status, 401);
}
