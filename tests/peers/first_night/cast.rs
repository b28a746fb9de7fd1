//! Who plays which patient, and what has to come of it.

use std::collections::BTreeMap;

use super::discharge_list::Called;
use crate::rig::pcap::Press;
use crate::rig::sipp::{Behaviour, Script};

/// A part: what the patient does, and what the database must hold then.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) behaviour: Behaviour,
    pub(super) disposition: &'static str,
    /// Keys that reach us before the call ends.
    pub(super) keys: &'static str,
    /// `question=value` in the order of the questions.
    pub(super) answers: &'static [&'static str],
    /// The stop-calling-me key was pressed.
    pub(super) opts_out: bool,
}

/// Parts by number.
#[derive(Debug)]
pub(super) struct Cast {
    pub(super) parts: BTreeMap<String, Part>,
}

impl Cast {
    pub(super) fn patients(&self) -> BTreeMap<String, Behaviour> {
        self.parts
            .iter()
            .map(|(number, part)| (number.clone(), part.behaviour))
            .filter(|(_, b)| *b != VACANT)
            .collect()
    }
}

/// A number that SIPp does not list is answered by 404.
const VACANT: Behaviour = Behaviour::Absent { tone_ms: 0 };

/// When which key is pressed, counted from the answer. The greeting takes 3 s and is not cut by these keys; every
/// question begins at once when the one before is answered, and takes a key while its prompt plays.
pub(super) fn scripts() -> Vec<Script> {
    let at = |presses: &[(char, usize)]| {
        let presses: Vec<Press> = presses.iter().map(|&(key, ms)| Press::new(key, ms)).collect();
        Script::of(&presses)
    };
    vec![
        at(&[('1', 4000), ('7', 6000), ('1', 8000)]),
        at(&[('2', 4200), ('9', 6200), ('2', 8200)]),
        at(&[('4', 3800), ('1', 5800), ('0', 6500), ('1', 9000)]),
        at(&[('3', 4000), ('5', 6000)]),
        at(&[('#', 4000), ('#', 4500)]),
        at(&[('9', 1500)]),
        at(&[]),
        at(&[]).lasting(100),
    ]
}

/// Gives every number a part.
pub(super) fn of(called: &[Called]) -> Cast {
    let answers = |ring_ms, talk_ms, script| Behaviour::Answers {
        ring_ms,
        talk_ms,
        script,
    };
    let part = |behaviour, disposition, keys, answers, opts_out| Part {
        behaviour,
        disposition,
        keys,
        answers,
        opts_out,
    };
    let parts = [
        part(
            answers(1000, None, 0),
            "completed",
            "171",
            &["treatment=1", "recommend=7", "instructions=1"],
            false,
        ),
        part(
            answers(250, None, 1),
            "completed",
            "292",
            &["treatment=2", "recommend=9", "instructions=0"],
            false,
        ),
        part(
            answers(2000, None, 2),
            "completed",
            "4101",
            &["treatment=4", "recommend=10", "instructions=1"],
            false,
        ),
        part(
            answers(500, Some(7500), 3),
            "partial",
            "35",
            &["treatment=3", "recommend=5"],
            false,
        ),
        part(answers(500, None, 4), "refused", "##", &[], false),
        part(answers(500, None, 5), "opt_out", "9", &["stop_calling=9"], true),
        part(answers(750, Some(2000), 6), "early_hangup", "", &[], false),
        part(Behaviour::Busy, "busy", "", &[], false),
        part(Behaviour::Absent { tone_ms: 1500 }, "power_off", "", &[], false),
        part(Behaviour::Silent, "no_answer", "", &[], false),
        part(VACANT, "vacant", "", &[], false),
    ];
    // Nobody presses anything, which takes a minute and more, so only a few; and one line goes dead after half a minute.
    let silent = part(answers(500, None, 7), "silent", "", &[], false);
    let dead = part(answers(500, None, 6), "interrupted", "", &[], false);
    let mut cast = BTreeMap::new();
    for (index, called) in called.iter().enumerate() {
        // Most patients answer to the end.
        let turn = index % 20;
        let part = match turn {
            0 if index < 4 => dead.clone(),
            1..=2 if index < 4 => silent.clone(),
            0..=9 => parts[turn % 3].clone(),
            _ => parts[(turn - 10) % parts.len()].clone(),
        };
        // Ten turns cover the parts up to `no_answer`; every fortieth number is vacant.
        let part = if index % 40 == 39 { parts[10].clone() } else { part };
        cast.insert(called.number.clone(), part);
    }
    Cast { parts: cast }
}
