//! What comes in outside our calls: strangers, stray and broken messages, OPTIONS and INVITE from a trunk.

use super::*;

fn options() -> String {
    asked("OPTIONS", "sip:192.0.2.1", "Supported: x\r\n")
}

fn asked(method: &str, uri: &str, fields: &str) -> String {
    format!(
        "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bKask;rport, SIP/2.0/UDP b;branch=z9hG4bKb\r\n\
         From: \"C\" <sip:+86-138-1234-1234;x=y@trunk.example>;tag=t\r\nTo: <sip:us@192.0.2.1>\r\n\
         Call-ID: ask-{method}\r\nCSeq: 5 {method}\r\n{fields}\r\n"
    )
}

#[test]
fn a_datagram_from_no_trunk_is_dropped_and_counted() {
    let mut desk = Desk::new();
    desk.hear_from("192.0.2.66:5060".parse().unwrap(), options().as_bytes());
    assert!(desk.sent().is_empty());
    assert_eq!(desk.rest(), [Output::Fault(Fault::UnknownSource)]);
    // The right peer on another socket of ours is a stranger too.
    desk.put(Input::Received {
        path: Path {
            local: "192.0.2.2:5060".parse().unwrap(),
            ..way(there())
        },
        bytes: options().as_bytes(),
    });
    assert_eq!(desk.rest(), [Output::Fault(Fault::UnknownSource)]);
}

#[test]
fn options_is_answered_to_the_port_it_came_from() {
    let mut desk = Desk::new();
    let source = "192.0.2.9:1024".parse().unwrap();
    desk.hear_from(source, options().as_bytes());
    let sent = desk.sent().remove(0);
    assert_eq!(sent.to, source);
    let Message::Response(response) = sent.message else {
        panic!("no response");
    };
    assert_eq!(response.status, 200);
    let vias: Vec<&str> = response.headers.all(&Name::Via).collect();
    let top = "SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bKask;rport=1024;received=192.0.2.9";
    assert_eq!(vias, [top, "SIP/2.0/UDP b;branch=z9hG4bKb"]);
    assert!(response.headers.first(&Name::Allow).is_some());
    assert!(
        Address::read(response.headers.first(&Name::To).unwrap())
            .unwrap()
            .tag()
            .is_some()
    );
    // A copy gets the same response, with the same To tag.
    desk.hear_from(source, options().as_bytes());
    assert_eq!(desk.response(), response);
    desk.leaves_nothing();
}

#[test]
fn an_invite_from_a_trunk_is_refused_once_and_told() {
    let mut desk = Desk::new();
    let invite = asked("INVITE", "sip:02166660000@192.0.2.1", "Content-Length: 0\r\n");
    for _ in 0..3 {
        desk.hear(invite.as_bytes());
        assert_eq!(desk.response().status, 480);
    }
    let refused = Output::InviteRefused {
        trunk: TRUNK,
        caller: Some(Number::parse("+8613812341234").unwrap()),
        status: 480,
    };
    assert_eq!(desk.rest(), [refused]);
    desk.hear(invite.replace("INVITE", "CANCEL").as_bytes());
    assert_eq!(desk.response().status, 200);
    desk.hear(invite.replace("INVITE", "ACK").as_bytes());
    desk.wait(seconds(3));
    assert!(desk.sent().is_empty());
    desk.leaves_nothing();
}

#[test]
fn a_cancel_for_nothing_gets_481() {
    let mut desk = Desk::new();
    desk.hear(asked("CANCEL", "sip:x@y", "").as_bytes());
    assert_eq!(desk.response().status, 481);
}

#[test]
fn what_is_not_served_is_told_with_what_is() {
    let mut desk = Desk::new();
    for (method, status) in [("REGISTER", 405), ("MESSAGE", 405), ("FETCH", 501), ("REFER", 405)] {
        desk.hear(asked(method, "sip:x@y", "").as_bytes());
        let response = desk.response();
        assert_eq!(response.status, status, "{method}");
        assert!(response.headers.first(&Name::Allow).is_some());
        assert_eq!(desk.rest(), [Output::Fault(Fault::UnservedMethod)]);
    }
    for method in ["NOTIFY", "SUBSCRIBE"] {
        desk.hear(asked(method, "sip:x@y", "Event: message-summary\r\n").as_bytes());
        assert_eq!(desk.response().status, 489, "{method}");
    }
    desk.leaves_nothing();
}

#[test]
fn the_checks_of_section_8_2_have_their_statuses() {
    let checks = [
        (options().replacen("SIP/2.0", "SIP/7.0", 1), 505),
        (options().replace("sip:192.0.2.1 ", "soap.beep://x "), 416),
        (options().replace("sip:192.0.2.1 ", "<sip:x> "), 400),
        (options().replace("Supported", "Require"), 420),
        (options().replace("CSeq: 5 OPTIONS", "CSeq: 5 INVITE"), 400),
        (options().replace("CSeq: 5", "CSeq: 99999999999"), 400),
        (options().replace("To: <", "To: \"<"), 400),
        (options().replace("Call-ID", "X-ID"), 400),
        (options().replace("Supported", "Call-ID"), 400),
        (asked("INVITE", "sip:x@y", "Content-Type: text/x\r\n") + "body", 415),
        (asked("BYE", "sip:x@y", ""), 481),
        (
            asked("INVITE", "sip:x@y", "").replace("us@192.0.2.1>", "us@192.0.2.1>;tag=z"),
            481,
        ),
    ];
    for (text, status) in checks {
        let mut desk = Desk::new();
        desk.hear(text.as_bytes());
        assert_eq!(desk.response().status, status, "{text}");
        desk.leaves_nothing();
    }
}

#[test]
fn what_cannot_be_answered_is_dropped_and_counted() {
    let (mut desk, invite) = Desk::calling();
    let stray = response(&invite, 200, "a", &[], b"").print();
    let stray = String::from_utf8(stray).unwrap();
    let counted = [
        (options().replace("Via", "X-Via"), Fault::Malformed),
        (stray.replace("branch=z9hG4bK", "branch=z9hG4bK1"), Fault::StrayResponse),
        (stray.replace("CSeq: 1 INVITE", "CSeq: 1 BYE"), Fault::StrayResponse),
        (
            stray.replace("CSeq: 1 INVITE", "CSeq: 9292394834772304023312 INVITE"),
            Fault::StrayResponse,
        ),
        (
            stray.replacen("Via: ", "Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bKx\r\nVia: ", 1),
            Fault::Malformed,
        ),
        (stray.replace("200 As", "4294967301 As"), Fault::Unparsable),
        ("hello\r\n\r\n".to_owned(), Fault::Unparsable),
    ];
    for (text, fault) in counted {
        desk.hear(text.as_bytes());
        assert!(desk.sent().is_empty(), "{text}");
        assert_eq!(desk.rest(), [Output::Fault(fault)], "{text}");
    }
    // Keep-alives and stray ACKs are silence.
    desk.hear(b"\r\n\r\n");
    desk.hear(asked("ACK", "sip:x@y", "").as_bytes());
    assert!(desk.sent().is_empty() && desk.rest().is_empty() && desk.events().is_empty());
    // The call has not noticed.
    desk.hear(stray.as_bytes());
    assert_eq!(desk.methods(), ["ACK"]);
}

#[test]
fn a_flood_is_answered_with_bounded_memory() {
    let mut desk = Desk::new();
    for nth in 0..10_500 {
        let text = options().replace("z9hG4bKask", &format!("z9hG4bKask{nth}"));
        let (path, bytes) = (way(there()), text.as_bytes());
        desk.agent.handle(desk.now, Input::Received { path, bytes });
        assert!(desk.agent.poll().is_some());
    }
    assert_eq!(desk.agent.servers.len(), 10_000);
    desk.leaves_nothing();
}

#[test]
fn options_tells_whether_a_trunk_is_alive() {
    let mut desk = Desk::new();
    desk.order(Command::Options {
        trunk: TRUNK,
        target: None,
    });
    let options = desk.request();
    assert_eq!(
        (&options.method, options.uri.as_str()),
        (&Method::Options, "sip:trunk.example")
    );
    desk.wait(Duration::from_millis(40));
    desk.reply(&options, 404, "o", &[], b"");
    let (trunk, target) = (TRUNK, Some(Target::udp(there())));
    let (round_trip, result) = (Some(Duration::from_millis(40)), Ok(404));
    let answered = Output::OptionsAnswered {
        trunk,
        target,
        round_trip,
        result,
    };
    assert_eq!(desk.rest(), [answered]);

    desk.order(Command::Options {
        trunk: TRUNK,
        target: None,
    });
    desk.wait(seconds(32));
    assert_eq!(desk.methods().len(), 11);
    let result = Err(Ending::local(LocalEnding::TimedOut));
    let silent = Output::OptionsAnswered {
        trunk,
        target,
        round_trip: None,
        result,
    };
    assert_eq!(desk.rest(), [silent]);
    desk.leaves_nothing();
}
