//! The trunk: datagrams to calls, numbers to patients, everything that belongs to no call.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;

use crate::moment::Moment;

use super::call::entry::{After, Entry};
use super::call::{Call, Here, NewCall, Outbox, Studio};
use super::counts::Counts;
use super::evidence::{Event, Seen};
use super::script::{Behaviour, Refusal, Script};
use super::wire::digest::Challenge;
use super::wire::message::user_of;
use super::wire::{Message, Start, Unreadable, phrase, response};

/// Registrations that are being challenged at once.
const MOST_NONCES: usize = 1_000;

/// A line for the log.
#[derive(Debug)]
pub(super) enum Line {
    /// A call is over.
    Call(Box<Entry>),
    /// A mistake was noticed after that, or outside any call.
    After(After),
}

/// What a datagram or a tick leads to.
#[derive(Debug, Default)]
pub(super) struct Yield {
    /// SIP datagrams to send.
    pub(super) sip: Outbox,
    /// RTP datagrams to send from the call's port.
    pub(super) rtp: Outbox,
    /// Lines for the log.
    pub(super) lines: Vec<Line>,
    /// Events, as they happened.
    pub(super) seen: Vec<Seen>,
    /// The call that took the RTP port that was offered.
    pub(super) opened: Option<u64>,
}

/// All calls, by a number of our own.
pub(super) struct Exchange {
    script: Script,
    studio: Studio,
    calls: BTreeMap<u64, Call>,
    by_call_id: BTreeMap<String, u64>,
    held: BTreeSet<u64>,
    attempts: BTreeMap<String, u32>,
    nonces: BTreeMap<String, String>,
    next: u64,
    /// What was counted.
    pub(super) counts: Counts,
}

impl Exchange {
    /// A trunk with nobody on it.
    pub(super) fn new(script: Script, studio: Studio) -> Self {
        Self {
            script,
            studio,
            calls: BTreeMap::new(),
            by_call_id: BTreeMap::new(),
            held: BTreeSet::new(),
            attempts: BTreeMap::new(),
            nonces: BTreeMap::new(),
            next: 0,
            counts: Counts::default(),
        }
    }

    /// A datagram of the SIP port. `here` is where a call that it may begin would live.
    pub(super) fn handle(&mut self, now: Moment, from: SocketAddr, datagram: &[u8], here: Here) -> Yield {
        let mut out = Yield::default();
        let message = match Message::parse(datagram) {
            Ok(message) => message,
            Err(Unreadable::KeepAlive) => return out,
            Err(Unreadable::NotSip) => {
                self.stray(now, "", "a datagram that is not SIP", &mut out);
                return out;
            }
        };
        let call_id = message.header("Call-ID").unwrap_or_default().to_owned();
        if message.method() == "INVITE" && matches!(message.start, Start::Request { .. }) {
            self.counts.invite_messages += 1;
        }
        let known = self.by_call_id.get(&call_id).copied();
        if let (Start::Request { method, uri }, None) = (&message.start, message.to_tag())
            && method == "INVITE"
        {
            let event = Event::Invite {
                call_id: call_id.clone(),
                number: user_of(uri).to_owned(),
                from,
                new: known.is_none(),
            };
            out.seen.push(Seen { at: now, event });
        }
        if let Some((key, call)) = known.and_then(|key| Some((key, self.calls.get_mut(&key)?))) {
            let late = call.handle(now, from, &message, &mut out.sip);
            for fault in late.list() {
                self.stray(now, &call_id, fault.what, &mut out);
            }
            self.see(now, key, &mut out);
            self.stand();
            return out;
        }
        match &message.start {
            Start::Response { .. } => self.stray(now, &call_id, "a response to nothing that was asked", &mut out),
            Start::Request { method, uri } => match method.as_str() {
                "INVITE" if message.to_tag().is_none() && !call_id.is_empty() => {
                    self.ring(now, from, user_of(uri).to_owned(), message, here, &mut out);
                }
                "OPTIONS" if message.to_tag().is_none() => {
                    let allow = "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO".to_owned();
                    out.sip
                        .push((from, response(&message, 200, phrase(200), "fe-options", &[allow], "")));
                }
                "REGISTER" => self.register(from, &message, &mut out.sip),
                "ACK" => self.stray(now, &call_id, "ACK of no known call", &mut out),
                _ => {
                    self.stray(now, &call_id, "a request of no known call", &mut out);
                    out.sip
                        .push((from, response(&message, 481, phrase(481), "fe-none", &[], "")));
                }
            },
        }
        self.stand();
        out
    }

    /// A datagram of a call's RTP port.
    pub(super) fn hear(&mut self, now: Moment, key: u64, arrival: Moment, from: SocketAddr, datagram: &[u8]) -> Yield {
        let mut out = Yield::default();
        let late = self
            .calls
            .get_mut(&key)
            .and_then(|call| call.hear(arrival, from, datagram));
        if let Some(fault) = late {
            let call_id = self
                .by_call_id
                .iter()
                .find(|(_, k)| **k == key)
                .map(|(id, _)| id.clone());
            self.stray(now, &call_id.unwrap_or_default(), fault, &mut out);
        }
        out
    }

    /// 20 ms of one call.
    pub(super) fn tick(&mut self, now: Moment, key: u64) -> Yield {
        let mut out = Yield::default();
        let Some(call) = self.calls.get_mut(&key) else {
            return out;
        };
        if let Some(entry) = call.tick(now, &mut out.sip, &mut out.rtp) {
            self.counts.add(&entry);
            out.lines.push(Line::Call(Box::new(entry)));
        }
        let is_forgotten = call.is_forgotten(now);
        self.see(now, key, &mut out);
        if is_forgotten {
            self.calls.remove(&key);
            self.by_call_id.retain(|_, k| *k != key);
        }
        out
    }

    /// Whether a call still needs its RTP port.
    pub(super) fn needs_port(&self, now: Moment, key: u64) -> bool {
        self.calls.get(&key).is_some_and(|call| !call.is_deaf(now))
    }

    /// Whether a call still needs ticks.
    pub(super) fn knows(&self, key: u64) -> bool {
        self.calls.contains_key(&key)
    }

    /// From now on new calls meet the patients of this script.
    pub(super) fn change_script(&mut self, script: Script) {
        self.script = script;
    }

    /// How many calls are held.
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    /// Notes which keys one call pressed since it was looked at last, and whether it is held no longer.
    fn see(&mut self, now: Moment, key: u64, out: &mut Yield) {
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        let of = |call: &Call| (call.call_id().to_owned(), call.number().to_owned());
        for (at, key, prompt) in call.fresh_keys() {
            let (call_id, number) = of(call);
            let event = Event::Key {
                call_id,
                number,
                key,
                prompt,
            };
            out.seen.push(Seen { at, event });
        }
        if !call.is_held() && self.held.remove(&key) {
            let (call_id, number) = of(call);
            let by = call.hung_up_by();
            let event = Event::Over { call_id, number, by };
            out.seen.push(Seen { at: now, event });
        }
    }

    /// Counts what is up now.
    pub(super) fn stand(&mut self) {
        let count = |is: fn(&Call) -> bool| u64::try_from(self.calls.values().filter(|c| is(c)).count()).unwrap_or(0);
        let (up, talking) = (count(Call::is_up), count(Call::is_talking));
        self.counts.stand(up, talking);
    }

    /// The far end stops: every call that is not written yet is.
    pub(super) fn abandon(&mut self, now: Moment) -> Vec<Line> {
        let mut lines = Vec::new();
        for call in self.calls.values_mut() {
            if let Some(entry) = call.abandon(now) {
                self.counts.add(&entry);
                lines.push(Line::Call(Box::new(entry)));
            }
        }
        self.counts.stand(0, 0);
        lines
    }

    fn ring(&mut self, now: Moment, peer: SocketAddr, number: String, invite: Message, here: Here, out: &mut Yield) {
        let up = self.calls.values().filter(|c| c.is_up()).count();
        let is_ringing = self.calls.values().any(|c| c.is_up() && c.number() == number);
        let attempt = self.attempts.entry(number.clone()).or_default();
        *attempt += 1;
        let attempt = *attempt;
        let behaviour = if self.script.lines.is_some_and(|lines| up >= lines) {
            Arc::new(Behaviour::refusing("(no line)", Refusal::plain(503)))
        } else {
            let nobody = || Arc::new(Behaviour::refusing("(nobody)", Refusal::plain(404)));
            self.script.behaviour(&number, attempt).cloned().unwrap_or_else(nobody)
        };
        let call_id = invite.header("Call-ID").unwrap_or_default().to_owned();
        let chance = self.script.chance(&number, attempt);
        let new = NewCall {
            number,
            attempt,
            behaviour,
            chance,
            here,
            peer,
        };
        let mut call = Call::new(now, new, invite, &self.studio, &mut out.sip);
        if is_ringing {
            call.blame("number rung twice at once");
        }
        let key = self.next;
        self.next += 1;
        self.calls.insert(key, call);
        self.by_call_id.insert(call_id, key);
        self.held.insert(key);
        self.see(now, key, out);
        self.counts.called(now);
        out.opened = Some(key);
    }

    fn register(&mut self, from: SocketAddr, message: &Message, out: &mut Outbox) {
        let call_id = message.header("Call-ID").unwrap_or_default().to_owned();
        let mut reply = |status, more: &[String]| {
            out.push((
                from,
                response(message, status, phrase(status), "fe-registrar", more, ""),
            ));
        };
        if let Some(account) = &self.script.registrar {
            let uri = match &message.start {
                Start::Request { uri, .. } => uri.as_str(),
                Start::Response { .. } => "",
            };
            let nonce = self.nonces.remove(&call_id);
            let challenge = |nonce| Challenge {
                realm: &account.realm,
                nonce,
                algorithm: account.algorithm,
                user: &account.user,
                password: &account.password,
            };
            let given = message.header("Authorization");
            match given
                .zip(nonce.as_deref())
                .map(|(g, n)| challenge(n).verify(g, "REGISTER", uri))
            {
                Some(Ok(())) => {}
                Some(Err(fault)) => {
                    self.counts.blame(fault);
                    reply(403, &[]);
                    return;
                }
                None => {
                    let nonce = format!("register{:08x}", self.next ^ self.script.seed);
                    self.next += 1;
                    reply(401, &[format!("WWW-Authenticate: {}", challenge(&nonce).header())]);
                    if self.nonces.len() >= MOST_NONCES {
                        self.nonces.clear();
                    }
                    self.nonces.insert(call_id, nonce);
                    return;
                }
            }
        }
        let expires = message.header("Expires").unwrap_or("3600");
        let mut more: Vec<String> = message.headers("Contact").map(|c| format!("Contact: {c}")).collect();
        more.push(format!("Expires: {expires}"));
        reply(200, &more);
    }

    fn stray(&mut self, now: Moment, call_id: &str, fault: &'static str, out: &mut Yield) {
        self.counts.blame(fault);
        let at = u64::try_from(now.since(Moment::ZERO).as_millis()).unwrap_or(u64::MAX);
        out.lines.push(Line::After(After {
            kind: "after",
            call: (!call_id.is_empty()).then(|| call_id.to_owned()),
            at,
            fault,
        }));
    }
}
