//! Phones that have registered are asked whether they are there, and called.

use super::*;

#[test]
fn a_phone_is_asked_whether_it_is_there_where_its_registration_came_from() {
    let mut hall = Hall::with_phone();
    let (path, options) = hall.next_request();
    assert_eq!((path.peer, options.method.as_str()), (desk_phone(), "OPTIONS"));
    assert_eq!(options.uri, "sip:8001@10.1.1.1:5062");
    hall.answer(path, &options, 405, &[]);
    assert_eq!(hall.news, []);
    // It falls silent: that is told once, and again when it is back.
    hall.wait(seconds(70));
    let why = Gone::Silent;
    assert_eq!(
        hall.news,
        [PhoneNews::Gone {
            account: "8001".to_owned(),
            why
        }]
    );
    hall.sent();
    hall.news.clear();
    let (path, options) = hall.next_request();
    hall.answer(path, &options, 200, &[]);
    assert!(
        matches!(hall.news.as_slice(), [PhoneNews::Registered { .. }]),
        "{:?}",
        hall.news
    );
}

#[test]
fn a_call_goes_to_the_phone_with_what_makes_it_answer_by_itself() {
    let mut hall = Hall::with_phone();
    hall.call("8001", Answering::AtOnce);
    assert!(hall.agent.is_with_phone(LEG));
    let (path, invite) = hall.request();
    assert_eq!(
        (path.peer, invite.uri.as_str()),
        (desk_phone(), "sip:8001@10.1.1.1:5062")
    );
    let field = |name: &str| invite.headers.first(&Name::named(name)).unwrap_or_default().to_owned();
    assert_eq!(field("Alert-Info"), "<http://aftercall>;info=alert-autoanswer;delay=0");
    assert_eq!(field("Call-Info"), "<sip:aftercall@aftercall>;answer-after=0");
    assert_eq!(field("To"), "<sip:8001@aftercall>");
    assert!(
        field("From").starts_with("\"回访 \\\"外呼\\\"\" <sip:aftercall@aftercall>;tag="),
        "{}",
        field("From")
    );
    hall.answer(path, &invite, 200, &[("Contact", "<sip:8001@10.1.1.1:5062>")]);
    hall.put(Input::Do(Command::Acknowledge { leg: LEG }));
    let (path, ack) = hall.request();
    assert_eq!((path.peer, ack.method.as_str()), (desk_phone(), "ACK"));
    assert!(
        matches!(hall.events.as_slice(), [Event::Answered { .. }]),
        "{:?}",
        hall.events
    );
    let bye = format!(
        "BYE sip:aftercall@192.0.2.1:5080 SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.1.1:5062;branch=z9hG4bK-bye;rport\r\n\
         From: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: 9 BYE\r\n\r\n",
        ack.headers.first(&Name::To).unwrap(),
        field("From"),
        field("Call-ID"),
    );
    // Behind its NAT the phone may come from another port by now.
    hall.hear(SocketAddr::new(desk_phone().ip(), 1_024), &bye);
    assert_eq!(hall.response().status, 200);
    assert!(
        matches!(hall.events.as_slice(), [_, Event::HungUp(_)]),
        "{:?}",
        hall.events
    );
}

#[test]
fn a_phone_that_is_not_registered_fails_at_once() {
    let mut hall = Hall::with_phone();
    for account in ["8002", "nobody"] {
        hall.call(account, Answering::ByHand);
        let ending = Ending::local(LocalEnding::NotRegistered);
        assert_eq!(std::mem::take(&mut hall.events), [Event::Failed(ending)]);
    }
}

#[test]
fn the_newest_contact_is_called_first_and_the_next_when_it_fails_but_not_after_a_persons_no() {
    let mut hall = Hall::with_phone();
    let second = SocketAddr::new(desk_phone().ip(), 6_000);
    hall.try_password(
        second,
        "8001",
        PASSWORD,
        Hash::Md5,
        "Contact: <sip:8001@10.2.2.2:5062>\r\n",
    );
    hall.sent();
    hall.call("8001", Answering::ByHand);
    let (path, invite) = hall.request();
    assert_eq!(path.peer, second);
    hall.answer(path, &invite, 480, &[]);
    let requests = hall.sent();
    let next: Vec<(SocketAddr, String)> = requests
        .iter()
        .map(|(path, message)| match message {
            Message::Request(request) => (path.peer, request.method.to_string()),
            Message::Response(response) => panic!("{response:?}"),
        })
        .collect();
    assert_eq!(next, [(second, "ACK".to_owned()), (desk_phone(), "INVITE".to_owned())]);
    let Some((path, Message::Request(invite))) = requests.into_iter().nth(1) else {
        panic!("no request");
    };
    hall.answer(path, &invite, 486, &[]);
    let [Event::Failed(ending)] = hall.events.as_slice() else {
        panic!("{:?}", hall.events);
    };
    assert_eq!(ending.status, Some(486));
}

#[test]
fn a_ping_of_a_registered_phone_is_answered() {
    let mut hall = Hall::with_phone();
    let path = Hall::path(desk_phone());
    hall.agent.handle(
        hall.now,
        Input::Received {
            path,
            bytes: b"\r\n\r\n",
        },
    );
    let sent = hall.agent.poll();
    assert_eq!(
        sent,
        Some(Output::Send {
            path,
            bytes: b"\r\n".to_vec()
        })
    );
}

#[test]
fn when_its_connection_is_gone_a_phone_is_gone_until_it_registers_again() {
    let mut hall = Hall::new();
    let path = Path {
        transport: Transport::Tcp,
        ..Hall::path(desk_phone())
    };
    let nonce = hall.nonce(desk_phone(), "8001");
    let line = authorization("8001", PASSWORD, Hash::Sha256, &nonce, 1);
    let register = |cseq: u32, line: &str| {
        format!(
            "REGISTER sip:hall SIP/2.0\r\nVia: SIP/2.0/TCP 10.1.1.1:5062;branch=z9hG4bK-tcp-{cseq}\r\n\
             From: <sip:8001@hall>;tag=t\r\nTo: <sip:8001@hall>\r\nCall-ID: tcp\r\nCSeq: {cseq} REGISTER\r\n\
             Authorization: {line}\r\nContact: <sip:8001@10.1.1.1:5062;transport=tcp>\r\nContent-Length: 0\r\n\r\n"
        )
    };
    hall.put(Input::Received {
        path,
        bytes: register(1, &line).as_bytes(),
    });
    assert_eq!(hall.response().status, 200);
    hall.news.clear();
    hall.put(Input::Closed { path });
    let why = Gone::Silent;
    assert_eq!(
        hall.news,
        [PhoneNews::Gone {
            account: "8001".to_owned(),
            why
        }]
    );
    let line = authorization("8001", PASSWORD, Hash::Sha256, &nonce, 2);
    let path = Path {
        peer: SocketAddr::new(desk_phone().ip(), 6_001),
        ..path
    };
    hall.put(Input::Received {
        path,
        bytes: register(2, &line).as_bytes(),
    });
    assert_eq!(hall.response().status, 200);
    assert!(
        matches!(hall.news.as_slice(), [_, PhoneNews::Registered { .. }]),
        "{:?}",
        hall.news
    );
}
