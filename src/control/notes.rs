//! What is written down of a running call, so that it can be ended after a crash; and the two steps that wait for it: the
//! ACK to the 200, and the first INVITE over another trunk.

use std::time::Duration;

use super::{Control, Output, call};
use crate::dialer::{Awaited, Note, Request};
use crate::ids::{AttemptId, LegId};
use crate::media;
use crate::moment::{Moment, Wall};
use crate::sip;

/// A note that was refused is written again after this long: soon enough to be there before the ACK has to leave.
const FIRST_PAUSE: Duration = Duration::from_millis(80);

/// The pause doubles so often: to 2.56 s.
const DOUBLED: u32 = 5;

/// The notes of one call.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// The number of the last one, counted over all trunks of the attempt.
    pub(super) seq: u32,
    last: sip::Saved,
    /// The ACK waits for this one.
    answer: Option<u32>,
    /// The INVITE waits for this one.
    leaving: Option<u32>,
    port: Port,
    /// How often in a row the store refused one.
    refused: u32,
}

/// Whether the port of a call whose INVITE waits is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Port {
    #[default]
    Asked,
    Open,
}

impl Notes {
    /// Notes that go on where another trunk's ended.
    pub(super) fn after(seq: u32) -> Self {
        Self { seq, ..Self::default() }
    }
}

impl Notes {
    /// What was written down last.
    pub(super) fn last(&self) -> &sip::Saved {
        &self.last
    }
}

impl Control {
    /// The user agent has something to be written down.
    pub(super) fn save(&mut self, leg: LegId, saved: sip::Saved) {
        let Some(live) = self.calls.get_mut(&leg) else {
            return self.save_side(leg, &saved);
        };
        let notes = &mut live.notes;
        notes.seq += 1;
        if !saved.dialogs.is_empty() {
            notes.answer.get_or_insert(notes.seq);
        }
        notes.last = saved;
        self.write_note(leg);
    }

    /// A call goes over another trunk than its attempt was begun with: which one is written down before the INVITE.
    pub(super) fn save_trunk(&mut self, leg: LegId) {
        let Some(live) = self.calls.get_mut(&leg) else { return };
        let plan = live.call.plan();
        let Some(trunk) = self.settings.trunks.get(usize::from(plan.trunk.0)) else {
            return;
        };
        live.notes.seq += 1;
        live.notes.leaving = Some(live.notes.seq);
        live.notes.last = sip::Saved {
            trunk: trunk.name.clone(),
            before: plan.before,
            ..sip::Saved::default()
        };
        self.write_note(leg);
    }

    fn write_note(&mut self, leg: LegId) {
        let Some(live) = self.calls.get(&leg) else { return };
        let attempt = live.who.attempt;
        self.unnoted.remove(&attempt);
        let note = Note {
            attempt,
            seq: live.notes.seq,
            dialog: serde_json::to_string(&live.notes.last).unwrap_or_default(),
            rtp_port: self.ports.of(leg),
            reached: live.notes.last.reached,
            awaited: match live.notes.answer {
                Some(answer) if answer == live.notes.seq => Awaited::Patient,
                Some(_) | None => Awaited::Nobody,
            },
        };
        self.outputs.push_back(Output::Ask(Request::Note(note)));
    }

    /// A note is on disk.
    pub(super) fn noted(&mut self, now: Moment, wall: Wall, attempt: AttemptId, seq: u32) {
        let Some(leg) = self.by_attempt.get(&attempt).copied() else {
            return;
        };
        let Some(live) = self.calls.get_mut(&leg) else { return };
        live.notes.refused = 0;
        if live.notes.answer.is_some_and(|answer| answer <= seq) {
            self.ua.handle(now, sip::Input::Do(sip::Command::Acknowledge { leg }));
        }
        self.may_leave(now, wall, leg, seq);
    }

    /// A note could not be written: the latest one is tried again, and what waits for it waits no longer.
    pub(super) fn note_failed(&mut self, now: Moment, wall: Wall, note: &Note) {
        let Some(leg) = self.by_attempt.get(&note.attempt).copied() else {
            return;
        };
        let Some(live) = self.calls.get_mut(&leg) else { return };
        if live.notes.seq == note.seq {
            let pause = FIRST_PAUSE * 2_u32.pow(live.notes.refused.min(DOUBLED));
            live.notes.refused += 1;
            self.unnoted.insert(note.attempt, now + pause);
        }
        self.may_leave(now, wall, leg, note.seq);
    }

    fn may_leave(&mut self, now: Moment, wall: Wall, leg: LegId, seq: u32) {
        let Some(live) = self.calls.get_mut(&leg) else { return };
        if live.notes.leaving.is_none_or(|leaving| leaving > seq) {
            return;
        }
        live.notes.leaving = None;
        if live.notes.port == Port::Open {
            self.call(now, wall, leg, call::Input::Media(media::Fact::Opened));
        }
    }

    /// Keeps the word that a port is open from a call whose INVITE may not leave yet.
    pub(super) fn must_wait(&mut self, leg: LegId, fact: &media::Fact) -> bool {
        let Some(live) = self.calls.get_mut(&leg) else {
            return false;
        };
        let waits = live.notes.leaving.is_some() && *fact == media::Fact::Opened;
        if waits {
            live.notes.port = Port::Open;
        }
        waits
    }

    pub(super) fn note_again(&mut self, now: Moment) {
        let due: Vec<AttemptId> = self
            .unnoted
            .iter()
            .filter(|(_, at)| **at <= now)
            .map(|(attempt, _)| *attempt)
            .collect();
        for attempt in due {
            self.unnoted.remove(&attempt);
            if let Some(leg) = self.by_attempt.get(&attempt).copied() {
                self.write_note(leg);
            }
        }
    }
}
