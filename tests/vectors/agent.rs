//! The user agent as a value: what it sends for a message goes to nobody but the sender of that message.

use std::net::SocketAddr;
use std::time::Duration;

use aftercall::ids::{CallMark, LegId, TrunkId};
use aftercall::moment::Moment;
use aftercall::phone::Number;
use aftercall::sip::{
    Callee, Command, Event, Fault, Input, Output, Path, Settings, Target, Timer, Transport, Trunk, UserAgent,
};

use crate::grafting::{Keep, grafted};
use crate::message::{Plain, octets, sent_from};
use crate::rows::ROWS;

pub(crate) const LEG: LegId = LegId(1);
pub(crate) const TRUNK: TrunkId = TrunkId(0);

/// A user agent, the time, and what came out.
pub(crate) struct Desk {
    pub(crate) agent: UserAgent,
    now: Moment,
}

pub(crate) fn here() -> SocketAddr {
    "192.0.2.1:5060".parse().unwrap()
}

pub(crate) fn there() -> SocketAddr {
    "192.0.2.9:5070".parse().unwrap()
}

impl Desk {
    pub(crate) fn new() -> Self {
        let trunk = Trunk::new("one", here(), Target::udp(there()), "trunk.example", "02166660000");
        let settings = Settings {
            trunks: vec![trunk],
            inbound_status: 480,
            phones: None,
        };
        Self {
            agent: UserAgent::new(settings, [7; 32]),
            now: Moment::ZERO,
        }
    }

    /// Hands something in and takes everything out.
    pub(crate) fn put(&mut self, input: Input<'_>) -> Vec<Output> {
        self.agent.handle(self.now, input);
        std::iter::from_fn(|| self.agent.poll()).collect()
    }

    pub(crate) fn hear(&mut self, bytes: &[u8]) -> Vec<Output> {
        let path = Path {
            transport: Transport::Udp,
            local: here(),
            peer: there(),
        };
        self.put(Input::Received { path, bytes })
    }

    /// Places a call; its INVITE.
    pub(crate) fn call(&mut self) -> Plain {
        let number = Number::parse("13812341234").unwrap();
        let (leg, trunk, offer) = (LEG, TRUNK, b"v=0\r\n".to_vec());
        let out = self.put(Input::Do(Command::Invite {
            leg,
            to: Callee::Number {
                trunk,
                number,
                caller: None,
            },
            mark: CallMark::default(),
            before: 0,
            offer,
        }));
        Plain::read(&sent(&out)[0])
    }

    /// Lets time pass; everything that comes out meanwhile.
    fn wait(&mut self, time: Duration) -> Vec<Output> {
        let end = self.now + time;
        let mut out = Vec::new();
        while let Some((at, _)) = self.agent.deadline().filter(|&(at, _)| at <= end) {
            self.now = at;
            out.extend(self.put(Input::Wake));
        }
        self.now = end;
        out
    }
}

/// The datagrams among what came out; all of them go to the trunk's host.
pub(crate) fn sent(outputs: &[Output]) -> Vec<Vec<u8>> {
    let mut sent = Vec::new();
    for output in outputs {
        if let Output::Send { path, bytes } = output {
            assert_eq!((path.local, path.peer.ip()), (here(), there().ip()), "{output:?}");
            sent.push(bytes.clone());
        }
    }
    sent
}

fn events(outputs: &[Output]) -> Vec<&Event> {
    let mut events = Vec::new();
    for output in outputs {
        if let Output::Event { event, .. } = output {
            events.push(event);
        }
    }
    events
}

#[test]
fn nothing_is_sent_to_an_address_that_a_message_names() {
    for row in ROWS {
        let mut desk = Desk::new();
        desk.call();
        for bytes in [row.octets(), sent_from(&row.octets(), there())] {
            let out = desk.hear(&bytes);
            sent(&out);
            assert!(events(&out).is_empty(), "{}: {out:?}", row.name());
        }
        assert_eq!(desk.agent.active(), 1, "{}", row.name());
        // The call ends as if nothing had come.
        let out = desk.wait(Duration::from_secs(600));
        sent(&out);
        assert!(matches!(events(&out).as_slice(), [Event::Failed(_)]), "{}", row.name());
        assert_eq!(
            (desk.agent.active(), desk.agent.deadline()),
            (0, None),
            "{}",
            row.name()
        );
    }
}

#[test]
fn a_strange_response_to_a_call_counts_only_if_it_is_one() {
    for (file, keep, fault) in [
        ("rfc4475/bcast.dat", Keep::Nothing, Fault::Malformed),
        ("rfc4475/bigcode.dat", Keep::Nothing, Fault::Unparsable),
        ("rfc4475/scalarlg.dat", Keep::CSeqNumber, Fault::StrayResponse),
    ] {
        let mut desk = Desk::new();
        let invite = desk.call();
        let out = desk.hear(&grafted(&octets(file), &invite, keep));
        assert_eq!(out, [Output::Fault(fault)], "{file}");
        assert_eq!(desk.agent.deadline().map(|(_, timer)| timer), Some(Timer::A), "{file}");
    }
    let mut desk = Desk::new();
    let invite = desk.call();
    let out = desk.hear(&grafted(&octets("rfc4475/noreason.dat"), &invite, Keep::Nothing));
    assert_eq!(events(&out), [&Event::Trying]);
    assert!(sent(&out).is_empty());
    // The INVITE is not sent again.
    assert!(sent(&desk.wait(Duration::from_secs(20))).is_empty());

    let mut desk = Desk::new();
    let invite = desk.call();
    let mut out = desk.hear(&grafted(&octets("rfc4475/unreason.dat"), &invite, Keep::Nothing));
    // The ACK waits until the dialog is written down.
    out.extend(desk.put(Input::Do(Command::Acknowledge { leg: LEG })));
    let acks = sent(&out);
    assert_eq!((acks.len(), Plain::read(&acks[0]).method()), (1, "ACK"));
    assert!(matches!(events(&out).as_slice(), [Event::Answered { sdp }] if sdp.len() == 154));
}

#[test]
fn an_overlarge_cseq_leaves_an_options_of_ours_pending() {
    let mut desk = Desk::new();
    let out = desk.put(Input::Do(Command::Options {
        trunk: TRUNK,
        target: None,
    }));
    let options = Plain::read(&sent(&out)[0]);
    let out = desk.hear(&grafted(&octets("rfc4475/scalarlg.dat"), &options, Keep::CSeqNumber));
    assert_eq!(out, [Output::Fault(Fault::StrayResponse)]);
    let out = desk.wait(Duration::from_secs(40));
    let told = out
        .iter()
        .filter(|output| matches!(output, Output::OptionsAnswered { result: Err(_), .. }));
    assert_eq!((told.count(), sent(&out).len()), (1, 10));
}
