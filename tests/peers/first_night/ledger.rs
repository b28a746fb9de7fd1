//! What the database says of the night, laid beside what the peers saw.

use std::collections::BTreeMap;

use serde_json::Value;

use super::cast::Cast;
use super::phone_patients::Taken;
use crate::rig::daemon::Site;
use crate::rig::sipp::{Behaviour, End, Seen, voice};
use crate::rig::speech::RATE;
use crate::rig::{database, wav};

/// One attempt as the database has it.
#[derive(Debug)]
pub(super) struct Attempt {
    digits: String,
    trunk: String,
    disposition: String,
    facts: Value,
    is_answered: bool,
    keys: String,
    answers: Vec<String>,
    recording: String,
    duration_ms: u64,
}

/// All attempts of the night, and who is not to be called again.
#[derive(Debug)]
pub(super) struct Ledger {
    attempts: Vec<Attempt>,
    do_not_call: Vec<String>,
}

pub(super) fn read(site: &Site) -> Ledger {
    let query = "select a.digits, a.trunk, a.disposition, a.facts, cast(a.answered_at is not null as text), \
                 (select group_concat(key, '') from (select key from pressed_key where attempt_id = a.id order by seq)), \
                 (select group_concat(pair, ' ') from (select question || '=' || value as pair from answer \
                  where attempt_id = a.id and kind = 'value' order by keep_seq)), \
                 r.path, cast(r.duration_ms as text) \
                 from attempt a left join recording r on r.attempt_id = a.id where a.is_test = 0 order by a.id";
    let attempts = database::rows::<9>(&site.database(), query).into_iter().map(
        |[
            digits,
            trunk,
            disposition,
            facts,
            answered,
            keys,
            answers,
            recording,
            duration_ms,
        ]| Attempt {
            digits,
            trunk,
            disposition,
            facts: serde_json::from_str(&facts).unwrap_or_default(),
            is_answered: answered == "1",
            keys,
            answers: answers.split_whitespace().map(str::to_owned).collect(),
            recording,
            duration_ms: duration_ms.parse().unwrap_or_default(),
        },
    );
    let attempts = attempts.collect();
    let do_not_call = database::rows::<1>(&site.database(), "select digits from do_not_call order by digits");
    Ledger {
        attempts,
        do_not_call: do_not_call.into_iter().map(|[digits]| digits).collect(),
    }
}

/// Whether every case of these campaigns is closed.
pub(super) fn is_over(status: &Value, campaigns: &[&str]) -> bool {
    let named = status["campaigns"].as_array().map_or(&[][..], Vec::as_slice);
    let running = named
        .iter()
        .filter(|campaign| campaigns.iter().any(|name| campaign["name"] == *name));
    running
        .filter(|campaign| campaign["closed"] == campaign["cases"])
        .count()
        == campaigns.len()
}

impl Ledger {
    /// Every call that SIPp saw is an attempt that ended the same way, and there is no other.
    pub(super) fn agrees_with_sipp(&self, seen: &[Seen], cast: &Cast) {
        let mut attempts = self.by_number("sipp");
        assert_eq!(
            seen.len(),
            attempts.values().map(Vec::len).sum::<usize>(),
            "calls that SIPp saw, and attempts"
        );
        for call in seen {
            let of_number = attempts.get_mut(call.number.as_str()).filter(|left| !left.is_empty());
            let attempt = of_number
                .unwrap_or_else(|| panic!("SIPp saw a call that is no attempt: {call:?}"))
                .remove(0);
            let part = &cast.parts[&call.number];
            let context = format!("{call:?}\n{part:?}\n{attempt:?}");
            assert_eq!(attempt.disposition, part.disposition, "{context}");
            assert_eq!(attempt.is_answered, call.is_answered, "{context}");
            assert_eq!(attempt.keys, part.keys, "{context}");
            assert_eq!(attempt.answers, part.answers, "{context}");
            assert_eq!(self.do_not_call.contains(&call.number), part.opts_out, "{context}");
            let facts = &attempt.facts;
            match call.end {
                End::Refused(status) => assert_eq!(facts["final_status"], status, "{context}"),
                End::Cancelled => assert_eq!(facts["our_reason"], "ring_limit", "{context}"),
                End::HungUp => assert_eq!(facts["ended_by"], "far_end", "{context}"),
                End::Ended => assert_eq!(facts["ended_by"], "us", "{context}"),
                End::Open => panic!("SIPp saw no end of it: {context}"),
            }
            let q850 = match part.behaviour {
                Behaviour::Busy => Some(17),
                Behaviour::Absent { tone_ms: 0 } => Some(1),
                Behaviour::Absent { .. } => Some(20),
                Behaviour::Answers { .. } | Behaviour::Silent => None,
            };
            assert!(q850.is_none_or(|q850| facts["q850"] == q850), "{context}");
            attempt.is_recorded_as_long_as_it_was();
        }
    }

    /// The same for the calls that the phone took, in their order.
    pub(super) fn agrees_with_phone(&self, taken: &[Taken]) {
        let attempts: Vec<&Attempt> = self
            .attempts
            .iter()
            .filter(|attempt| attempt.trunk == "phone")
            .collect();
        assert_eq!(attempts.len(), taken.len());
        for (attempt, taken) in attempts.iter().zip(taken) {
            let context = format!("{taken:?}\n{attempt:?}");
            assert_eq!(attempt.digits, taken.number, "{context}");
            assert_eq!(attempt.disposition, taken.disposition(), "{context}");
            assert_eq!(attempt.keys, taken.keys(), "{context}");
            assert_eq!(attempt.is_answered, taken.is_answered(), "{context}");
            attempt.is_recorded_as_long_as_it_was();
        }
    }

    /// One recording of each script: the patient's voice is on the left from the answer on.
    pub(super) fn recordings_hold_the_voices(&self, site: &Site, cast: &Cast) {
        let mut heard = BTreeMap::new();
        for attempt in self
            .attempts
            .iter()
            .filter(|attempt| attempt.trunk == "sipp" && attempt.duration_ms > 4000)
        {
            if let Behaviour::Answers { script, .. } = cast.parts[&attempt.digits].behaviour {
                heard.entry(script).or_insert(attempt);
            }
        }
        assert!(heard.len() >= 4, "{heard:?}");
        for (script, attempt) in heard {
            let left = wav::channel(&site.data(&attempt.recording), 0);
            // The first key is pressed after 3.8 s at the earliest, but for the one who opts out.
            let said = voice(script, 30);
            if !cast.parts[&attempt.digits].opts_out {
                wav::assert_same_voice(&said[..3 * RATE], &left, 0, &attempt.recording);
            }
        }
    }

    fn by_number(&self, trunk: &str) -> BTreeMap<&str, Vec<&Attempt>> {
        let mut attempts: BTreeMap<&str, Vec<&Attempt>> = BTreeMap::new();
        for attempt in self.attempts.iter().filter(|attempt| attempt.trunk == trunk) {
            attempts.entry(&attempt.digits).or_default().push(attempt);
        }
        attempts
    }
}

impl Attempt {
    /// Answered calls have a recording of their length; others have none.
    fn is_recorded_as_long_as_it_was(&self) {
        assert_eq!(!self.recording.is_empty(), self.is_answered, "{self:?}");
        if self.is_answered {
            let talk_ms = self.facts["talk_ms"].as_u64().unwrap_or_default();
            assert!(
                self.duration_ms.abs_diff(talk_ms) <= 300,
                "recorded {} ms: {self:?}",
                self.duration_ms
            );
        }
    }
}
