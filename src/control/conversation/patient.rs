//! The patient's leg, as the agent hears it: ringback or the network's own sound, the answer, the end.

use std::time::Duration;

use super::super::failover::{Unserved, retry_after};
use super::super::pictures::{ConversationState, LegPicture, LegState};
use super::super::{Control, Live};
use super::Conversation;
use crate::call::{Finished, LegInput, Observed};
use crate::dialer::{self, LegEnd, LegEnding, Noteworthy, Waited};
use crate::ids::{ConversationId, LegId, TrunkId};
use crate::media::tones;
use crate::moment::{Moment, Wall};
use crate::outcome::{Disposition, EndedBy, Facts, OurReason, Tried, Verdict, is_unserved};

/// So many keys of the patient are shown.
const KEYS: usize = 32;

impl Control {
    /// Something can be seen of a patient's call.
    pub(in crate::control) fn patient_seen(&mut self, wall: Wall, id: ConversationId, observed: &Observed) {
        let Some(conversation) = self.desk.all.get_mut(&id) else {
            return;
        };
        let (agent_leg, patient) = (conversation.agent_leg, conversation.patient);
        let state = conversation.state;
        let Some(shown) = conversation.patient_shown.as_mut() else {
            return;
        };
        match observed {
            Observed::Progressed { status, early_media } => {
                let (had_sound, rang) = (shown.state == LegState::EarlyMedia, shown.state == LegState::Ringing);
                if *early_media {
                    shown.enter(wall, LegState::EarlyMedia);
                } else if (180..190).contains(status) && !had_sound {
                    shown.enter(wall, LegState::Ringing);
                }
                let now_rings = shown.state == LegState::Ringing;
                let (Some(agent_leg), ConversationState::CallingPatient) = (agent_leg, state) else {
                    return;
                };
                match patient {
                    // What the network says, the agent hears.
                    Some(patient) if *early_media && !had_sound => self.bridge(agent_leg, patient),
                    _ if now_rings && !rang => {
                        self.loop_to(id, agent_leg, vec![tones::RINGBACK.to_owned()]);
                    }
                    Some(_) | None => {}
                }
            }
            Observed::Answered => {
                shown.enter(wall, LegState::Talking);
                conversation.answered_at = Some(self.now);
                if let (Some(agent_leg), Some(patient), ConversationState::CallingPatient) = (agent_leg, patient, state)
                {
                    self.bridge(agent_leg, patient);
                    self.enter(wall, id, ConversationState::Talking);
                    self.note_conversation(wall, id, Noteworthy::Bridged);
                }
            }
            Observed::KeyHeard { key, .. } => {
                if conversation.keys.len() < KEYS {
                    conversation.keys.push(key.as_char());
                }
            }
            Observed::Held => shown.enter(wall, LegState::OnHold),
            Observed::Resumed => shown.enter(wall, LegState::Talking),
            Observed::NoPort
            | Observed::Invited
            | Observed::Playing { .. }
            | Observed::Heard(_)
            | Observed::BargedIn => {}
        }
    }

    /// A patient's call is over: another trunk may carry it, or it is the end of the conversation.
    pub(in crate::control) fn patient_finished(
        &mut self,
        now: Moment,
        wall: Wall,
        id: ConversationId,
        live: Live,
        finished: Finished,
        verdict: Verdict,
    ) {
        let Finished { facts, media } = finished;
        let disposition = verdict.disposition;
        self.free_line_of(now, wall, id, Some((disposition, retry_after(&facts))));
        self.give_transfer_up(now, wall, id);
        let unserved = Unserved {
            live,
            facts,
            verdict,
            media,
        };
        let goes_on = self.state_of(id) == Some(ConversationState::CallingPatient);
        if goes_on && is_unserved(&unserved.facts, disposition) && self.may_be_rerouted(now, wall, id, &unserved) {
            if let Some(conversation) = self.desk.all.get_mut(&id) {
                conversation.patient = None;
                conversation.unserved = Some(unserved);
            }
            self.end_listening(now, wall, id);
            return self.call_patient(now, wall, id);
        }
        self.patient_over(now, wall, id, unserved);
    }

    /// A patient's call is over, and with it the conversation.
    pub(super) fn patient_over(&mut self, now: Moment, wall: Wall, id: ConversationId, unserved: Unserved) {
        let disposition = unserved.verdict.disposition;
        if let Some(conversation) = self.desk.all.get_mut(&id) {
            let order = conversation.state;
            let shown = conversation.patient_shown.get_or_insert_with(|| LegPicture::new(wall));
            shown.enter(wall, LegState::Ended);
            shown.ending = Some(ending(&unserved.facts, disposition, order));
            conversation.patient = None;
            conversation.disposition = Some(disposition);
            conversation.wait = None;
        }
        let attempt = unserved.live.who.attempt;
        let retry_after = retry_after(&unserved.facts);
        self.close(wall, unserved);
        // The line of a call that the night has made is the dialer's.
        if self.desk.all.get(&id).and_then(|one| one.waited) == Some(Waited::AskedFor) {
            let ended = dialer::Input::Ended {
                attempt,
                disposition,
                retry_after,
            };
            self.dialer.handle(now, wall, ended);
        }
        self.enter(wall, id, ConversationState::Ending);
        self.end_sides(now, wall, id, LegEnd::OtherEnded);
        self.end_if_over(wall, id);
    }

    /// Takes a line of another of the campaign's trunks.
    fn may_be_rerouted(&mut self, now: Moment, wall: Wall, id: ConversationId, unserved: &Unserved) -> bool {
        let tried = self.trunks_of(&unserved.facts.tried);
        let Some(conversation) = self.desk.all.get_mut(&id) else {
            return false;
        };
        let campaign = &conversation.by_hand.campaign;
        conversation.line = self.dialer.take_line(now, wall, campaign, &tried).ok();
        conversation.line.is_some()
    }

    /// The trunks that could not carry the patient's call so far.
    pub(super) fn tried_over(&self, id: ConversationId) -> Vec<TrunkId> {
        let unserved = self.desk.all.get(&id).and_then(|one| one.unserved.as_ref());
        unserved.map_or_else(Vec::new, |unserved| self.trunks_of(&unserved.facts.tried))
    }

    fn trunks_of(&self, tried: &[Tried]) -> Vec<TrunkId> {
        let trunks = (0..).map(TrunkId).zip(&self.settings.trunks);
        let was_tried = |name: &str| tried.iter().any(|tried| tried.trunk == name);
        let trunks = trunks.filter(|(_, trunk)| was_tried(&trunk.name));
        trunks.map(|(id, _)| id).collect()
    }

    /// Gives the line of the patient's call back.
    pub(super) fn free_line_of(
        &mut self,
        now: Moment,
        wall: Wall,
        id: ConversationId,
        ended: Option<(Disposition, Option<Duration>)>,
    ) {
        let line = self.desk.all.get_mut(&id).and_then(|one| one.line.take());
        if let Some(line) = line {
            self.dialer.free_line(now, wall, &line, ended);
        }
    }

    /// Ends every leg beside the patient's.
    pub(super) fn end_sides(&mut self, now: Moment, wall: Wall, id: ConversationId, end: LegEnd) {
        let of_this = self.desk.sides.iter().filter(|(_, side)| side.of == id);
        let legs: Vec<LegId> = of_this.map(|(leg, _)| *leg).collect();
        for leg in legs {
            self.side(now, wall, leg, LegInput::End(end));
        }
    }

    /// The daemon stops: no leg beside a patient's stays up.
    pub(in crate::control) fn stop_sides(&mut self, now: Moment, wall: Wall) {
        self.stop_waiting(now, wall);
        let legs: Vec<LegId> = self.desk.sides.keys().copied().collect();
        for leg in legs {
            self.side(now, wall, leg, LegInput::End(LegEnd::Stopped));
        }
    }
}

impl Conversation {
    /// How far the recording is.
    pub(super) fn recorded_ms(&self, now: Moment) -> u32 {
        let since = self.answered_at.map_or(Duration::ZERO, |at| now.since(at));
        u32::try_from(since.as_millis()).unwrap_or(u32::MAX)
    }
}

const fn is_unreachable(disposition: Disposition) -> bool {
    matches!(
        disposition,
        Disposition::PowerOff | Disposition::Unreachable | Disposition::Suspended | Disposition::Vacant
    )
}

/// How the patient's leg ended, in the words of a leg.
fn ending(facts: &Facts, disposition: Disposition, state: ConversationState) -> LegEnding {
    let answered = facts.talk_ms.is_some();
    let by = facts.ended_by.unwrap_or(EndedBy::Network);
    let end = match (by, facts.our_reason) {
        (EndedBy::Us, Some(OurReason::AgentHungUp | OurReason::Cancelled | OurReason::AgentLost))
            if state != ConversationState::AgentLost =>
        {
            LegEnd::OtherEnded
        }
        (EndedBy::Us, Some(OurReason::AgentHungUp | OurReason::Cancelled | OurReason::AgentLost)) => LegEnd::Ordered,
        (EndedBy::Us, Some(OurReason::RingLimit)) => LegEnd::NoAnswer,
        (EndedBy::Us, Some(OurReason::MediaLost)) => LegEnd::Gone,
        (EndedBy::Us, Some(OurReason::Stopped)) => LegEnd::Stopped,
        (EndedBy::Us, Some(OurReason::Finished | OurReason::CallLimit)) => LegEnd::Ordered,
        (EndedBy::Us, Some(OurReason::StoreFailed | OurReason::OwnFault | OurReason::NoCommonCodec) | None) => {
            LegEnd::OwnFault
        }
        (EndedBy::FarEnd, _) if answered => LegEnd::HungUp,
        (EndedBy::Network, _) if answered => LegEnd::Gone,
        (EndedBy::Network, _) => LegEnd::Unreachable,
        (EndedBy::FarEnd, _) if disposition == Disposition::Busy => LegEnd::Busy,
        (EndedBy::FarEnd, _) if disposition == Disposition::Rejected => LegEnd::Declined,
        (EndedBy::FarEnd, _) if disposition == Disposition::NoAnswer => LegEnd::NoAnswer,
        (EndedBy::FarEnd, _) if is_unreachable(disposition) => LegEnd::Unreachable,
        (EndedBy::FarEnd, _) => LegEnd::Refused,
    };
    LegEnding {
        end,
        by,
        status: facts.final_status.filter(|_| !answered),
        q850: facts.q850,
        talk_ms: facts.talk_ms,
    }
}
