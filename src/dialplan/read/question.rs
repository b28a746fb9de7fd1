//! One `[[question]]`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::time::Duration;

use super::scale::{self, Scale};
use super::{Defaults, digit, nowhere, read_id, read_patience, read_way, required_say, to_end};
use crate::dialplan::End;
use crate::dialplan::plan::{ASKS, Asks, Branch, Choice, Entry, Kind, Part, Question, Role, Speech, Way};
use crate::document::{Faults, Table, nearest};
use crate::phone::Key;

const KEYS: [&str; 17] = [
    "id",
    "title",
    "ask",
    "asks",
    "say",
    "next",
    "screening",
    "required",
    "stop",
    "person",
    "barge_in",
    "first",
    "between",
    "repeats",
    "on_silence",
    "on_invalid",
    "on_refusal",
];
const MAX_DIGITS: u32 = 9;
const LONGEST: RangeInclusive<Duration> = Duration::from_secs(5)..=Duration::from_secs(180);
const QUIET: RangeInclusive<Duration> = Duration::from_secs(2)..=Duration::from_secs(10);

#[derive(Clone, Copy)]
enum Ask {
    Choice,
    YesNo,
    Score,
    Number,
    Open,
}

const ASK: [(&str, Ask); 5] = [
    ("choice", Ask::Choice),
    ("yes_no", Ask::YesNo),
    ("score", Ask::Score),
    ("number", Ask::Number),
    ("open", Ask::Open),
];

/// The part of a question that depends on its kind.
struct Answers {
    kind: Kind,
    asks: Option<Asks>,
    options: Vec<Choice>,
    satisfied: BTreeSet<i64>,
}

pub(super) fn read(
    table: Table<'_>,
    defaults: Defaults,
    scales: &BTreeMap<String, Scale>,
    faults: &mut Faults,
) -> Option<Part> {
    let ask = table.required_one_of("ask", &ASK, faults);
    let own_keys: &[&str] = match ask {
        Some(Ask::Choice) => &["option", "scale", "satisfied", "branch"],
        Some(Ask::YesNo) => &["yes", "no"],
        Some(Ask::Score) => &["min", "max", "satisfied", "branch"],
        Some(Ask::Number) => &["min", "max", "digits", "branch"],
        Some(Ask::Open) => &["longest", "quiet"],
        None => &[
            "option",
            "scale",
            "satisfied",
            "branch",
            "yes",
            "no",
            "min",
            "max",
            "digits",
            "longest",
            "quiet",
        ],
    };
    table.unknown_keys(&[KEYS.as_slice(), own_keys].concat(), faults);
    let title = table.required_str("title", faults).unwrap_or_default().to_owned();
    let say = required_say(table, faults);
    let patience = read_patience(table, defaults, faults);
    let screening = table.optional_bool("screening", faults).unwrap_or(false);
    let required = table.optional_bool("required", faults).unwrap_or(false);
    if screening && required {
        faults.error(
            table.place_of("required"),
            "a screening question is no survey answer and cannot be required",
        );
    }
    let stop = table.optional_bool("stop", faults);
    let person = table.optional_bool("person", faults);
    let answers = match ask {
        Some(Ask::Choice) | None => choice(table, scales, faults),
        Some(Ask::YesNo) => yes_no(table, faults),
        Some(Ask::Score) => score(table, faults),
        Some(Ask::Number) => number(table, faults),
        Some(Ask::Open) => open(table, faults),
    };
    let branches = branches(table, &answers, faults);
    let next = read_way(table, "next", faults);
    check_next(table, next.as_ref(), &answers, screening, faults);
    let next = next.unwrap_or_else(|| nowhere(table.place()));
    let mut otherwise =
        |key, end| read_way(table, key, faults).unwrap_or_else(|| missing_answer(&next, end, screening));
    let on_silence = otherwise("on_silence", End::Silent);
    let on_invalid = otherwise("on_invalid", End::Silent);
    let on_refusal = otherwise("on_refusal", End::Refused);
    let id = read_id(table, faults)?;
    let question = Question {
        id: id.clone(),
        title,
        kind: answers.kind,
        asks: answers.asks,
        options: answers.options,
        satisfied: answers.satisfied,
        screening,
        required,
        barge_in: patience.barge_in,
        first: patience.first,
        between: patience.between,
        repeats: patience.repeats,
        branches,
        next,
        on_silence,
        on_invalid,
        on_refusal,
    };
    Some(Part {
        id,
        place: table.place(),
        say,
        stop,
        person,
        role: Role::Question(Box::new(question)),
    })
}

/// Without a word in the file, a survey goes on after a missing answer; who does not say who he is hears the goodbye.
fn missing_answer(next: &Way, end: End, screening: bool) -> Way {
    if screening {
        to_end(end, next.place)
    } else {
        next.clone()
    }
}

fn check_next(table: Table<'_>, next: Option<&Way>, answers: &Answers, screening: bool, faults: &mut Faults) {
    let has_own_ways = !answers.options.is_empty() && answers.options.iter().all(|option| option.next.is_some());
    let has_fallbacks = screening
        || ["on_silence", "on_invalid", "on_refusal"]
            .iter()
            .all(|key| table.has(key));
    if next.is_none() && !(has_own_ways && has_fallbacks) {
        faults.error(
            table.place(),
            "`next` is missing; expected where the call goes on after this question",
        );
    }
}

fn choice(table: Table<'_>, scales: &BTreeMap<String, Scale>, faults: &mut Faults) -> Answers {
    let asks = table.optional_one_of("asks", &ASKS, faults);
    let Some(name) = table.optional_str("scale", faults) else {
        let options = scale::options(table, faults);
        if !table.has("option") && !table.has("scale") {
            faults.error(
                table.place(),
                "a choice needs options: `option = [...]`, or a `scale` that has them",
            );
        }
        let satisfied = scale::satisfied(table, &options, faults);
        return Answers {
            kind: Kind::Choice,
            asks,
            options,
            satisfied,
        };
    };
    if table.has("option") {
        faults.error(table.place_of("option"), "either `scale` or `option`, not both");
    }
    let Some(shared) = scales.get(name) else {
        let near = nearest(name, scales.keys().map(String::as_str));
        let hint = near.map_or_else(
            || format!("expected a table [scale.{name}]"),
            |near| format!("did you mean \"{near}\"?"),
        );
        faults.error(table.place_of("scale"), format!("unknown scale \"{name}\"; {hint}"));
        return Answers {
            kind: Kind::Choice,
            asks,
            options: Vec::new(),
            satisfied: BTreeSet::new(),
        };
    };
    check_fit(table, name, shared, asks, faults);
    let own = scale::satisfied(table, &shared.options, faults);
    let satisfied = if table.has("satisfied") {
        own
    } else {
        shared.satisfied.clone()
    };
    Answers {
        kind: Kind::Choice,
        asks,
        options: shared.options.clone(),
        satisfied,
    }
}

/// A scale fits a question that asks for what the scale's options answer.
fn check_fit(table: Table<'_>, name: &str, scale: &Scale, asks: Option<Asks>, faults: &mut Faults) {
    let Some(fits) = scale.fits else { return };
    let fits = fits.as_str();
    match asks {
        Some(asks) if asks.as_str() == fits => {}
        Some(asks) => {
            let asks = asks.as_str();
            let message = format!("scale \"{name}\" does not fit: its options say {fits}, the question asks {asks}");
            faults.error(table.place_of("scale"), message);
        }
        None if table.has("asks") => {}
        None => {
            let message = format!("`asks` is missing; scale \"{name}\" fits only questions with asks = \"{fits}\"");
            faults.error(table.place(), message);
        }
    }
}

fn yes_no(table: Table<'_>, faults: &mut Faults) -> Answers {
    let asks = table.optional_one_of("asks", &ASKS, faults);
    let yes = yes_or_no(table, "yes", ('1', 1, "是"), faults);
    let no = yes_or_no(table, "no", ('2', 0, "否"), faults);
    if let (Some(yes), Some(no)) = (&yes, &no)
        && yes.key == no.key
    {
        faults.error(no.place, format!("key {} is already that of \"{}\"", no.key, yes.label));
    }
    let options = [yes, no].into_iter().flatten().collect();
    Answers {
        kind: Kind::YesNo,
        asks,
        options,
        satisfied: BTreeSet::new(),
    }
}

fn yes_or_no(table: Table<'_>, word: &str, default: (char, i64, &str), faults: &mut Faults) -> Option<Choice> {
    let (key, code, label) = default;
    let key = Key::from_char(key)?;
    let Some(own) = table.optional_table(word, faults) else {
        return Some(Choice {
            key,
            code,
            label: label.to_owned(),
            points: None,
            language: None,
            appointment: None,
            follow_up_days: None,
            next: None,
            place: table.place(),
        });
    };
    own.unknown_keys(&["key", "label", "next"], faults);
    Some(Choice {
        key: digit(own, "key", faults).unwrap_or(key),
        code,
        label: own.optional_str("label", faults).unwrap_or(label).to_owned(),
        points: None,
        language: None,
        appointment: None,
        follow_up_days: None,
        next: read_way(own, "next", faults),
        place: own.place(),
    })
}

fn open(table: Table<'_>, faults: &mut Faults) -> Answers {
    let asks = table.optional_one_of("asks", &ASKS, faults);
    let longest = table.optional_duration("longest", LONGEST, faults);
    let quiet = table.optional_duration("quiet", QUIET, faults);
    Answers {
        kind: Kind::Open(Speech {
            longest: longest.unwrap_or(Duration::from_secs(60)),
            quiet: quiet.unwrap_or(Duration::from_secs(4)),
        }),
        asks,
        options: Vec::new(),
        satisfied: BTreeSet::new(),
    }
}

fn score(table: Table<'_>, faults: &mut Faults) -> Answers {
    let asks = table.optional_one_of("asks", &ASKS, faults);
    let min = table.optional_integer("min", 0..=100, faults).unwrap_or(0);
    let max = table.optional_integer("max", 1..=100, faults).unwrap_or(10);
    let entry = entry(table, min, max, digits_of(max), faults);
    let satisfied = table
        .integers("satisfied", min..=max.max(min), faults)
        .into_iter()
        .map(|(score, _)| score)
        .collect();
    Answers {
        kind: Kind::Score(entry),
        asks,
        options: Vec::new(),
        satisfied,
    }
}

fn number(table: Table<'_>, faults: &mut Faults) -> Answers {
    let asks = table.optional_one_of("asks", &ASKS, faults);
    let largest = 10_i64.pow(MAX_DIGITS) - 1;
    let min = table.required_integer("min", 0..=largest, faults).unwrap_or(0);
    let max = table.required_integer("max", 0..=largest, faults).unwrap_or(largest);
    let digits = table.optional_integer("digits", 1..=i64::from(MAX_DIGITS), faults);
    let digits = digits
        .and_then(|digits| u32::try_from(digits).ok())
        .unwrap_or_else(|| digits_of(max));
    if table.has("max") && digits_of(max) > digits {
        let message = format!(
            "`max` is {max} and has {} digits, but `digits` is {digits}",
            digits_of(max)
        );
        faults.error(table.place_of("max"), message);
    }
    let entry = entry(table, min, max, digits, faults);
    Answers {
        kind: Kind::Number(entry),
        asks,
        options: Vec::new(),
        satisfied: BTreeSet::new(),
    }
}

fn entry(table: Table<'_>, min: i64, max: i64, digits: u32, faults: &mut Faults) -> Entry {
    if min >= max {
        faults.error(
            table.place_of("min"),
            format!("`min` is {min} and `max` is {max}; expected min below max"),
        );
    }
    Entry { min, max, digits }
}

fn digits_of(value: i64) -> u32 {
    value.checked_ilog10().unwrap_or(0) + 1
}

fn branches(table: Table<'_>, answers: &Answers, faults: &mut Faults) -> Vec<Branch> {
    let mut branches: Vec<Branch> = Vec::new();
    for own in table.tables("branch", faults) {
        let Some(branch) = branch(own, answers, faults) else {
            continue;
        };
        if let Some(other) = branches
            .iter()
            .find(|other| other.low <= branch.high && branch.low <= other.high)
        {
            let message = format!("overlaps the branch from {} to {}", other.low, other.high);
            faults.error(own.place(), message);
        }
        branches.push(branch);
    }
    branches
}

fn branch(table: Table<'_>, answers: &Answers, faults: &mut Faults) -> Option<Branch> {
    let way = read_way(table, "next", faults);
    if way.is_none() {
        faults.error(table.place(), "`next` is missing; expected where this branch leads");
    }
    let (low, high) = match answers.kind {
        // An open question takes no branch; that it has one was told.
        Kind::Choice | Kind::YesNo | Kind::Open(_) => {
            table.unknown_keys(&["code", "next"], faults);
            let code = table.required_integer("code", -1_000_000..=1_000_000, faults)?;
            if !answers.options.is_empty() && !answers.options.iter().any(|option| option.code == code) {
                scale::unknown_code(code, table.place_of("code"), &answers.options, faults);
            }
            (code, code)
        }
        Kind::Score(entry) | Kind::Number(entry) => {
            table.unknown_keys(&["from", "to", "next"], faults);
            let range = entry.min..=entry.max.max(entry.min);
            let low = table.required_integer("from", range.clone(), faults);
            let high = table.required_integer("to", range, faults);
            let (low, high) = (low?, high?);
            if low > high {
                faults.error(
                    table.place_of("from"),
                    format!("`from` is {low} and `to` is {high}; expected from below to"),
                );
                return None;
            }
            (low, high)
        }
    };
    Some(Branch { low, high, way: way? })
}
