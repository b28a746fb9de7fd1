//! Before the final response: the INVITE, its challenge, ringing, early media, refusal, CANCEL.

use std::net::SocketAddr;
use std::time::Duration;

use rand_chacha::rand_core::Rng;

use crate::far_end::script::{Account, Does, Refusal, Trick};
use crate::far_end::wire::description::{Offer, answer};
use crate::far_end::wire::digest::Challenge;
use crate::far_end::wire::{Message, Start, phrase, response};
use crate::moment::Moment;

use super::sound::Sound;
use super::{Call, Outbox, PATIENCE, Repeat, Stage, Step, T1, credentials, is_repetition, nonce_of};

/// A lost INVITE is repeated for 32 s; then the call is over without a word.
const DROPPED_FOR: Duration = Duration::from_secs(34);

impl Call {
    /// The first INVITE, or the one with credentials.
    pub(super) fn taken(&mut self, now: Moment, out: &mut Outbox) {
        self.facts.invites += 1;
        if self.behaviour.does == Does::Drops {
            return;
        }
        if let Some((status, account)) = self.behaviour.challenge.clone()
            && !self.may_pass(now, status, &account, out)
        {
            return;
        }
        if self.behaviour.sends_trying {
            self.respond(100, &[], "", out);
        }
        if self.behaviour.tricks.contains(&Trick::Forwards) {
            self.respond(181, &[], "", out);
        }
        self.plan(now);
    }

    /// Any further INVITE with this Call-ID.
    pub(super) fn invited(&mut self, now: Moment, from: SocketAddr, message: &Message, out: &mut Outbox) {
        if is_repetition(message, &self.invite) {
            self.facts.invites += 1;
            if matches!(self.stage, Stage::Talking) {
                self.faults.note("INVITE repeated after its ACK");
            }
            out.extend(self.last_response.clone().map(|response| (self.peer, response)));
            return;
        }
        if message.to_tag().is_some() {
            // A call is kept as it is.
            self.in_dialog(message);
            out.push((from, response(message, 488, phrase(488), &self.tag, &[], "")));
            return;
        }
        let may_authenticate = matches!(self.stage, Stage::Refused(_) | Stage::Challenged(_)) && self.nonce.is_some();
        if !may_authenticate {
            self.faults.note("a second INVITE with the same Call-ID");
            out.push((from, response(message, 482, phrase(482), &self.tag, &[], "")));
            return;
        }
        if matches!(self.stage, Stage::Refused(_)) {
            self.faults
                .note("INVITE with credentials before the ACK of the challenge");
        }
        if message.cseq() <= Some(self.their_cseq) {
            self.faults.note("CSeq did not rise");
        }
        if message.branch() == self.invite.branch() {
            self.faults.note("a new INVITE with an old branch");
        }
        self.their_cseq = message.cseq().unwrap_or(self.their_cseq);
        (self.invite, self.peer) = (message.clone(), from);
        self.stage = Stage::Coming;
        self.facts.status = None;
        self.taken(now, out);
    }

    /// Goes on with what was planned before the answer.
    pub(super) fn come_on(&mut self, now: Moment, out: &mut Outbox) {
        if self.behaviour.does == Does::Drops {
            if matches!(self.stage, Stage::Coming) && now > self.began + DROPPED_FOR {
                self.over(now);
            }
            return;
        }
        while matches!(self.stage, Stage::Coming) && self.coming.front().is_some_and(|(at, _)| *at <= now) {
            match self.coming.pop_front() {
                Some((_, Step::Ring)) => self.ring(now, out),
                Some((_, Step::Early(sound))) => {
                    self.facts.rang = self.facts.rang.or(Some(now));
                    let body = self.describe(now).unwrap_or_default();
                    self.respond(183, &[], &body, out);
                    if let Some(s) = &mut self.sound {
                        s.play(sound);
                    }
                }
                Some((_, Step::Answer)) => self.answer(now, out),
                Some((_, Step::Refuse(refusal))) => self.refuse(now, &refusal, out),
                None => return,
            }
        }
    }

    /// CANCEL (RFC 3261 section 9.2).
    pub(super) fn cancelled(&mut self, now: Moment, message: &Message, out: &mut Outbox) {
        if message.branch() != self.invite.branch() || message.cseq() != self.invite.cseq() {
            self.faults.note("CANCEL that fits no INVITE");
            out.push((self.peer, response(message, 481, phrase(481), &self.tag, &[], "")));
            return;
        }
        if self.behaviour.does == Does::Drops {
            self.faults.note("CANCEL before any response");
            return;
        }
        if let (Start::Request { uri: cancelled, .. }, Start::Request { uri: invited, .. }) =
            (&message.start, &self.invite.start)
            && cancelled != invited
        {
            self.faults.note("CANCEL with another request URI than its INVITE");
        }
        if self.last_response.is_none() {
            self.faults.note("CANCEL before any response");
        }
        out.push((self.peer, response(message, 200, phrase(200), &self.tag, &[], "")));
        if matches!(self.stage, Stage::Coming) {
            self.facts.is_cancelled = true;
            self.refuse(now, &Refusal::plain(487), out);
        }
    }

    /// Sends a response to the INVITE.
    pub(super) fn respond(&mut self, status: u16, more: &[String], body: &str, out: &mut Outbox) -> Vec<u8> {
        self.respond_with(status, phrase(status), more, body, out)
    }

    /// Our description, opening the media if that is still to be done.
    pub(super) fn describe(&mut self, now: Moment) -> Option<String> {
        let offer = self.offer?;
        if self.sound.is_none() {
            use rand_chacha::rand_core::SeedableRng;
            let chance = rand_chacha::ChaCha8Rng::seed_from_u64(self.chance.next_u64());
            self.sound = Sound::open(now, &offer, &self.behaviour.talk, &self.studio, chance);
        }
        let sound = self.sound.as_ref()?;
        Some(answer(
            self.here.rtp,
            u64::from(self.here.rtp.port()),
            sound.law,
            sound.events,
        ))
    }

    fn respond_with(&mut self, status: u16, phrase: &str, more: &[String], body: &str, out: &mut Outbox) -> Vec<u8> {
        let mut lines = more.to_vec();
        if (180..300).contains(&status) {
            lines.push(format!("Contact: <{}>", self.contact()));
        }
        let datagram = response(&self.invite, status, phrase, &self.tag, &lines, body);
        out.push((self.peer, datagram.clone()));
        self.last_response = Some(datagram.clone());
        datagram
    }

    fn plan(&mut self, now: Moment) {
        let offer = Offer::parse(&self.invite.body);
        if let Err(fault) = offer {
            self.faults.note(fault);
            self.coming.push_back((now, Step::Refuse(Refusal::plain(488))));
            return;
        }
        self.offer = offer.ok();
        let behaviour = self.behaviour.clone();
        if behaviour.does == Does::OnlyTries {
            return;
        }
        let mut at = now + behaviour.after.draw(&mut self.chance);
        if let Some(ring) = behaviour.ring {
            self.coming.push_back((at, Step::Ring));
            at += ring.draw(&mut self.chance);
        }
        if let Some(early) = behaviour.early {
            self.coming.push_back((at, Step::Early(early.sound)));
            at += early.lasts.draw(&mut self.chance);
        }
        match &behaviour.does {
            Does::Answers => self.coming.push_back((at, Step::Answer)),
            Does::Refuses(refusal) => self.coming.push_back((at, Step::Refuse(refusal.clone()))),
            Does::RingsOn | Does::OnlyTries | Does::Drops => {}
        }
    }

    fn ring(&mut self, now: Moment, out: &mut Outbox) {
        self.facts.rang = self.facts.rang.or(Some(now));
        self.respond(180, &[], "", out);
        if self.behaviour.tricks.contains(&Trick::Forks) {
            let contact = format!("Contact: <{}>", self.contact());
            let tag = self.fork_tag();
            out.push((
                self.peer,
                response(&self.invite, 180, phrase(180), &tag, &[contact], ""),
            ));
        }
    }

    fn refuse(&mut self, now: Moment, refusal: &Refusal, out: &mut Outbox) {
        let mut more: Vec<String> = refusal.reasons.iter().map(|r| format!("Reason: {r}")).collect();
        more.extend(refusal.retry_after.map(|seconds| format!("Retry-After: {seconds}")));
        self.facts.status = Some(refusal.status);
        self.facts.decided = Some(now);
        if let Some(sound) = &mut self.sound {
            sound.end(now);
        }
        let datagram = self.respond_with(refusal.status, &refusal.phrase, &more, "", out);
        self.coming.clear();
        self.stage = Stage::Refused(Repeat::new(now, datagram));
    }

    /// Whether the INVITE brings the credentials that are asked for; else it is challenged or refused.
    fn may_pass(&mut self, now: Moment, status: u16, account: &Account, out: &mut Outbox) -> bool {
        let given = credentials(&self.invite, status).map(str::to_owned);
        let asked = self.nonce.clone();
        let is_answer = given
            .as_deref()
            .and_then(nonce_of)
            .is_some_and(|n| Some(n) == asked.as_deref());
        if asked.is_some() && !is_answer {
            self.faults.note("no credentials for the challenge");
        }
        let verdict = match (&given, &asked, &self.invite.start) {
            (Some(given), Some(nonce), Start::Request { uri, .. }) if is_answer => {
                Some(challenge(account, nonce).verify(given, "INVITE", uri))
            }
            _ => None,
        };
        match verdict {
            Some(Ok(())) => true,
            Some(Err(fault)) => {
                self.faults.note(fault);
                self.nonce = None;
                self.refuse(now, &Refusal::plain(403), out);
                false
            }
            None => {
                let nonce = format!("{:016x}{:016x}", self.chance.next_u64(), self.chance.next_u64());
                let name = if status == 401 {
                    "WWW-Authenticate"
                } else {
                    "Proxy-Authenticate"
                };
                let line = format!("{name}: {}", challenge(account, &nonce).header());
                let datagram = self.respond(status, &[line], "", out);
                self.nonce = Some(nonce);
                self.facts.status = Some(status);
                self.stage = Stage::Refused(Repeat {
                    interval: T1,
                    ..Repeat::new(now, datagram)
                });
                false
            }
        }
    }

    /// The ACK of a refusal came, or never will.
    pub(super) fn refusal_settled(&mut self, now: Moment) {
        let is_challenge = matches!(self.facts.status, Some(401 | 407)) && self.nonce.is_some();
        if is_challenge {
            self.stage = Stage::Challenged(now + PATIENCE);
        } else {
            self.over(now);
        }
    }
}

fn challenge<'a>(account: &'a Account, nonce: &'a str) -> Challenge<'a> {
    Challenge {
        realm: &account.realm,
        nonce,
        algorithm: account.algorithm,
        user: &account.user,
        password: &account.password,
    }
}
