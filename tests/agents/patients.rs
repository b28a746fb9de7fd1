//! The patients of the far end: what each of them does when called, and what each of them saw.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::seen::Peer;

/// What a patient does, told by the fifth to the seventh digit of the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Patient {
    /// Answers after half a second, says hello, and stays until let go.
    Stays,
    /// The same in PCMU, whatever comes first in the offer.
    SpeaksMuLaw,
    /// Answers and hangs up three seconds later.
    HangsUp,
    /// Answers and hangs up at once.
    HangsUpAtOnce,
    /// 486, cause 17.
    Busy,
    /// Rings, and then 486: declined by hand, as some exchanges tell it.
    DeclinesRinging,
    /// 603.
    Declines,
    /// Rings until the caller gives up.
    RingsOn,
    /// An announcement, then 480 with cause 20.
    SwitchedOff,
    /// 404, cause 1.
    Vacant,
    /// An announcement, then the answer.
    SoundsFirst,
    /// Answers; two seconds later nothing is heard of it any more, nor does it hang up.
    FallsSilent,
    /// 503: the exchange is full.
    ExchangeFull,
}

const ALL: [(Patient, &str); 13] = [
    (Patient::Stays, "ring = \"500ms\""),
    (Patient::SpeaksMuLaw, "ring = \"500ms\"\ncodec = \"pcmu\""),
    (Patient::HangsUp, "ring = \"500ms\"\nhang_up = [{ at = \"3s\" }]"),
    (
        Patient::HangsUpAtOnce,
        "ring = \"300ms\"\nhang_up = [{ at = \"300ms\" }]",
    ),
    (Patient::Busy, "status = 486\nreason = \"Q.850;cause=17\""),
    (Patient::DeclinesRinging, "ring = \"1500ms\"\nstatus = 486"),
    (Patient::Declines, "ring = \"1s\"\nstatus = 603"),
    (Patient::RingsOn, "ring = \"100ms\"\ndoes = \"rings-on\""),
    (
        Patient::SwitchedOff,
        "early = \"announcement\"\nearly_for = \"3s\"\nstatus = 480\nreason = \"Q.850;cause=20\"",
    ),
    (Patient::Vacant, "status = 404\nreason = \"Q.850;cause=1\""),
    (Patient::SoundsFirst, "early = \"ringback\"\nearly_for = \"2s\""),
    (Patient::FallsSilent, "ring = \"300ms\"\nfalls_silent = \"2s\""),
    (Patient::ExchangeFull, "status = 503"),
];

impl Patient {
    /// The number of the `nth` patient of this kind.
    pub(crate) fn number(self, nth: usize) -> String {
        let kind = ALL
            .iter()
            .position(|(patient, _)| *patient == self)
            .expect("every kind is listed");
        format!("1390{kind:03}{nth:04}")
    }
}

/// The far end's script.
pub(crate) fn script() -> String {
    let behaviour = |(kind, (patient, does)): (usize, &(Patient, &str))| {
        format!("\n[[behaviour]]\nname = \"{patient:?}\"\nnumbers = \"1390{kind:03}*\"\n{does}\n")
    };
    ALL.iter().enumerate().map(behaviour).collect()
}

/// What a patient saw of a call.
#[derive(Clone, Debug)]
pub(crate) struct Saw {
    pub(crate) peer: Peer,
    pub(crate) call_id: String,
    /// What is to be said against our SIP and RTP.
    pub(crate) faults: Vec<String>,
    /// The same of those that a machine without a free processor makes by itself; tests/wire judges them.
    pub(crate) late: Vec<String>,
}

/// What comes of late wake-ups alone.
const OF_TIME: [&str; 2] = ["RTP went on after the call", "more audio than time passed"];

/// What the patients of the far end saw, by their numbers.
pub(crate) fn read(log: &Path) -> BTreeMap<String, Vec<Saw>> {
    let mut calls: BTreeMap<String, Vec<Saw>> = BTreeMap::new();
    let text = fs::read_to_string(log).unwrap_or_else(|error| panic!("{}: {error}", log.display()));
    for line in text.lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        if entry["kind"] == "call" {
            let number = entry["number"].as_str().unwrap_or_default().to_owned();
            calls.entry(number).or_default().push(saw(&entry));
        }
    }
    calls
}

fn saw(entry: &Value) -> Saw {
    let status = entry["status"].as_u64().unwrap_or_default();
    let bye_by = entry["bye_by"].as_str();
    let of_kind = |kind: &str| entry[kind].as_array().cloned().unwrap_or_default();
    let all = ["sip_faults", "rtp_faults"].map(of_kind).concat();
    let (late, faults): (Vec<Value>, Vec<Value>) = all.into_iter().partition(|fault| {
        let what = fault["what"].as_str().unwrap_or_default();
        OF_TIME.contains(&what)
    });
    let told = |faults: Vec<Value>| faults.iter().map(|fault| format!("far end: {fault}")).collect();
    Saw {
        peer: match (entry["answered"] == true, bye_by, entry["cancelled"] == true) {
            (true, Some("us"), _) => Peer::HungUp,
            (true, Some(_), _) => Peer::WasHungUp,
            (true, None, _) => Peer::StillUp,
            (false, _, true) => Peer::Cancelled,
            (false, _, false) => Peer::Refused(u16::try_from(status).unwrap_or_default()),
        },
        call_id: entry["call_id"].as_str().unwrap_or_default().to_owned(),
        faults: told(faults),
        late: told(late),
    }
}
