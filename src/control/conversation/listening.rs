//! A supervisor listens in: heard by nobody, shown to both, and written down.

use super::super::Control;
use super::super::pictures::ConversationState;
use super::Part;
use crate::agents::Phone;
use crate::call::LegInput;
use crate::dialer::{LegEnd, Noteworthy};
use crate::ids::{AgentId, ConversationId, LegId};
use crate::media;
use crate::moment::{Moment, Wall};

impl Control {
    pub(super) fn listen_in(
        &mut self,
        now: Moment,
        wall: Wall,
        supervisor: AgentId,
        phone: &Phone,
        id: ConversationId,
    ) {
        let Some(conversation) = self.desk.all.get(&id) else {
            return;
        };
        let is_there = conversation.supervisors.contains_key(&supervisor) || conversation.agent == supervisor;
        let talks = matches!(
            conversation.state,
            ConversationState::CallingPatient | ConversationState::Talking | ConversationState::OnHold
        );
        let Some(beside) = conversation.patient.filter(|_| talks && !is_there) else {
            return;
        };
        let to = self.callee(phone, "");
        let leg = self.add_side(wall, id, Part::Supervisor(supervisor), to, Some(beside));
        if let Some(conversation) = self.desk.all.get_mut(&id) {
            conversation.supervisors.insert(supervisor, leg);
        }
        self.side(now, wall, leg, LegInput::Wake);
    }

    pub(super) fn supervisor_listens(&mut self, wall: Wall, id: ConversationId, by: AgentId, leg: LegId) {
        let on = self.desk.all.get(&id).and_then(|conversation| conversation.patient);
        if let Some(on) = on {
            self.media(leg, media::Command::ListenIn { on });
            self.note_conversation(wall, id, Noteworthy::ListenedTo { by });
        }
    }

    /// The leg that was listened to is over and another one begins: whoever wants to hear that listens in anew.
    pub(super) fn end_listening(&mut self, now: Moment, wall: Wall, id: ConversationId) {
        let conversation = self.desk.all.get(&id);
        let legs = conversation.map(|conversation| conversation.supervisors.values().copied().collect());
        let legs: Vec<LegId> = legs.unwrap_or_default();
        for leg in legs {
            self.side(now, wall, leg, LegInput::End(LegEnd::OtherEnded));
        }
    }

    pub(super) fn stop_listening(&mut self, now: Moment, wall: Wall, by: AgentId, id: ConversationId) {
        let conversation = self.desk.all.get(&id);
        let leg = conversation.and_then(|conversation| conversation.supervisors.get(&by).copied());
        if let Some(leg) = leg {
            self.side(now, wall, leg, LegInput::End(LegEnd::Ordered));
        }
    }
}
