//! Conversations: one agent's leg and one patient's leg together, and what either side's end does to the other.
//!
//! A conversation is a small state machine. The agent's phone rings first; when it is answered the attempt is written
//! down under the night's rules; then the patient is called, by the same [`crate::call::Call`] that calls at night, and the
//! two legs hear each other. Each leg has its own offer and answer with us, so no description goes from one to the other.

mod agent;
mod begin;
mod listening;
mod notes;
mod orders;
mod patient;
mod phones;
mod picture;
mod transfer;
pub(super) mod waiting;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use super::failover::Unserved;
use super::pictures::{ConversationState, LegPicture, LegState, PhonePicture};
use super::{Control, Output, Piece, Told};
use crate::agents::Floor;
use crate::call::{AgentLeg, LegInput, LegOutput};
use crate::dialer::{BegunByHand, ByHand, HandLine, LegEnd, LegEnding, Refusal, Waited};
use crate::ids::{AgentId, AttemptId, ConversationId, LegId};
use crate::moment::{Moment, Wall};
use crate::outcome::{Disposition, EndedBy};
use crate::phone::Number;
use crate::{media, sip};
use notes::Unwritten;
use waiting::Waiting;
pub(super) use waiting::{Wanted, sought};

/// How long an agent's phone rings.
const AGENT_RINGS: Duration = Duration::from_secs(20);
/// How long a conversation that is over stays in the picture.
const SHOWN: Duration = Duration::from_secs(60);

/// The floor, and all conversations.
#[derive(Debug, Default)]
pub(super) struct Conversations {
    pub(super) floor: Floor,
    all: BTreeMap<ConversationId, Conversation>,
    /// The legs beside the patients'.
    sides: BTreeMap<LegId, Side>,
    /// The patients who wait for an agent, by their legs.
    waiting: BTreeMap<LegId, Waiting>,
    unwritten: Unwritten,
    /// Why the last call that an agent asked for was not made.
    refused: BTreeMap<AgentId, Refusal>,
    /// Of which phones something was heard, by their user names; only accounts that there are are told.
    phones: BTreeMap<String, PhonePicture>,
}

/// A leg beside a patient's.
#[derive(Debug)]
struct Side {
    leg: AgentLeg,
    of: ConversationId,
    part: Part,
}

/// Whose leg it is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Agent(AgentId),
    Supervisor(AgentId),
    /// Of a transfer, over a line of its own.
    Third(HandLine),
}

/// One conversation.
#[derive(Debug)]
struct Conversation {
    agent: AgentId,
    by_hand: ByHand,
    state: ConversationState,
    since: Wall,
    agent_leg: Option<LegId>,
    agent_shown: LegPicture,
    /// How the patient came to wait for an agent; none where the agent called.
    waited: Option<Waited>,
    /// The attempt of a call that was there before the conversation.
    attempt: Option<AttemptId>,
    /// The store was asked to write the attempt down, and has not answered.
    is_beginning: bool,
    begun: Option<BegunByHand>,
    line: Option<HandLine>,
    patient: Option<LegId>,
    patient_shown: Option<LegPicture>,
    answered_at: Option<Moment>,
    disposition: Option<Disposition>,
    /// The patient's call that its trunk could not carry, while the pace of the next one keeps it waiting.
    unserved: Option<Unserved>,
    third: Option<LegId>,
    third_shown: Option<LegPicture>,
    /// Whither the patient is to go, while the pace keeps it waiting.
    transfer: Option<(Number, HandLine)>,
    supervisors: BTreeMap<AgentId, LegId>,
    /// Agents whose phones failed in this conversation.
    lost: BTreeSet<AgentId>,
    keys: String,
    refusal: Option<Refusal>,
    recording_paused: bool,
    /// The note of its end, once that is asked for: the screen says "over" when the record does.
    last_note: Option<u32>,
    /// A bridge that failed was tried once more.
    was_bridged_again: bool,
    is_muted: bool,
    seq: u32,
    plays: u32,
    wait: Option<(Moment, Wait)>,
}

/// What a conversation waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    /// The pace of the patient's trunk.
    Pace,
    /// The pace of the trunk of a transfer.
    TransferPace,
    /// Its screens have seen it.
    Shown,
}

impl Conversations {
    /// When to wake it at the latest.
    pub(super) fn deadline(&self) -> Option<Moment> {
        let sides = self.sides.values().filter_map(|side| side.leg.deadline());
        let waits = self
            .all
            .values()
            .filter_map(|conversation| conversation.wait.map(|(at, _)| at));
        sides
            .chain(waits)
            .chain(self.waiting.values().map(Waiting::deadline))
            .chain(self.floor.deadline())
            .chain(self.unwritten.deadline())
            .min()
    }

    /// Whether nothing of it keeps the daemon from its end.
    pub(super) fn is_idle(&self) -> bool {
        self.sides.is_empty()
            && self.all.values().all(|conversation| !conversation.is_beginning)
            && self.unwritten.is_empty()
    }

    pub(super) fn has_side(&self, leg: LegId) -> bool {
        self.sides.contains_key(&leg)
    }

    /// The rules of the campaign that a conversation calls for.
    pub(super) fn by_hand(&self, id: ConversationId) -> Option<&ByHand> {
        self.all.get(&id).map(|conversation| &conversation.by_hand)
    }
}

impl Conversation {
    fn new(agent: AgentId, by_hand: ByHand, wall: Wall) -> Self {
        Self {
            agent,
            by_hand,
            state: ConversationState::RingingAgent,
            since: wall,
            agent_leg: None,
            agent_shown: LegPicture::new(wall),
            waited: None,
            attempt: None,
            is_beginning: false,
            begun: None,
            line: None,
            patient: None,
            patient_shown: None,
            answered_at: None,
            disposition: None,
            unserved: None,
            third: None,
            third_shown: None,
            transfer: None,
            supervisors: BTreeMap::new(),
            lost: BTreeSet::new(),
            keys: String::new(),
            refusal: None,
            recording_paused: false,
            last_note: None,
            was_bridged_again: false,
            is_muted: false,
            seq: 0,
            plays: 0,
            wait: None,
        }
    }

    /// One whose patient is on the line already.
    fn of_waiting(
        agent: AgentId,
        by_hand: ByHand,
        (patient, attempt): (LegId, AttemptId),
        waited: Waited,
        wall: Wall,
    ) -> Self {
        let mut shown = LegPicture::new(wall);
        shown.state = LegState::Talking;
        Self {
            state: ConversationState::PatientWaiting,
            waited: Some(waited),
            attempt: Some(attempt),
            patient: Some(patient),
            patient_shown: Some(shown),
            ..Self::new(agent, by_hand, wall)
        }
    }

    fn of_attempt(&self) -> Option<AttemptId> {
        self.begun.as_ref().map(|begun| begun.attempt).or(self.attempt)
    }

    /// Names a play that belongs to no questionnaire.
    fn next_play(&mut self) -> u32 {
        self.plays += 1;
        PLAYS + self.plays
    }

    fn is_over(&self) -> bool {
        let no_leg = self.agent_leg.is_none() && self.patient.is_none() && self.third.is_none();
        no_leg && self.supervisors.is_empty() && !self.is_beginning
    }
}

/// Plays of a conversation are numbered from here on, those of its call below.
const PLAYS: u32 = 1 << 20;

impl Control {
    /// Gives a leg one input and carries what comes out.
    pub(super) fn side(&mut self, now: Moment, wall: Wall, leg: LegId, input: LegInput) {
        self.give_side(now, wall, leg, input);
        while let Some(side) = self.desk.sides.get_mut(&leg)
            && let Some(output) = side.leg.poll()
        {
            self.side_output(now, wall, leg, output);
        }
    }

    /// A leg whose handling panics ends alone, as our own fault; the other side is told like of any end.
    fn give_side(&mut self, now: Moment, wall: Wall, leg: LegId, input: LegInput) {
        let Some(side) = self.desk.sides.get_mut(&leg) else {
            return;
        };
        if catch_unwind(AssertUnwindSafe(|| side.leg.handle(now, input))).is_ok() {
            return;
        }
        self.ua.handle(now, sip::Input::Do(sip::Command::HangUp { leg }));
        self.media(leg, media::Command::Close);
        let ending = LegEnding {
            end: LegEnd::OwnFault,
            by: EndedBy::Us,
            status: None,
            q850: None,
            talk_ms: None,
        };
        self.side_ending(now, wall, leg, &ending);
        self.side_finished(now, wall, leg, ending);
    }

    fn side_output(&mut self, now: Moment, wall: Wall, leg: LegId, output: LegOutput) {
        match output {
            LegOutput::LendPort => {
                let address = self.lend_side_port(now, leg);
                self.give_side(now, wall, leg, address.map_or(LegInput::NoPort, LegInput::Port));
            }
            LegOutput::Sip(command) => self.ua.handle(now, sip::Input::Do(command)),
            LegOutput::Media(command) => self.media(leg, command),
            LegOutput::Seen(seen) => self.side_seen(now, wall, leg, seen),
            LegOutput::Finished(ending) => self.side_finished(now, wall, leg, ending),
        }
    }

    fn media(&mut self, leg: LegId, command: media::Command) {
        self.outputs.push_back(Output::Media { leg, command });
    }

    /// Lets two legs hear each other.
    fn bridge(&mut self, one: LegId, with: LegId) {
        self.media(one, media::Command::Bridge { with });
    }

    /// Plays something to a leg until it is bridged, or something else is played.
    fn loop_to(&mut self, id: ConversationId, leg: LegId, prompts: Vec<String>) {
        let Some(conversation) = self.desk.all.get_mut(&id) else {
            return;
        };
        let play = conversation.next_play();
        self.media(leg, media::Command::Loop { play, prompts });
    }

    /// A conversation goes on to another state, which is told.
    fn enter(&mut self, wall: Wall, id: ConversationId, state: ConversationState) {
        let Some(conversation) = self.desk.all.get_mut(&id) else {
            return;
        };
        if conversation.state == state {
            return;
        }
        (conversation.state, conversation.since) = (state, wall);
        self.show(id);
    }

    /// Tells screens how a conversation stands.
    fn show(&mut self, id: ConversationId) {
        if let Some(one) = self.desk.all.get(&id) {
            let picture = Box::new(one.picture(id));
            self.outputs.push_back(Output::Told(Told::Conversation(picture)));
        }
    }

    /// What is due by now.
    pub(super) fn wake_desk(&mut self, now: Moment, wall: Wall) {
        self.desk.floor.handle(now, crate::agents::Input::Wake);
        self.drain_floor(wall);
        let is_due = |side: &Side| side.leg.deadline().is_some_and(|at| at <= now);
        let due = self.desk.sides.iter().filter(|(_, side)| is_due(side));
        let due: Vec<LegId> = due.map(|(leg, _)| *leg).collect();
        for leg in due {
            self.side(now, wall, leg, LegInput::Wake);
        }
        let waits = |conversation: &Conversation| conversation.wait.filter(|(at, _)| *at <= now);
        let all = self.desk.all.iter();
        let due: Vec<_> = all.filter_map(|(id, one)| Some((*id, waits(one)?.1))).collect();
        for (id, wait) in due {
            if let Some(conversation) = self.desk.all.get_mut(&id) {
                conversation.wait = None;
            }
            match wait {
                Wait::Pace => self.call_patient(now, wall, id),
                Wait::TransferPace => self.call_third(now, wall, id),
                Wait::Shown => self.forget(now, id),
            }
        }
        self.wake_waiting(now, wall);
        self.write_conversations_again(now);
    }

    /// All legs are over: the conversation is written down. No screen says so before the record does.
    fn end_if_over(&mut self, wall: Wall, id: ConversationId) {
        let Some(conversation) = self.desk.all.get_mut(&id) else {
            return;
        };
        if conversation.last_note.is_some() || !conversation.is_over() {
            return;
        }
        conversation.wait = None;
        self.enter(wall, id, ConversationState::Ending);
        self.note_end(wall, id);
    }

    /// The record has the end of the conversation and of its attempt: now the picture says so too, and stays for a while.
    pub(in crate::control) fn end_shown(&mut self, now: Moment, wall: Wall, id: ConversationId) {
        let Some(conversation) = self.desk.all.get_mut(&id) else {
            return;
        };
        let attempt = conversation.of_attempt();
        let is_written = conversation
            .last_note
            .is_some_and(|seq| !self.desk.unwritten.has(id, seq));
        if is_written
            && conversation.state != ConversationState::Ended
            && !attempt.is_some_and(|attempt| self.unwritten.contains_key(&(attempt, Piece::End)))
        {
            conversation.wait = Some((now + SHOWN, Wait::Shown));
            self.enter(wall, id, ConversationState::Ended);
        }
    }

    /// The end of an attempt is written down.
    pub(in crate::control) fn attempt_written(&mut self, now: Moment, wall: Wall, attempt: AttemptId) {
        let of_it = |one: &Conversation| one.of_attempt() == Some(attempt);
        let id = self.desk.all.iter().find(|(_, one)| of_it(one)).map(|(id, _)| *id);
        if let Some(id) = id {
            self.end_shown(now, wall, id);
        }
    }

    /// Takes a conversation out of the picture, unless its outcome is being written down.
    fn forget(&mut self, now: Moment, id: ConversationId) {
        let in_hand = self.desk.floor.seats().values().any(|seat| seat.is_busy_with(id));
        if in_hand {
            if let Some(conversation) = self.desk.all.get_mut(&id) {
                conversation.wait = Some((now + SHOWN, Wait::Shown));
            }
        } else {
            self.desk.all.remove(&id);
        }
    }
}

impl LegPicture {
    fn new(wall: Wall) -> Self {
        Self {
            state: LegState::Calling,
            since: wall,
            ending: None,
        }
    }

    fn enter(&mut self, wall: Wall, state: LegState) {
        if self.state != state {
            (self.state, self.since) = (state, wall);
        }
    }
}
