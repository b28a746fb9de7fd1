//! Server transactions: what runs the two tables, and how a request is known again (RFC 3261 section 17.2.3).

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::door::Path;
use super::super::door::Timer;
use super::super::header::{Address, CSeq, Name, Via};
use super::super::message::{Method, Request};
use super::super::outbox::Outbox;
use super::super::timing::{Owner, ServerId, T1, T2, over};
use super::{server_invite, server_other};
use crate::moment::Moment;

/// So many requests are remembered; beyond that they are answered without memory, as section 8.2.7 allows.
const LIMIT: usize = 10_000;

/// What makes two requests the same one. ACK has the key of its INVITE.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    /// RFC 3261: branch, sent-by, method.
    Branch(String, String, Method),
    /// RFC 2543: Call-ID, CSeq number, From tag, top Via without its spaces, method.
    Fields(String, Option<u32>, Option<String>, String, Method),
}

impl Key {
    /// The key of a request; none without a Via that can be read.
    pub(crate) fn of(request: &Request) -> Option<Self> {
        let method = if request.method == Method::Ack {
            &Method::Invite
        } else {
            &request.method
        };
        Self::with_method(request, method.clone())
    }

    /// The key of the INVITE that a CANCEL means (section 9.2).
    pub(crate) fn cancelled(cancel: &Request) -> Option<Self> {
        Self::with_method(cancel, Method::Invite)
    }

    fn with_method(request: &Request, method: Method) -> Option<Self> {
        let top = request.headers.list(&Name::Via).next()?;
        let via = Via::read(top)?;
        if let Some(branch) = via.unique_branch() {
            return Some(Self::Branch(branch, via.sent_by.to_ascii_lowercase(), method));
        }
        let field = |name| request.headers.first(name).unwrap_or_default();
        Some(Self::Fields(
            field(&Name::CallId).to_owned(),
            CSeq::read(field(&Name::CSeq)).map(|cseq| cseq.number),
            Address::read(field(&Name::From)).and_then(|from| from.tag()),
            top.split_whitespace().collect(),
            method,
        ))
    }
}

/// All server transactions.
#[derive(Debug, Default)]
pub(crate) struct Servers {
    by_id: BTreeMap<ServerId, Server>,
    by_key: BTreeMap<Key, ServerId>,
    last: u64,
}

#[derive(Debug)]
struct Server {
    machine: Machine,
    key: Key,
    path: Path,
    response: Vec<u8>,
    pause: Duration,
}

#[derive(Clone, Copy, Debug)]
enum Machine {
    Invite(server_invite::State),
    Other(server_other::State),
}

#[derive(Clone, Copy, Debug)]
enum Input {
    Again,
    Ack,
    Final(u16),
    Expired(Timer),
    TransportError,
}

/// What a step has its transaction do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Nothing,
    Resend,
    Lost,
}

impl Servers {
    /// Begins the transaction of a request that is answered later; copies of it are absorbed meanwhile. Whether there
    /// was room for it.
    pub(crate) fn begin(&mut self, key: Key, method: &Method, path: Path) -> Begun {
        if self.by_id.len() >= LIMIT || self.by_key.contains_key(&key) {
            return Begun::No;
        }
        let machine = if *method == Method::Invite {
            Machine::Invite(server_invite::State::Proceeding)
        } else {
            Machine::Other(server_other::State::Trying)
        };
        self.keep(machine, key, path, Vec::new());
        Begun::Yes
    }

    /// Sends a provisional response, which copies of the request get from now on.
    pub(crate) fn provisional(&mut self, out: &mut Outbox, key: &Key, path: Path, response: Vec<u8>) {
        let server = self.by_key.get(key).and_then(|id| self.by_id.get_mut(id));
        if let Some(server) = server {
            out.send(path, &response);
            (server.path, server.response) = (path, response);
        }
    }

    /// Answers a request finally whose transaction was begun. A 2xx to an INVITE is sent, but not kept: its copies are
    /// the user's.
    pub(crate) fn finish(
        &mut self,
        now: Moment,
        out: &mut Outbox,
        key: &Key,
        status: u16,
        (path, response): (Path, Vec<u8>),
    ) {
        out.send(path, &response);
        let Some(&id) = self.by_key.get(key) else {
            return;
        };
        if let Some(server) = self.by_id.get_mut(&id) {
            (server.path, server.response) = (path, response);
        }
        self.step(now, out, id, Input::Final(status));
    }

    /// Forgets a transaction without an answer.
    pub(crate) fn forget(&mut self, out: &mut Outbox, key: &Key) {
        if let Some(id) = self.by_key.remove(key) {
            out.timers.cancel_all(Owner::Server(id));
            self.by_id.remove(&id);
        }
    }

    /// Sends the final response to a request and remembers it for copies of the request.
    pub(crate) fn answer(
        &mut self,
        now: Moment,
        out: &mut Outbox,
        key: Key,
        method: &Method,
        path: Path,
        response: Vec<u8>,
    ) {
        out.send(path, &response);
        if self.by_id.len() >= LIMIT || self.by_key.contains_key(&key) {
            return;
        }
        let machine = if *method == Method::Invite {
            Machine::Invite(server_invite::State::Completed)
        } else {
            Machine::Other(server_other::State::Completed)
        };
        let id = self.keep(machine, key, path, response);
        start(machine.timers(), now, out, id, path);
    }

    fn keep(&mut self, machine: Machine, key: Key, path: Path, response: Vec<u8>) -> ServerId {
        self.last += 1;
        let id = ServerId(self.last);
        self.by_key.insert(key.clone(), id);
        let server = Server {
            machine,
            key,
            path,
            response,
            pause: T1,
        };
        self.by_id.insert(id, server);
        id
    }

    /// Whether the request belongs to a transaction that stands; a copy gets its response again, an ACK ends the wait.
    pub(crate) fn absorbs(&mut self, now: Moment, out: &mut Outbox, key: &Key, method: &Method) -> bool {
        let Some(&id) = self.by_key.get(key) else {
            return false;
        };
        let is_accepted = self.by_id.get(&id).is_some_and(Server::is_accepted);
        let input = if *method == Method::Ack {
            if is_accepted {
                // It has the branch of its INVITE, against RFC 3261 section 17.1.1.3, and is for the dialog all the same.
                return false;
            }
            Input::Ack
        } else {
            Input::Again
        };
        self.step(now, out, id, input);
        true
    }

    /// Whether an INVITE of this key stands.
    pub(crate) fn knows(&self, key: &Key) -> bool {
        self.by_key.contains_key(key)
    }

    /// A timer of this transaction has fired.
    pub(crate) fn expire(&mut self, now: Moment, out: &mut Outbox, id: ServerId, timer: Timer) {
        self.step(now, out, id, Input::Expired(timer));
    }

    /// This message could not be sent. Gives the INVITEs that waited for their answer and are lost.
    pub(crate) fn fail(&mut self, now: Moment, out: &mut Outbox, path: Path, bytes: &[u8]) -> Vec<Key> {
        self.end(now, out, |server| server.path == path && server.response == bytes)
    }

    /// The connection is gone, and with it the way back for the responses that it was to carry. Gives the INVITEs that
    /// waited for their answer and are lost.
    pub(crate) fn close(&mut self, now: Moment, out: &mut Outbox, path: Path) -> Vec<Key> {
        self.end(now, out, |server| server.path == path)
    }

    fn end(&mut self, now: Moment, out: &mut Outbox, is_meant: impl Fn(&Server) -> bool) -> Vec<Key> {
        let servers = self.by_id.iter().filter(|(_, server)| is_meant(server));
        let meant: Vec<(ServerId, Key)> = servers.map(|(&id, server)| (id, server.key.clone())).collect();
        let lost = meant.into_iter().filter_map(|(id, key)| {
            let deed = self.step(now, out, id, Input::TransportError);
            (deed == Deed::Lost).then_some(key)
        });
        lost.collect()
    }

    /// How many run.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        assert_eq!(self.by_id.len(), self.by_key.len());
        self.by_id.len()
    }

    fn step(&mut self, now: Moment, out: &mut Outbox, id: ServerId, input: Input) -> Deed {
        let Some(server) = self.by_id.get_mut(&id) else {
            return Deed::Nothing;
        };
        let Some((next, deed)) = server.machine.next(input) else {
            return Deed::Nothing;
        };
        if deed == Deed::Resend && !server.response.is_empty() {
            out.send(server.path, &server.response);
        }
        if server.machine.timers() != next.timers() {
            out.timers.cancel_all(Owner::Server(id));
            start(next.timers(), now, out, id, server.path);
        } else if let Input::Expired(Timer::G) = input {
            server.pause = (server.pause * 2).min(T2);
            out.timers.set(Owner::Server(id), Timer::G, now + server.pause);
        }
        server.machine = next;
        if next.is_terminated()
            && let Some(server) = self.by_id.remove(&id)
        {
            self.by_key.remove(&server.key);
        }
        deed
    }
}

/// Whether a transaction was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begun {
    Yes,
    /// There is no room, or it runs already.
    No,
}

impl Server {
    const fn is_accepted(&self) -> bool {
        matches!(self.machine, Machine::Invite(server_invite::State::Accepted))
    }
}

fn start(timers: &[Timer], now: Moment, out: &mut Outbox, id: ServerId, path: Path) {
    for &timer in timers {
        if let Some(length) = over(path.transport, timer) {
            out.timers.set(Owner::Server(id), timer, now + length);
        }
    }
}

impl Machine {
    /// The next state and what is to be done; nothing for an input that this machine has not.
    fn next(self, input: Input) -> Option<(Self, Deed)> {
        match self {
            Self::Invite(state) => {
                let input = match input {
                    Input::Again => server_invite::Input::Invite,
                    Input::Ack => server_invite::Input::Ack,
                    Input::Final(200..=299) => server_invite::Input::Accept,
                    Input::Final(_) => server_invite::Input::Refuse,
                    Input::Expired(timer) => server_invite::expired(timer)?,
                    Input::TransportError => server_invite::Input::TransportError,
                };
                let (next, action) = server_invite::next(state, input);
                let deed = match action {
                    server_invite::Action::Nothing => Deed::Nothing,
                    server_invite::Action::Resend => Deed::Resend,
                    server_invite::Action::Lost => Deed::Lost,
                };
                Some((Self::Invite(next), deed))
            }
            Self::Other(state) => {
                let input = match input {
                    Input::Again => server_other::Input::Request,
                    Input::Ack => return None,
                    Input::Final(_) => server_other::Input::Answer,
                    Input::Expired(timer) => server_other::expired(timer)?,
                    Input::TransportError => server_other::Input::TransportError,
                };
                let (next, action) = server_other::next(state, input);
                let deed = match action {
                    server_other::Action::Nothing => Deed::Nothing,
                    server_other::Action::Resend => Deed::Resend,
                };
                Some((Self::Other(next), deed))
            }
        }
    }

    const fn timers(self) -> &'static [Timer] {
        match self {
            Self::Invite(state) => server_invite::timers(state),
            Self::Other(state) => server_other::timers(state),
        }
    }

    const fn is_terminated(self) -> bool {
        matches!(
            self,
            Self::Invite(server_invite::State::Terminated) | Self::Other(server_other::State::Terminated)
        )
    }
}
