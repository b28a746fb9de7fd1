//! A call that came in: our answer to its offer, and the talk that begins when the caller has heard of it.

use super::{Call, Observed, Output, Phase};
use crate::moment::{Moment, Wall};
use crate::outcome::{EndedBy, OurReason};
use crate::{media, sdp, sip};

/// What a call that came in began with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CameIn {
    /// Its session description; none if it wants ours.
    pub offer: Option<Vec<u8>>,
}

impl Call {
    /// There is a port: the call is answered. What is said waits for the caller's ACK, so that the first words are heard.
    pub(super) fn accept(&mut self, now: Moment, mut local: sdp::Local, came_in: &CameIn) {
        let answer = match &came_in.offer {
            Some(offer) => local.answer(offer).map(|(sdp, answer)| (sdp, Some(answer))),
            None => Ok((local.offer(), None)),
        };
        self.local = Some(local);
        let Ok((sdp, answer)) = answer else {
            return self.end(now, EndedBy::Us, Some(OurReason::NoCommonCodec));
        };
        self.phase = Phase::Inviting;
        self.invited_at = Some(now);
        let leg = self.plan.leg;
        self.outputs.push_back(Output::Sip(sip::Command::Accept { leg, sdp }));
        if let Some(answer) = answer {
            self.connect(now, &answer);
        }
    }

    /// The caller has our answer. Where the offer was ours, the caller's own answer is yet to come.
    pub(super) fn confirmed(&mut self, now: Moment, wall: Wall) {
        let waits = self.plan.came_in.is_some() && self.phase == Phase::Inviting;
        if waits && self.connected.is_some() {
            self.begin(now, wall);
        }
    }

    /// The caller's answer to our offer.
    pub(super) fn caller_agreed(&mut self, now: Moment, wall: Wall, sdp: &[u8]) {
        if let Ok(answer) = sdp::read_answer(sdp) {
            self.connect(now, &answer);
        }
        if self.connected.is_some() {
            self.begin(now, wall);
        } else {
            self.facts.final_status = Some(200);
            self.end(now, EndedBy::Us, Some(OurReason::NoCommonCodec));
        }
    }

    fn begin(&mut self, now: Moment, wall: Wall) {
        self.facts.final_status = Some(200);
        self.phase = Phase::Talking;
        self.answered_at = Some(now);
        self.outputs.push_back(Output::Media(media::Command::Record {
            path: self.plan.recording.clone(),
        }));
        self.observe(Observed::Answered);
        self.begin_talk(now, wall);
    }
}
