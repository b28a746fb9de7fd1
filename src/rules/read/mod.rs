//! A rule file read and checked: all faults at once, each with its place.

mod rule;
mod sample;
mod when;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::series::MOST_ROUNDS;
use super::{Events, Rule, RuleSet};
use crate::document::{Document, Fault, Faults, Place, Table, nearest};

/// The kinds of events that every list has; others come from `[events]`.
const KINDS: [&str; 3] = ["discharge", "outpatient_visit", "emergency_visit"];
const KEYS: [&str; 6] = ["name", "title", "seed", "since", "events", "rule"];
/// Rules of one set at most.
const MOST_RULES: usize = 200;

impl RuleSet {
    /// Reads a rule file; its warnings come with it.
    ///
    /// # Errors
    /// Every fault of the text, each with its place.
    pub fn parse(text: &str) -> Result<(Self, Vec<Fault>), Vec<Fault>> {
        let (document, mut faults) = Document::parse(text);
        let set = read(&document.root(), &mut faults);
        match set {
            Some(set) if !faults.has_errors() => Ok((set, faults.into_sorted())),
            Some(_) | None => Err(faults.into_sorted()),
        }
    }

    /// Whether a text means to be a rule file: it has rules, whether or not they can be read.
    pub fn is_one(text: &str) -> bool {
        let (document, _) = Document::parse(text);
        document.root().has("rule")
    }
}

fn read(root: &Table<'_>, faults: &mut Faults) -> Option<RuleSet> {
    root.unknown_keys(&KEYS, faults);
    let name = root.required_parsed("name", "the name of the rule set", word, faults);
    let title = root.optional_str("title", faults).map(ToOwned::to_owned);
    let seed = root.optional_str("seed", faults).map(ToOwned::to_owned);
    let since = root.optional_parsed(
        "since",
        "a date such as \"2026-01-01\"",
        str::parse::<NaiveDate>,
        faults,
    );
    let events = root
        .optional_table("events", faults)
        .map(|table| events(&table, faults))
        .unwrap_or_default();
    let seed = seed.or_else(|| name.clone()).unwrap_or_default();
    let tables = root.tables("rule", faults);
    if tables.is_empty() || tables.len() > MOST_RULES {
        let message = format!("expected 1 to {MOST_RULES} rules [[rule]], got {}", tables.len());
        faults.error(root.place_of("rule"), message);
    }
    let mut rules: Vec<(Rule, Place)> = Vec::new();
    for table in &tables {
        let known: BTreeSet<&str> = KINDS
            .into_iter()
            .chain(events.words.values().map(String::as_str))
            .collect();
        let Some(rule) = rule::rule(table, &seed, &known, faults) else {
            continue;
        };
        if rules.iter().any(|(other, _)| other.name == rule.name) {
            faults.error(table.place_of("name"), format!("there are two rules \"{}\"", rule.name));
        }
        rules.push((rule, table.place()));
    }
    warn_of_meeting_rounds(&rules, faults);
    Some(RuleSet {
        name: name?,
        title,
        seed,
        since,
        events,
        rules: rules.into_iter().map(|(rule, _)| rule).collect(),
    })
}

/// `[events]`: `column`, `time`, and kinds with the words of the list that mean them.
fn events(table: &Table<'_>, faults: &mut Faults) -> Events {
    let column = table.optional_str("column", faults).map(ToOwned::to_owned);
    let time = table.optional_str("time", faults).map(ToOwned::to_owned);
    let mut words: BTreeMap<String, String> = BTreeMap::new();
    for (kind, place) in table.keys() {
        if kind == "column" || kind == "time" {
            continue;
        }
        if let Err(message) = word(kind) {
            faults.error(place, format!("`{kind}` is no kind of event: {message}"));
        }
        if column.is_none() {
            faults.error(
                place,
                format!("`column` is missing; expected the column whose words mean {kind}"),
            );
        }
        for (said, place) in table.strings(kind, faults) {
            if let Some(other) = words.insert(said.trim().to_owned(), kind.to_owned()) {
                faults.error(place, format!("\"{said}\" means {other} already"));
            }
        }
    }
    Events { column, time, words }
}

/// What names are made of: letters of any script, digits, `-` and `_`.
pub(super) fn word(text: &str) -> Result<String, String> {
    let is_fine = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    if !text.is_empty() && text.chars().count() <= 80 && text.chars().all(is_fine) {
        return Ok(text.to_owned());
    }
    Err(format!("expected up to 80 letters, digits, - or _, got {text:?}"))
}

/// Two rules of one campaign that can give an event the same round are told: the first has its way.
fn warn_of_meeting_rounds(rules: &[(Rule, Place)], faults: &mut Faults) {
    for (at, (rule, place)) in rules.iter().enumerate() {
        let meets = |other: &&(Rule, Place)| {
            let other = &other.0;
            let shares_event = other.events.iter().any(|event| rule.events.contains(event));
            shares_event
                && other.campaign == rule.campaign
                && last_round(other) >= rule.round
                && last_round(rule) >= other.round
        };
        if let Some((other, _)) = rules.iter().take(at).find(meets) {
            faults.warning(
                *place,
                format!(
                    "an event that \"{}\" follows up as well keeps that follow-up, for both are round {} of {}; give \
                     this one a `round` or a campaign of its own if both are meant",
                    other.name,
                    rule.round.max(other.round),
                    rule.campaign
                ),
            );
        }
    }
}

fn last_round(rule: &Rule) -> u16 {
    let more = rule
        .series
        .map_or(0, |series| series.times.min(MOST_ROUNDS).saturating_sub(1));
    rule.round.saturating_add(more)
}

/// "; did you mean" for a word that is none of those expected.
pub(super) fn hint<'w>(wrong: &str, right: impl IntoIterator<Item = &'w str>) -> String {
    let near = nearest(wrong, right);
    near.map(|near| format!("; did you mean \"{near}\"?"))
        .unwrap_or_default()
}
