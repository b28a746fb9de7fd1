//! A patient waits for an agent: because the machine was asked for a person, because the patient called us, or because the
//! agent who was there is lost. There is no wait without a word: what is said comes at once and again and again, music between;
//! the agent who has been ready for longest sees the case before the phone rings. When nobody can be had, or nobody came in
//! time, the dialplan offers a call-back.

use std::collections::BTreeSet;
use std::time::Duration;

use super::super::pictures::ConversationState;
use super::super::stop::Stopping;
use super::super::{Control, Output, Told};
use super::Conversation;
use crate::agents;
use crate::call;
use crate::dialer::{ByHand, LegEnd, Noteworthy, PutThrough, Refusal, Request, Waited, Whom};
use crate::dialplan::Person;
use crate::ids::{AgentId, AttemptId, ConversationId, LegId};
use crate::media::{self, tones};
use crate::moment::{Moment, Wall};
use crate::outcome::OurReason;
use crate::phone::Key;

/// So long a patient whose agent was lost waits for another one.
const PATIENCE: Duration = Duration::from_secs(45);

/// What is said comes again after this time, where the dialplan does not say otherwise.
const EVERY: Duration = Duration::from_secs(15);

/// What a patient hears whose agent was lost, where there is such a recording.
const AGENT_LOST: &str = "agent-lost";

/// What a waiting patient hears, and how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::control) struct Wanted {
    /// Why the patient waits.
    pub(in crate::control) why: Waited,
    /// The recordings that are said at once.
    pub(in crate::control) say: Vec<String>,
    /// Those that are said again and again, music between.
    pub(in crate::control) again: Vec<String>,
    /// By this key the patient has a call-back offered at once, if there is one.
    pub(in crate::control) later: Option<Key>,
    /// How often.
    pub(in crate::control) every: Duration,
    /// After this long nobody is sought any more.
    pub(in crate::control) longest: Duration,
    /// So many patients of the campaign wait at the most; who comes on top is not kept waiting.
    pub(in crate::control) most: usize,
    /// What the agent has to be able to do.
    pub(in crate::control) skills: BTreeSet<String>,
}

/// Whom a patient waits for: an agent who may have the case, and can do what the dialplan asks for besides.
pub(in crate::control) fn sought(person: &Person, of_case: &BTreeSet<String>) -> BTreeSet<String> {
    person.skill.iter().chain(of_case).cloned().collect()
}

/// A patient who waits.
#[derive(Debug)]
pub(in crate::control) struct Waiting {
    by_hand: ByHand,
    wanted: Wanted,
    attempt: AttemptId,
    since: Moment,
    again_at: Moment,
    until: Moment,
    stage: Stage,
    conversation: Option<ConversationId>,
    /// Agents whose phones did not do their part, and those who were not free after all.
    tried: BTreeSet<AgentId>,
    plays: u32,
}

/// How far the search is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// No agent is ready.
    Queued,
    /// This one is held back; the case is being put before him or her.
    Reserved(AgentId),
    /// This one's phone rings.
    Ringing,
}

impl Waiting {
    pub(super) fn deadline(&self) -> Moment {
        self.until.min(self.again_at)
    }
}

impl Control {
    /// The patient of a call waits for an agent from now on. The call is answered, and says nothing itself until it is given
    /// `TakenOver` or `NobodyFree`; whoever gives it either takes the patient out of here.
    pub(in crate::control) fn wait(
        &mut self,
        now: Moment,
        wall: Wall,
        patient: LegId,
        by_hand: ByHand,
        wanted: Wanted,
    ) {
        let campaign = by_hand.campaign.id;
        let of_it = self.desk.waiting.values();
        let waiting = of_it.filter(|one| one.by_hand.campaign.id == campaign).count();
        let may = waiting < wanted.most && self.shutting_down == Stopping::No;
        self.begin_waiting(now, patient, by_hand, wanted, None);
        if may {
            self.seek_agent(now, wall, patient);
        } else {
            self.nobody_comes(now, wall, patient);
        }
    }

    /// The machine was asked for a person.
    pub(in crate::control) fn person_wanted(
        &mut self,
        now: Moment,
        wall: Wall,
        patient: LegId,
        (say, again): (Vec<String>, Vec<String>),
    ) {
        let Some(live) = self.calls.get(&patient) else { return };
        let dialplan = live.call.dialplan();
        let person = dialplan.person();
        let running = live.claimed.as_ref().and_then(|claimed| {
            let running = self.campaigns.get(&claimed.campaign)?;
            Some((claimed.case, sought(person?, &claimed.skills), running.campaign.clone()))
        });
        // A test call has no case that could be put before an agent.
        let (Some((case, skills, campaign)), Some(person)) = (running, person) else {
            return self.call(now, wall, patient, call::Input::NobodyFree(OurReason::AgentLost));
        };
        let wanted = Wanted {
            why: Waited::AskedFor,
            say,
            again,
            later: person.later,
            every: person.every,
            longest: person.longest,
            most: usize::try_from(person.most).unwrap_or(usize::MAX),
            skills: skills.clone(),
        };
        let by_hand = ByHand {
            case,
            campaign: Box::new(campaign),
            dialplan,
            whom: Whom::Next,
            granted: None,
            skills,
        };
        self.wait(now, wall, patient, by_hand, wanted);
    }

    /// The agent's leg is gone while the patient is there.
    pub(super) fn agent_lost(&mut self, now: Moment, wall: Wall, id: ConversationId, agent: AgentId) {
        if let Some(conversation) = self.desk.all.get_mut(&id) {
            conversation.lost.insert(agent);
        }
        self.seek_another(now, wall, id);
    }

    /// The patient hears that somebody else is looked for.
    pub(super) fn seek_another(&mut self, now: Moment, wall: Wall, id: ConversationId) {
        let Some(conversation) = self.desk.all.get_mut(&id) else {
            return;
        };
        // It was the leg that is gone that was muted.
        conversation.is_muted = false;
        let by_hand = conversation.by_hand.clone();
        let Some(patient) = conversation.patient else { return };
        self.enter(wall, id, ConversationState::AgentLost);
        self.media(patient, media::Command::Unbridge);
        let has_word = self.versions.has_prompt(&by_hand.dialplan, AGENT_LOST);
        let say: Vec<String> = has_word
            .then(|| by_hand.dialplan.recording(AGENT_LOST))
            .into_iter()
            .collect();
        let wanted = Wanted {
            why: Waited::AgentLost,
            again: say.clone(),
            say,
            later: None,
            every: EVERY,
            longest: PATIENCE,
            most: usize::MAX,
            skills: by_hand.skills.clone(),
        };
        self.begin_waiting(now, patient, by_hand, wanted, Some(id));
        self.seek_agent(now, wall, patient);
    }

    /// The patient is back from a department: the phone of the agent who let go rings again, and only then another's.
    pub(super) fn ring_again(&mut self, now: Moment, wall: Wall, id: ConversationId, agent: AgentId) {
        let Some(conversation) = self.desk.all.get(&id) else {
            return;
        };
        let (by_hand, Some(patient)) = (conversation.by_hand.clone(), conversation.patient) else {
            return;
        };
        let case = by_hand.case;
        let wanted = Wanted {
            why: Waited::AgentLost,
            say: Vec::new(),
            again: Vec::new(),
            later: None,
            every: EVERY,
            longest: PATIENCE,
            most: usize::MAX,
            skills: by_hand.skills.clone(),
        };
        self.enter(wall, id, ConversationState::AgentLost);
        self.begin_waiting(now, patient, by_hand, wanted, Some(id));
        if let Some(waiting) = self.desk.waiting.get_mut(&patient) {
            waiting.stage = Stage::Ringing;
        }
        let conversation = id;
        self.on_floor(
            now,
            wall,
            agents::Input::Ringing {
                agent,
                conversation,
                case,
            },
        );
        self.ring_agent(now, wall, id, agent);
    }

    fn begin_waiting(
        &mut self,
        now: Moment,
        patient: LegId,
        by_hand: ByHand,
        wanted: Wanted,
        conversation: Option<ConversationId>,
    ) {
        let Some(attempt) = self.calls.get(&patient).map(|live| live.who.attempt) else {
            return;
        };
        let before = conversation.and_then(|id| self.desk.all.get(&id));
        let waiting = Waiting {
            by_hand,
            attempt,
            since: now,
            again_at: now + wanted.every,
            until: now + wanted.longest,
            stage: Stage::Queued,
            tried: before.map(|one| one.lost.clone()).unwrap_or_default(),
            conversation,
            plays: 0,
            wanted,
        };
        let say = waiting.wanted.say.clone();
        self.desk.waiting.insert(patient, waiting);
        self.announce(patient, say);
        self.told_waiting(patient, None);
    }

    /// Says something to a waiting patient, then plays music; nothing that would take the place of our goodbye.
    fn announce(&mut self, patient: LegId, mut prompts: Vec<String>) {
        let is_there = self.may_be_taken_over(patient);
        let Some(waiting) = self.desk.waiting.get_mut(&patient).filter(|_| is_there) else {
            return;
        };
        waiting.plays += 1;
        let play = super::PLAYS * 2 + waiting.plays;
        prompts.push(tones::HOLD.to_owned());
        self.media(patient, media::Command::Loop { play, prompts });
    }

    fn told_waiting(&mut self, patient: LegId, agent: Option<AgentId>) {
        if let Some(live) = self.calls.get(&patient) {
            let who = live.who.clone();
            self.outputs.push_back(Output::Told(Told::Waiting { who, agent }));
        }
    }

    /// Whether a person may still take over a patient's call: it is up, and we are not saying goodbye.
    pub(super) fn may_be_taken_over(&self, patient: LegId) -> bool {
        let live = self.calls.get(&patient);
        live.is_some_and(|live| live.call.may_be_taken_over())
    }

    /// Holds back the agent who has been ready for longest; or gives up, where nobody is there who could come.
    fn seek_agent(&mut self, now: Moment, wall: Wall, patient: LegId) {
        let is_there = self.may_be_taken_over(patient);
        let waiting = self.desk.waiting.get(&patient);
        let Some(waiting) = waiting.filter(|one| one.stage == Stage::Queued) else {
            return;
        };
        if !is_there {
            // It is saying goodbye.
            self.waits_no_more(now, wall, patient);
            return;
        }
        let (mut skills, tried) = (waiting.wanted.skills.clone(), waiting.tried.clone());
        let mut next = self.desk.floor.reserve(now, &skills, &tried);
        if next.is_none() && waiting.wanted.why == Waited::AgentLost {
            // In mid-call a patient is better off with anybody than with nobody.
            skills.clear();
            next = self.desk.floor.reserve(now, &skills, &tried);
        }
        self.drain_floor(wall);
        match next {
            Some(agent) => self.put_before(wall, patient, agent),
            None if self.desk.floor.may_come(&skills, &tried) => {}
            None => self.nobody_comes(now, wall, patient),
        }
    }

    fn put_before(&mut self, wall: Wall, patient: LegId, agent: AgentId) {
        let Some(waiting) = self.desk.waiting.get_mut(&patient) else {
            return;
        };
        waiting.stage = Stage::Reserved(agent);
        let asked = PutThrough {
            attempt: waiting.attempt,
            case: waiting.by_hand.case,
            agent,
            conversation: waiting.conversation,
            origin: waiting.wanted.why,
            at: wall,
        };
        self.outputs.push_back(Output::Ask(Request::PutThrough(asked)));
    }

    /// The case is before the agent: the phone rings.
    pub(in crate::control) fn put_through(
        &mut self,
        now: Moment,
        wall: Wall,
        (attempt, agent): (AttemptId, AgentId),
        id: ConversationId,
    ) {
        let patient = self.by_attempt.get(&attempt).copied();
        let waiting = patient.and_then(|patient| Some((patient, self.desk.waiting.get_mut(&patient)?)));
        let waiting = waiting.filter(|(_, one)| one.stage == Stage::Reserved(agent));
        let Some((patient, waiting)) = waiting else {
            // The patient has left meanwhile.
            return self.end_unbegun(wall, id, agent);
        };
        waiting.stage = Stage::Ringing;
        let is_new = waiting.conversation.is_none();
        waiting.conversation = Some(id);
        let (by_hand, why) = (waiting.by_hand.clone(), waiting.wanted.why);
        let case = by_hand.case;
        if is_new && let Some(live) = self.calls.get_mut(&patient) {
            live.conversation = Some(id);
            let keys = live.call.glance().keys;
            let mut conversation = Conversation::of_waiting(agent, by_hand, (patient, attempt), why, wall);
            conversation.keys = keys;
            conversation.answered_at = live.call.answered_at();
            self.desk.all.insert(id, conversation);
            self.note_conversation(wall, id, Noteworthy::PatientWaits { attempt, why });
        }
        if let Some(conversation) = self.desk.all.get_mut(&id) {
            conversation.agent = agent;
        }
        let conversation = id;
        self.on_floor(
            now,
            wall,
            agents::Input::Ringing {
                agent,
                conversation,
                case,
            },
        );
        self.show(id);
        self.ring_agent(now, wall, id, agent);
    }

    /// The agent has something else to finish, or the database is away.
    pub(in crate::control) fn not_put_through(
        &mut self,
        now: Moment,
        wall: Wall,
        (attempt, agent): (AttemptId, AgentId),
        why: &Refusal,
    ) {
        let Some(patient) = self.by_attempt.get(&attempt).copied() else {
            return;
        };
        let waiting = self.desk.waiting.get_mut(&patient);
        let Some(waiting) = waiting.filter(|one| one.stage == Stage::Reserved(agent)) else {
            return;
        };
        // Whose agent was lost is better off with one whose screen comes late than with none.
        if let (Some(id), Refusal::NotWritten { .. }) = (waiting.conversation, why) {
            return self.put_through(now, wall, (attempt, agent), id);
        }
        // Nobody else would get it either.
        if *why == Refusal::Settled {
            return self.nobody_comes(now, wall, patient);
        }
        waiting.stage = Stage::Queued;
        waiting.tried.insert(agent);
        self.on_floor(now, wall, agents::Input::Freed { agent });
        self.seek_agent(now, wall, patient);
    }

    /// The phone that was rung for a waiting patient did not come.
    pub(super) fn another_failed(&mut self, now: Moment, wall: Wall, id: ConversationId, agent: AgentId) {
        let Some(conversation) = self.desk.all.get_mut(&id) else {
            return;
        };
        conversation.lost.insert(agent);
        conversation.agent_leg = None;
        let Some(patient) = conversation.patient else { return };
        if let Some(waiting) = self.desk.waiting.get_mut(&patient) {
            waiting.tried.insert(agent);
            waiting.stage = Stage::Queued;
            self.seek_agent(now, wall, patient);
        }
    }

    /// An agent is there for a patient who waits.
    pub(super) fn taken_over(&mut self, now: Moment, wall: Wall, id: ConversationId, agent: AgentId, leg: LegId) {
        let patient = self.desk.all.get(&id).and_then(|conversation| conversation.patient);
        let Some(patient) = patient.filter(|patient| self.may_be_taken_over(*patient)) else {
            // It is saying goodbye already.
            return self.side(now, wall, leg, call::LegInput::End(LegEnd::OtherEnded));
        };
        if self.state_of(id) == Some(ConversationState::PatientWaiting) {
            self.on_floor(now, wall, agents::Input::Begun { agent });
        }
        self.told_waiting(patient, Some(agent));
        self.desk.waiting.remove(&patient);
        if let Some(conversation) = self.desk.all.get_mut(&id) {
            conversation.agent = agent;
        }
        self.bridge(leg, patient);
        self.call(now, wall, patient, call::Input::TakenOver(agent));
        self.enter(wall, id, ConversationState::Talking);
        self.note_conversation(wall, id, Noteworthy::Bridged);
    }

    /// A key of a patient who waits.
    pub(in crate::control) fn pressed_while_waiting(&mut self, now: Moment, wall: Wall, patient: LegId, key: Key) {
        let waiting = self.desk.waiting.get(&patient);
        let Some(waiting) = waiting.filter(|waiting| waiting.wanted.later == Some(key)) else {
            return;
        };
        let heard = match waiting.wanted.why {
            Waited::CalledIn => self.inbound.menu(),
            Waited::AskedFor | Waited::AgentLost => None,
        };
        self.seek_no_more(now, wall, patient);
        let reason = OurReason::AgentLost;
        self.call(now, wall, patient, call::Input::CallBackChosen { heard, reason });
    }

    /// Nobody comes: what the dialplan offers then, or an apology and the end.
    fn nobody_comes(&mut self, now: Moment, wall: Wall, patient: LegId) {
        self.seek_no_more(now, wall, patient);
        self.call(now, wall, patient, call::Input::NobodyFree(OurReason::AgentLost));
    }

    /// Nobody is sought any more for a patient who will hear the offer of a call-back.
    fn seek_no_more(&mut self, now: Moment, wall: Wall, patient: LegId) {
        let conversation = self
            .waits_no_more(now, wall, patient)
            .and_then(|waiting| waiting.conversation);
        if let Some(id) = conversation {
            let agent_leg = self.desk.all.get(&id).and_then(|conversation| conversation.agent_leg);
            self.enter(wall, id, ConversationState::CallBackOffered);
            self.note_conversation(wall, id, Noteworthy::CallBackOffered);
            if let Some(leg) = agent_leg {
                self.side(now, wall, leg, call::LegInput::End(LegEnd::OtherEnded));
            }
        }
    }

    /// The patient waits no more; an agent who was held back is free again.
    pub(in crate::control) fn waits_no_more(&mut self, now: Moment, wall: Wall, patient: LegId) -> Option<Waiting> {
        let waiting = self.desk.waiting.remove(&patient)?;
        if let Stage::Reserved(agent) = waiting.stage {
            self.on_floor(now, wall, agents::Input::Freed { agent });
        }
        Some(waiting)
    }

    /// Whoever has waited longest gets the next agent.
    pub(in crate::control) fn serve_waiting(&mut self, now: Moment, wall: Wall) {
        let all = self.desk.waiting.iter();
        let queued = all.filter(|(_, one)| one.stage == Stage::Queued);
        let mut queued: Vec<(Moment, LegId)> = queued.map(|(patient, one)| (one.since, *patient)).collect();
        queued.sort_unstable();
        for (_, patient) in queued {
            self.seek_agent(now, wall, patient);
        }
    }

    /// What is due for those who wait.
    pub(super) fn wake_waiting(&mut self, now: Moment, wall: Wall) {
        let all = self.desk.waiting.iter();
        let due = all.filter(|(_, one)| one.deadline() <= now);
        let due: Vec<LegId> = due.map(|(patient, _)| *patient).collect();
        for patient in due {
            if !self.may_be_taken_over(patient) {
                // It is saying goodbye, and ends with that.
                self.waits_no_more(now, wall, patient);
                continue;
            }
            let Some(waiting) = self.desk.waiting.get_mut(&patient) else {
                continue;
            };
            if waiting.until <= now {
                self.nobody_comes(now, wall, patient);
            } else {
                waiting.again_at = now + waiting.wanted.every;
                let again = waiting.wanted.again.clone();
                self.announce(patient, again);
            }
        }
    }

    /// Nobody is sought any more: the daemon stops, and every call says goodbye itself.
    pub(in crate::control) fn stop_waiting(&mut self, now: Moment, wall: Wall) {
        let patients: Vec<LegId> = self.desk.waiting.keys().copied().collect();
        for patient in patients {
            self.waits_no_more(now, wall, patient);
        }
    }
}
