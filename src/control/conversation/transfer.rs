//! A patient is connected with another number: it is called over a line of its own while the patient hears that it rings,
//! and takes the agent's place when it answers. If it does not, the patient is back with the agent.

use super::super::Control;
use super::super::pictures::{ConversationState, LegPicture};
use super::{Part, Wait};
use crate::call::{self, LegInput};
use crate::dialer::{LegEnd, Noteworthy};
use crate::ids::{AgentId, ConversationId, LegId};
use crate::media::{self, tones};
use crate::moment::{Moment, Wall};
use crate::outcome::OurReason;
use crate::phone::Number;

impl Control {
    pub(super) fn transfer(&mut self, now: Moment, wall: Wall, agent: AgentId, id: ConversationId, number: Number) {
        let Some((patient, _)) = self.talking(agent, id) else {
            return;
        };
        let Some(conversation) = self.desk.all.get_mut(&id) else {
            return;
        };
        // Without a line the two go on talking: the picture does not change, and the agent may try again.
        let Some(line) = self.dialer.take_line(now, &conversation.by_hand.campaign, &[]) else {
            return;
        };
        conversation.transfer = Some((number.clone(), line));
        self.note_conversation(wall, id, Noteworthy::Transferred { number });
        self.media(patient, media::Command::Unbridge);
        self.loop_to(id, patient, vec![tones::RINGBACK.to_owned()]);
        self.enter(wall, id, ConversationState::Transferring);
        self.call_third(now, wall, id);
    }

    /// Calls the other number as soon as the pace of its trunk allows.
    pub(super) fn call_third(&mut self, now: Moment, wall: Wall, id: ConversationId) {
        let Some(conversation) = self.desk.all.get_mut(&id) else {
            return;
        };
        let Some((number, line)) = conversation.transfer.take() else {
            return;
        };
        let at = self.dialer.hand_dial_at(&line);
        if at > now {
            conversation.transfer = Some((number, line));
            conversation.wait = Some((at, Wait::TransferPace));
            return;
        }
        self.dialer.hand_dialed(now, &line);
        let patient = conversation.patient;
        let to = self.over(line.trunk, &number, line.caller.clone());
        let leg = self.add_side(wall, id, Part::Third(line), to, patient);
        if let Some(conversation) = self.desk.all.get_mut(&id) {
            conversation.third = Some(leg);
            conversation.third_shown = Some(LegPicture::new(wall));
        }
        self.side(now, wall, leg, LegInput::Wake);
    }

    pub(super) fn third_answered(&mut self, now: Moment, wall: Wall, id: ConversationId, leg: LegId) {
        let Some(conversation) = self.desk.all.get(&id) else {
            return;
        };
        let (patient, agent_leg) = (conversation.patient, conversation.agent_leg);
        let (Some(patient), ConversationState::Transferring) = (patient, conversation.state) else {
            return self.side(now, wall, leg, LegInput::End(LegEnd::OtherEnded));
        };
        self.bridge(leg, patient);
        self.enter(wall, id, ConversationState::Transferred);
        if let Some(agent_leg) = agent_leg {
            self.side(now, wall, agent_leg, LegInput::End(LegEnd::Ordered));
        }
    }

    /// The other number does not answer, or hangs up.
    pub(super) fn third_ending(&mut self, now: Moment, wall: Wall, id: ConversationId, leg: LegId) {
        let Some(conversation) = self.desk.all.get(&id).filter(|one| one.third == Some(leg)) else {
            return;
        };
        let (patient, agent, agent_leg) = (conversation.patient, conversation.agent, conversation.agent_leg);
        match (conversation.state, patient, agent_leg) {
            (ConversationState::Transferring, Some(patient), Some(agent_leg)) if self.is_talking(agent_leg) => {
                self.bridge(agent_leg, patient);
                self.enter(wall, id, ConversationState::Talking);
            }
            // The agent has gone meanwhile.
            (ConversationState::Transferring, Some(_), _) => self.agent_lost(now, wall, id, agent),
            (ConversationState::Transferred, Some(patient), _) => {
                self.enter(wall, id, ConversationState::Ending);
                self.call(now, wall, patient, call::Input::HangUp(OurReason::AgentHungUp));
            }
            (_, _, _) => {}
        }
    }

    fn is_talking(&self, leg: LegId) -> bool {
        self.desk.sides.get(&leg).is_some_and(|side| side.leg.is_talking())
    }
}
