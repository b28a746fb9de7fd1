//! One attempt from the first port to the last packet: SIP events, media facts and the questionnaire composed.
//!
//! [`Call`] is a value. Facts go in with the time, commands come out, and the last output is [`Output::Finished`]:
//! exactly once, after the dialog is over and the media closed.

mod agent_leg;
mod breakdown;
mod change;
mod door;
mod ending;
mod glance;
mod listen;
mod person;
mod played;
mod setup;
mod taken;
mod talk;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

pub use agent_leg::{AgentLeg, LegInput, LegOutput, LegPlan, LegSeen};
pub use breakdown::Broken;
pub use door::{Finished, Input, Limits, Observed, Output, Plan, Stage, Timer, With};
pub use glance::{Glance, Now};
pub use taken::CameIn;

use crate::dialplan::{Dialplan, Session, Speech, Step};
use crate::media;
use crate::moment::{Moment, Wall};
use crate::outcome::{EndedBy, Facts, OurReason, Played};
use crate::phone::Key;
use crate::sdp;

/// One call of one attempt.
#[derive(Debug)]
pub struct Call {
    plan: Plan,
    dialplan: Arc<Dialplan>,
    phase: Phase,
    /// The civil time of the input being handled.
    wall: Wall,
    facts: Facts,
    address: Option<SocketAddr>,
    /// When its port was to be opened.
    opening_since: Option<Moment>,
    invited_at: Option<Moment>,
    answered_at: Option<Moment>,
    ended_at: Option<Moment>,
    ringing_since: Option<Moment>,
    /// Our side of the session, once there is a port.
    local: Option<sdp::Local>,
    connected: Option<media::Remote>,
    talk: Option<Talk>,
    ports_tried: u8,
    /// When its handling panicked.
    broken_at: Option<Moment>,
    #[cfg(test)]
    pub(crate) breaks: Breaks,
    media: MediaState,
    sip: SipState,
    sums: media::Closed,
    outputs: VecDeque<Output>,
}

/// Where the call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Waiting for an RTP port.
    Opening,
    /// INVITE sent, nothing rings yet.
    Inviting,
    /// A 180-189 came.
    Ringing,
    /// Answered.
    Talking,
    /// Over; waiting for the dialog and the media to close.
    Closing,
    /// `Finished` was said.
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MediaState {
    /// No port is bound.
    None,
    /// Bound, or being bound.
    Open,
    /// Told to close.
    Closing,
    /// Closed, sums are in.
    Closed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SipState {
    /// No INVITE was sent.
    None,
    /// A dialog or the INVITE lives.
    Live,
    /// Told to hang up.
    HangingUp,
    /// Over.
    Closed,
}

/// The answered part of a call.
#[derive(Debug)]
struct Talk {
    since: Moment,
    /// The questionnaire; none where an agent talks from the answer on.
    session: Option<Session>,
    /// The play that is on.
    playing: Option<Playing>,
    /// The plays that are over.
    played: Vec<Played>,
    plays: u32,
    /// The wait for a key that is on.
    wait: Option<Wait>,
    /// The patient is to speak.
    listening: Option<Listening>,
    /// The question that it answers.
    asked: Option<String>,
    /// The step that waits until the keep of this number is durable.
    held: Option<Held>,
    keeps: u32,
    last_key: Option<(Key, media::KeySource, Moment)>,
    /// The keys so far, the first ones.
    pressed: String,
    /// The session was told of the end.
    is_over: bool,
}

/// The time that the patient has for the next key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    /// It ends then.
    Until(Moment),
    /// The call is on hold: so much is left from the resume on.
    Held(Duration),
}

/// A spoken answer under way.
#[derive(Clone, Copy, Debug)]
struct Listening {
    since: Moment,
    speech: Speech,
    voice: Voice,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Voice {
    /// Nothing was said yet.
    Awaited,
    Heard,
}

#[derive(Debug)]
struct Playing {
    play: u32,
    since: Moment,
    prompts: Vec<String>,
    /// What follows when it is done: the session, or our own goodbye's hang-up.
    then: Then,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Resume,
    HangUp(OurReason),
}

#[derive(Debug)]
struct Held {
    seq: u32,
    since: Moment,
    step: Option<Step>,
}

/// How often the handling of a call under test panics.
#[cfg(test)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Breaks {
    #[default]
    Never,
    /// With the next input.
    Once,
    /// With every input from now on.
    Always,
}

impl Call {
    /// A call that wants a port; `poll` says so.
    pub fn new(plan: Plan, dialplan: Arc<Dialplan>) -> Self {
        // Whoever calls us has a dialog with us already.
        let (sip, came_in) = match &plan.came_in {
            Some(_) => (SipState::Live, true),
            None => (SipState::None, false),
        };
        let facts = Facts {
            came_in,
            ..Facts::default()
        };
        let mut call = Self {
            plan,
            dialplan,
            phase: Phase::Opening,
            wall: Wall::default(),
            facts,
            address: None,
            opening_since: None,
            invited_at: None,
            answered_at: None,
            ended_at: None,
            ringing_since: None,
            local: None,
            connected: None,
            talk: None,
            ports_tried: 0,
            broken_at: None,
            #[cfg(test)]
            breaks: Breaks::default(),
            media: MediaState::None,
            sip,
            sums: media::Closed::default(),
            outputs: VecDeque::new(),
        };
        call.outputs.push_back(Output::LendPort);
        call
    }

    /// Takes one input.
    pub fn handle(&mut self, now: Moment, wall: Wall, input: Input) {
        if self.phase == Phase::Over {
            return;
        }
        self.wall = wall;
        #[cfg(test)]
        self.break_under_test();
        match input {
            Input::Port(address) => self.port_lent(now, address),
            Input::NoPort => {
                self.observe(Observed::NoPort);
                self.end(now, EndedBy::Us, Some(OurReason::OwnFault));
            }
            Input::CallId(call_id) => self.facts.call_id = call_id,
            Input::Sip(event) => self.sip_event(now, wall, event),
            Input::Media(fact) => self.media_fact(now, wall, fact),
            Input::Kept { seq } => self.kept(now, seq),
            Input::KeepFailed => self.keep_failed(now),
            Input::TakenOver(agent) => self.taken_over(now, agent),
            Input::NobodyFree(reason) => self.nobody_free(now, wall, reason),
            Input::CallBackChosen { heard, reason } => self.call_back_chosen(now, wall, heard, reason),
            Input::HangUp(reason) => self.end(now, EndedBy::Us, Some(reason)),
            Input::Dismiss(reason) => self.dismiss(now, reason),
            Input::Wake => {}
        }
        self.run_timers(now, wall);
        self.finish_if_closed();
    }

    /// The next output; drain after every `handle`.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to `handle(Input::Wake)` at the latest, and what for.
    pub fn deadline(&self) -> Option<(Moment, Timer)> {
        let limits = &self.plan.limits;
        match self.phase {
            Phase::Opening => self.opening_since.map(|at| (at + breakdown::GIVEN_UP, Timer::End)),
            Phase::Over => None,
            Phase::Inviting => self.invited_at.map(|at| (at + limits.from_invite, Timer::Ring)),
            Phase::Ringing => {
                let by_invite = self.invited_at.map(|at| at + limits.from_invite);
                let by_ringing = self.ringing_since.map(|at| at + limits.from_ringing);
                by_invite
                    .into_iter()
                    .chain(by_ringing)
                    .min()
                    .map(|at| (at, Timer::Ring))
            }
            Phase::Talking => self.talk.as_ref().and_then(|talk| {
                let call = Some((talk.since + limits.call, Timer::Call));
                let silence = talk.wait.and_then(|wait| match wait {
                    Wait::Until(at) => Some((at, Timer::Silence)),
                    Wait::Held(_) => None,
                });
                let keep = talk.held.as_ref().map(|held| (held.since + limits.keep, Timer::Keep));
                call.into_iter().chain(silence).chain(keep).min()
            }),
            Phase::Closing => {
                let broken = self.broken_at.map(|at| at + breakdown::TAKEN_DOWN);
                let ended = self.ended_at.map(|at| at + breakdown::GIVEN_UP);
                broken.or(ended).map(|at| (at, Timer::End))
            }
        }
    }

    #[cfg(test)]
    fn break_under_test(&mut self) {
        if self.breaks == Breaks::Once {
            self.breaks = Breaks::Never;
            // What is put together while the program runs may hold anything, as here the number.
            panic!("the call to {} breaks", self.plan.number.reveal());
        }
        assert!(self.breaks == Breaks::Never, "a call under test breaks");
    }

    /// What this call is for.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Its questionnaire.
    pub fn dialplan(&self) -> Arc<Dialplan> {
        Arc::clone(&self.dialplan)
    }

    /// When it was answered.
    pub const fn answered_at(&self) -> Option<Moment> {
        self.answered_at
    }

    /// Where it is, for people.
    pub fn stage(&self) -> Stage {
        match self.phase {
            Phase::Opening | Phase::Inviting => Stage::Dialing,
            Phase::Ringing => Stage::Ringing,
            Phase::Talking => Stage::Talking,
            Phase::Closing | Phase::Over => Stage::Ending,
        }
    }

    fn run_timers(&mut self, now: Moment, wall: Wall) {
        while let Some((at, timer)) = self.deadline() {
            if at > now {
                return;
            }
            match timer {
                Timer::Ring => self.end(now, EndedBy::Us, Some(OurReason::RingLimit)),
                Timer::Call => self.end(now, EndedBy::Us, Some(OurReason::CallLimit)),
                Timer::Silence => self.silence(now, wall),
                Timer::Keep => self.keep_failed(now),
                Timer::End if self.phase == Phase::Opening => {
                    self.end(now, EndedBy::Us, Some(OurReason::OwnFault));
                }
                Timer::End => return self.give_up_waiting(),
            }
        }
    }
}
