//! What agents and supervisors ask, carried out.

use super::super::pictures::ConversationState;
use super::super::{Control, Output, Told};
use crate::agents::{self, Order, Presence};
use crate::call::{self, LegInput};
use crate::dialer::{GiveBack, LegEnd, Noteworthy, Request};
use crate::ids::{AgentId, ConversationId, LegId};
use crate::media::{self, tones};
use crate::moment::{Moment, Wall};
use crate::outcome::OurReason;

impl Control {
    /// Carries out what an agent or a supervisor asks.
    pub(in crate::control) fn desk_order(&mut self, now: Moment, wall: Wall, order: Order) {
        match order {
            Order::SignIn { agent, desk } => self.on_floor(now, wall, agents::Input::SignedIn { agent, desk }),
            Order::Change { agent, desk } => self.on_floor(now, wall, agents::Input::Changed { agent, desk }),
            Order::SignOut { agent } => self.asked_for(now, wall, agent, Presence::Away),
            Order::Ready { agent } => self.asked_for(now, wall, agent, Presence::Ready),
            Order::Pause { agent, reason } => self.asked_for(now, wall, agent, Presence::Paused { reason }),
            Order::Preview {
                agent,
                conversation,
                case,
            } => self.on_floor(
                now,
                wall,
                agents::Input::Previewing {
                    agent,
                    conversation,
                    case,
                },
            ),
            Order::Skip { agent, conversation } => {
                self.on_floor(now, wall, agents::Input::Skipped { agent, conversation });
            }
            Order::WrapUpDone { agent, conversation } => {
                self.on_floor(now, wall, agents::Input::WrappedUp { agent, conversation });
            }
            Order::Dial {
                agent,
                conversation,
                by_hand,
            } => self.dial_by_hand(now, wall, agent, conversation, *by_hand),
            Order::HangUp { agent, conversation } => self.hang_up(now, wall, agent, conversation),
            Order::Hold { agent, conversation } => self.hold_patient(wall, agent, conversation),
            Order::Resume { agent, conversation } => self.resume_patient(wall, agent, conversation),
            Order::Press {
                agent,
                conversation,
                key,
            } => {
                if let Some((patient, _)) = self.talking(agent, conversation) {
                    self.media(patient, media::Command::Press { key });
                }
            }
            Order::Transfer {
                agent,
                conversation,
                number,
            } => self.transfer(now, wall, agent, conversation, number),
            Order::Mute { agent, conversation } => self.mute(wall, agent, conversation),
            Order::Unmute { agent, conversation } => self.unmute(wall, agent, conversation),
            Order::PauseRecording { agent, conversation } => self.pause_recording(now, wall, agent, conversation),
            Order::ResumeRecording { agent, conversation } => self.resume_recording(now, wall, agent, conversation),
            Order::ListenIn {
                supervisor,
                phone,
                conversation,
            } => self.listen_in(now, wall, supervisor, &phone, conversation),
            Order::StopListening {
                supervisor,
                conversation,
            } => self.stop_listening(now, wall, supervisor, conversation),
        }
    }

    pub(super) fn asked_for(&mut self, now: Moment, wall: Wall, agent: AgentId, presence: Presence) {
        self.on_floor(now, wall, agents::Input::Asked { agent, presence });
    }

    pub(super) fn on_floor(&mut self, now: Moment, wall: Wall, input: agents::Input) {
        self.desk.floor.handle(now, input);
        self.drain_floor(wall);
    }

    pub(super) fn drain_floor(&mut self, wall: Wall) {
        while let Some(output) = self.desk.floor.poll() {
            let told = match output {
                agents::Output::Changed { agent, presence } => Told::Presence { agent, presence },
                agents::Output::PreviewOver { agent, conversation } => {
                    let back = GiveBack {
                        agent,
                        conversation,
                        at: wall,
                    };
                    self.outputs.push_back(Output::Ask(Request::GiveBack(back)));
                    Told::PreviewOver { agent, conversation }
                }
            };
            self.outputs.push_back(Output::Told(told));
        }
    }

    /// The patient's and the agent's leg of a conversation that this agent has, while both are there and we are not saying
    /// goodbye.
    pub(super) fn talking(&self, agent: AgentId, id: ConversationId) -> Option<(LegId, LegId)> {
        let conversation = self.desk.all.get(&id).filter(|one| one.agent == agent)?;
        let talks = matches!(
            conversation.state,
            ConversationState::Talking | ConversationState::OnHold
        );
        Some((
            conversation
                .patient
                .filter(|patient| talks && self.may_be_taken_over(*patient))?,
            conversation.agent_leg.filter(|_| talks)?,
        ))
    }

    fn hang_up(&mut self, now: Moment, wall: Wall, agent: AgentId, id: ConversationId) {
        let Some(conversation) = self.desk.all.get(&id).filter(|one| one.agent == agent) else {
            return;
        };
        let (agent_leg, patient) = (conversation.agent_leg, conversation.patient);
        let state = conversation.state;
        let transfers = state == ConversationState::Transferring;
        if let Some(third) = conversation.third.filter(|_| transfers) {
            // Nobody is rung again for a patient who is let go.
            self.enter(wall, id, ConversationState::Ending);
            self.side(now, wall, third, LegInput::End(LegEnd::Ordered));
        }
        if let Some(leg) = agent_leg {
            self.side(now, wall, leg, LegInput::End(LegEnd::Ordered));
        }
        // Without an agent's leg the patient hears a prompt, or the department; with one this is done already. Whoever
        // waits for an agent loses nobody but this one.
        let goes_on = match state {
            ConversationState::PatientWaiting | ConversationState::CallBackOffered => true,
            ConversationState::AgentLost => agent_leg.is_some(),
            ConversationState::RingingAgent
            | ConversationState::Beginning
            | ConversationState::CallingPatient
            | ConversationState::Talking
            | ConversationState::OnHold
            | ConversationState::Transferring
            | ConversationState::Transferred
            | ConversationState::Ending
            | ConversationState::Ended => false,
        };
        if let Some(leg) = patient.filter(|_| !goes_on) {
            self.call(now, wall, leg, call::Input::HangUp(OurReason::AgentHungUp));
        }
    }

    fn hold_patient(&mut self, wall: Wall, agent: AgentId, id: ConversationId) {
        let Some((patient, _)) = self.talking(agent, id) else {
            return;
        };
        if self.state_of(id) == Some(ConversationState::Talking) {
            self.media(patient, media::Command::Unbridge);
            self.loop_to(id, patient, vec![tones::HOLD.to_owned()]);
            self.enter(wall, id, ConversationState::OnHold);
            self.note_conversation(wall, id, Noteworthy::Held);
        }
    }

    fn resume_patient(&mut self, wall: Wall, agent: AgentId, id: ConversationId) {
        let Some((patient, agent_leg)) = self.talking(agent, id) else {
            return;
        };
        if self.state_of(id) == Some(ConversationState::OnHold) {
            self.bridge(agent_leg, patient);
            self.enter(wall, id, ConversationState::Talking);
            self.note_conversation(wall, id, Noteworthy::Resumed);
        }
    }

    pub(super) fn state_of(&self, id: ConversationId) -> Option<ConversationState> {
        self.desk.all.get(&id).map(|conversation| conversation.state)
    }

    fn mute(&mut self, wall: Wall, agent: AgentId, id: ConversationId) {
        let Some((_, agent_leg)) = self.talking(agent, id) else {
            return;
        };
        let muted = self
            .desk
            .all
            .get_mut(&id)
            .map(|one| std::mem::replace(&mut one.is_muted, true));
        if muted == Some(false) {
            self.media(agent_leg, media::Command::Mute);
            self.note_conversation(wall, id, Noteworthy::Muted);
            self.show(id);
        }
    }

    fn unmute(&mut self, wall: Wall, agent: AgentId, id: ConversationId) {
        let Some((_, agent_leg)) = self.talking(agent, id) else {
            return;
        };
        let muted = self.desk.all.get_mut(&id).map(|one| std::mem::take(&mut one.is_muted));
        if muted == Some(true) {
            self.media(agent_leg, media::Command::Unmute);
            self.note_conversation(wall, id, Noteworthy::Unmuted);
            self.show(id);
        }
    }

    fn pause_recording(&mut self, now: Moment, wall: Wall, agent: AgentId, id: ConversationId) {
        let Some((patient, _)) = self.talking(agent, id) else {
            return;
        };
        let Some(conversation) = self.desk.all.get_mut(&id) else {
            return;
        };
        if !std::mem::replace(&mut conversation.recording_paused, true) {
            let at_ms = conversation.recorded_ms(now);
            self.media(patient, media::Command::PauseRecording);
            self.note_conversation(wall, id, Noteworthy::RecordingPaused { at_ms });
            self.show(id);
        }
    }

    fn resume_recording(&mut self, now: Moment, wall: Wall, agent: AgentId, id: ConversationId) {
        let Some(conversation) = self.desk.all.get_mut(&id).filter(|one| one.agent == agent) else {
            return;
        };
        let Some(patient) = conversation.patient else { return };
        if std::mem::replace(&mut conversation.recording_paused, false) {
            let at_ms = conversation.recorded_ms(now);
            self.media(patient, media::Command::ResumeRecording);
            self.note_conversation(wall, id, Noteworthy::RecordingResumed { at_ms });
            self.show(id);
        }
    }
}
