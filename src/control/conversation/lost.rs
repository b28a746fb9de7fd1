//! The agent's phone dies in mid-call: the patient is never left on a silent line. Another agent who is ready is rung; if
//! there is none, or none comes in time, the patient hears the dialplan's apology and the call ends, to be made again.

use std::collections::BTreeSet;
use std::time::Duration;

use super::super::Control;
use super::super::pictures::ConversationState;
use super::Wait;
use crate::agents;
use crate::call;
use crate::dialer::{LegEnd, Noteworthy};
use crate::ids::{AgentId, ConversationId, LegId};
use crate::media::{self, tones};
use crate::moment::{Moment, Wall};
use crate::outcome::OurReason;

/// So long the patient waits for another agent.
const PATIENCE: Duration = Duration::from_secs(45);

/// What a patient hears whose agent was lost, where there is such a recording.
const PLEASE_WAIT: &str = "agent-lost";

impl Control {
    /// The agent's leg is gone while the patient is there.
    pub(super) fn agent_lost(&mut self, now: Moment, wall: Wall, id: ConversationId, agent: AgentId) {
        let Some(conversation) = self.desk.all.get_mut(&id) else {
            return;
        };
        conversation.lost.insert(agent);
        // It was the lost leg that was muted.
        conversation.is_muted = false;
        conversation.wait = Some((now + PATIENCE, Wait::AnotherAgent));
        let dialplan = conversation.by_hand.dialplan.clone();
        let Some(patient) = conversation.patient else { return };
        self.enter(wall, id, ConversationState::AgentLost);
        self.media(patient, media::Command::Unbridge);
        let mut prompts = vec![tones::HOLD.to_owned()];
        if self.versions.has_prompt(&dialplan, PLEASE_WAIT) {
            prompts.insert(0, dialplan.recording(PLEASE_WAIT));
        }
        self.loop_to(id, patient, prompts);
        self.seek_agent(now, wall, id);
    }

    /// Rings the next agent who is ready, or gives up.
    fn seek_agent(&mut self, now: Moment, wall: Wall, id: ConversationId) {
        let Some(conversation) = self.desk.all.get(&id) else {
            return;
        };
        let (lost, case) = (conversation.lost.clone(), conversation.by_hand.case);
        // Whoever is there: a patient who waits is better off with anybody than with nobody.
        let next = self.desk.floor.reserve(now, &BTreeSet::new(), &lost);
        self.drain_floor();
        let Some(agent) = next else {
            return self.give_up_on_agents(now, wall, id);
        };
        if let Some(conversation) = self.desk.all.get_mut(&id) {
            conversation.agent = agent;
        }
        let conversation = id;
        self.on_floor(
            now,
            agents::Input::Ringing {
                agent,
                conversation,
                case,
            },
        );
        self.ring_agent(now, wall, id, agent);
    }

    /// The phone that was rung in place of the lost one did not come either.
    pub(super) fn another_failed(&mut self, now: Moment, wall: Wall, id: ConversationId, agent: AgentId) {
        if let Some(conversation) = self.desk.all.get_mut(&id) {
            conversation.lost.insert(agent);
            conversation.agent_leg = None;
            self.seek_agent(now, wall, id);
        }
    }

    /// Another agent is there.
    pub(super) fn taken_over(&mut self, now: Moment, wall: Wall, id: ConversationId, agent: AgentId, leg: LegId) {
        let Some(conversation) = self.desk.all.get_mut(&id) else {
            return;
        };
        conversation.wait = None;
        conversation.agent = agent;
        let Some(patient) = conversation.patient else { return };
        self.bridge(leg, patient);
        self.call(now, wall, patient, call::Input::TakenOver(agent));
        self.enter(wall, id, ConversationState::Talking);
        self.note_conversation(wall, id, Noteworthy::Bridged);
    }

    /// Nobody comes: an apology, and the end.
    pub(super) fn give_up_on_agents(&mut self, now: Moment, wall: Wall, id: ConversationId) {
        let Some(conversation) = self.desk.all.get_mut(&id) else {
            return;
        };
        conversation.wait = None;
        let (patient, agent_leg) = (conversation.patient, conversation.agent_leg);
        self.enter(wall, id, ConversationState::Ending);
        if let Some(leg) = agent_leg {
            self.side(now, wall, leg, call::LegInput::End(LegEnd::OtherEnded));
        }
        if let Some(patient) = patient {
            self.call(now, wall, patient, call::Input::Dismiss(OurReason::AgentLost));
        }
    }
}
