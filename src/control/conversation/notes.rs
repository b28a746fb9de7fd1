//! What is written down of a conversation: each note once, again until the store has it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::{Control, Output};
use crate::dialer::{ConversationNote, Noteworthy, Request};
use crate::ids::{AgentId, ConversationId, LegId};
use crate::moment::{Moment, Wall};
use crate::phone::Number;
use crate::sip;

/// After this long a note that was refused is written again.
const PAUSE: Duration = Duration::from_secs(1);

/// So many notes wait for the store at the most; what comes on top is asked once.
const MOST: usize = 4096;

/// Notes that the store has not confirmed, and when the refused ones are asked again.
#[derive(Debug, Default)]
pub(super) struct Unwritten(BTreeMap<(ConversationId, u32), (ConversationNote, Option<Moment>)>);

impl Unwritten {
    pub(super) fn deadline(&self) -> Option<Moment> {
        self.0.values().filter_map(|(_, at)| *at).min()
    }

    /// Whether this note is yet to be confirmed.
    pub(super) fn has(&self, id: ConversationId, seq: u32) -> bool {
        self.0.contains_key(&(id, seq))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// When the notes of a conversation that the store has refused are asked again; none: it has refused none.
    fn refused_until(&self, id: ConversationId) -> Option<Moment> {
        let of_it = self.0.range((id, 0)..=(id, u32::MAX));
        of_it.filter_map(|(_, (_, at))| *at).min()
    }
}

impl Control {
    pub(super) fn note_conversation(&mut self, wall: Wall, id: ConversationId, what: Noteworthy) {
        let Some(conversation) = self.desk.all.get_mut(&id) else {
            return;
        };
        conversation.seq += 1;
        let note = ConversationNote {
            conversation: id,
            seq: conversation.seq,
            at: wall,
            agent: conversation.agent,
            what,
        };
        // Of its end a conversation has one: none of those is given up.
        let is_last = matches!(note.what, Noteworthy::Ended { .. });
        if is_last {
            conversation.last_note = Some(note.seq);
        }
        if is_last || self.desk.unwritten.0.len() < MOST {
            // What follows from a note follows from those before it as well: it waits for them.
            let after = self.desk.unwritten.refused_until(id);
            self.desk.unwritten.0.insert((id, note.seq), (note.clone(), after));
            if after.is_some() {
                return;
            }
        }
        self.ask_note(note);
    }

    /// A conversation that nothing came of: its patient had left before the phone rang.
    pub(super) fn end_unbegun(&mut self, wall: Wall, id: ConversationId, agent: AgentId) {
        if self.desk.all.contains_key(&id) {
            return;
        }
        let note = ConversationNote {
            conversation: id,
            seq: 1,
            at: wall,
            agent,
            what: Noteworthy::Ended {
                agent: None,
                patient: None,
                disposition: None,
            },
        };
        if self.desk.unwritten.0.len() < MOST {
            self.desk.unwritten.0.insert((id, note.seq), (note.clone(), None));
        }
        self.ask_note(note);
    }

    /// The user agent has something of a leg beside a patient's to be written down.
    pub(in crate::control) fn save_side(&mut self, leg: LegId, saved: &sip::Saved) {
        let Some(side) = self.desk.sides.get(&leg) else { return };
        let (id, plan) = (side.of, side.leg.plan());
        let number = match &plan.to {
            sip::Callee::Number { number, .. } => Some(number.clone()),
            sip::Callee::Phone { .. } => Number::parse("0").ok(),
        };
        let Some(number) = number else { return };
        let what = Noteworthy::LegUp {
            leg,
            mark: plan.mark.to_string(),
            number,
            dialog: serde_json::to_string(saved).unwrap_or_default(),
            rtp_port: self.ports.of(leg),
        };
        self.note_conversation(self.wall, id, what);
    }

    /// The last note: how both legs ended.
    pub(super) fn note_end(&mut self, wall: Wall, id: ConversationId) {
        let Some(conversation) = self.desk.all.get(&id) else {
            return;
        };
        let patient = conversation.patient_shown.as_ref();
        let ended = Noteworthy::Ended {
            agent: conversation.agent_shown.ending.clone(),
            patient: patient.and_then(|shown| shown.ending.clone()),
            disposition: conversation.disposition,
        };
        self.note_conversation(wall, id, ended);
    }

    fn ask_note(&mut self, note: ConversationNote) {
        self.outputs
            .push_back(Output::Ask(Request::Conversation(Box::new(note))));
    }

    pub(in crate::control) fn conversation_noted(&mut self, now: Moment, wall: Wall, id: ConversationId, seq: u32) {
        self.desk.unwritten.0.remove(&(id, seq));
        self.end_shown(now, wall, id);
    }

    pub(in crate::control) fn conversation_not_noted(&mut self, now: Moment, note: &ConversationNote) {
        let again_at = self.desk.unwritten.refused_until(note.conversation);
        if let Some((_, at)) = self.desk.unwritten.0.get_mut(&(note.conversation, note.seq)) {
            // Those of a conversation are asked again together, in their order.
            *at = again_at.or(Some(now + PAUSE));
        }
    }

    pub(super) fn write_conversations_again(&mut self, now: Moment) {
        let mut due = Vec::new();
        for (note, at) in self.desk.unwritten.0.values_mut() {
            if at.is_some_and(|at| at <= now) {
                *at = None;
                due.push(note.clone());
            }
        }
        for note in due {
            self.ask_note(note);
        }
    }
}
