//! The 200, its ACK, and the second 200 of a forked call (RFC 3261 sections 13.3.1.4 and 13.2.2.4).

use crate::far_end::script::Trick;
use crate::far_end::wire::{Message, phrase, response};
use crate::moment::Moment;

use super::{Call, Outbox, Repeat, Stage};

use std::time::Duration;

/// The second telephone of a forked call answers this much later.
const FORK_LATER: Duration = Duration::from_millis(60);
/// After the ACK, a patient with a re-INVITE waits this long.
const REINVITE_LATER: Duration = Duration::from_secs(2);

/// The second telephone that answered.
#[derive(Debug)]
pub(super) struct Fork {
    pub(super) is_acked: bool,
    pub(super) is_byed: bool,
    repeat: Option<Repeat>,
}

impl Call {
    /// Sends the 200.
    pub(super) fn answer(&mut self, now: Moment, out: &mut Outbox) {
        let Some(body) = self.describe(now) else {
            return;
        };
        let datagram = self.respond(200, &[], &body, out);
        self.facts.status = Some(200);
        self.facts.answered = Some(now);
        self.facts.decided = Some(now);
        self.facts.answers_sent = 1;
        if let Some(sound) = &mut self.sound {
            sound.answer(now);
        }
        let tricks = self.behaviour.tricks.clone();
        if tricks.contains(&Trick::AnswersTwice) {
            self.facts.answers_sent = 2;
            out.push((self.peer, datagram.clone()));
        }
        if tricks.contains(&Trick::Forks) {
            let contact = format!("Contact: <{}>", self.contact());
            let second = response(&self.invite, 200, phrase(200), &self.fork_tag(), &[contact], &body);
            let repeat = Repeat {
                again: now + FORK_LATER,
                ..Repeat::new(now, second)
            };
            self.fork = Some(Fork {
                is_acked: false,
                is_byed: false,
                repeat: Some(repeat),
            });
        }
        self.stage = Stage::Answered(Repeat::new(now, datagram));
        if tricks.contains(&Trick::ByeBeforeAck) {
            self.hang_up(now, out);
        }
    }

    /// ACK of a refusal, of the 200, or of the forked 200.
    pub(super) fn acknowledged(&mut self, now: Moment, message: &Message, uri: &str) {
        if message.cseq() != self.invite.cseq() {
            self.faults.note("ACK with another CSeq than its INVITE");
        }
        if !self.is_from_tag(message) {
            self.faults.note("ACK with another From tag");
        }
        let is_ours = message.to_tag() == Some(self.tag.as_str());
        if let Stage::Refused(_) = self.stage {
            if message.branch() != self.invite.branch() {
                self.faults.note("ACK of a refusal with another branch than its INVITE");
            }
            if !is_ours {
                self.faults.note("ACK with another To tag");
            }
            self.refusal_settled(now);
            return;
        }
        if self.facts.answered.is_none() {
            return;
        }
        if message.branch() == self.invite.branch() {
            self.faults.note("ACK of the 200 with the branch of its INVITE");
        }
        if uri != self.contact() {
            self.faults.note("ACK of the 200 not sent to its Contact");
        }
        let fork_tag = self.fork_tag();
        if let Some(fork) = self
            .fork
            .as_mut()
            .filter(|_| message.to_tag() == Some(fork_tag.as_str()))
        {
            fork.is_acked = true;
            fork.repeat = None;
            return;
        }
        if !is_ours {
            self.faults.note("ACK with another To tag");
            return;
        }
        self.facts.acks += 1;
        if self.facts.acks == 1 && self.behaviour.tricks.contains(&Trick::LosesFirstAck) {
            return;
        }
        if matches!(self.stage, Stage::Answered(_)) {
            self.stage = Stage::Talking;
            if self.behaviour.tricks.contains(&Trick::Reinvites) {
                self.reinvite = Some(now + REINVITE_LATER);
            }
        }
    }

    /// Repeats what nobody acknowledged.
    pub(super) fn repeat(&mut self, now: Moment, out: &mut Outbox) {
        let peer = self.peer;
        if let Some(repeat) = self.fork.as_mut().and_then(|fork| fork.repeat.as_mut())
            && repeat.is_due(now)
        {
            out.push((peer, repeat.response.clone()));
        }
        match &mut self.stage {
            Stage::Refused(repeat) => {
                if repeat.is_due(now) {
                    out.push((peer, repeat.response.clone()));
                } else if now >= repeat.until {
                    self.faults.note("no ACK of a refusal");
                    self.over(now);
                }
            }
            Stage::Answered(repeat) => {
                if repeat.is_due(now) {
                    self.facts.answers_sent += 1;
                    out.push((peer, repeat.response.clone()));
                } else if now >= repeat.until {
                    self.faults.note("no ACK of the 200");
                    self.hang_up(now, out);
                }
            }
            Stage::Challenged(until) => {
                if now >= *until {
                    self.over(now);
                }
            }
            Stage::Coming | Stage::Talking | Stage::Leaving | Stage::Over(_) => {}
        }
        if self.reinvite.is_some_and(|at| at <= now) && matches!(self.stage, Stage::Talking) {
            self.reinvite = None;
            self.send_reinvite(now, out);
        }
    }

    /// The tag of the second telephone.
    pub(super) fn fork_tag(&self) -> String {
        format!("{}-fork", self.tag)
    }

    /// What only the end shows.
    pub(super) fn final_faults(&mut self) {
        let is_asked_twice = self.behaviour.tricks.contains(&Trick::AnswersTwice)
            || self.behaviour.tricks.contains(&Trick::LosesFirstAck);
        if is_asked_twice && self.facts.acks < self.facts.answers_sent {
            self.faults.note("a repeated 200 was not acknowledged");
        }
        if self.facts.acks > self.facts.answers_sent {
            self.faults.note("more ACKs than 200s");
        }
        if self.facts.answered.is_some() && self.facts.acks == 0 {
            self.faults.note("no ACK of the 200");
        }
        if let Some(fork) = &self.fork {
            if !fork.is_acked {
                self.faults.note("the forked 200 was not acknowledged");
            }
            if !fork.is_byed {
                self.faults.note("the forked call was not hung up");
            }
        }
    }
}
