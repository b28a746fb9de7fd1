//! What the database says of the night, laid beside what the peers saw.

use std::collections::BTreeMap;

use super::cast::Cast;
use super::phone_patients::Taken;
use crate::rig::attempts::{self, Attempt};
use crate::rig::daemon::Site;
use crate::rig::sipp::{Behaviour, End, Seen, voice};
use crate::rig::speech::RATE;
use crate::rig::{database, wav};

/// All attempts of the night, and who is not to be called again.
#[derive(Debug)]
pub(super) struct Ledger {
    attempts: Vec<Attempt>,
    do_not_call: Vec<String>,
}

pub(super) fn read(site: &Site) -> Ledger {
    let do_not_call = database::rows::<1>(&site.database(), "select digits from do_not_call order by digits");
    Ledger {
        attempts: attempts::read(site),
        do_not_call: do_not_call.into_iter().map(|[digits]| digits).collect(),
    }
}

impl Ledger {
    #[expect(clippy::print_stderr, reason = "figures for whoever runs this with --nocapture")]
    pub(super) fn tell_figures(&self) {
        let begun = self.attempts.iter().map(|attempt| attempt.begun_at);
        let ended = self.attempts.iter().map(|attempt| attempt.ended_at);
        let night_ms = ended.max().unwrap_or_default() - begun.min().unwrap_or_default();
        let under_way = |at: u64| {
            self.attempts
                .iter()
                .filter(|a| (a.begun_at..a.ended_at).contains(&at))
                .count()
        };
        let most = self.attempts.iter().map(|attempt| under_way(attempt.begun_at)).max();
        let recorded_ms: u64 = self.attempts.iter().map(|attempt| attempt.duration_ms).sum();
        let mut endings: BTreeMap<&str, u32> = BTreeMap::new();
        for attempt in &self.attempts {
            *endings.entry(&attempt.disposition).or_default() += 1;
        }
        eprintln!(
            "{} calls in {} s, {} at once, {} answered, {} s recorded: {endings:?}",
            self.attempts.len(),
            night_ms / 1000,
            most.unwrap_or_default(),
            self.attempts.iter().filter(|attempt| attempt.is_answered).count(),
            recorded_ms / 1000
        );
    }

    /// Every call that SIPp saw is an attempt that ended the same way, and there is no other.
    pub(super) fn agrees_with_sipp(&self, seen: &[Seen], cast: &Cast) {
        let attempts = self.by_call_id("sipp");
        assert_eq!(seen.len(), attempts.len(), "calls that SIPp saw, and attempts");
        for call in seen {
            let attempt = attempts
                .get(call.call_id.as_str())
                .unwrap_or_else(|| panic!("SIPp saw a call that is no attempt: {call:?}"));
            assert_eq!(attempt.digits, call.number, "{call:?}");
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
            is_recorded_as_long_as_it_was(attempt);
        }
    }

    /// The same for the calls that the phone took.
    pub(super) fn agrees_with_phone(&self, taken: &[Taken]) {
        let attempts = self.by_call_id("phone");
        assert_eq!(attempts.len(), taken.len());
        for taken in taken {
            let attempt = attempts
                .get(taken.call_id.as_str())
                .unwrap_or_else(|| panic!("the phone took a call that is no attempt: {taken:?}"));
            let context = format!("{taken:?}\n{attempt:?}");
            assert_eq!(attempt.digits, taken.number, "{context}");
            assert_eq!(attempt.disposition, taken.disposition(), "{context}");
            assert_eq!(attempt.keys, taken.keys(), "{context}");
            assert_eq!(attempt.answers, taken.answers(), "{context}");
            assert_eq!(attempt.is_answered, taken.is_answered(), "{context}");
            is_recorded_as_long_as_it_was(attempt);
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
                wav::assert_same_voice(&said[..3 * RATE], &left, wav::Begins::WithAck, 0, &attempt.recording);
            }
        }
    }

    fn by_call_id(&self, trunk: &str) -> BTreeMap<&str, &Attempt> {
        let attempts: Vec<&Attempt> = self.attempts.iter().filter(|attempt| attempt.trunk == trunk).collect();
        let by_id = attempts.iter().map(|attempt| (attempt.call_id(), *attempt));
        let by_id: BTreeMap<&str, &Attempt> = by_id.collect();
        assert_eq!(by_id.len(), attempts.len(), "every attempt has a Call-ID of its own");
        by_id
    }
}

/// Answered calls have a recording of their length; others have none.
fn is_recorded_as_long_as_it_was(attempt: &Attempt) {
    assert_eq!(!attempt.recording.is_empty(), attempt.is_answered, "{attempt:?}");
    if attempt.is_answered {
        let talk_ms = attempt.facts["talk_ms"].as_u64().unwrap_or_default();
        assert!(
            attempt.duration_ms.abs_diff(talk_ms) <= 300,
            "recorded {} ms: {attempt:?}",
            attempt.duration_ms
        );
    }
}
