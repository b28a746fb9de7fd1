//! The end of an answered call, and other requests inside it.

use crate::far_end::script::Trick;
use crate::far_end::wire::{Message, phrase, response};
use crate::moment::Moment;

use super::{Call, Outbox, Stage};

impl Call {
    /// BYE of the caller (RFC 3261 section 15.1.2).
    pub(super) fn hung_up(&mut self, now: Moment, message: &Message, uri: &str, out: &mut Outbox) {
        let mut reply = |status| {
            out.push((self.peer, response(message, status, phrase(status), &self.tag, &[], "")));
        };
        let branch = message.branch().map(str::to_owned);
        if self.last_bye.is_some() && self.last_bye == branch {
            reply(200);
            return;
        }
        let is_fork = message.to_tag() == Some(self.fork_tag().as_str());
        if let Some(fork) = self.fork.as_mut().filter(|_| is_fork) {
            reply(200);
            fork.is_byed = true;
            if !fork.is_acked {
                self.faults.note("BYE of the forked call before its ACK");
            }
            return;
        }
        if message.to_tag() != Some(self.tag.as_str()) || !self.is_from_tag(message) {
            reply(481);
            self.faults.note("BYE with a wrong tag");
            return;
        }
        if self.behaviour.tricks.contains(&Trick::LosesFirstBye) && self.byes_lost == 0 {
            self.byes_lost = 1;
            return;
        }
        match self.stage {
            Stage::Answered(_) | Stage::Talking | Stage::Leaving => reply(200),
            Stage::Coming | Stage::Refused(_) | Stage::Challenged(_) | Stage::Over(_) => reply(481),
        }
        match self.stage {
            Stage::Coming | Stage::Refused(_) | Stage::Challenged(_) => {
                self.faults.note("BYE of a call that was not answered");
            }
            Stage::Over(_) => self.faults.note("BYE after the end"),
            Stage::Answered(_) | Stage::Talking | Stage::Leaving => {
                if uri != self.contact() {
                    self.faults.note("BYE not sent to our Contact");
                }
                self.in_dialog(message);
                self.last_bye = branch;
            }
        }
        match self.stage {
            Stage::Answered(_) | Stage::Talking => {
                if matches!(self.stage, Stage::Answered(_)) && self.facts.acks == 0 {
                    self.faults.note("BYE before the ACK");
                }
                self.facts.bye_by = Some("them");
                self.over(now);
            }
            Stage::Leaving | Stage::Coming | Stage::Refused(_) | Stage::Challenged(_) | Stage::Over(_) => {}
        }
    }

    /// The patient hangs up.
    pub(super) fn hang_up(&mut self, now: Moment, out: &mut Outbox) {
        match self.stage {
            Stage::Answered(_) | Stage::Talking => {}
            Stage::Coming | Stage::Refused(_) | Stage::Challenged(_) | Stage::Leaving | Stage::Over(_) => return,
        }
        self.facts.bye_by = Some("us");
        self.facts.ended = Some(now);
        if let Some(sound) = &mut self.sound {
            sound.end(now);
        }
        self.send_bye(now, out);
        self.stage = Stage::Leaving;
    }

    /// Any other request inside the call.
    pub(super) fn asked(&mut self, message: &Message, out: &mut Outbox) {
        let status = match message.method() {
            _ if message.to_tag() != Some(self.tag.as_str()) => {
                self.faults.note("a request inside a call with a wrong tag");
                481
            }
            "OPTIONS" | "INFO" => 200,
            "UPDATE" => 488,
            _ => {
                self.faults.note("a request that nobody asked for");
                405
            }
        };
        self.in_dialog(message);
        out.push((self.peer, response(message, status, phrase(status), &self.tag, &[], "")));
    }

    /// Checks the order of requests inside the call (RFC 3261 section 12.2.2).
    pub(super) fn in_dialog(&mut self, message: &Message) {
        match message.cseq() {
            Some(cseq) if cseq > self.their_cseq => self.their_cseq = cseq,
            _ => self.faults.note("CSeq did not rise"),
        }
    }
}
