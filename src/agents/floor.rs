//! The floor as a value: what happened goes in with its time, changes of presence come out.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Desk, PHONE_FAILED, Presence, SIGNED_IN};
use crate::dialer::Refusal;
use crate::ids::{AgentId, CaseId, ConversationId};
use crate::moment::Moment;

/// All agents who are signed in.
#[derive(Debug, Default)]
pub struct Floor {
    seats: BTreeMap<AgentId, Seat>,
    outputs: VecDeque<Output>,
}

/// An agent at a desk.
#[derive(Clone, Debug)]
pub struct Seat {
    /// What the agent brought.
    pub desk: Desk,
    /// What he or she is doing.
    pub presence: Presence,
    /// Since when.
    pub since: Moment,
    /// When the preview or the wrap-up runs out.
    pub until: Option<Moment>,
    /// The present conversation and its case, or the last one until the next begins.
    pub conversation: Option<(ConversationId, CaseId)>,
    /// Calls today, with those before this sign-in.
    pub calls_today: u32,
    /// What follows the conversation or the wrap-up.
    pub then: Presence,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// An agent comes, or brings other things.
    SignedIn {
        /// Who.
        agent: AgentId,
        /// With what.
        desk: Box<Desk>,
    },
    /// Somebody else has set other things for an agent, who does and wishes for the same as before.
    Changed {
        /// For whom.
        agent: AgentId,
        /// What.
        desk: Box<Desk>,
    },
    /// An agent goes, or takes calls, or takes none.
    Asked {
        /// Who.
        agent: AgentId,
        /// `Away`, `Ready` or `Paused`; what else there is does not come by asking.
        presence: Presence,
    },
    /// A case was put before an agent.
    Previewing {
        /// Who.
        agent: AgentId,
        /// Which conversation it will be.
        conversation: ConversationId,
        /// Which case.
        case: CaseId,
    },
    /// The agent gave the case of the preview back.
    Skipped {
        /// Who.
        agent: AgentId,
        /// Which conversation.
        conversation: ConversationId,
    },
    /// The agent's phone is being called.
    Ringing {
        /// Who.
        agent: AgentId,
        /// Which conversation.
        conversation: ConversationId,
        /// Which case.
        case: CaseId,
    },
    /// The patient whom the agent was held back for is gone, or another one takes the call.
    Freed {
        /// Who.
        agent: AgentId,
    },
    /// The agent picked up.
    PickedUp {
        /// Who.
        agent: AgentId,
    },
    /// An attempt of the agent's is on disk: it counts.
    Begun {
        /// Who.
        agent: AgentId,
    },
    /// The agent's part in the conversation is over.
    Over {
        /// Who.
        agent: AgentId,
        /// Which conversation.
        conversation: ConversationId,
        /// What follows.
        then: Over,
    },
    /// The outcome is written down.
    WrappedUp {
        /// Who.
        agent: AgentId,
        /// Which conversation.
        conversation: ConversationId,
    },
    /// Time has passed.
    Wake,
}

/// What follows an agent's part in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// The patient was called: an outcome is to be written down.
    WrapUp,
    /// Nobody was called: nothing is left to do.
    Nothing,
    /// The agent's phone did not do its part: nothing more is sent to it.
    PhoneFailed,
    /// The same in mid-call: an outcome is to be written down first.
    LostInCall,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// An agent does something else.
    Changed {
        /// Who.
        agent: AgentId,
        /// What.
        presence: Presence,
    },
    /// The time of a preview ran out: its case is given back.
    PreviewOver {
        /// Who.
        agent: AgentId,
        /// Which conversation it would have been.
        conversation: ConversationId,
    },
}

impl Floor {
    /// Takes one input.
    pub fn handle(&mut self, now: Moment, input: Input) {
        match input {
            Input::SignedIn { agent, desk } => self.signed_in(now, agent, *desk),
            Input::Changed { agent, desk } => {
                if let Some(seat) = self.seats.get_mut(&agent) {
                    seat.bring(*desk);
                }
            }
            Input::Asked { agent, presence } => self.asked(now, agent, presence),
            Input::Previewing {
                agent,
                conversation,
                case,
            } => self.previewing(now, agent, conversation, case),
            Input::Skipped { agent, conversation } => {
                let previews = |seat: &Seat| seat.presence == Presence::Previewing && seat.is_in(conversation);
                if self.seats.get(&agent).is_some_and(previews) {
                    self.move_on(now, agent);
                }
            }
            Input::Ringing {
                agent,
                conversation,
                case,
            } => {
                if let Some(seat) = self.seats.get_mut(&agent) {
                    seat.conversation = Some((conversation, case));
                    if let Presence::Paused { .. } = seat.presence {
                        seat.then = seat.presence.clone();
                    }
                    self.change(now, agent, Presence::Ringing);
                }
            }
            Input::Freed { agent } => {
                let is_held_back = |seat: &Seat| seat.presence == Presence::Reserved;
                if self.seats.get(&agent).is_some_and(is_held_back) {
                    self.move_on(now, agent);
                }
            }
            Input::PickedUp { agent } => {
                let rings = |seat: &Seat| seat.presence == Presence::Ringing;
                if self.seats.get(&agent).is_some_and(rings) {
                    self.change(now, agent, Presence::Talking);
                }
            }
            Input::Begun { agent } => {
                if let Some(seat) = self.seats.get_mut(&agent) {
                    seat.calls_today = seat.calls_today.saturating_add(1);
                }
            }
            Input::Over {
                agent,
                conversation,
                then,
            } => self.over(now, agent, conversation, then),
            Input::WrappedUp { agent, conversation } => {
                let wraps = |seat: &Seat| seat.presence == Presence::WrappingUp && seat.is_in(conversation);
                if self.seats.get(&agent).is_some_and(wraps) {
                    self.move_on(now, agent);
                }
            }
            Input::Wake => {}
        }
        self.run_timers(now);
    }

    /// The next output; drain after every `handle`.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to wake it at the latest.
    pub fn deadline(&self) -> Option<Moment> {
        self.seats.values().filter_map(|seat| seat.until).min()
    }

    /// The agents who are signed in.
    pub fn seats(&self) -> &BTreeMap<AgentId, Seat> {
        &self.seats
    }

    /// Whether an agent's phone may be rung for a conversation of his or her own making.
    pub fn may_call(&self, agent: AgentId, conversation: ConversationId) -> Result<(), Refusal> {
        let seat = self.seats.get(&agent).ok_or(Refusal::NotReady)?;
        // Rows are numbered upwards: an older number is a conversation that was, asked for once more.
        let is_new = seat.conversation.is_none_or(|(last, _)| conversation > last);
        let may = match seat.presence {
            Presence::Ready | Presence::Paused { .. } => is_new,
            Presence::Previewing => seat.is_in(conversation),
            // Whoever calls the next one has nothing more to say of the last.
            Presence::Away | Presence::Reserved | Presence::Ringing | Presence::Talking | Presence::WrappingUp => false,
        };
        if !may {
            return Err(Refusal::NotReady);
        }
        Ok(())
    }

    /// Whether an agent has called as often as allowed today.
    pub fn day_limit(&self, agent: AgentId) -> Result<(), Refusal> {
        let seat = self.seats.get(&agent).ok_or(Refusal::NotReady)?;
        match seat.desk.per_day {
            Some(limit) if seat.calls_today >= limit => Err(Refusal::AgentDay { limit }),
            Some(_) | None => Ok(()),
        }
    }

    /// Holds back the agent for a waiting patient who has been ready for longest, has the skills, and is none of
    /// `but`; among equals the one with the smaller number.
    pub fn reserve(&mut self, now: Moment, skills: &BTreeSet<String>, but: &BTreeSet<AgentId>) -> Option<AgentId> {
        let is_free = |agent: &AgentId, seat: &Seat| {
            seat.presence == Presence::Ready && !but.contains(agent) && super::can(&seat.desk.skills, skills)
        };
        let (_, agent) = self
            .seats
            .iter()
            .filter(|(agent, seat)| is_free(agent, seat))
            .map(|(agent, seat)| (seat.since, *agent))
            .min()?;
        self.change(now, agent, Presence::Reserved);
        Some(agent)
    }

    /// Whether an agent's phone may be rung again for a conversation whose outcome is being written down.
    pub fn may_recall(&self, agent: AgentId, conversation: ConversationId) -> bool {
        let writes = |seat: &Seat| seat.presence == Presence::WrappingUp && seat.is_in(conversation);
        self.seats.get(&agent).is_some_and(writes)
    }

    /// Whether an agent who has the skills, and is none of `but`, is at work and takes the next call afterwards.
    pub fn may_come(&self, skills: &BTreeSet<String>, but: &BTreeSet<AgentId>) -> bool {
        self.seats.iter().any(|(agent, seat)| {
            let is_at_work = match seat.presence {
                Presence::Ready => true,
                Presence::Previewing
                | Presence::Reserved
                | Presence::Ringing
                | Presence::Talking
                | Presence::WrappingUp => seat.then == Presence::Ready,
                Presence::Away | Presence::Paused { .. } => false,
            };
            is_at_work && !but.contains(agent) && super::can(&seat.desk.skills, skills)
        })
    }

    /// Whether an agent is in this conversation, in whatever part.
    pub fn is_in(&self, agent: AgentId, conversation: ConversationId) -> bool {
        self.seats.get(&agent).is_some_and(|seat| seat.is_in(conversation))
    }

    fn signed_in(&mut self, now: Moment, agent: AgentId, desk: Desk) {
        if let Some(seat) = self.seats.get_mut(&agent) {
            seat.bring(desk);
            if seat.then == Presence::Away {
                seat.then = Presence::Ready;
            }
            return;
        }
        let presence = Presence::Paused {
            reason: SIGNED_IN.to_owned(),
        };
        let seat = Seat {
            calls_today: desk.done_today,
            desk,
            presence: Presence::Away,
            since: now,
            until: None,
            conversation: None,
            then: Presence::Ready,
        };
        self.seats.insert(agent, seat);
        self.change(now, agent, presence);
    }

    fn asked(&mut self, now: Moment, agent: AgentId, presence: Presence) {
        let Some(seat) = self.seats.get_mut(&agent) else { return };
        match seat.presence {
            _ if seat.presence == presence => {}
            Presence::Away | Presence::Ready | Presence::Paused { .. } => self.change(now, agent, presence),
            Presence::Previewing
            | Presence::Reserved
            | Presence::Ringing
            | Presence::Talking
            | Presence::WrappingUp => seat.then = presence,
        }
    }

    fn previewing(&mut self, now: Moment, agent: AgentId, conversation: ConversationId, case: CaseId) {
        let Some(seat) = self.seats.get_mut(&agent) else { return };
        let is_new = seat.conversation.is_none_or(|(last, _)| conversation > last);
        match seat.presence {
            Presence::Ready | Presence::Paused { .. } | Presence::Reserved if is_new => {
                seat.conversation = Some((conversation, case));
                if let Presence::Paused { .. } = seat.presence {
                    seat.then = seat.presence.clone();
                }
                self.change(now, agent, Presence::Previewing);
            }
            Presence::Ready
            | Presence::Paused { .. }
            | Presence::Reserved
            | Presence::Away
            | Presence::Previewing
            | Presence::Ringing
            | Presence::Talking
            | Presence::WrappingUp => {}
        }
    }

    fn over(&mut self, now: Moment, agent: AgentId, conversation: ConversationId, then: Over) {
        let Some(seat) = self.seats.get_mut(&agent) else { return };
        let takes_part = matches!(
            seat.presence,
            Presence::Reserved | Presence::Ringing | Presence::Talking | Presence::Previewing
        );
        if !takes_part || (seat.presence != Presence::Reserved && !seat.is_in(conversation)) {
            return;
        }
        match then {
            Over::WrapUp => self.change(now, agent, Presence::WrappingUp),
            Over::Nothing => self.move_on(now, agent),
            Over::PhoneFailed => {
                seat.phone_failed();
                self.move_on(now, agent);
            }
            Over::LostInCall => {
                seat.phone_failed();
                self.change(now, agent, Presence::WrappingUp);
            }
        }
    }

    /// What was asked for meanwhile; else the next call.
    fn move_on(&mut self, now: Moment, agent: AgentId) {
        let Some(seat) = self.seats.get_mut(&agent) else { return };
        let then = std::mem::replace(&mut seat.then, Presence::Ready);
        self.change(now, agent, then);
    }

    fn change(&mut self, now: Moment, agent: AgentId, presence: Presence) {
        let Some(seat) = self.seats.get_mut(&agent) else { return };
        seat.until = match presence {
            Presence::Previewing => Some(now + seat.desk.preview),
            Presence::WrappingUp => Some(now + seat.desk.wrap_up),
            Presence::Away
            | Presence::Ready
            | Presence::Reserved
            | Presence::Ringing
            | Presence::Talking
            | Presence::Paused { .. } => None,
        };
        seat.since = now;
        seat.presence = presence.clone();
        if presence == Presence::Away {
            self.seats.remove(&agent);
        }
        self.outputs.push_back(Output::Changed { agent, presence });
    }

    fn run_timers(&mut self, now: Moment) {
        let is_over = |seat: &Seat| seat.until.is_some_and(|until| until <= now);
        let over: Vec<AgentId> = self
            .seats
            .iter()
            .filter(|(_, seat)| is_over(seat))
            .map(|(agent, _)| *agent)
            .collect();
        for agent in over {
            let Some(seat) = self.seats.get(&agent) else { continue };
            if let (Presence::Previewing, Some((conversation, _))) = (&seat.presence, seat.conversation) {
                self.outputs.push_back(Output::PreviewOver { agent, conversation });
            }
            self.move_on(now, agent);
        }
    }
}

impl Seat {
    /// Whether the agent is in this conversation or writes its outcome down.
    pub fn is_busy_with(&self, conversation: ConversationId) -> bool {
        let idle = matches!(
            self.presence,
            Presence::Away | Presence::Ready | Presence::Paused { .. }
        );
        !idle && self.is_in(conversation)
    }

    fn bring(&mut self, desk: Desk) {
        // What was counted here is newer than what the database had when it was asked, unless it was another day.
        self.calls_today = match self.desk.day == desk.day {
            true => self.calls_today.max(desk.done_today),
            false => desk.done_today,
        };
        self.desk = desk;
    }

    fn phone_failed(&mut self) {
        if self.then == Presence::Ready {
            self.then = Presence::Paused {
                reason: PHONE_FAILED.to_owned(),
            };
        }
    }

    fn is_in(&self, conversation: ConversationId) -> bool {
        self.conversation.is_some_and(|(present, _)| present == conversation)
    }
}
