//! The agent's leg: what its answer begins, and what its end does to the patient.

use super::super::Control;
use super::super::pictures::{ConversationState, LegState};
use super::Part;
use crate::agents::{self, Over};
use crate::call::{self, LegInput, LegSeen};
use crate::dialer::{LegEnd, LegEnding, Noteworthy};
use crate::ids::{AgentId, ConversationId, LegId};
use crate::media::{self, tones};
use crate::moment::{Moment, Wall};
use crate::outcome::OurReason;

impl Control {
    /// Something can be seen of a leg beside a patient's.
    pub(super) fn side_seen(&mut self, now: Moment, wall: Wall, leg: LegId, seen: LegSeen) {
        let Some(side) = self.desk.sides.get(&leg) else { return };
        let (id, part) = (side.of, side.part.clone());
        let ending = side.leg.ending().cloned();
        let state = match seen {
            LegSeen::Ringing => Some(LegState::Ringing),
            LegSeen::EarlyMedia => Some(LegState::EarlyMedia),
            LegSeen::Answered | LegSeen::Resumed => Some(LegState::Talking),
            LegSeen::Held => Some(LegState::OnHold),
            LegSeen::Ending => Some(LegState::Ending),
            LegSeen::Pressed(_) => None,
        };
        if let (Some(state), Some(shown)) = (state, self.side_picture(id, leg, &part)) {
            shown.enter(wall, state);
            if state == LegState::Ending {
                shown.ending.clone_from(&ending);
            }
        }
        match (seen, part) {
            (LegSeen::Answered, Part::Agent(agent)) => self.agent_answered(now, wall, id, agent, leg),
            (LegSeen::Answered, Part::Supervisor(supervisor)) => self.supervisor_listens(wall, id, supervisor, leg),
            (LegSeen::Answered, Part::Third(_)) => self.third_answered(now, wall, id, leg),
            (LegSeen::Pressed(key), Part::Agent(agent)) => {
                self.note_conversation(wall, id, Noteworthy::AgentPressed { key });
                if let Some((patient, _)) = self.talking(agent, id) {
                    self.media(patient, media::Command::Press { key });
                }
            }
            (LegSeen::Ending, _) => {
                if let Some(ending) = ending {
                    self.side_ending(now, wall, leg, &ending);
                }
            }
            (
                LegSeen::Ringing | LegSeen::EarlyMedia | LegSeen::Held | LegSeen::Resumed | LegSeen::Pressed(_),
                Part::Agent(_) | Part::Supervisor(_) | Part::Third(_),
            ) => {}
        }
    }

    fn agent_answered(&mut self, now: Moment, wall: Wall, id: ConversationId, agent: AgentId, leg: LegId) {
        self.on_floor(now, wall, agents::Input::PickedUp { agent });
        self.note_conversation(wall, id, Noteworthy::AgentAnswered);
        match self.state_of(id) {
            Some(ConversationState::RingingAgent) => {
                let play = self.desk.all.get_mut(&id).map(super::Conversation::next_play);
                let prompts = vec![tones::SHORT.to_owned()];
                self.media(
                    leg,
                    media::Command::Play {
                        play: play.unwrap_or_default(),
                        prompts,
                    },
                );
                self.begin_by_hand(now, wall, id);
            }
            Some(ConversationState::PatientWaiting | ConversationState::AgentLost) => {
                self.taken_over(now, wall, id, agent, leg);
            }
            Some(
                ConversationState::Beginning
                | ConversationState::CallingPatient
                | ConversationState::Talking
                | ConversationState::OnHold
                | ConversationState::CallBackOffered
                | ConversationState::Transferring
                | ConversationState::Transferred
                | ConversationState::Ending
                | ConversationState::Ended,
            )
            | None => self.side(now, wall, leg, LegInput::End(LegEnd::OtherEnded)),
        }
    }

    /// The end of a leg beside a patient's has begun: the others need not wait until it is all over.
    pub(super) fn side_ending(&mut self, now: Moment, wall: Wall, leg: LegId, ending: &LegEnding) {
        let Some(side) = self.desk.sides.get(&leg) else { return };
        let id = side.of;
        match side.part.clone() {
            Part::Agent(agent) => self.agent_ending(now, wall, id, agent, leg, ending),
            Part::Third(_) => self.third_ending(now, wall, id, leg, ending.end),
            Part::Supervisor(_) => {}
        }
    }

    fn agent_ending(
        &mut self,
        now: Moment,
        wall: Wall,
        id: ConversationId,
        agent: AgentId,
        leg: LegId,
        ending: &LegEnding,
    ) {
        let Some(conversation) = self.desk.all.get_mut(&id) else {
            return;
        };
        if conversation.agent_leg != Some(leg) {
            return;
        }
        let by_will = matches!(ending.end, LegEnd::HungUp | LegEnd::Ordered);
        let is_stopped = ending.end == LegEnd::Stopped;
        match conversation.state {
            ConversationState::RingingAgent => self.enter(wall, id, ConversationState::Ending),
            ConversationState::Beginning | ConversationState::CallingPatient => {
                let reason = if is_stopped {
                    OurReason::Stopped
                } else if by_will {
                    OurReason::Cancelled
                } else {
                    OurReason::OwnFault
                };
                self.enter(wall, id, ConversationState::Ending);
                self.leave_patient(now, wall, id, reason);
            }
            // Whom the daemon's stop has sent away, it has said goodbye to.
            ConversationState::Talking | ConversationState::OnHold if is_stopped => {
                self.enter(wall, id, ConversationState::Ending);
            }
            ConversationState::Talking | ConversationState::OnHold if by_will => {
                self.enter(wall, id, ConversationState::Ending);
                self.leave_patient(now, wall, id, OurReason::AgentHungUp);
            }
            ConversationState::Talking | ConversationState::OnHold if ending.end == LegEnd::OtherEnded => {}
            ConversationState::Talking | ConversationState::OnHold => {
                self.note_conversation(wall, id, Noteworthy::AgentLost(ending.clone()));
                self.agent_lost(now, wall, id, agent);
            }
            ConversationState::PatientWaiting | ConversationState::AgentLost => {
                self.another_failed(now, wall, id, agent);
            }
            // The patient hears that the other number is being called; the agent is free.
            ConversationState::CallBackOffered
            | ConversationState::Transferring
            | ConversationState::Transferred
            | ConversationState::Ending
            | ConversationState::Ended => {}
        }
    }

    /// A leg beside a patient's is all over.
    pub(super) fn side_finished(&mut self, now: Moment, wall: Wall, leg: LegId, ending: LegEnding) {
        let Some(side) = self.desk.sides.remove(&leg) else {
            return;
        };
        self.ports.give_back(now, leg);
        let id = side.of;
        if let Some(shown) = self.side_picture(id, leg, &side.part) {
            shown.enter(wall, LegState::Ended);
            shown.ending = Some(ending.clone());
        }
        match side.part {
            Part::Agent(agent) => {
                let then = self.after_leg(id, &ending);
                if let Some(conversation) = self.desk.all.get_mut(&id)
                    && conversation.agent_leg == Some(leg)
                {
                    conversation.agent_leg = None;
                }
                let conversation = id;
                self.on_floor(
                    now,
                    wall,
                    agents::Input::Over {
                        agent,
                        conversation,
                        then,
                    },
                );
            }
            Part::Supervisor(by) => {
                if let Some(conversation) = self.desk.all.get_mut(&id)
                    && conversation.supervisors.get(&by) == Some(&leg)
                {
                    conversation.supervisors.remove(&by);
                    if ending.talk_ms.is_some() {
                        self.note_conversation(wall, id, Noteworthy::ListenedToNoMore { by });
                    }
                }
            }
            Part::Third(line) => {
                // Meanwhile the patient may be on the way to another one.
                if let Some(conversation) = self.desk.all.get_mut(&id)
                    && conversation.third == Some(leg)
                {
                    conversation.third = None;
                }
                self.dialer.free_line(now, wall, &line, None);
            }
        }
        self.end_if_over(wall, id);
    }

    /// What follows for the agent whose leg is over.
    fn after_leg(&self, id: ConversationId, ending: &LegEnding) -> Over {
        let conversation = self.desk.all.get(&id);
        let was_called = conversation.is_some_and(|one| one.patient_shown.is_some());
        let failed = match ending.end {
            LegEnd::Busy
            | LegEnd::Declined
            | LegEnd::NoAnswer
            | LegEnd::Unreachable
            | LegEnd::Refused
            | LegEnd::Gone
            | LegEnd::OwnFault => true,
            LegEnd::HungUp | LegEnd::OtherEnded | LegEnd::Ordered | LegEnd::Stopped => false,
        };
        match (failed, was_called && ending.talk_ms.is_some()) {
            (true, true) => Over::LostInCall,
            (true, false) => Over::PhoneFailed,
            (false, true) => Over::WrapUp,
            (false, false) => Over::Nothing,
        }
    }

    /// The patient is not called, or let go.
    pub(super) fn leave_patient(&mut self, now: Moment, wall: Wall, id: ConversationId, reason: OurReason) {
        let Some(conversation) = self.desk.all.get_mut(&id) else {
            return;
        };
        conversation.wait = None;
        if let Some(patient) = conversation.patient {
            self.call(now, wall, patient, call::Input::HangUp(reason));
        } else if let Some(unserved) = conversation.unserved.take() {
            conversation.disposition = Some(unserved.verdict.disposition);
            self.close(wall, unserved);
            self.free_line_of(now, wall, id, None);
        } else if let Some(begun) = conversation.begun.take() {
            self.give_attempt_back(wall, &begun);
            self.free_line_of(now, wall, id, None);
        }
    }
}
