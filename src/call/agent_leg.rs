//! A lean leg beside a patient's: an agent's phone, a supervisor's, a department's. It has no attempt and no recording;
//! what is left of it is how it ended.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::change::flow;
use super::ending::millis;
use super::setup::PORTS_TRIED;
use super::{MediaState, SipState};
use crate::dialer::{LegEnd, LegEnding};
use crate::ids::{CallMark, LegId};
use crate::media::{self, Fact, Flow, KeySource};
use crate::moment::Moment;
use crate::outcome::EndedBy;
use crate::phone::Key;
use crate::sdp;
use crate::sip::{self, Event, LocalEnding};

/// What the leg is to do.
#[derive(Clone, Debug)]
pub struct LegPlan {
    /// Its handle in this run.
    pub leg: LegId,
    /// Whom it calls.
    pub to: sip::Callee,
    /// What it is known by.
    pub mark: CallMark,
    /// The address that our SDP shows, where it is not the one that the port is bound to (NAT).
    pub advertised: Option<IpAddr>,
    /// The leg that it will be bridged with or listen to, if that is there already.
    pub beside: Option<LegId>,
    /// How long it may take from the INVITE to the answer.
    pub ring: Duration,
    /// Session id of our SDP.
    pub sdp_session: u64,
}

/// What the leg is told.
#[derive(Clone, Debug)]
pub enum LegInput {
    /// The port asked for.
    Port(SocketAddr),
    /// No port is free.
    NoPort,
    /// The user agent says.
    Sip(Event),
    /// The media worker says.
    Media(Fact),
    /// End it, for this reason.
    End(LegEnd),
    /// The deadline may have passed.
    Wake,
}

/// What the leg asks for or tells.
#[derive(Clone, Debug, PartialEq)]
pub enum LegOutput {
    /// Lend a local RTP address.
    LendPort,
    /// To the user agent.
    Sip(sip::Command),
    /// To the media worker.
    Media(media::Command),
    /// Something people may want to see.
    Seen(LegSeen),
    /// It is over. The last output.
    Finished(LegEnding),
}

/// What can be seen of the leg while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegSeen {
    /// Its telephone rings.
    Ringing,
    /// It brings sound before its answer.
    EarlyMedia,
    /// Answered.
    Answered,
    /// It put us on hold.
    Held,
    /// It took us back.
    Resumed,
    /// A key was pressed on it.
    Pressed(Key),
    /// Its end has begun.
    Ending,
}

/// A leg beside a patient's.
#[derive(Debug)]
pub struct AgentLeg {
    plan: LegPlan,
    phase: Phase,
    address: Option<SocketAddr>,
    local: Option<sdp::Local>,
    connected: Option<media::Remote>,
    ports_tried: u8,
    rings: bool,
    opening_since: Option<Moment>,
    invited_at: Option<Moment>,
    answered_at: Option<Moment>,
    ended_at: Option<Moment>,
    ending: Option<LegEnding>,
    last_key: Option<(Key, KeySource, Moment)>,
    media: MediaState,
    sip: SipState,
    outputs: VecDeque<LegOutput>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Opening,
    Inviting,
    Talking,
    Closing,
    Over,
}

/// Within this time the same key over another way (SIP INFO beside telephone-event) is the same press.
const SAME_PRESS: Duration = Duration::from_millis(500);

/// So long it is waited for its port, and after our hang-up for dialog and media.
const TAKEN_DOWN: Duration = Duration::from_secs(40);

impl AgentLeg {
    /// A leg that wants a port; `poll` says so.
    pub fn new(plan: LegPlan) -> Self {
        Self {
            plan,
            phase: Phase::Opening,
            address: None,
            local: None,
            connected: None,
            ports_tried: 0,
            rings: false,
            opening_since: None,
            invited_at: None,
            answered_at: None,
            ended_at: None,
            ending: None,
            last_key: None,
            media: MediaState::None,
            sip: SipState::None,
            outputs: VecDeque::from([LegOutput::LendPort]),
        }
    }

    /// What it is for.
    pub const fn plan(&self) -> &LegPlan {
        &self.plan
    }

    /// Takes one input.
    pub fn handle(&mut self, now: Moment, input: LegInput) {
        if self.phase == Phase::Over {
            return;
        }
        match input {
            LegInput::Port(address) => self.port_lent(now, address),
            LegInput::NoPort => self.end(now, EndedBy::Us, LegEnd::OwnFault),
            LegInput::Sip(event) => self.sip_event(now, event),
            LegInput::Media(fact) => self.media_fact(now, fact),
            LegInput::End(end) => self.end(now, EndedBy::Us, end),
            LegInput::Wake => {}
        }
        match self.deadline() {
            Some(at) if at > now => {}
            Some(_) if self.phase == Phase::Opening => self.end(now, EndedBy::Us, LegEnd::OwnFault),
            Some(_) if self.phase == Phase::Inviting => self.end(now, EndedBy::Us, LegEnd::NoAnswer),
            Some(_) => (self.sip, self.media) = (SipState::Closed, MediaState::Closed),
            None => {}
        }
        self.finish_if_closed();
    }

    /// The next output; drain after every `handle`.
    pub fn poll(&mut self) -> Option<LegOutput> {
        self.outputs.pop_front()
    }

    /// When to wake it at the latest.
    pub fn deadline(&self) -> Option<Moment> {
        match self.phase {
            Phase::Opening => self.opening_since.map(|at| at + TAKEN_DOWN),
            Phase::Inviting => self.invited_at.map(|at| at + self.plan.ring),
            Phase::Closing => self.ended_at.map(|at| at + TAKEN_DOWN),
            Phase::Talking | Phase::Over => None,
        }
    }

    /// How it ended, from the beginning of its end on.
    pub const fn ending(&self) -> Option<&LegEnding> {
        self.ending.as_ref()
    }

    /// Whether it is answered and not over.
    pub fn is_talking(&self) -> bool {
        self.phase == Phase::Talking
    }

    fn port_lent(&mut self, now: Moment, address: SocketAddr) {
        if self.phase == Phase::Opening {
            self.media = MediaState::Open;
            self.address = Some(address);
            self.opening_since = Some(now);
            let beside = self.plan.beside;
            self.tell(media::Command::Open { address, beside });
        }
    }

    fn media_fact(&mut self, now: Moment, fact: Fact) {
        match fact {
            Fact::Opened => self.port_opened(now),
            Fact::OpenFailed if self.phase == Phase::Opening => {
                self.ports_tried += 1;
                if self.ports_tried < PORTS_TRIED {
                    self.outputs.push_back(LegOutput::LendPort);
                } else {
                    self.end(now, EndedBy::Us, LegEnd::OwnFault);
                }
            }
            Fact::KeyHeard { key, .. } => self.key_heard(now, key, KeySource::TelephoneEvent),
            // On hold it owes us no packet.
            Fact::Silent { .. } if self.connected.is_some_and(|remote| remote.flow.sends()) => {
                if self.phase == Phase::Talking {
                    self.end(now, EndedBy::Network, LegEnd::Gone);
                }
            }
            Fact::BridgeFailed { .. } | Fact::CommandRefused => self.end(now, EndedBy::Us, LegEnd::OwnFault),
            Fact::Closed(_) => {
                let was_open = std::mem::replace(&mut self.media, MediaState::Closed) == MediaState::Open;
                if was_open {
                    self.end(now, EndedBy::Us, LegEnd::OwnFault);
                }
            }
            Fact::OpenFailed
            | Fact::Heard { .. }
            | Fact::PromptDone { .. }
            | Fact::PromptMissing { .. }
            | Fact::Silent { .. }
            | Fact::VoiceHeard
            | Fact::VoiceOver
            | Fact::RecordingFailed => {}
        }
    }

    fn port_opened(&mut self, now: Moment) {
        let (Phase::Opening, Some(address)) = (self.phase, self.address) else {
            return;
        };
        let shown = SocketAddr::new(self.plan.advertised.unwrap_or(address.ip()), address.port());
        let mut local = sdp::Local::new(shown, self.plan.sdp_session);
        let offer = local.offer();
        self.local = Some(local);
        self.phase = Phase::Inviting;
        self.invited_at = Some(now);
        self.sip = SipState::Live;
        self.outputs.push_back(LegOutput::Sip(sip::Command::Invite {
            leg: self.plan.leg,
            to: self.plan.to.clone(),
            mark: self.plan.mark,
            before: 0,
            offer,
        }));
    }

    fn sip_event(&mut self, now: Moment, event: Event) {
        match event {
            Event::Trying | Event::ChangeRefused { .. } | Event::Redirected { .. } | Event::Confirmed => {}
            Event::Progressed { status, sdp, .. } => self.progressed(status, sdp.as_deref()),
            Event::Answered { sdp } => self.answered(now, &sdp),
            Event::KeyInfo { key, .. } => self.key_heard(now, key, KeySource::Info),
            Event::Offered { sdp } => self.offered(sdp.as_deref()),
            Event::Agreed { sdp } => {
                if let (Phase::Talking, Ok(answer)) = (self.phase, sdp::read_answer(&sdp)) {
                    self.connect(&answer);
                }
            }
            Event::Failed(ending) | Event::Cancelled(ending) => {
                self.sip = SipState::Closed;
                let end = self.refusal(&ending);
                let by = if ending.status.is_some() {
                    EndedBy::FarEnd
                } else {
                    EndedBy::Network
                };
                self.end_with(now, by, end, Some(&ending));
            }
            Event::HungUp(ending) => {
                self.sip = SipState::Closed;
                let (by, end) = match ending.local {
                    Some(_) => (EndedBy::Network, LegEnd::Gone),
                    None => (EndedBy::FarEnd, LegEnd::HungUp),
                };
                self.end_with(now, by, end, Some(&ending));
            }
            Event::Closed { .. } => {
                self.sip = SipState::Closed;
                self.end(now, EndedBy::Us, LegEnd::OwnFault);
            }
        }
    }

    fn progressed(&mut self, status: u16, sdp: Option<&[u8]>) {
        if self.phase != Phase::Inviting {
            return;
        }
        if (180..190).contains(&status) && !std::mem::replace(&mut self.rings, true) {
            self.see(LegSeen::Ringing);
        }
        if let Some(answer) = sdp.and_then(|sdp| sdp::read_answer(sdp).ok()) {
            self.connect(&answer);
            self.see(LegSeen::EarlyMedia);
        }
    }

    fn answered(&mut self, now: Moment, sdp: &[u8]) {
        if self.phase != Phase::Inviting {
            return;
        }
        // Nothing has to be on disk before: this leg is no attempt.
        let leg = self.plan.leg;
        self.outputs
            .push_back(LegOutput::Sip(sip::Command::Acknowledge { leg }));
        self.phase = Phase::Talking;
        self.answered_at = Some(now);
        self.connected = None;
        if let Ok(answer) = sdp::read_answer(sdp) {
            self.connect(&answer);
        }
        if self.connected.is_some() {
            self.see(LegSeen::Answered);
        } else {
            self.end(now, EndedBy::Us, LegEnd::OwnFault);
        }
    }

    fn offered(&mut self, offer: Option<&[u8]>) {
        let leg = self.plan.leg;
        let answer = match (self.phase, self.local.as_mut()) {
            (Phase::Inviting | Phase::Talking, Some(local)) => match offer {
                Some(offer) => local.answer(offer).map(|(sdp, answer)| (sdp, Some(answer))).ok(),
                None => Some((local.offer(), None)),
            },
            (Phase::Opening | Phase::Closing | Phase::Over, _) | (_, None) => None,
        };
        let Some((sdp, answer)) = answer else {
            let status = super::change::NOT_ACCEPTABLE;
            self.outputs
                .push_back(LegOutput::Sip(sip::Command::Refuse { leg, status }));
            return;
        };
        self.outputs
            .push_back(LegOutput::Sip(sip::Command::Answer { leg, sdp }));
        if let Some(answer) = answer {
            self.connect(&answer);
        }
    }

    fn connect(&mut self, answer: &sdp::Answer) {
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
        self.tell(media::Command::Connect { remote });
        let was = before.map_or(Flow::SendRecv, |before| before.flow);
        match (was == Flow::SendRecv, remote.flow == Flow::SendRecv) {
            (true, false) => self.see(LegSeen::Held),
            (false, true) => self.see(LegSeen::Resumed),
            (true, true) | (false, false) => {}
        }
    }

    fn key_heard(&mut self, now: Moment, key: Key, source: KeySource) {
        let is_repeated = self
            .last_key
            .is_some_and(|(last, by, at)| last == key && by != source && now.since(at) < SAME_PRESS);
        if self.phase == Phase::Talking && !is_repeated {
            self.last_key = Some((key, source, now));
            self.see(LegSeen::Pressed(key));
        }
    }

    fn end(&mut self, now: Moment, by: EndedBy, end: LegEnd) {
        self.end_with(now, by, end, None);
    }

    /// Ends it once: the first to say so is the one who ended it. Whatever still lives is taken down.
    fn end_with(&mut self, now: Moment, by: EndedBy, end: LegEnd, ending: Option<&sip::Ending>) {
        if !matches!(self.phase, Phase::Closing | Phase::Over) {
            self.phase = Phase::Closing;
            self.ended_at = Some(now);
            self.ending = Some(LegEnding {
                end,
                by,
                status: ending.and_then(|ending| ending.status),
                q850: ending.and_then(|ending| ending.q850),
                talk_ms: self.answered_at.map(|answered| millis(now.since(answered))),
            });
            self.see(LegSeen::Ending);
        }
        if self.sip == SipState::Live {
            self.sip = SipState::HangingUp;
            let leg = self.plan.leg;
            self.outputs.push_back(LegOutput::Sip(sip::Command::HangUp { leg }));
        }
        if self.media == MediaState::Open {
            self.media = MediaState::Closing;
            self.tell(media::Command::Close);
        }
    }

    /// What a final response that is no 2xx says of a telephone: the cause where there is one (RFC 3326), else the status.
    fn refusal(&self, ending: &sip::Ending) -> LegEnd {
        match ending.local {
            Some(LocalEnding::TimedOut | LocalEnding::Unreachable | LocalEnding::NotRegistered) => {
                return LegEnd::Unreachable;
            }
            Some(LocalEnding::CredentialsRefused | LocalEnding::Unusable) => return LegEnd::OwnFault,
            None => {}
        }
        match ending.q850 {
            Some(17) => return LegEnd::Busy,
            Some(21) => return LegEnd::Declined,
            Some(18 | 19) => return LegEnd::NoAnswer,
            Some(1 | 3 | 20 | 22 | 27 | 28 | 31) => return LegEnd::Unreachable,
            Some(_) | None => {}
        }
        match ending.status {
            Some(486 | 600) => LegEnd::Busy,
            Some(403 | 603 | 607) => LegEnd::Declined,
            Some(408 | 480 | 487) if self.rings => LegEnd::NoAnswer,
            Some(404 | 408 | 410 | 430 | 480 | 484 | 503 | 604) => LegEnd::Unreachable,
            Some(_) | None => LegEnd::Refused,
        }
    }

    fn finish_if_closed(&mut self) {
        let sip_over = matches!(self.sip, SipState::None | SipState::Closed);
        let media_over = matches!(self.media, MediaState::None | MediaState::Closed);
        if self.phase == Phase::Closing && sip_over && media_over {
            self.phase = Phase::Over;
            self.outputs.extend(self.ending.take().map(LegOutput::Finished));
        }
    }

    fn tell(&mut self, command: media::Command) {
        self.outputs.push_back(LegOutput::Media(command));
    }

    fn see(&mut self, seen: LegSeen) {
        self.outputs.push_back(LegOutput::Seen(seen));
    }
}

#[cfg(test)]
mod tests;
