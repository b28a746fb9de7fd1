//! The caller numbers of a trunk: which its calls may show, how often each, and how long a line rests between two calls.

use std::time::Duration;

use crate::dialer::{Callers, Cap, LONGEST_CAP};
use crate::document::{Faults, Table};
use crate::phone::Number;

pub(super) const KEYS: &[&str] = &["callers", "caller_caps", "line_gap"];

pub(super) fn read(table: &Table<'_>, faults: &mut Faults) -> Callers {
    let mut numbers: Vec<Number> = Vec::new();
    for (text, place) in table.strings("callers", faults) {
        match Number::parse(text) {
            Ok(number) if numbers.contains(&number) => faults.error(place, "this caller number stands here twice"),
            Ok(number) => numbers.push(number),
            Err(error) => faults.error(
                place,
                format!("{error}; expected a caller number such as \"01012345678\""),
            ),
        }
    }
    let mut caps = Vec::new();
    for (text, place) in table.strings("caller_caps", faults) {
        // The calls of so long are remembered over a restart.
        match text.parse::<Cap>() {
            Ok(cap) if cap.within <= LONGEST_CAP => caps.push(cap),
            Ok(_) | Err(_) => faults.error(
                place,
                format!("expected calls and the time they may take, within a day, such as \"60 in 1h\", got {text:?}"),
            ),
        }
    }
    if !caps.is_empty() && numbers.is_empty() {
        faults.error(
            table.place_of("caller_caps"),
            "`caller_caps` limits the numbers of `callers`: expected at least one there",
        );
    }
    let gap = table.optional_duration("line_gap", Duration::ZERO..=Duration::from_secs(600), faults);
    Callers {
        numbers,
        caps,
        line_gap: gap.unwrap_or_default(),
    }
}
