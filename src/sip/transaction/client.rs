//! Client transactions: what runs the two tables, and the ACK to a refusal (RFC 3261 sections 17.1.1.3 and 17.1.3).

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use super::super::door::Path;
use super::super::door::Timer;
use super::super::header::{CSeq, Name, Via};
use super::super::message::{Headers, Method, Request, Response, Version};
use super::super::outbox::Outbox;
use super::super::timing::{ClientId, Owner, T1, T2, over};
use super::{client_invite, client_other};
use crate::ids::{LegId, TrunkId};
use crate::moment::Moment;

/// Branch, method, and the machine that was asked: of a left-over call it may not be known which one was.
type Key = (String, Method, IpAddr);

/// On whose behalf a transaction runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum User {
    Invite(LegId),
    Cancel,
    /// The CANCEL of an INVITE that an earlier run left over.
    CancelLeft(LegId, ClientId),
    /// The BYE of one of the leg's dialogs, by its place.
    Bye(LegId, usize),
    /// A PRACK in one of the leg's dialogs.
    Prack(LegId, usize),
    /// The UPDATE or re-INVITE that refreshes the session.
    Refresh(LegId, usize),
    Register(TrunkId),
    Options(TrunkId),
    /// The OPTIONS that asks a phone whether it is there, by its binding.
    Phone(u64),
}

/// What a transaction tells its user.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Report {
    pub(crate) id: ClientId,
    pub(crate) user: User,
    /// The way that its request went.
    pub(crate) path: Path,
    /// Since its first copy.
    pub(crate) elapsed: Duration,
    pub(crate) heard: Heard,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Heard {
    Response(Response),
    TimedOut,
    Unreachable,
    /// The transaction is gone; its user has heard all there was.
    Ended,
}

/// All client transactions.
#[derive(Debug, Default)]
pub(crate) struct Clients {
    by_id: BTreeMap<ClientId, Client>,
    by_key: BTreeMap<Key, ClientId>,
    last: u64,
}

#[derive(Debug)]
struct Client {
    user: User,
    machine: Machine,
    key: Key,
    path: Path,
    request: Request,
    bytes: Vec<u8>,
    begun: Moment,
    copies: Copies,
    /// The pause before the next copy.
    pause: Duration,
    /// The ACK to a refusal, once there is one.
    ack: Vec<u8>,
}

/// Whether a request was sent more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Copies {
    One,
    Several,
}

#[derive(Clone, Copy, Debug)]
enum Machine {
    Invite(client_invite::State),
    Other(client_other::State),
}

impl Clients {
    /// Sends the request and begins its transaction.
    pub(crate) fn begin(
        &mut self,
        now: Moment,
        out: &mut Outbox,
        user: User,
        path: Path,
        branch: String,
        request: Request,
    ) -> ClientId {
        self.last += 1;
        let id = ClientId(self.last);
        let machine = if request.method == Method::Invite {
            Machine::Invite(client_invite::State::Calling)
        } else {
            Machine::Other(client_other::State::Trying)
        };
        let key = (branch, request.method.clone(), path.peer.ip());
        let bytes = request.print();
        out.send(path, &bytes);
        start(machine.timers(), now, out, id, path);
        self.by_key.insert(key.clone(), id);
        let client = Client {
            user,
            machine,
            key,
            path,
            request,
            bytes,
            begun: now,
            copies: Copies::One,
            pause: T1,
            ack: Vec::new(),
        };
        self.by_id.insert(id, client);
        id
    }

    /// Takes up the transaction of an INVITE that an earlier run sent: nothing is sent, its responses are heard. Nothing
    /// if it runs already.
    pub(crate) fn recall(
        &mut self,
        now: Moment,
        user: User,
        path: Path,
        branch: String,
        request: Request,
    ) -> Option<ClientId> {
        let key = (branch, request.method.clone(), path.peer.ip());
        if self.by_key.contains_key(&key) {
            return None;
        }
        self.last += 1;
        let id = ClientId(self.last);
        self.by_key.insert(key.clone(), id);
        let client = Client {
            user,
            machine: Machine::Invite(client_invite::State::Proceeding),
            key,
            path,
            bytes: request.print(),
            request,
            begun: now,
            copies: Copies::Several,
            pause: T1,
            ack: Vec::new(),
        };
        self.by_id.insert(id, client);
        Some(id)
    }

    /// Whether an INVITE still waits for its final response.
    pub(crate) fn is_waiting(&self, id: ClientId) -> bool {
        use client_invite::State::{Calling, Proceeding};
        let machine = self.by_id.get(&id).map(|client| client.machine);
        matches!(machine, Some(Machine::Invite(Calling | Proceeding)))
    }

    /// The request of a transaction that still runs, and its branch.
    pub(crate) fn request(&self, id: ClientId) -> Option<(&Request, &str)> {
        self.by_id
            .get(&id)
            .map(|client| (&client.request, client.key.0.as_str()))
    }

    /// On whose behalf a transaction runs.
    pub(crate) fn user(&self, id: ClientId) -> Option<User> {
        self.by_id.get(&id).map(|client| client.user)
    }

    /// Whose transaction a response answers (section 17.1.3); it must come from where the request went.
    pub(crate) fn whose(&self, response: &Response, from: Path) -> Option<ClientId> {
        let via = Via::read(response.headers.list(&Name::Via).next()?)?;
        let cseq = CSeq::read(response.headers.first(&Name::CSeq)?)?;
        let id = *self.by_key.get(&(via.unique_branch()?, cseq.method, from.peer.ip()))?;
        let path = self.by_id.get(&id)?.path;
        (path.transport == from.transport && path.local == from.local).then_some(id)
    }

    /// Takes a response in.
    pub(crate) fn respond(
        &mut self,
        now: Moment,
        out: &mut Outbox,
        id: ClientId,
        response: Response,
    ) -> Option<Report> {
        match self.by_id.get(&id)?.machine {
            Machine::Invite(_) => self.step_invite(now, out, id, client_invite::input(response.status), Some(response)),
            Machine::Other(_) => self.step_other(now, out, id, client_other::input(response.status), Some(response)),
        }
    }

    /// A timer of this transaction has fired.
    pub(crate) fn expire(&mut self, now: Moment, out: &mut Outbox, id: ClientId, timer: Timer) -> Option<Report> {
        match self.by_id.get(&id)?.machine {
            Machine::Invite(_) => self.step_invite(now, out, id, client_invite::expired(timer)?, None),
            Machine::Other(_) => self.step_other(now, out, id, client_other::expired(timer)?, None),
        }
    }

    /// This message could not be sent (section 17.1.4). An INVITE of which another copy was sent before may have been
    /// heard all the same: it waits on.
    pub(crate) fn fail(&mut self, now: Moment, out: &mut Outbox, path: Path, bytes: &[u8]) -> Option<Report> {
        let is_it = |client: &&Client| client.path == path && (client.bytes == bytes || client.ack == bytes);
        let client = self.by_id.values().find(is_it)?;
        let id = *self.by_key.get(&client.key)?;
        match client.machine {
            Machine::Invite(client_invite::State::Calling) if client.copies == Copies::Several => None,
            Machine::Invite(_) => self.step_invite(now, out, id, client_invite::Input::TransportError, None),
            Machine::Other(_) => self.step_other(now, out, id, client_other::Input::TransportError, None),
        }
    }

    /// Forgets a transaction whose answer nobody waits for any more (section 9.1).
    pub(crate) fn abandon(&mut self, out: &mut Outbox, id: ClientId) {
        out.timers.cancel_all(Owner::Client(id));
        // A later CANCEL of the same INVITE may have the key by now.
        if let Some(client) = self.by_id.remove(&id)
            && self.by_key.get(&client.key) == Some(&id)
        {
            self.by_key.remove(&client.key);
        }
    }

    /// How many run.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        assert_eq!(self.by_id.len(), self.by_key.len());
        self.by_id.len()
    }

    fn step_invite(
        &mut self,
        now: Moment,
        out: &mut Outbox,
        id: ClientId,
        input: client_invite::Input,
        response: Option<Response>,
    ) -> Option<Report> {
        use client_invite::Action;
        let client = self.by_id.get_mut(&id)?;
        let Machine::Invite(state) = client.machine else {
            return None;
        };
        let (next, action) = client_invite::next(state, input);
        let heard = match action {
            Action::Nothing => None,
            Action::Resend => {
                client.pause *= 2;
                client.resend(now, out, id, Timer::A);
                None
            }
            Action::PassUp => response.map(Heard::Response),
            Action::AckAndPassUp => {
                client.ack = response
                    .as_ref()
                    .map(|refusal| ack(&client.request, refusal))
                    .unwrap_or_default();
                out.send(client.path, &client.ack);
                response.map(Heard::Response)
            }
            Action::Ack => {
                out.send(client.path, &client.ack);
                None
            }
            Action::TimedOut => Some(Heard::TimedOut),
            Action::Unreachable => Some(Heard::Unreachable),
        };
        self.enter(now, out, id, Machine::Invite(next), heard)
    }

    fn step_other(
        &mut self,
        now: Moment,
        out: &mut Outbox,
        id: ClientId,
        input: client_other::Input,
        response: Option<Response>,
    ) -> Option<Report> {
        use client_other::{Action, State};
        let client = self.by_id.get_mut(&id)?;
        let Machine::Other(state) = client.machine else {
            return None;
        };
        let (next, action) = client_other::next(state, input);
        let heard = match action {
            Action::Nothing => None,
            Action::Resend => {
                client.pause = match next {
                    State::Proceeding => T2,
                    State::Trying | State::Completed | State::Terminated => (client.pause * 2).min(T2),
                };
                client.resend(now, out, id, Timer::E);
                None
            }
            Action::PassUp => response.map(Heard::Response),
            Action::TimedOut => Some(Heard::TimedOut),
            Action::Unreachable => Some(Heard::Unreachable),
        };
        self.enter(now, out, id, Machine::Other(next), heard)
    }

    fn enter(
        &mut self,
        now: Moment,
        out: &mut Outbox,
        id: ClientId,
        next: Machine,
        heard: Option<Heard>,
    ) -> Option<Report> {
        let client = self.by_id.get_mut(&id)?;
        let (user, path, elapsed) = (client.user, client.path, now.since(client.begun));
        if client.machine.timers() != next.timers() {
            out.timers.cancel_all(Owner::Client(id));
            start(next.timers(), now, out, id, path);
        }
        client.machine = next;
        let heard = if next.is_terminated() {
            self.abandon(out, id);
            Some(heard.unwrap_or(Heard::Ended))
        } else {
            heard
        };
        heard.map(|heard| Report {
            id,
            user,
            path,
            elapsed,
            heard,
        })
    }
}

fn start(timers: &[Timer], now: Moment, out: &mut Outbox, id: ClientId, path: Path) {
    for &timer in timers {
        if let Some(length) = over(path.transport, timer) {
            out.timers.set(Owner::Client(id), timer, now + length);
        }
    }
}

impl Client {
    fn resend(&mut self, now: Moment, out: &mut Outbox, id: ClientId, timer: Timer) {
        self.copies = Copies::Several;
        out.send(self.path, &self.bytes);
        out.timers.set(Owner::Client(id), timer, now + self.pause);
    }
}

impl Machine {
    const fn timers(self) -> &'static [Timer] {
        match self {
            Self::Invite(state) => client_invite::timers(state),
            Self::Other(state) => client_other::timers(state),
        }
    }

    const fn is_terminated(self) -> bool {
        matches!(
            self,
            Self::Invite(client_invite::State::Terminated) | Self::Other(client_other::State::Terminated)
        )
    }
}

/// The ACK to a final response other than 2xx: the INVITE's own hop, with the To of the response.
fn ack(invite: &Request, refusal: &Response) -> Vec<u8> {
    let mut headers = Headers::default();
    let kept = [Name::Via, Name::MaxForwards, Name::Route, Name::From, Name::CallId];
    for (name, value) in invite.headers.iter() {
        if kept.contains(name) {
            headers.push(name.clone(), value);
        } else if *name == Name::To {
            headers.push(Name::To, refusal.headers.first(&Name::To).unwrap_or(value));
        } else if *name == Name::CSeq {
            headers.push(Name::CSeq, value.replace("INVITE", "ACK"));
        }
    }
    let ack = Request {
        method: Method::Ack,
        uri: invite.uri.clone(),
        version: Version::Two,
        headers,
        body: Vec::new(),
    };
    ack.print()
}
