//! From the port to the answer: INVITE, ringing, early media, 200.

use std::net::SocketAddr;

use super::{Call, MediaState, Observed, Output, Phase, SipState};
use crate::moment::{Moment, Wall};
use crate::outcome::{EndedBy, OurReason};
use crate::sip::{self, Event};
use crate::{media, sdp};

/// How many ports are tried before the fault is called ours: others may hold some of the range.
pub(super) const PORTS_TRIED: u8 = 32;

impl Call {
    pub(super) fn port_lent(&mut self, address: SocketAddr) {
        if self.phase == Phase::Opening && matches!(self.media, MediaState::None | MediaState::Open) {
            self.media = MediaState::Open;
            self.address = Some(address);
            self.outputs.push_back(Output::Media(media::Command::Open { address }));
        }
    }

    pub(super) fn port_opened(&mut self, now: Moment) {
        let (Phase::Opening, Some(address)) = (self.phase, self.address) else {
            return;
        };
        let offer = sdp::Offer {
            address: self.plan.advertised.unwrap_or(address.ip()),
            port: address.port(),
            session: self.plan.sdp_session,
        };
        self.phase = Phase::Inviting;
        self.invited_at = Some(now);
        self.sip = SipState::Live;
        self.outputs.push_back(Output::Sip(sip::Command::Invite {
            leg: self.plan.leg,
            trunk: self.plan.trunk,
            number: self.plan.number.clone(),
            offer: sdp::offer(&offer),
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
            // The session stays as it was.
            Event::Offered { .. } => self.outputs.push_back(Output::Sip(sip::Command::Refuse {
                leg: self.plan.leg,
                status: 488,
            })),
            Event::Agreed { .. } | Event::ChangeRefused { .. } | Event::Redirected { .. } => {}
            Event::Failed(ending) => {
                self.sip = SipState::Closed;
                let by = if ending.status.is_some() {
                    EndedBy::FarEnd
                } else {
                    EndedBy::Network
                };
                self.take_ending(&ending);
                self.end(now, by, None);
            }
            Event::HungUp(ending) => {
                self.sip = SipState::Closed;
                self.take_ending(&ending);
                self.end(now, EndedBy::FarEnd, None);
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
            self.connect(&answer);
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
        let early = self.connected.take();
        match sdp::read_answer(sdp) {
            Ok(answer) => self.connect(&answer),
            Err(_) => self.reconnect(early),
        }
        // A 200 without SDP stands on the answer that came with early media (RFC 6337 section 3.1).
        let usable = self.connected.is_some() && (sdp.is_empty() || sdp::read_answer(sdp).is_ok());
        if usable {
            self.outputs.push_back(Output::Media(media::Command::Record {
                path: self.plan.recording.clone(),
            }));
            self.begin_talk(now, wall);
        } else {
            self.end(now, EndedBy::Us, Some(OurReason::NoCommonCodec));
        }
    }

    fn connect(&mut self, answer: &sdp::Answer) {
        let Some(codec) = media::Codec::from_payload(answer.payload) else {
            return;
        };
        let remote = media::Remote {
            address: answer.remote,
            rtcp: None,
            codec,
            events: answer.events,
            ptime_ms: answer.ptime_ms,
            flow: media::Flow::SendRecv,
        };
        if self.connected != Some(remote) {
            self.connected = Some(remote);
            self.outputs
                .push_back(Output::Media(media::Command::Connect { remote }));
        }
    }

    /// The early media's answer holds on; saying so again starts the watch for silence anew.
    fn reconnect(&mut self, early: Option<media::Remote>) {
        self.connected = early;
        if let Some(remote) = early {
            self.outputs
                .push_back(Output::Media(media::Command::Connect { remote }));
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
