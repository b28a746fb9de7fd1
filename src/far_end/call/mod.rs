//! One call as the far end sees it: one Call-ID from its first INVITE to its line in the log.
//!
//! A call is a value: datagrams and ticks of 20 ms go in, datagrams come out. Signalling timers need no finer clock.

mod answer;
pub(super) mod entry;
mod hangup;
mod invite;
mod patient;
mod request;
mod sound;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use crate::moment::Moment;

use super::script::{Behaviour, EarlySound, Refusal};
use super::wire::description::Offer;
use super::wire::message::{parameter, uri_of, user_of};
use super::wire::{Message, Start};
use answer::Fork;
use entry::{Entry, Faults};
use request::Requests;
use sound::{Sound, Wish};

pub(super) use sound::{Studio, millis, tenths};

/// RFC 3261 section 17.1.1.1.
const T1: Duration = Duration::from_millis(500);
const T2: Duration = Duration::from_secs(4);
/// 64 * T1: how long anything is repeated or waited for.
const PATIENCE: Duration = Duration::from_secs(32);
/// How long the RTP port stays open after the end, to notice a stream that goes on.
const LISTENS_ON: Duration = Duration::from_secs(1);

/// Datagrams to send by SIP.
pub(super) type Outbox = Vec<(SocketAddr, Vec<u8>)>;

/// Where a call lives on our side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Here {
    /// The SIP socket.
    pub(super) sip: SocketAddr,
    /// The RTP socket of this call.
    pub(super) rtp: SocketAddr,
}

/// One call.
pub(super) struct Call {
    number: String,
    attempt: u32,
    began: Moment,
    behaviour: Arc<Behaviour>,
    studio: Studio,
    here: Here,
    peer: SocketAddr,
    invite: Message,
    offer: Option<Offer>,
    /// Our tag.
    tag: String,
    /// The CSeq of the last request of the caller.
    their_cseq: u32,
    nonce: Option<String>,
    chance: ChaCha8Rng,
    stage: Stage,
    coming: VecDeque<(Moment, Step)>,
    last_response: Option<Vec<u8>>,
    fork: Option<Fork>,
    requests: Requests,
    sound: Option<Sound>,
    reinvite: Option<Moment>,
    byes_lost: u32,
    last_bye: Option<String>,
    facts: Facts,
    faults: Faults,
    is_written: bool,
}

/// What happened so far.
#[derive(Debug, Default)]
struct Facts {
    invites: u32,
    status: Option<u16>,
    rang: Option<Moment>,
    decided: Option<Moment>,
    answered: Option<Moment>,
    answers_sent: u32,
    acks: u32,
    bye_by: Option<&'static str>,
    is_cancelled: bool,
    ended: Option<Moment>,
}

/// Where a call stands.
#[derive(Debug)]
enum Stage {
    /// Before a final response.
    Coming,
    /// A challenge or a refusal was sent; its ACK is awaited.
    Refused(Repeat),
    /// The challenge was acknowledged; the INVITE with credentials is awaited until then.
    Challenged(Moment),
    /// The 200 was sent; its ACK is awaited.
    Answered(Repeat),
    /// Acknowledged.
    Talking,
    /// Our BYE was sent.
    Leaving,
    /// Over since then.
    Over(Moment),
}

/// A final response that is repeated until its ACK comes (timers G and H; RFC 3261 section 13.3.1.4).
#[derive(Clone, Debug)]
struct Repeat {
    response: Vec<u8>,
    again: Moment,
    interval: Duration,
    until: Moment,
}

/// What is still to come before the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Ring,
    Early(EarlySound),
    Answer,
    Refuse(Refusal),
}

impl Repeat {
    fn new(now: Moment, response: Vec<u8>) -> Self {
        Self {
            response,
            again: now + T1,
            interval: T1,
            until: now + PATIENCE,
        }
    }

    fn is_due(&mut self, now: Moment) -> bool {
        let is_due = now >= self.again && now < self.until;
        if is_due {
            self.interval = (self.interval * 2).min(T2);
            self.again = now + self.interval;
        }
        is_due
    }
}

/// Everything a new call is made of.
pub(super) struct NewCall {
    /// The number that was dialled.
    pub(super) number: String,
    /// Its attempt, from 1.
    pub(super) attempt: u32,
    /// What happens to it.
    pub(super) behaviour: Arc<Behaviour>,
    /// Its chance.
    pub(super) chance: ChaCha8Rng,
    /// Where it lives.
    pub(super) here: Here,
    /// Where its first INVITE came from.
    pub(super) peer: SocketAddr,
}

impl Call {
    /// A call that its first INVITE makes.
    pub(super) fn new(now: Moment, new: NewCall, invite: Message, studio: &Studio, out: &mut Outbox) -> Self {
        let NewCall {
            number,
            attempt,
            behaviour,
            mut chance,
            here,
            peer,
        } = new;
        let tag = format!("fe{:016x}", chance.next_u64());
        let mut call = Self {
            number,
            attempt,
            began: now,
            behaviour,
            studio: studio.clone(),
            here,
            peer,
            their_cseq: invite.cseq().unwrap_or(0),
            invite,
            offer: None,
            tag,
            nonce: None,
            chance,
            stage: Stage::Coming,
            coming: VecDeque::new(),
            last_response: None,
            fork: None,
            requests: Requests::default(),
            sound: None,
            reinvite: None,
            byes_lost: 0,
            last_bye: None,
            facts: Facts::default(),
            faults: Faults::default(),
            is_written: false,
        };
        call.invite
            .complaints()
            .into_iter()
            .for_each(|complaint| call.faults.note(complaint));
        call.taken(now, out);
        call
    }

    /// Notes a mistake that is seen from outside the call.
    pub(super) fn blame(&mut self, what: &'static str) {
        self.faults.note(what);
    }

    /// A SIP message with this Call-ID; mistakes that come too late for the log line are returned.
    pub(super) fn handle(&mut self, now: Moment, from: SocketAddr, message: &Message, out: &mut Outbox) -> Faults {
        let before = self.is_written.then(|| std::mem::take(&mut self.faults));
        match &message.start {
            Start::Response { status } => self.responded(now, *status, message, out),
            Start::Request { method, uri } => {
                message
                    .complaints()
                    .into_iter()
                    .for_each(|complaint| self.faults.note(complaint));
                match method.as_str() {
                    "INVITE" => self.invited(now, from, message, out),
                    "ACK" => self.acknowledged(now, message, uri),
                    "CANCEL" => self.cancelled(now, message, out),
                    "BYE" => self.hung_up(now, message, uri, out),
                    _ => self.asked(message, out),
                }
            }
        }
        match before {
            Some(before) => std::mem::replace(&mut self.faults, before),
            None => Faults::default(),
        }
    }

    /// A datagram of the RTP port; the fault of one that comes after the end.
    pub(super) fn hear(&mut self, arrival: Moment, from: SocketAddr, datagram: &[u8]) -> Option<&'static str> {
        let Some(sound) = &mut self.sound else {
            self.faults.note("RTP before any answer");
            return None;
        };
        let late = sound.hear(arrival, from, datagram)?;
        if !self.is_written {
            self.faults.note(late);
            return None;
        }
        Some(late)
    }

    /// Every 20 ms: timers, the patient's acts, the packets of this 20 ms, and the log line once the call is over.
    pub(super) fn tick(&mut self, now: Moment, sip: &mut Outbox, rtp: &mut Outbox) -> Option<Entry> {
        self.come_on(now, sip);
        self.repeat(now, sip);
        self.repeat_requests(now, sip);
        let wishes = self.sound.as_mut().map(|s| s.act(now)).unwrap_or_default();
        for wish in wishes {
            match wish {
                Wish::HangUp => self.hang_up(now, sip),
                Wish::Info(key) => self.press_by_info(now, key, sip),
            }
        }
        if let Some(sound) = &mut self.sound {
            rtp.extend(sound.send(now));
        }
        (matches!(self.stage, Stage::Over(_)) && !self.is_written).then(|| self.entry(now, Unfinished::No))
    }

    /// The line of a call that is cut off because the far end stops; none if it is written already.
    pub(super) fn abandon(&mut self, now: Moment) -> Option<Entry> {
        if self.is_written {
            return None;
        }
        let unfinished = if matches!(self.stage, Stage::Over(_)) {
            Unfinished::No
        } else {
            Unfinished::Yes
        };
        if let Some(sound) = &mut self.sound {
            sound.end(now);
        }
        Some(self.entry(now, unfinished))
    }

    /// Whether its RTP port can be closed.
    pub(super) fn is_deaf(&self, now: Moment) -> bool {
        matches!(self.stage, Stage::Over(since) if now > since + LISTENS_ON)
    }

    /// Whether nothing of it is expected any more.
    pub(super) fn is_forgotten(&self, now: Moment) -> bool {
        matches!(self.stage, Stage::Over(since) if now > since + PATIENCE)
    }

    /// Whether it occupies a line.
    pub(super) fn is_up(&self) -> bool {
        !matches!(self.stage, Stage::Over(_))
    }

    /// Whether it was answered and is not over.
    pub(super) fn is_talking(&self) -> bool {
        matches!(self.stage, Stage::Answered(_) | Stage::Talking)
    }

    /// Whose number it rings.
    pub(super) fn number(&self) -> &str {
        &self.number
    }

    /// Its Call-ID.
    pub(super) fn call_id(&self) -> &str {
        self.invite.header("Call-ID").unwrap_or_default()
    }

    /// Whether somebody is still at the telephone, or it rings: not refused, not hung up by either side.
    pub(super) fn is_held(&self) -> bool {
        match self.stage {
            Stage::Coming | Stage::Challenged(_) | Stage::Answered(_) | Stage::Talking => true,
            Stage::Refused(_) => matches!(self.facts.status, Some(401 | 407)) && self.nonce.is_some(),
            Stage::Leaving | Stage::Over(_) => false,
        }
    }

    /// Who hung up: `us` or `them`.
    pub(super) const fn hung_up_by(&self) -> Option<&'static str> {
        self.facts.bye_by
    }

    /// The keys that were pressed since this was asked last, with the prompts that they reply to.
    pub(super) fn fresh_keys(&mut self) -> Vec<(Moment, char, String)> {
        self.sound.as_mut().map(Sound::fresh_keys).unwrap_or_default()
    }

    fn over(&mut self, now: Moment) {
        if let Some(sound) = &mut self.sound {
            sound.end(now);
        }
        self.facts.ended = self.facts.ended.or(Some(now));
        self.coming.clear();
        self.stage = Stage::Over(now);
    }

    fn contact(&self) -> String {
        format!("sip:{}@{}", self.number, self.here.sip)
    }

    /// Where requests to the caller go: its Contact, or, if that is no address, where its INVITE came from.
    fn target(&self) -> (String, SocketAddr) {
        let uri = uri_of(self.invite.header("Contact").unwrap_or_default()).to_owned();
        let host = uri.split_once('@').or(uri.split_once(':')).map_or("", |(_, host)| host);
        let host = host.split([';', '?']).next().unwrap_or_default();
        let address = host
            .parse()
            .or_else(|_| format!("{host}:5060").parse())
            .unwrap_or(self.peer);
        (uri, address)
    }

    fn is_from_tag(&self, message: &Message) -> bool {
        message.sender_tag() == self.invite.sender_tag()
    }

    fn entry(&mut self, now: Moment, unfinished: Unfinished) -> Entry {
        self.is_written = true;
        let since = |from: Option<Moment>, to: Option<Moment>| from.zip(to).map_or(0, |(f, t)| millis(t.since(f)));
        self.final_faults();
        let facts = &self.facts;
        let ended = facts.ended.unwrap_or(now);
        let figures = self.sound.as_mut().map(|s| s.figures(now));
        let sound = self.sound.as_ref();
        let counts = sound.map(Sound::counts);
        let count = |read: fn(&super::rtp::intake::Counts) -> u64| counts.map_or(0, read);
        let (prompts, keys) = figures
            .as_ref()
            .map(|f| (f.prompts.clone(), f.keys.clone()))
            .unwrap_or_default();
        let silences = figures.as_ref().map(|f| f.silences.clone()).unwrap_or_default();
        Entry {
            kind: "call",
            call_id: self.call_id().to_owned(),
            number: self.number.clone(),
            caller: user_of(uri_of(self.invite.header("From").unwrap_or_default())).to_owned(),
            attempt: self.attempt,
            invite_messages: facts.invites,
            at: millis(self.began.since(Moment::ZERO)),
            behaviour: self.behaviour.name.to_string(),
            status: facts.status,
            ringing_ms: since(facts.rang, facts.decided.or(Some(ended))),
            answered: facts.answered.is_some(),
            acked: facts.answered.is_some() && facts.acks > 0,
            bye_by: facts.bye_by,
            cancelled: facts.is_cancelled,
            talk_ms: since(facts.answered, Some(ended)),
            codec: sound.map(|s| s.law.name()),
            prompts,
            keys,
            silences,
            unrecognised_ms: figures.as_ref().map_or(0, |f| f.unrecognised_ms),
            packets_received: count(|c| c.received),
            packets_sent: figures.as_ref().map_or(0, |f| f.packets_sent),
            first_packet_ms: figures.as_ref().and_then(|f| f.first_packet_ms),
            gap_ms_max: counts.map_or(0.0, |c| tenths(c.longest_gap)),
            late_ms_max: counts.map_or(0.0, |c| tenths(c.late.most())),
            late: counts.map(|c| c.late.clone()).unwrap_or_default(),
            paused_ms: count(|c| c.paused / 8),
            tail_ms: figures.as_ref().map_or(0, |f| f.tail_ms),
            lost: count(|c| c.lost),
            duplicates: count(|c| c.duplicates),
            reordered: count(|c| c.reordered),
            dropped: figures.as_ref().map_or(0, |f| f.dropped),
            rtp_faults: sound.map(|s| Faults::from(&s.faults()).list()).unwrap_or_default(),
            sip_faults: self.faults.list(),
            unfinished: unfinished == Unfinished::Yes,
        }
    }
}

/// Whether a log line tells of a call that was cut off by our own stop.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unfinished {
    Yes,
    No,
}

/// The CSeq, branch and parameters of the two messages agree: one is a repetition of the other.
fn is_repetition(a: &Message, b: &Message) -> bool {
    a.cseq() == b.cseq() && a.branch() == b.branch() && a.method() == b.method()
}

/// The value of an Authorization that answers a challenge with this status.
fn credentials(message: &Message, status: u16) -> Option<&str> {
    message.header(if status == 401 {
        "Authorization"
    } else {
        "Proxy-Authorization"
    })
}

/// The nonce of credentials.
fn nonce_of(credentials: &str) -> Option<&str> {
    let list = credentials.split_once("nonce=\"").map(|(_, rest)| rest)?;
    list.split_once('"')
        .map(|(nonce, _)| nonce)
        .or_else(|| parameter(credentials, "nonce"))
}
