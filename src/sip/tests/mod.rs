//! The user agent in virtual time: a desk at which a test plays the far end by hand.
//!
//! Everything that leaves is read a second time by rsip, a strict foreign parser, which must see the same message.

mod any_order;
mod calls;
mod challenges;
mod change;
mod credentials;
mod digest;
mod far_end_asks;
mod forks;
mod giving_up;
mod identity;
mod incoming;
mod leaks;
mod nat;
mod phones;
mod registrars;
mod registration;
mod reliable;
mod second_reader;
mod second_tries;
mod session_timer;
mod strangers;
mod stream;
mod take_down;
mod targets;
mod tcp;
mod text;
mod tolerance;

use std::net::SocketAddr;
use std::time::Duration;

use super::header::Address;
use super::*;
use crate::ids::{CallMark, LegId, TrunkId};
use crate::moment::Moment;
use crate::phone::Number;
use crate::pii::Pii;

const LEG: LegId = LegId(1);
const TRUNK: TrunkId = TrunkId(0);
const OFFER: &[u8] = b"v=0\r\n";

/// The user agent, the time, and what has come out since it was last looked at.
struct Desk {
    agent: UserAgent,
    now: Moment,
    sent: Vec<Sent>,
    events: Vec<Event>,
    rest: Vec<Output>,
    /// Calls that came in.
    incoming: Vec<Output>,
    /// Where keep-alives went.
    pings: Vec<SocketAddr>,
    /// What was to be written down last.
    saved: Option<Box<Saved>>,
    disk: Disk,
    callers: Callers,
}

/// Whether the note of an answer gets to disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Disk {
    Writes,
    Hangs,
}

/// What becomes of calls that come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Callers {
    /// Nobody wants them.
    Left,
    Taken,
}

/// A message that left, when and where to.
#[derive(Clone, Debug)]
struct Sent {
    at: Moment,
    to: SocketAddr,
    path: Path,
    message: Message,
}

fn here() -> SocketAddr {
    "192.0.2.1:5060".parse().unwrap()
}

fn there() -> SocketAddr {
    "192.0.2.9:5070".parse().unwrap()
}

fn way(peer: SocketAddr) -> Path {
    Path {
        transport: Transport::Udp,
        local: here(),
        peer,
    }
}

fn trunk() -> Trunk {
    Trunk {
        auth_user: Some("account".to_owned()),
        password: Some(Pii::new("secret".to_owned())),
        register: Some(Duration::from_secs(3600)),
        ..Trunk::new("one", here(), Target::udp(there()), "trunk.example", "02166660000")
    }
}

impl Desk {
    fn new() -> Self {
        Self::with(trunk())
    }

    fn with(trunk: Trunk) -> Self {
        let settings = Settings {
            trunks: vec![trunk],
            inbound_status: 480,
            phones: None,
        };
        Self {
            agent: UserAgent::new(settings, [7; 32]),
            now: Moment::ZERO,
            sent: Vec::new(),
            events: Vec::new(),
            rest: Vec::new(),
            incoming: Vec::new(),
            pings: Vec::new(),
            saved: None,
            disk: Disk::Writes,
            callers: Callers::Left,
        }
    }

    /// Desk with a call that has left; gives its INVITE.
    fn calling() -> (Self, Request) {
        let mut desk = Self::new();
        let invite = desk.call(LEG);
        (desk, invite)
    }

    /// Desk with an answered call (tag `a`); gives its INVITE.
    fn talking() -> (Self, Request) {
        let (mut desk, invite) = Self::calling();
        desk.reply(&invite, 200, "a", &[], b"v=0 answer");
        assert_eq!(desk.request().method, Method::Ack);
        assert!(matches!(desk.events().as_slice(), [Event::Answered { .. }]));
        (desk, invite)
    }

    /// Desk with an answered call of this trunk, whose 200 carried these fields too.
    fn talking_with(trunk: Trunk, fields: &[(&str, &str)]) -> (Self, Request) {
        let mut desk = Self::with(trunk);
        let invite = desk.call(LEG);
        desk.reply(&invite, 200, "a", fields, b"v=0 answer");
        assert_eq!(desk.request().method, Method::Ack);
        desk.events();
        (desk, invite)
    }

    fn call(&mut self, leg: LegId) -> Request {
        self.call_showing(leg, None)
    }

    /// A call that shows this number instead of the trunk's.
    fn call_showing(&mut self, leg: LegId, caller: Option<Number>) -> Request {
        self.order(Command::Invite {
            leg,
            to: Callee::Number {
                trunk: TRUNK,
                number: Number::parse("13812341234").unwrap(),
                caller,
            },
            mark: CallMark(u128::from(leg.0).to_be_bytes()),
            before: 0,
            offer: OFFER.to_vec(),
        });
        self.request()
    }

    fn order(&mut self, command: Command) {
        self.put(Input::Do(command));
    }

    fn put(&mut self, input: Input<'_>) {
        self.agent.handle(self.now, input);
        let mut answered = Vec::new();
        while let Some(output) = self.agent.poll() {
            match output {
                Output::Send { path, bytes } if bytes == b"\r\n\r\n" => self.pings.push(path.peer),
                Output::Send { path, bytes } => {
                    assert_eq!(path.local, here());
                    let message = parse(&bytes).unwrap();
                    second_reader::reads_the_same(&bytes).unwrap();
                    let at = self.now;
                    self.sent.push(Sent {
                        at,
                        to: path.peer,
                        path,
                        message,
                    });
                }
                Output::Event { leg, event } => {
                    answered.extend(matches!(event, Event::Answered { .. }).then_some(leg));
                    self.events.push(event);
                }
                Output::Save { saved, .. } => self.saved = Some(saved),
                Output::Incoming { leg, .. } => {
                    self.incoming.push(output);
                    if self.callers == Callers::Taken {
                        self.agent.handle(self.now, Input::Do(Command::Take { leg }));
                    }
                }
                other @ (Output::Registered { .. }
                | Output::OptionsAnswered { .. }
                | Output::InviteRefused { .. }
                | Output::Phone(_)
                | Output::Seen { .. }
                | Output::TakenDown { .. }
                | Output::RealmRefused { .. }
                | Output::Fault(_)) => self.rest.push(other),
            }
        }
        // What is to be written down is on disk at once.
        if self.disk == Disk::Writes {
            answered
                .into_iter()
                .for_each(|leg| self.order(Command::Acknowledge { leg }));
        }
        if let Some((at, timer)) = self.agent.deadline() {
            assert!(at >= self.now, "{timer:?} lies in the past");
        }
    }

    fn hear(&mut self, bytes: &[u8]) {
        self.hear_from(there(), bytes);
    }

    fn hear_from(&mut self, from: SocketAddr, bytes: &[u8]) {
        self.put(Input::Received { path: way(from), bytes });
    }

    /// The far end answers a request of ours.
    fn reply(&mut self, request: &Request, status: u16, tag: &str, fields: &[(&str, &str)], body: &[u8]) {
        self.reply_by(way(there()), request, status, tag, fields, body);
    }

    /// The far end answers a request of ours by this way.
    fn reply_by(
        &mut self,
        path: Path,
        request: &Request,
        status: u16,
        tag: &str,
        fields: &[(&str, &str)],
        body: &[u8],
    ) {
        let bytes = response(request, status, tag, fields, body).print();
        self.put(Input::Received { path, bytes: &bytes });
    }

    /// The system could not send this request.
    fn refuse(&mut self, path: Path, request: &Request) {
        let bytes = request.print();
        self.put(Input::SendFailed { path, bytes: &bytes });
    }

    /// The far end asks something inside the call that `invite` made and fork `tag` answered.
    fn ask(&mut self, invite: &Request, tag: &str, method: &str, cseq: u32, fields: &[(&str, &str)], body: &[u8]) {
        let field = |name| invite.headers.first(&name).unwrap();
        let call_id = field(Name::CallId);
        let mut text = format!(
            "{method} sip:02166660000@192.0.2.1:5060 SIP/2.0\r\n\
             v: SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bK-{method}-{cseq}-{call_id};rport\r\n\
             f: {};tag={tag}\r\nt: {}\r\ni: {call_id}\r\nCSeq: {cseq} {method}\r\n",
            field(Name::To),
            field(Name::From),
        );
        for (name, value) in fields {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        let bytes = [text.as_bytes(), body].concat();
        self.hear(&bytes);
    }

    fn hang_up(&mut self) {
        self.order(Command::HangUp { leg: LEG });
    }

    /// Lets time pass: every deadline on the way is kept to the nanosecond.
    fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some((at, _)) = self.agent.deadline().filter(|&(at, _)| at <= end) {
            self.now = at;
            self.put(Input::Wake);
        }
        self.now = end;
    }

    /// Everything that left since the last look.
    fn sent(&mut self) -> Vec<Sent> {
        std::mem::take(&mut self.sent)
    }

    /// The one message that left since the last look: a request.
    fn request(&mut self) -> Request {
        match self.one() {
            Message::Request(request) => request,
            Message::Response(response) => panic!("expected a request, got {response:?}"),
        }
    }

    /// The one message that left since the last look: a response.
    fn response(&mut self) -> Response {
        match self.one() {
            Message::Response(response) => response,
            Message::Request(request) => panic!("expected a response, got {request:?}"),
        }
    }

    fn one(&mut self) -> Message {
        let mut sent = self.sent();
        assert_eq!(sent.len(), 1, "{sent:?}");
        sent.remove(0).message
    }

    /// The methods of the requests that left since the last look.
    fn methods(&mut self) -> Vec<String> {
        let sent = self.sent();
        let requests = sent.iter().map(|sent| match &sent.message {
            Message::Request(request) => request.method.to_string(),
            Message::Response(response) => response.status.to_string(),
        });
        requests.collect()
    }

    /// The events since the last look.
    fn events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Every other output since the last look.
    fn rest(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.rest)
    }

    /// After ten minutes nothing is left of any call.
    fn leaves_nothing(mut self) {
        self.wait(Duration::from_secs(600));
        assert!(self.agent.legs.is_empty(), "{:?}", self.agent.legs);
        assert!(self.agent.calls.is_empty() && self.agent.probes.is_empty());
        assert_eq!((self.agent.clients.len(), self.agent.servers.len()), (0, 0));
        assert!(self.agent.out.timers.is_empty());
    }
}

/// A response as a trunk writes it.
fn response(request: &Request, status: u16, tag: &str, fields: &[(&str, &str)], body: &[u8]) -> Response {
    let mut headers = Headers::default();
    for via in request.headers.all(&Name::Via) {
        headers.push(Name::Via, format!("{via};received=192.0.2.1"));
    }
    for name in [Name::From, Name::To, Name::CallId, Name::CSeq] {
        let value = request.headers.first(&name).unwrap();
        let is_untagged = name == Name::To && Address::read(value).unwrap().tag().is_none();
        if is_untagged && !tag.is_empty() {
            headers.push(name, format!("{value};tag={tag}"));
        } else {
            headers.push(name, value);
        }
    }
    for (name, value) in fields {
        headers.push(Name::named(name), *value);
    }
    Response {
        status,
        phrase: "As Said".to_owned(),
        headers,
        body: body.to_vec(),
    }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
