//! The user agent in a call: octets between 0x1E are datagrams of the trunk, in which `{v}`, `{c}`, `{f}`, `{t}`, `{g}`
//! stand for Via, Call-ID, From, To and the tag of the INVITE. A lone 1 lets the next deadline come, a lone 2 hangs up.

use std::net::SocketAddr;

use aftercall::ids::{LegId, TrunkId};
use aftercall::moment::Moment;
use aftercall::phone::Number;
use aftercall::pii::Pii;
use aftercall::sip::{
    Address, Command, Input, Message, Name, Output, Path, Request, Settings, Target, Transport, Trunk, UserAgent, parse,
};

const LEG: LegId = LegId(1);
const TRUNK: TrunkId = TrunkId(0);

/// So many datagrams of one input are heard.
const MOST: usize = 24;

/// Deadlines that are waited for at the end.
const DEADLINES: usize = 300;

/// Holds for any octets.
pub(crate) fn check(bytes: &[u8]) {
    assert_eq!(night(bytes), night(bytes));
}

/// Everything that comes out.
fn night(bytes: &[u8]) -> Vec<Output> {
    let here = SocketAddr::from(([192, 0, 2, 1], 5060));
    let there = SocketAddr::from(([192, 0, 2, 9], 5060));
    let mut trunk = Trunk::new("one", here, Target::udp(there), "trunk.example", "1000");
    trunk.password = Some(Pii::new("secret".to_owned()));
    let settings = Settings {
        trunks: vec![trunk],
        inbound_status: 480,
    };
    let mut agent = UserAgent::new(settings, [7; 32]);
    let mut now = Moment::ZERO;
    let mut all = Vec::new();
    if let Ok(number) = Number::parse("13812341234") {
        let (leg, trunk, offer) = (LEG, TRUNK, b"v=0\r\n".to_vec());
        let call = Command::Invite {
            leg,
            trunk,
            number,
            offer,
        };
        agent.handle(now, Input::Do(call));
    }
    let mut invite = None;
    all.extend(drain(&mut agent, &mut invite));
    for datagram in bytes.split(|&b| b == 0x1E).take(MOST) {
        match (datagram, agent.deadline()) {
            ([1], Some((at, _))) => {
                now = at;
                agent.handle(now, Input::Wake);
            }
            ([1], None) => {}
            ([2], _) => agent.handle(now, Input::Do(Command::HangUp { leg: LEG })),
            (datagram, _) => {
                let path = Path {
                    transport: Transport::Udp,
                    local: here,
                    peer: there,
                };
                let filled = filled(datagram, invite.as_ref());
                agent.handle(now, Input::Received { path, bytes: &filled });
            }
        }
        all.extend(drain(&mut agent, &mut invite));
        assert!(agent.deadline().is_none_or(|(at, _)| at >= now));
    }
    agent.handle(now, Input::Do(Command::HangUp { leg: LEG }));
    all.extend(drain(&mut agent, &mut invite));
    for _ in 0..DEADLINES {
        let Some((at, _)) = agent.deadline() else {
            break;
        };
        now = at;
        agent.handle(now, Input::Wake);
        all.extend(drain(&mut agent, &mut invite));
    }
    if agent.deadline().is_none() {
        assert_eq!(agent.active(), 0, "a call that nothing will ever end");
    }
    all
}

/// What came out; whatever is sent is a sound message, printed as we print.
fn drain(agent: &mut UserAgent, invite: &mut Option<Request>) -> Vec<Output> {
    let mut outputs = Vec::new();
    while let Some(output) = agent.poll() {
        if let Output::Send { bytes, .. } = &output {
            match parse(bytes) {
                Ok(message) => {
                    assert_eq!(&message.print(), bytes);
                    if let Message::Request(request) = message {
                        invite.get_or_insert(request);
                    }
                }
                Err(fault) => panic!("{fault} in what we sent: {}", String::from_utf8_lossy(bytes)),
            }
        }
        outputs.push(output);
    }
    outputs
}

/// The datagram with the fields of the INVITE in their places.
fn filled(datagram: &[u8], invite: Option<&Request>) -> Vec<u8> {
    let field = |name: &Name| invite.and_then(|invite| invite.headers.first(name)).unwrap_or_default();
    let tag = Address::read(field(&Name::From))
        .and_then(|from| from.tag())
        .unwrap_or_default();
    let mut filled = Vec::with_capacity(datagram.len() + 256);
    let mut rest = datagram;
    while let Some((&first, tail)) = rest.split_first() {
        let value = match rest {
            [b'{', b'v', b'}', ..] => field(&Name::Via),
            [b'{', b'c', b'}', ..] => field(&Name::CallId),
            [b'{', b'f', b'}', ..] => field(&Name::From),
            [b'{', b't', b'}', ..] => field(&Name::To),
            [b'{', b'g', b'}', ..] => &tag,
            _ => {
                filled.push(first);
                rest = tail;
                continue;
            }
        };
        filled.extend_from_slice(value.as_bytes());
        rest = rest.get(3..).unwrap_or_default();
    }
    filled
}
