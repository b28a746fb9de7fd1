//! A challenge: the octets are the value of WWW-Authenticate in a 401 to our REGISTER.

use std::net::SocketAddr;

use aftercall::ids::TrunkId;
use aftercall::moment::Moment;
use aftercall::pii::Pii;
use aftercall::sip::{
    Command, Input, Message, Name, Output, Path, Settings, Target, Transport, Trunk, UserAgent, parse,
};

/// Found nowhere in what we send.
const PASSWORD: &str = "pass-7e1f0b-word";

/// Holds for any octets.
pub(crate) fn check(bytes: &[u8]) {
    let once = answers(bytes);
    assert_eq!(once, answers(bytes));
}

/// What leaves after a first and a second such challenge.
fn answers(challenge: &[u8]) -> Vec<Vec<u8>> {
    let here = SocketAddr::from(([192, 0, 2, 1], 5060));
    let there = SocketAddr::from(([192, 0, 2, 9], 5060));
    let mut trunk = Trunk::new("one", here, Target::udp(there), "trunk.example", "1000");
    trunk.password = Some(Pii::new(PASSWORD.to_owned()));
    trunk.register = Some(std::time::Duration::from_secs(600));
    let settings = Settings {
        trunks: vec![trunk],
        inbound_status: 480,
        phones: None,
    };
    let mut agent = UserAgent::new(settings, [7; 32]);
    let trunk = TrunkId(0);
    let mut sent = Vec::new();
    agent.handle(Moment::ZERO, Input::Do(Command::Register { trunk }));
    for _ in 0..3 {
        let Some(register) = registers(&mut agent).pop() else {
            break;
        };
        let response = unauthorized(&register, challenge);
        sent.push(register);
        let path = Path {
            transport: Transport::Udp,
            local: here,
            peer: there,
        };
        agent.handle(Moment::ZERO, Input::Received { path, bytes: &response });
    }
    assert!(sent.len() <= 3, "the same credentials for ever");
    sent
}

fn registers(agent: &mut UserAgent) -> Vec<Vec<u8>> {
    let mut sent = Vec::new();
    while let Some(output) = agent.poll() {
        if let Output::Send { bytes, .. } = output {
            assert!(!bytes.windows(PASSWORD.len()).any(|part| part == PASSWORD.as_bytes()));
            sent.push(bytes);
        }
    }
    sent
}

fn unauthorized(register: &[u8], challenge: &[u8]) -> Vec<u8> {
    let Ok(Message::Request(register)) = parse(register) else {
        panic!("a REGISTER that we cannot read");
    };
    let mut response = b"SIP/2.0 401 Unauthorized\r\n".to_vec();
    for name in [Name::Via, Name::From, Name::To, Name::CallId, Name::CSeq] {
        let value = register.headers.first(&name).unwrap_or_default();
        response.extend_from_slice(format!("{}: {value}\r\n", name.as_str()).as_bytes());
    }
    response.extend_from_slice(b"WWW-Authenticate: ");
    response.extend(
        challenge
            .iter()
            .map(|b| if matches!(b, b'\r' | b'\n') { b' ' } else { *b }),
    );
    response.extend_from_slice(b"\r\n\r\n");
    response
}
