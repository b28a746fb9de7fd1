//! The floor and its conversations as screens show them.

use super::super::Control;
use super::super::pictures::{AgentPicture, ConversationPicture, LegPicture};
use super::{Conversation, Part};
use crate::agents::Presence;
use crate::ids::{ConversationId, LegId};
use crate::moment::Moment;

impl Control {
    pub(in crate::control) fn agent_pictures(&self) -> Vec<AgentPicture> {
        let seats = self.desk.floor.seats().iter();
        let picture = |(agent, seat): (&_, &crate::agents::Seat)| AgentPicture {
            agent: *agent,
            presence: seat.presence.clone(),
            since: self.wall_at(seat.since),
            until: seat.until.map(|until| self.wall_at(until)),
            conversation: seat.conversation.map(|(conversation, _)| conversation),
            case: seat.conversation.map(|(_, case)| case),
            calls_today: seat.calls_today,
            per_day: seat.desk.per_day,
            then: Some(seat.then.clone()).filter(|then| *then != Presence::Ready),
            refused: self.desk.refused.get(agent).cloned(),
        };
        seats.map(picture).collect()
    }

    pub(in crate::control) fn conversation_pictures(&self) -> Vec<ConversationPicture> {
        self.desk.all.iter().map(|(id, one)| one.picture(*id)).collect()
    }

    /// A moment as the civil clock has it now.
    fn wall_at(&self, at: Moment) -> crate::moment::Wall {
        if at >= self.now {
            self.wall + at.since(self.now)
        } else {
            self.wall - self.now.since(at)
        }
    }

    /// The picture of a leg beside a patient's, while the conversation still goes by that leg.
    pub(super) fn side_picture(&mut self, id: ConversationId, leg: LegId, part: &Part) -> Option<&mut LegPicture> {
        let conversation = self.desk.all.get_mut(&id)?;
        match part {
            Part::Agent(_) if conversation.agent_leg == Some(leg) => Some(&mut conversation.agent_shown),
            Part::Third(_) if conversation.third == Some(leg) => conversation.third_shown.as_mut(),
            Part::Agent(_) | Part::Third(_) | Part::Supervisor(_) => None,
        }
    }
}

impl Conversation {
    pub(super) fn picture(&self, id: ConversationId) -> ConversationPicture {
        ConversationPicture {
            conversation: id,
            agent: self.agent,
            case: self.by_hand.case,
            attempt: self.attempt.or(self.begun.as_ref().map(|begun| begun.attempt)),
            state: self.state,
            since: self.since,
            agent_leg: self.agent_shown.clone(),
            patient_leg: self.patient_shown.clone(),
            third_leg: self.third_shown.clone(),
            keys: self.keys.clone(),
            refusal: self.refusal.clone(),
            recording_paused: self.recording_paused,
            is_muted: self.is_muted,
            listening: self.supervisors.keys().copied().collect(),
        }
    }
}
