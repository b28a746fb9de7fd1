//! Options of choices, and the scales that several questions share.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{digit, read_way, to_end};
use crate::dialplan::plan::{ASKS, Asks, Choice};
use crate::dialplan::{CallAgain, End};
use crate::document::{Faults, Place, Table};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Options that several questions share.
#[derive(Clone, Debug)]
pub(super) struct Scale {
    pub(super) fits: Option<Asks>,
    pub(super) options: Vec<Choice>,
    pub(super) satisfied: BTreeSet<i64>,
}

pub(super) fn read_all(root: Table<'_>, faults: &mut Faults) -> BTreeMap<String, Scale> {
    let Some(table) = root.optional_table("scale", faults) else {
        return BTreeMap::new();
    };
    let mut scales = BTreeMap::new();
    for (name, table) in table.sub_tables(faults) {
        table.unknown_keys(&["fits", "satisfied", "option"], faults);
        let fits = table.required_one_of("fits", &ASKS, faults);
        let options = options(table, faults);
        let satisfied = satisfied(table, &options, faults);
        scales.insert(
            name.to_owned(),
            Scale {
                fits,
                options,
                satisfied,
            },
        );
    }
    scales
}

/// `option = [...]` or `[[question.option]]`.
pub(super) fn options(table: Table<'_>, faults: &mut Faults) -> Vec<Choice> {
    let mut options: Vec<Choice> = Vec::new();
    for table in table.tables("option", faults) {
        let Some(option) = option(table, faults) else { continue };
        if let Some(other) = options.iter().find(|other| other.key == option.key) {
            faults.error(
                table.place_of("key"),
                format!("key {} is already that of \"{}\"", option.key, other.label),
            );
        }
        if let Some(other) = options
            .iter()
            .find(|other| other.code == option.code && other.key != option.key)
        {
            faults.error(
                table.place(),
                format!("code {} is already that of \"{}\"", option.code, other.label),
            );
        }
        options.push(option);
    }
    if options.len() < 2 && table.has("option") {
        faults.error(table.place_of("option"), "expected at least two options");
    }
    options
}

fn option(table: Table<'_>, faults: &mut Faults) -> Option<Choice> {
    let known = [
        "key",
        "label",
        "code",
        "points",
        "next",
        "language",
        "appointment",
        "follow_up",
    ];
    table.unknown_keys(&known, faults);
    let label = table.required_str("label", faults);
    let points = table.optional_integer("points", 0..=100, faults);
    let next = read_way(table, "next", faults);
    let language = table.optional_str("language", faults).map(str::to_owned);
    let appointment = table.optional_parsed("appointment", "a time to call again", CallAgain::parse, faults);
    let follow_up_days = follow_up(table, faults);
    if !table.has("key") {
        faults.error(table.place(), "`key` is missing; expected a key 0 to 9");
    }
    let key = digit(table, "key", faults);
    let code = table.optional_integer("code", -1_000_000..=1_000_000, faults);
    let key = key?;
    let code = code.unwrap_or_else(|| i64::from(key.event()));
    Some(Choice {
        key,
        code,
        label: label?.to_owned(),
        points,
        language,
        appointment,
        follow_up_days,
        next: next.or_else(|| {
            let asks = table.has("appointment");
            asks.then(|| to_end(End::Appointment, table.place_of("appointment")))
        }),
        place: table.place(),
    })
}

/// The next follow-up of the encounter, in whole days.
fn follow_up(table: Table<'_>, faults: &mut Faults) -> Option<u32> {
    let duration = table.optional_duration("follow_up", DAY..=DAY * 400, faults)?;
    if !duration.as_secs().is_multiple_of(DAY.as_secs()) {
        faults.error(
            table.place_of("follow_up"),
            "`follow_up` is a number of whole days, such as \"30d\"",
        );
        return None;
    }
    u32::try_from(duration.as_secs() / DAY.as_secs()).ok()
}

/// The codes that count as satisfied; each must be an option's.
pub(super) fn satisfied(table: Table<'_>, options: &[Choice], faults: &mut Faults) -> BTreeSet<i64> {
    let codes = table.integers("satisfied", -1_000_000..=1_000_000, faults);
    for (code, place) in &codes {
        if !options.iter().any(|option| option.code == *code) {
            unknown_code(*code, *place, options, faults);
        }
    }
    codes.into_iter().map(|(code, _)| code).collect()
}

pub(super) fn unknown_code(code: i64, place: Place, options: &[Choice], faults: &mut Faults) {
    let codes: Vec<String> = options.iter().map(|option| option.code.to_string()).collect();
    faults.error(
        place,
        format!("no option has code {code}; expected one of {}", codes.join(", ")),
    );
}
