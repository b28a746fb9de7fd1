//! A patient is connected with another number: the agent is free at once, the number is called over a line of its own while
//! the patient hears that it rings. If nobody takes the patient there, the agent's phone rings again.

use super::super::pictures::{ConversationState, LegPicture};
use super::super::{Control, Output, Told};
use super::{Part, Wait};
use crate::call::{self, LegInput};
use crate::dialer::{LegEnd, Noteworthy, Refusal};
use crate::ids::{AgentId, ConversationId, LegId};
use crate::media::{self, tones};
use crate::moment::{Moment, Wall};
use crate::outcome::OurReason;
use crate::phone::Number;

impl Control {
    pub(super) fn transfer(&mut self, now: Moment, wall: Wall, agent: AgentId, id: ConversationId, number: Number) {
        let Some((patient, agent_leg)) = self.talking(agent, id) else {
            return;
        };
        let Some(conversation) = self.desk.all.get_mut(&id) else {
            return;
        };
        let campaign = &conversation.by_hand.campaign;
        let line = match self.dialer.take_line(now, wall, campaign, &[]) {
            Ok(line) => line,
            Err(why) => return self.refuse_transfer(id, agent, why),
        };
        self.desk.refused.remove(&agent);
        conversation.transfer = Some((number.clone(), line));
        self.media(patient, media::Command::Unbridge);
        self.loop_to(id, patient, vec![tones::RINGBACK.to_owned()]);
        self.enter(wall, id, ConversationState::Transferring);
        self.call_third(now, wall, id);
        // The agent is free for the wrap-up at once, unless the other number could not even be called.
        if self.state_of(id) == Some(ConversationState::Transferring) {
            self.note_conversation(wall, id, Noteworthy::Transferred { number });
            self.side(now, wall, agent_leg, LegInput::End(LegEnd::Ordered));
        }
    }

    /// The patient is not connected: the agent is told why.
    fn refuse_transfer(&mut self, conversation: ConversationId, agent: AgentId, why: Refusal) {
        self.desk.refused.insert(agent, why.clone());
        self.outputs.push_back(Output::Told(Told::RefusedByHand {
            agent,
            conversation,
            why,
        }));
    }

    /// Calls the other number as soon as the pace of its trunk allows, for a patient who is there and to whom we are not saying
    /// goodbye.
    pub(super) fn call_third(&mut self, now: Moment, wall: Wall, id: ConversationId) {
        let Some(conversation) = self.desk.all.get_mut(&id) else {
            return;
        };
        let Some((number, line)) = conversation.transfer.take() else {
            return;
        };
        let (agent, patient) = (conversation.agent, conversation.patient);
        let campaign = conversation.by_hand.campaign.clone();
        let Some(patient) = patient.filter(|patient| self.may_be_taken_over(*patient)) else {
            return self.dialer.free_line(now, wall, &line, None);
        };
        // The patient hears it ring: nobody is kept waiting so for a trunk's rest.
        let line = match self.dialer.line_that_serves(now, wall, line, &campaign, &[]) {
            Ok(line) => line,
            Err(why) => {
                self.refuse_transfer(id, agent, why);
                return self.not_taken_there(now, wall, id, patient, LegEnd::Unreachable);
            }
        };
        let at = self.dialer.hand_dial_at(now, &line);
        if at > now {
            if let Some(conversation) = self.desk.all.get_mut(&id) {
                conversation.transfer = Some((number, line));
                conversation.wait = Some((at, Wait::TransferPace));
            }
            return;
        }
        self.dialer.hand_dialed(now, &line);
        let to = self.over(line.trunk, &number, line.caller.clone());
        let leg = self.add_side(wall, id, Part::Third(line), to, Some(patient));
        if let Some(conversation) = self.desk.all.get_mut(&id) {
            conversation.third = Some(leg);
            conversation.third_shown = Some(LegPicture::new(wall));
        }
        self.side(now, wall, leg, LegInput::Wake);
    }

    /// The patient is gone while the pace kept the other number waiting: it is not called, and its line is free.
    pub(super) fn give_transfer_up(&mut self, now: Moment, wall: Wall, id: ConversationId) {
        let transfer = self.desk.all.get_mut(&id).and_then(|one| one.transfer.take());
        if let Some((_, line)) = transfer {
            self.dialer.free_line(now, wall, &line, None);
        }
    }

    pub(super) fn third_answered(&mut self, now: Moment, wall: Wall, id: ConversationId, leg: LegId) {
        let Some(conversation) = self.desk.all.get(&id) else {
            return;
        };
        let is_awaited = conversation.state == ConversationState::Transferring;
        let patient = conversation.patient.filter(|_| is_awaited);
        // What the patient hears of us ends where a bridge begins, our goodbye too.
        let Some(patient) = patient.filter(|patient| self.may_be_taken_over(*patient)) else {
            return self.side(now, wall, leg, LegInput::End(LegEnd::OtherEnded));
        };
        self.bridge(leg, patient);
        self.enter(wall, id, ConversationState::Transferred);
    }

    /// The other number does not answer, or hangs up.
    pub(super) fn third_ending(&mut self, now: Moment, wall: Wall, id: ConversationId, leg: LegId, end: LegEnd) {
        let Some(conversation) = self.desk.all.get(&id).filter(|one| one.third == Some(leg)) else {
            return;
        };
        let (patient, state) = (conversation.patient, conversation.state);
        // Whom we are saying goodbye to, nobody takes back.
        let Some(patient) = patient.filter(|patient| self.may_be_taken_over(*patient)) else {
            return;
        };
        match state {
            // Whom the daemon's stop has sent away, it has said goodbye to.
            ConversationState::Transferring | ConversationState::Transferred if end == LegEnd::Stopped => {
                self.enter(wall, id, ConversationState::Ending);
            }
            ConversationState::Transferring => self.not_taken_there(now, wall, id, patient, end),
            ConversationState::Transferred if end == LegEnd::HungUp => {
                self.enter(wall, id, ConversationState::Ending);
                self.call(now, wall, patient, call::Input::HangUp(OurReason::AgentHungUp));
            }
            // The department's telephone is gone, or something failed here: nobody is left on a silent line.
            ConversationState::Transferred => self.take_back(now, wall, id, patient, end),
            ConversationState::RingingAgent
            | ConversationState::Beginning
            | ConversationState::CallingPatient
            | ConversationState::Talking
            | ConversationState::OnHold
            | ConversationState::PatientWaiting
            | ConversationState::CallBackOffered
            | ConversationState::AgentLost
            | ConversationState::Ending
            | ConversationState::Ended => {}
        }
    }

    /// Nobody takes the patient at the other number: the agent whose leg is not over yet goes on.
    fn not_taken_there(&mut self, now: Moment, wall: Wall, id: ConversationId, patient: LegId, end: LegEnd) {
        let agent_leg = self.desk.all.get(&id).and_then(|one| one.agent_leg);
        let Some(agent_leg) = agent_leg.filter(|leg| self.is_talking(*leg)) else {
            return self.take_back(now, wall, id, patient, end);
        };
        self.note_conversation(wall, id, Noteworthy::CameBack { end });
        self.bridge(agent_leg, patient);
        self.enter(wall, id, ConversationState::Talking);
    }

    /// The patient is back: the agent who let go is rung again while the outcome is being written down; else whoever is ready,
    /// until somebody has settled what came of the call.
    fn take_back(&mut self, now: Moment, wall: Wall, id: ConversationId, patient: LegId, end: LegEnd) {
        let Some(agent) = self.desk.all.get(&id).map(|one| one.agent) else {
            return;
        };
        self.note_conversation(wall, id, Noteworthy::CameBack { end });
        if self.desk.floor.may_recall(agent, id) {
            self.media(patient, media::Command::Unbridge);
            self.ring_again(now, wall, id, agent);
        } else {
            self.seek_another(now, wall, id);
        }
    }

    /// The media worker could not let the patient hear the other leg: once more; then that leg ends as our own fault, of which
    /// its screen tells, and the patient hears a prompt while somebody else is looked for.
    pub(in crate::control) fn bridge_failed(&mut self, now: Moment, wall: Wall, patient: LegId) {
        let has = |one: &super::Conversation| one.patient == Some(patient);
        let Some((&id, conversation)) = self.desk.all.iter_mut().find(|(_, one)| has(one)) else {
            return;
        };
        let beside = match conversation.state {
            ConversationState::Talking => conversation.agent_leg,
            ConversationState::Transferred => conversation.third,
            ConversationState::RingingAgent
            | ConversationState::Beginning
            | ConversationState::CallingPatient
            | ConversationState::OnHold
            | ConversationState::PatientWaiting
            | ConversationState::CallBackOffered
            | ConversationState::AgentLost
            | ConversationState::Transferring
            | ConversationState::Ending
            | ConversationState::Ended => None,
        };
        let again = !std::mem::replace(&mut conversation.was_bridged_again, true);
        // A leg that is over tells its end itself, and our goodbye is heard without one.
        let is_there = self.may_be_taken_over(patient);
        let Some(beside) = beside.filter(|leg| is_there && self.is_talking(*leg)) else {
            return;
        };
        if again {
            self.bridge(beside, patient);
        } else {
            self.note_conversation(wall, id, Noteworthy::BridgeFailed);
            self.side(now, wall, beside, LegInput::End(LegEnd::OwnFault));
        }
    }

    fn is_talking(&self, leg: LegId) -> bool {
        self.desk.sides.get(&leg).is_some_and(|side| side.leg.is_talking())
    }
}
