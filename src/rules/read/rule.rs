//! One `[[rule]]`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveTime;

use super::sample::sample;
use super::when::conditions;
use super::{hint, word};
use crate::document::{Faults, Table};
use crate::rules::series::MOST_ROUNDS;
use crate::rules::{Offset, On, OtherTimes, Per, Rule, Series, Times};

const KEYS: [&str; 16] = [
    "name", "title", "event", "when", "campaign", "from", "on", "due", "deadline", "at", "round", "series", "priority",
    "per", "sample", "switch",
];

/// Reads a rule; `kinds` are the kinds of events that the file knows.
pub(super) fn rule(table: &Table<'_>, seed: &str, kinds: &BTreeSet<&str>, faults: &mut Faults) -> Option<Rule> {
    table.unknown_keys(&KEYS, faults);
    let name = table.required_parsed("name", "the rule's name", word, faults);
    let title = table.optional_str("title", faults).map(ToOwned::to_owned);
    let events = events(table, kinds, faults);
    let when = table
        .optional_table("when", faults)
        .map(|when| conditions(&when, faults));
    let campaign = table.required_str("campaign", faults).map(ToOwned::to_owned);
    let from = table.optional_str("from", faults).map(ToOwned::to_owned);
    let on = table.optional_one_of("on", &[("date", On::Date), ("anniversary", On::Anniversary)], faults);
    let due = table.required_parsed("due", "an offset", str::parse::<Offset>, faults);
    let deadline = table.optional_parsed("deadline", "an offset", str::parse::<Offset>, faults);
    let at = table.optional_parsed("at", "a time of day", time_of_day, faults);
    let most = i64::from(MOST_ROUNDS);
    let round = table
        .optional_integer("round", 1..=most, faults)
        .and_then(|round| u16::try_from(round).ok());
    let series = table
        .optional_table("series", faults)
        .and_then(|table| series(&table, faults));
    let priority = table.optional_integer("priority", -100..=100, faults);
    let per = table.optional_one_of("per", &[("event", Per::Event), ("patient", Per::Patient)], faults);
    let drawn_by = format!("{seed}/{}", name.as_deref().unwrap_or_default());
    let sample = table
        .optional_table("sample", faults)
        .and_then(|table| sample(&table, &drawn_by, faults));
    let switches = table
        .optional_table("switch", faults)
        .map(|table| switches(&table, faults));
    if on == Some(On::Anniversary) && from.is_none() {
        faults.error(
            table.place_of("on"),
            "`on` = \"anniversary\" needs `from`, the attribute with the date",
        );
    }
    if from.is_none() && due.is_some_and(Offset::is_before) {
        faults.error(
            table.place_of("due"),
            "`due` lies before the event, of which nobody knows yet; name in `from` the date that it counts from",
        );
    }
    Some(Rule {
        name: name?,
        title,
        events,
        when: when.unwrap_or_default(),
        campaign: campaign?,
        from,
        on: on.unwrap_or_default(),
        times: Times { due: due?, deadline },
        switches: switches.unwrap_or_default(),
        at,
        round: round.unwrap_or(1),
        series,
        priority: priority.and_then(|priority| i32::try_from(priority).ok()).unwrap_or(0),
        per: per.unwrap_or_default(),
        sample,
    })
}

fn events(table: &Table<'_>, kinds: &BTreeSet<&str>, faults: &mut Faults) -> Vec<String> {
    let list = || kinds.iter().copied().collect::<Vec<_>>().join(", ");
    if !table.has("event") {
        faults.error(table.place(), format!("`event` is missing; expected one of {}", list()));
    }
    let mut events = Vec::new();
    for (event, place) in table.strings("event", faults) {
        if !kinds.contains(event) {
            let near = hint(event, kinds.iter().copied());
            let message = format!(
                "there is no event \"{event}\": expected one of {}, or one that [events] explains{near}",
                list()
            );
            faults.error(place, message);
        }
        events.push(event.to_owned());
    }
    events
}

fn series(table: &Table<'_>, faults: &mut Faults) -> Option<Series> {
    table.unknown_keys(&["every", "times", "until", "yearly"], faults);
    let every = table.optional_parsed("every", "an offset", str::parse::<Offset>, faults);
    let most = i64::from(MOST_ROUNDS);
    let times = table
        .optional_integer("times", 1..=most, faults)
        .and_then(|times| u16::try_from(times).ok());
    let until = table.optional_parsed("until", "an offset", str::parse::<Offset>, faults);
    let yearly = table
        .optional_integer("yearly", 1..=12, faults)
        .and_then(|yearly| u32::try_from(yearly).ok());
    let every = match (every, yearly) {
        (Some(every), None) => every,
        (None, Some(yearly)) => {
            if 12 % yearly != 0 {
                let message = format!("`yearly` is {yearly}; expected 1, 2, 3, 4, 6 or 12, or `every` with an offset");
                faults.error(table.place_of("yearly"), message);
            }
            Offset::months(12 / yearly)
        }
        (Some(_), Some(_)) => {
            faults.error(
                table.place(),
                "`every` and `yearly` both stand here: expected one of them",
            );
            return None;
        }
        (None, None) => {
            faults.error(
                table.place(),
                "`every` is missing; expected such as \"30d\", or `yearly` = 2",
            );
            return None;
        }
    };
    if every.is_before() || every.is_nothing() {
        faults.error(
            table.place_of("every"),
            "a series goes on in time: expected an offset such as \"30d\"",
        );
    }
    if times.is_none() && until.is_none() && yearly.is_none() {
        faults.error(table.place(), "a series has an end: expected `times`, `until` or both");
    }
    let a_year = yearly
        .filter(|_| until.is_none())
        .and_then(|yearly| u16::try_from(yearly).ok());
    Some(Series {
        every,
        times: times.or(a_year).unwrap_or(MOST_ROUNDS),
        until,
    })
}

fn switches(table: &Table<'_>, faults: &mut Faults) -> BTreeMap<String, OtherTimes> {
    let mut switches = BTreeMap::new();
    for (name, other) in table.sub_tables(faults) {
        if let Err(message) = word(name) {
            faults.error(other.place(), format!("`{name}` is no name of a switch: {message}"));
        }
        other.unknown_keys(&["due", "deadline"], faults);
        let due = other.optional_parsed("due", "an offset", str::parse::<Offset>, faults);
        let deadline = other.optional_parsed("deadline", "an offset", str::parse::<Offset>, faults);
        if !other.has("due") && !other.has("deadline") {
            faults.error(
                other.place(),
                format!("the switch {name} changes nothing; expected `due` or `deadline`"),
            );
        }
        switches.insert(name.to_owned(), OtherTimes { due, deadline });
    }
    switches
}

fn time_of_day(text: &str) -> Result<NaiveTime, String> {
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| format!("expected such as \"09:00\", got \"{text}\""))
}
