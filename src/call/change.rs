//! What the far end changes while the call runs: hold and resume, another address, another codec; what is refused.
//!
//! On hold the prompts stand still (media sees to that), the wait for a key stops, and only the call limit goes on.

use super::{Call, Observed, Output, Phase, Then, Wait};
use crate::media::{self, Flow};
use crate::moment::Moment;
use crate::outcome::EndedBy;
use crate::{sdp, sip};

/// Our answer to a change that we cannot take: the session stays as it was.
pub(super) const NOT_ACCEPTABLE: u16 = 488;

impl Call {
    /// The far end offers a change, or wants our offer.
    pub(super) fn offered(&mut self, now: Moment, offer: Option<&[u8]>) {
        let leg = self.plan.leg;
        let answer = match (self.phase, self.local.as_mut()) {
            (Phase::Inviting | Phase::Ringing | Phase::Talking, Some(local)) => match offer {
                Some(offer) => local.answer(offer).map(|(sdp, answer)| (sdp, Some(answer))).ok(),
                None => Some((local.offer(), None)),
            },
            (Phase::Opening | Phase::Closing | Phase::Over, _) | (_, None) => None,
        };
        let Some((sdp, answer)) = answer else {
            let status = NOT_ACCEPTABLE;
            self.outputs
                .push_back(Output::Sip(sip::Command::Refuse { leg, status }));
            return;
        };
        self.outputs.push_back(Output::Sip(sip::Command::Answer { leg, sdp }));
        if let Some(answer) = answer {
            self.connect(now, &answer);
        }
    }

    /// The far end answered an offer of ours while we talk; an answer that we cannot use leaves the session as it was.
    pub(super) fn agreed(&mut self, now: Moment, sdp: &[u8]) {
        if let (Phase::Talking, Ok(answer)) = (self.phase, sdp::read_answer(sdp)) {
            self.connect(now, &answer);
        }
    }

    /// Media goes where the far end wants it now, in the direction that it wants.
    pub(super) fn connect(&mut self, now: Moment, answer: &sdp::Answer) {
        let Some(codec) = media::Codec::from_payload(answer.payload) else {
            return;
        };
        let remote = media::Remote {
            address: answer.remote,
            rtcp: answer.rtcp,
            codec,
            events: answer.events,
            ptime_ms: answer.ptime_ms,
            flow: flow(answer.direction),
        };
        let before = self.connected.replace(remote);
        if before == Some(remote) {
            return;
        }
        self.outputs
            .push_back(Output::Media(media::Command::Connect { remote }));
        if let (Phase::Talking, Some(before)) = (self.phase, before) {
            self.facts.session_changes += 1;
            self.flow_changed(now, before.flow, remote.flow);
        }
    }

    fn flow_changed(&mut self, now: Moment, before: Flow, after: Flow) {
        match (before == Flow::SendRecv, after == Flow::SendRecv) {
            (true, false) => {
                self.facts.holds += 1;
                self.observe(Observed::Held);
            }
            (false, true) => self.observe(Observed::Resumed),
            (true, true) | (false, false) => {}
        }
        let Some(talk) = self.talk.as_mut() else { return };
        talk.wait = match (talk.wait, after) {
            (Some(Wait::Until(at)), Flow::SendOnly | Flow::RecvOnly | Flow::Inactive) => {
                Some(Wait::Held(at.since(now)))
            }
            (Some(Wait::Held(left)), Flow::SendRecv) => Some(Wait::Until(now + left)),
            (wait @ (Some(Wait::Until(_) | Wait::Held(_)) | None), _) => wait,
        };
        // Nobody hears our goodbye any more.
        let goodbye = talk.playing.as_ref().map(|playing| playing.then);
        if let (Some(Then::HangUp(reason)), false) = (goodbye, after.listens()) {
            self.end(now, EndedBy::Us, Some(reason));
        }
    }

    /// Which way audio flows; before any answer both ways.
    pub(super) fn flow(&self) -> Flow {
        self.connected.map_or(Flow::SendRecv, |remote| remote.flow)
    }

    /// The wait for a key that begins now; on hold it begins with the resume.
    pub(super) fn wait_for(&self, now: Moment, limit: std::time::Duration) -> Wait {
        match self.flow() {
            Flow::SendRecv => Wait::Until(now + limit),
            Flow::SendOnly | Flow::RecvOnly | Flow::Inactive => Wait::Held(limit),
        }
    }
}

pub(super) const fn flow(direction: sdp::Direction) -> Flow {
    match direction {
        sdp::Direction::SendRecv => Flow::SendRecv,
        sdp::Direction::SendOnly => Flow::SendOnly,
        sdp::Direction::RecvOnly => Flow::RecvOnly,
        sdp::Direction::Inactive => Flow::Inactive,
    }
}
