//! The user agent in a call: octets between 0x1E are datagrams of the trunk, in which `{v}`, `{c}`, `{f}`, `{t}` stand for
//! Via, Call-ID, From and To of its latest INVITE, `{l}` and `{n}` for Via and CSeq of its latest request. A lone 1 lets
//! the next deadline come, a lone 2 hangs up.

use std::net::SocketAddr;

use aftercall::ids::{CallMark, LegId, TrunkId};
use aftercall::moment::Moment;
use aftercall::phone::Number;
use aftercall::pii::Pii;
use aftercall::sip::{
    Callee, Command, Input, Message, Method, Name, Output, Path, Request, Settings, Target, Transport, Trunk,
    UserAgent, parse,
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
pub(crate) fn night(bytes: &[u8]) -> Vec<Output> {
    let here = SocketAddr::from(([192, 0, 2, 1], 5060));
    let there = SocketAddr::from(([192, 0, 2, 9], 5060));
    let mut trunk = Trunk::new("one", here, Target::udp(there), "trunk.example", "1000");
    trunk.password = Some(Pii::new("secret".to_owned()));
    let settings = Settings {
        trunks: vec![trunk],
        inbound_status: 480,
        phones: None,
    };
    let mut agent = UserAgent::new(settings, [7; 32]);
    let mut now = Moment::ZERO;
    let mut all = Vec::new();
    if let Ok(number) = Number::parse("13812341234") {
        let (leg, trunk, offer) = (LEG, TRUNK, b"v=0\r\n".to_vec());
        let call = Command::Invite {
            leg,
            to: Callee::Number {
                trunk,
                number,
                caller: None,
            },
            mark: CallMark::default(),
            before: 0,
            offer,
        };
        agent.handle(now, Input::Do(call));
    }
    let mut latest = Latest::default();
    all.extend(drain(&mut agent, &mut latest));
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
                let filled = filled(datagram, &latest);
                agent.handle(now, Input::Received { path, bytes: &filled });
            }
        }
        all.extend(drain(&mut agent, &mut latest));
        assert!(agent.deadline().is_none_or(|(at, _)| at >= now));
    }
    agent.handle(now, Input::Do(Command::HangUp { leg: LEG }));
    all.extend(drain(&mut agent, &mut latest));
    for _ in 0..DEADLINES {
        let Some((at, _)) = agent.deadline() else {
            break;
        };
        now = at;
        agent.handle(now, Input::Wake);
        all.extend(drain(&mut agent, &mut latest));
    }
    if agent.deadline().is_none() {
        assert_eq!(agent.active(), 0, "a call that nothing will ever end");
    }
    all
}

/// What the far end answers to.
#[derive(Default)]
struct Latest {
    invite: Option<Request>,
    request: Option<Request>,
}

/// What came out; whatever is sent is a ping or a sound message, printed as we print.
fn drain(agent: &mut UserAgent, latest: &mut Latest) -> Vec<Output> {
    let mut outputs = Vec::new();
    while let Some(output) = agent.poll() {
        if let Output::Send { bytes, .. } = &output
            && bytes != b"\r\n\r\n"
        {
            match parse(bytes) {
                Ok(message) => {
                    assert_eq!(&message.print(), bytes);
                    if let Message::Request(request) = message
                        && request.method != Method::Ack
                    {
                        if request.method == Method::Invite {
                            latest.invite = Some(request.clone());
                        }
                        latest.request = Some(request);
                    }
                }
                Err(fault) => panic!("{fault} in what we sent: {}", String::from_utf8_lossy(bytes)),
            }
        }
        outputs.push(output);
    }
    outputs
}

/// The datagram with the fields of our requests in their places.
fn filled(datagram: &[u8], latest: &Latest) -> Vec<u8> {
    let mut filled = Vec::with_capacity(datagram.len() + 256);
    let mut rest = datagram;
    while let Some((&first, tail)) = rest.split_first() {
        let place = match rest {
            [b'{', b'v', b'}', ..] => Some((&latest.invite, Name::Via)),
            [b'{', b'c', b'}', ..] => Some((&latest.invite, Name::CallId)),
            [b'{', b'f', b'}', ..] => Some((&latest.invite, Name::From)),
            [b'{', b't', b'}', ..] => Some((&latest.invite, Name::To)),
            [b'{', b'l', b'}', ..] => Some((&latest.request, Name::Via)),
            [b'{', b'n', b'}', ..] => Some((&latest.request, Name::CSeq)),
            _ => None,
        };
        let Some((request, name)) = place else {
            filled.push(first);
            rest = tail;
            continue;
        };
        let value = request.as_ref().and_then(|request| request.headers.first(&name));
        filled.extend_from_slice(value.unwrap_or_default().as_bytes());
        rest = rest.get(3..).unwrap_or_default();
    }
    filled
}
