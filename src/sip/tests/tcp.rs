//! Trunks that are reached over a stream.

use super::*;

fn stream(peer: SocketAddr) -> Path {
    Path {
        transport: Transport::Tcp,
        ..way(peer)
    }
}

fn desk() -> Desk {
    Desk::with(Trunk {
        targets: vec![Target::tcp(there())],
        ..trunk()
    })
}

fn calling() -> (Desk, Request) {
    let mut desk = desk();
    let invite = desk.call(LEG);
    (desk, invite)
}

#[test]
fn a_request_says_that_it_came_over_a_stream_and_is_sent_once() {
    let (mut desk, invite) = calling();
    let via = invite.headers.first(&Name::Via).unwrap();
    assert!(via.starts_with("SIP/2.0/TCP 192.0.2.1:5060;"), "{via}");
    let contact = "<sip:02166660000@192.0.2.1:5060;transport=tcp>";
    assert_eq!(invite.headers.first(&Name::Contact), Some(contact));
    desk.order(Command::Options {
        trunk: TRUNK,
        target: None,
    });
    desk.wait(Duration::from_millis(31_900));
    assert_eq!(
        desk.sent().iter().map(|sent| sent.path).collect::<Vec<_>>(),
        [stream(there())]
    );
    desk.wait(seconds(1));
    assert_eq!(desk.events(), [Event::Failed(Ending::local(LocalEnding::TimedOut))]);
    desk.leaves_nothing();
}

#[test]
fn a_call_lives_and_ends_on_its_connection() {
    let (mut desk, invite) = calling();
    desk.reply_by(stream(there()), &invite, 180, "a", &[], b"");
    let contact = [("Contact", "<sip:x@192.0.2.9:5075;transport=TCP>")];
    desk.reply_by(stream(there()), &invite, 200, "a", &contact, b"v=0");
    desk.hang_up();
    let sent = desk.sent();
    let other: SocketAddr = "192.0.2.9:5075".parse().unwrap();
    assert_eq!(
        sent.iter().map(|sent| sent.path).collect::<Vec<_>>(),
        [stream(other), stream(other)]
    );
    let Message::Request(bye) = &sent[1].message else {
        panic!("no BYE");
    };
    desk.reply_by(stream(other), bye, 200, "a", &[], b"");
    assert!(matches!(
        desk.events().last(),
        Some(Event::Closed { answered: true, .. })
    ));
    desk.leaves_nothing();
}

#[test]
fn a_contact_that_says_udp_does_not_move_a_dialog_from_its_stream() {
    let (mut desk, invite) = calling();
    let contact = [("Contact", "<sip:x@192.0.2.9:5075>")];
    desk.reply_by(stream(there()), &invite, 200, "a", &contact, b"v=0");
    assert_eq!(desk.sent()[0].path, stream(there()));
}

#[test]
fn a_refusal_is_acknowledged_and_forgotten_at_once() {
    let (mut desk, invite) = calling();
    desk.reply_by(stream(there()), &invite, 486, "a", &[], b"");
    assert_eq!(desk.methods(), ["ACK"]);
    desk.wait(Duration::ZERO);
    assert_eq!(desk.agent.clients.len(), 0);
    assert!(desk.agent.out.timers.is_empty());
}

#[test]
fn a_response_by_another_transport_is_nobodys() {
    let (mut desk, invite) = calling();
    desk.reply(&invite, 200, "a", &[], b"v=0");
    assert_eq!(desk.rest(), [Output::Fault(Fault::StrayResponse)]);
}

#[test]
fn what_the_far_end_asks_is_answered_on_its_connection() {
    let mut desk = desk();
    let from: SocketAddr = "192.0.2.9:41000".parse().unwrap();
    let options = "OPTIONS sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.9:5070;branch=z9hG4bKq\r\n\
                   From: <sip:a@b>;tag=t\r\nTo: <sip:us@192.0.2.1>\r\nCall-ID: q\r\nCSeq: 5 OPTIONS\r\n\
                   Content-Length: 0\r\n\r\n";
    let path = stream(from);
    desk.put(Input::Received {
        path,
        bytes: options.as_bytes(),
    });
    assert_eq!(desk.sent()[0].path, path);
    desk.wait(Duration::ZERO);
    assert_eq!(desk.agent.servers.len(), 0);
}

#[test]
fn a_connection_that_breaks_leaves_the_call_waiting_and_drops_what_it_was_to_carry() {
    let (mut desk, invite) = calling();
    let theirs = stream("192.0.2.9:41000".parse().unwrap());
    let request = "INVITE sip:us@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.9:5070;branch=z9hG4bKq\r\n\
                   From: <sip:a@b>;tag=t\r\nTo: <sip:us@192.0.2.1>\r\nCall-ID: q\r\nCSeq: 5 INVITE\r\n\
                   Content-Length: 0\r\n\r\n";
    desk.put(Input::Received {
        path: theirs,
        bytes: request.as_bytes(),
    });
    assert_eq!(desk.response().status, 480);
    desk.wait(seconds(20));
    assert!(desk.sent().is_empty());
    desk.put(Input::Closed { path: theirs });
    desk.put(Input::Closed { path: stream(there()) });
    assert_eq!((desk.agent.servers.len(), desk.agent.clients.len()), (0, 1));
    assert_eq!(desk.events(), []);
    desk.reply_by(stream(there()), &invite, 200, "a", &[], b"v=0");
    assert!(matches!(desk.events().as_slice(), [Event::Answered { .. }]));
}

#[test]
fn a_connection_that_cannot_be_opened_leads_to_the_next_target() {
    let mut desk = Desk::with(Trunk {
        targets: vec![Target::tcp(there()), Target::udp(there())],
        ..trunk()
    });
    let invite = desk.call(LEG);
    desk.refuse(stream(there()), &invite);
    let sent = desk.sent();
    assert_eq!(sent[0].path, way(there()));
    let Message::Request(again) = &sent[0].message else {
        panic!("no INVITE");
    };
    assert!(again.headers.first(&Name::Via).unwrap().starts_with("SIP/2.0/UDP "));
}
