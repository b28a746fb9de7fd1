//! The caller numbers of a trunk: which its calls may show, how often each, and how long a line rests between two calls.

use std::time::Duration;

use crate::dialer::{Callers, Cap};
use crate::document::{Faults, Table, parse_duration};
use crate::phone::Number;

pub(super) const KEYS: &[&str] = &["callers", "caller_caps", "line_gap"];

/// A caller is shown no more often than this can tell: the calls of so long are remembered over a restart.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

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
        match cap(text) {
            Some(cap) => caps.push(cap),
            None => faults.error(
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

/// `60 in 1h`.
fn cap(text: &str) -> Option<Cap> {
    let (most, within) = text.split_once(" in ")?;
    let most: u16 = most.trim().parse().ok().filter(|most| *most > 0)?;
    let within = parse_duration(within.trim())?;
    (!within.is_zero() && within <= LONGEST).then_some(Cap { most, within })
}
