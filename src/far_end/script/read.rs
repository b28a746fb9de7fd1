//! The script file: TOML to behaviours, with every fault at its place.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::document::{Document, Fault, Faults, Table};
use crate::far_end::wire::digest::Algorithm;
use crate::far_end::wire::phrase;

use super::behaviour::{Account, Behaviour, Does, Early, EarlySound, Pattern, Refusal, Trick};
use super::talk::{Replies, replies, talk};
use super::{Ear, Script, Span};

const ROOT_KEYS: &[&str] = &["far_end", "keys", "behaviour"];
const FAR_END_KEYS: &[&str] = &["seed", "default", "lines", "registrar", "hears"];
const BEHAVIOUR_KEYS: &[&str] = &[
    "name",
    "numbers",
    "weight",
    "attempts",
    "challenge",
    "sends_trying",
    "after",
    "ring",
    "early",
    "early_for",
    "does",
    "status",
    "phrase",
    "reason",
    "retry_after",
    "tricks",
    "keys",
    "answer",
    "press_after",
    "barge_in",
    "hang_up",
    "sends",
    "speech",
    "codec",
    "falls_silent",
    "loss",
    "jitter",
];
const ACCOUNT_KEYS: &[&str] = &["status", "realm", "user", "password", "algorithm"];

const DOES: &[(&str, Kind)] = &[
    ("answers", Kind::Answers),
    ("refuses", Kind::Refuses),
    ("rings-on", Kind::RingsOn),
    ("only-tries", Kind::OnlyTries),
    ("drops", Kind::Drops),
];
const SOUNDS: &[(&str, EarlySound)] = &[
    ("ringback", EarlySound::Ringback),
    ("busy", EarlySound::Busy),
    ("congestion", EarlySound::Congestion),
    ("unobtainable", EarlySound::Unobtainable),
    ("announcement", EarlySound::Announcement),
];
const TRICKS: &[(&str, Trick)] = &[
    ("answers-twice", Trick::AnswersTwice),
    ("forks", Trick::Forks),
    ("loses-first-ack", Trick::LosesFirstAck),
    ("bye-before-ack", Trick::ByeBeforeAck),
    ("reinvites", Trick::Reinvites),
    ("loses-first-bye", Trick::LosesFirstBye),
    ("forwards", Trick::Forwards),
];
const EARS: &[(&str, Ear)] = &[("prompts", Ear::Prompts), ("silence", Ear::Silence)];
const ALGORITHMS: &[(&str, Algorithm)] = &[("MD5", Algorithm::Md5), ("SHA-256", Algorithm::Sha256)];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Answers,
    Refuses,
    RingsOn,
    OnlyTries,
    Drops,
}

/// Reads a whole script; none if nothing usable came out.
pub(super) fn script(text: &str) -> (Option<Script>, Vec<Fault>) {
    let (document, mut faults) = Document::parse(text);
    let root = document.root();
    root.unknown_keys(ROOT_KEYS, &mut faults);
    let shared = root
        .optional_table("keys", &mut faults)
        .map(|t| replies(&t, &mut faults))
        .unwrap_or_default();
    let tables = root.tables("behaviour", &mut faults);
    let names = names(&tables, &mut faults);
    let behaviours = tables
        .iter()
        .filter_map(|table| behaviour(table, &names, &shared, &mut faults).map(Arc::new));
    let behaviours: Vec<Arc<Behaviour>> = behaviours.collect();
    if tables.is_empty() {
        faults.error(root.place(), "no [[behaviour]]; expected one or more");
    }
    let far_end = root.optional_table("far_end", &mut faults);
    let mut script = Script {
        seed: 1,
        lines: None,
        registrar: None,
        ear: Ear::default(),
        behaviours,
        default: None,
    };
    if let Some(table) = far_end {
        read_far_end(&table, &names, &mut script, &mut faults);
    }
    let reaches_all = script.default.is_some() || script.behaviours.iter().any(|b| b.weight > 0);
    if !reaches_all && !tables.is_empty() {
        faults.warning(
            root.place(),
            "no default and no weight: a number that no behaviour names gets 404",
        );
    }
    let is_whole = script.behaviours.len() == tables.len() && !faults.has_errors();
    (is_whole.then_some(script), faults.into_sorted())
}

fn read_far_end(table: &Table<'_>, names: &BTreeMap<String, usize>, script: &mut Script, faults: &mut Faults) {
    table.unknown_keys(FAR_END_KEYS, faults);
    script.seed = table
        .optional_integer("seed", 0..=i64::MAX, faults)
        .map_or(1, i64::unsigned_abs);
    let lines = table.optional_integer("lines", 1..=10_000, faults);
    script.lines = lines.and_then(|l| usize::try_from(l).ok());
    script.ear = table.optional_one_of("hears", EARS, faults).unwrap_or_default();
    script.registrar = table.optional_table("registrar", faults).map(|t| account(&t, faults));
    if let Some(name) = table.optional_str("default", faults) {
        script.default = known(name, names, table.place_of("default"), faults);
    }
}

fn names(tables: &[Table<'_>], faults: &mut Faults) -> BTreeMap<String, usize> {
    let mut names = BTreeMap::new();
    for (index, table) in tables.iter().enumerate() {
        let Some(name) = table.required_str("name", faults) else {
            continue;
        };
        if names.insert(name.to_owned(), index).is_some() {
            faults.error(table.place_of("name"), format!("a second behaviour named \"{name}\""));
        }
    }
    names
}

fn known(
    name: &str,
    names: &BTreeMap<String, usize>,
    place: crate::document::Place,
    faults: &mut Faults,
) -> Option<usize> {
    let found = names.get(name).copied();
    if found.is_none() {
        let near = crate::document::nearest(name, names.keys().map(String::as_str));
        let hint = near.map(|n| format!("; did you mean \"{n}\"?")).unwrap_or_default();
        faults.error(place, format!("no behaviour is named \"{name}\"{hint}"));
    }
    found
}

fn behaviour(
    table: &Table<'_>,
    names: &BTreeMap<String, usize>,
    shared: &Replies,
    faults: &mut Faults,
) -> Option<Behaviour> {
    table.unknown_keys(BEHAVIOUR_KEYS, faults);
    let name = table.optional_str("name", faults);
    let numbers = table
        .strings("numbers", faults)
        .into_iter()
        .filter_map(|(text, place)| {
            let is_pattern = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '*' | '?'));
            if !is_pattern {
                faults.error(
                    place,
                    format!("\"{text}\" is no number pattern; expected digits, +, * and ?"),
                );
            }
            is_pattern.then(|| Pattern::new(text))
        });
    let numbers = numbers.collect();
    let attempts = table.strings("attempts", faults).into_iter();
    let attempts: Vec<usize> = attempts
        .filter_map(|(n, place)| known(n, names, place, faults))
        .collect();
    let weight = table
        .optional_integer("weight", 0..=1_000_000, faults)
        .map_or(0, i64::unsigned_abs);
    let challenge = table.optional_table("challenge", faults).map(|t| {
        let status = t.optional_integer("status", 401..=407, faults).unwrap_or(407);
        if !matches!(status, 401 | 407) {
            faults.error(
                t.place_of("status"),
                format!("a challenge with {status}; expected 401 or 407"),
            );
        }
        (if status == 401 { 401 } else { 407 }, account(&t, faults))
    });
    let tricks = table.strings("tricks", faults).into_iter().filter_map(|(word, place)| {
        let found = TRICKS.iter().find(|(n, _)| *n == word).map(|(_, trick)| *trick);
        if found.is_none() {
            let words: Vec<_> = TRICKS.iter().map(|(n, _)| *n).collect();
            faults.error(
                place,
                format!("\"{word}\" is no trick; expected one of {}", words.join(", ")),
            );
        }
        found
    });
    let tricks = tricks.collect();
    let does = does(table, faults);
    let (ring, early) = (span(table, "ring", faults), early(table, faults));
    Some(Behaviour {
        name: Arc::from(name?),
        numbers,
        weight,
        attempts,
        challenge,
        sends_trying: table.optional_bool("sends_trying", faults).unwrap_or(true),
        after: span(table, "after", faults).unwrap_or(Span::millis(100)),
        ring: ring.or((does == Does::RingsOn && early.is_none()).then(|| Span::millis(0))),
        early,
        does,
        tricks,
        talk: Arc::new(talk(table, shared, faults)),
    })
}

fn does(table: &Table<'_>, faults: &mut Faults) -> Does {
    let status = table.optional_integer("status", 300..=699, faults);
    let assumed = if status.is_some() { Kind::Refuses } else { Kind::Answers };
    let kind = table.optional_one_of("does", DOES, faults).unwrap_or(assumed);
    if kind != Kind::Refuses {
        for key in ["status", "phrase", "reason", "retry_after"] {
            if table.has(key) {
                faults.error(
                    table.place_of(key),
                    format!("`{key}` belongs to a behaviour that refuses"),
                );
            }
        }
    }
    match kind {
        Kind::Answers => Does::Answers,
        Kind::RingsOn => Does::RingsOn,
        Kind::OnlyTries => Does::OnlyTries,
        Kind::Drops => Does::Drops,
        Kind::Refuses => {
            if status.is_none() {
                faults.error(
                    table.place(),
                    "`status` is missing; expected 300 to 699, as this behaviour refuses",
                );
            }
            let status = status.and_then(|s| u16::try_from(s).ok()).unwrap_or(480);
            Does::Refuses(Refusal {
                status,
                phrase: table
                    .optional_str("phrase", faults)
                    .unwrap_or(phrase(status))
                    .to_owned(),
                reasons: table
                    .strings("reason", faults)
                    .into_iter()
                    .map(|(r, _)| r.to_owned())
                    .collect(),
                retry_after: table.optional_integer("retry_after", 0..=86_400, faults),
            })
        }
    }
}

fn early(table: &Table<'_>, faults: &mut Faults) -> Option<Early> {
    let sound = table.optional_one_of("early", SOUNDS, faults);
    let lasts = span(table, "early_for", faults);
    if lasts.is_some() && !table.has("early") {
        faults.error(table.place_of("early_for"), "`early_for` without `early`");
    }
    sound.map(|sound| Early {
        sound,
        lasts: lasts.unwrap_or(Span::millis(4_000)),
    })
}

fn account(table: &Table<'_>, faults: &mut Faults) -> Account {
    table.unknown_keys(ACCOUNT_KEYS, faults);
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    Account {
        realm: table.optional_str("realm", faults).unwrap_or("far-end").to_owned(),
        user: text(table.required_str("user", faults)),
        password: text(table.required_str("password", faults)),
        algorithm: table
            .optional_one_of("algorithm", ALGORITHMS, faults)
            .unwrap_or_default(),
    }
}

/// A duration or a range of durations.
pub(super) fn span(table: &Table<'_>, key: &str, faults: &mut Faults) -> Option<Span> {
    table.optional_parsed(
        key,
        "a duration such as \"2s\" or a range such as \"1s..3s\"",
        Span::parse,
        faults,
    )
}
