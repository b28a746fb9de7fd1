//! From the port to the answer: INVITE, ringing, early media, 200. A call that came in is answered in `taken.rs`.

use std::net::SocketAddr;

use super::{Call, MediaState, Observed, Output, Phase, SipState, With};
use crate::moment::{Moment, Wall};
use crate::outcome::{EndedBy, OurReason};
use crate::sip::{self, Event};
use crate::{media, sdp};

/// How many ports are tried before the fault is called ours: others may hold some of the range.
pub(super) const PORTS_TRIED: u8 = 32;

impl Call {
    pub(super) fn port_lent(&mut self, now: Moment, address: SocketAddr) {
        if self.phase == Phase::Opening && matches!(self.media, MediaState::None | MediaState::Open) {
            self.media = MediaState::Open;
            self.address = Some(address);
            self.opening_since = Some(now);
            let beside = match self.plan.with {
                With::Questionnaire | With::Waiting => None,
                With::Agent { beside, .. } => Some(beside),
            };
            self.outputs
                .push_back(Output::Media(media::Command::Open { address, beside }));
        }
    }

    pub(super) fn port_opened(&mut self, now: Moment) {
        let (Phase::Opening, Some(address)) = (self.phase, self.address) else {
            return;
        };
        let shown = SocketAddr::new(self.plan.advertised.unwrap_or(address.ip()), address.port());
        let mut local = sdp::Local::new(shown, self.plan.sdp_session);
        if let Some(came_in) = self.plan.came_in.clone() {
            return self.accept(now, local, &came_in);
        }
        let offer = local.offer();
        self.local = Some(local);
        self.phase = Phase::Inviting;
        self.invited_at = Some(now);
        self.sip = SipState::Live;
        self.outputs.push_back(Output::Sip(sip::Command::Invite {
            leg: self.plan.leg,
            to: sip::Callee::Number {
                trunk: self.plan.trunk,
                number: self.plan.number.clone(),
                caller: self.plan.caller.clone(),
            },
            mark: self.plan.mark,
            before: self.plan.before,
            offer,
        }));
        self.observe(Observed::Invited);
    }

    pub(super) fn port_refused(&mut self, now: Moment) {
        if self.phase != Phase::Opening {
            return;
        }
        self.ports_tried += 1;
        if self.ports_tried < PORTS_TRIED {
            self.outputs.push_back(Output::LendPort);
        } else {
            self.observe(Observed::NoPort);
            self.end(now, EndedBy::Us, Some(OurReason::OwnFault));
        }
    }

    pub(super) fn sip_event(&mut self, now: Moment, wall: Wall, event: Event) {
        match event {
            Event::Trying => self.note_provisional(100),
            Event::Progressed { status, sdp, reasons } => self.progressed(now, status, sdp.as_deref(), reasons),
            Event::Answered { sdp } => self.answered(now, wall, &sdp),
            Event::KeyInfo { key, .. } => self.key_heard(now, wall, key, media::KeySource::Info, None),
            Event::Offered { sdp } => self.offered(now, sdp.as_deref()),
            Event::Agreed { sdp } if self.phase == Phase::Inviting && self.plan.came_in.is_some() => {
                self.caller_agreed(now, wall, &sdp);
            }
            Event::Agreed { sdp } => self.agreed(now, &sdp),
            Event::Confirmed => self.confirmed(now, wall),
            Event::ChangeRefused { .. } => {}
            Event::Redirected { status } => self.facts.redirected = Some(status),
            Event::Failed(ending) | Event::Cancelled(ending) => {
                self.sip = SipState::Closed;
                let gave_up = self.plan.came_in.is_some() && ending.local.is_none();
                let by = if ending.status.is_some() || gave_up {
                    EndedBy::FarEnd
                } else {
                    EndedBy::Network
                };
                self.take_ending(&ending);
                self.end(now, by, None);
            }
            Event::HungUp(ending) => {
                self.sip = SipState::Closed;
                let by = if ending.local.is_some() {
                    EndedBy::Network
                } else {
                    EndedBy::FarEnd
                };
                self.take_ending(&ending);
                self.end(now, by, None);
            }
            Event::Closed { ending, .. } => {
                self.sip = SipState::Closed;
                self.take_ending(&ending);
                self.end(now, EndedBy::Us, None);
            }
        }
    }

    fn progressed(&mut self, now: Moment, status: u16, sdp: Option<&[u8]>, reasons: Vec<String>) {
        self.note_provisional(status);
        self.note_reasons(reasons);
        if !matches!(self.phase, Phase::Inviting | Phase::Ringing) {
            return;
        }
        if self.phase == Phase::Inviting && (180..190).contains(&status) {
            self.phase = Phase::Ringing;
            self.ringing_since = Some(now);
            self.facts.pdd_ms = self.invited_at.map(|at| super::ending::millis(now.since(at)));
        }
        let early = sdp.and_then(|sdp| sdp::read_answer(sdp).ok());
        if let Some(answer) = early {
            self.facts.early_media = true;
            self.connect(now, &answer);
        }
        self.observe(Observed::Progressed {
            status,
            early_media: early.is_some(),
        });
    }

    fn answered(&mut self, now: Moment, wall: Wall, sdp: &[u8]) {
        if !matches!(self.phase, Phase::Inviting | Phase::Ringing) {
            return;
        }
        self.facts.final_status = Some(200);
        if let Some(since) = self.ringing_since {
            self.facts.ring_ms = Some(super::ending::millis(now.since(since)));
        }
        self.phase = Phase::Talking;
        self.observe(Observed::Answered);
        self.answered_at = Some(now);
        // Early media, perhaps of another fork, is over; said again, its own starts the watch for silence anew.
        self.connected = None;
        if let Ok(answer) = sdp::read_answer(sdp) {
            self.connect(now, &answer);
        }
        if self.connected.is_some() {
            self.outputs.push_back(Output::Media(media::Command::Record {
                path: self.plan.recording.clone(),
            }));
            self.begin_talk(now, wall);
        } else {
            self.end(now, EndedBy::Us, Some(OurReason::NoCommonCodec));
        }
    }

    fn note_provisional(&mut self, status: u16) {
        if !self.facts.provisional.contains(&status) {
            self.facts.provisional.push(status);
        }
    }

    pub(super) fn observe(&mut self, observed: Observed) {
        self.outputs.push_back(Output::Observed(observed));
    }
}
