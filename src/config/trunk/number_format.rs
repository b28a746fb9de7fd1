//! `number_format` and `local_segments`: the form in which a trunk wants numbers dialed.

use std::collections::BTreeSet;
use std::path::Path;

use crate::document::{Faults, Place, Table};
use crate::phone::{CountryPrefix, FormatRule, NumberFormat, Pattern, SEGMENT};

const PREFIXES: &[(&str, Option<CountryPrefix>)] = &[
    ("as_stored", None),
    ("+86", Some(CountryPrefix::Plus)),
    ("0086", Some(CountryPrefix::Zeros)),
    ("86", Some(CountryPrefix::Bare)),
];

const SEGMENTS: &str = "1 to 7 digits that begin with 1, or a file of such, one a line";

/// More segments than this are no list of one city's: the whole country has about 500,000.
const MOST_SEGMENTS: usize = 600_000;

pub(super) fn read(table: &Table<'_>, folder: &Path, faults: &mut Faults) -> NumberFormat {
    // One word for the usual forms, or rules.
    let is_word = table.optional_str("number_format", &mut Faults::new()).is_some();
    let mut format = if is_word {
        let prefix = table.optional_one_of("number_format", PREFIXES, faults).flatten();
        prefix.map(NumberFormat::with_country).unwrap_or_default()
    } else {
        let rules = table.tables("number_format", faults);
        NumberFormat {
            rules: rules.iter().filter_map(|table| rule(table, faults)).collect(),
            local: BTreeSet::new(),
        }
    };
    for (text, place) in table.strings("local_segments", faults) {
        if is_segment(text) {
            format.local.insert(text.to_owned());
        } else {
            format.local.extend(segments(&folder.join(text), text, place, faults));
        }
    }
    format
}

fn rule(table: &Table<'_>, faults: &mut Faults) -> Option<FormatRule> {
    table.unknown_keys(&["pattern", "strip", "add"], faults);
    let pattern = table.required_parsed(
        "pattern",
        "a pattern of digits, +, X (any digit), Z (1-9), N (2-9), [13-9], and . (one or more) at the end",
        Pattern::parse,
        faults,
    );
    let strip = table.optional_integer("strip", 0..=20, faults).unwrap_or_default();
    let add = table.optional_str("add", faults).unwrap_or_default();
    let strip = usize::try_from(strip).ok()?;
    match FormatRule::new(pattern?, strip, add) {
        Ok(rule) => Some(rule),
        Err(error) => {
            faults.error(table.place(), error.to_string());
            None
        }
    }
}

fn is_segment(text: &str) -> bool {
    (1..=SEGMENT).contains(&text.len()) && text.starts_with('1') && text.bytes().all(|b| b.is_ascii_digit())
}

/// The segments of a file: one a line, `#` begins a remark.
fn segments(file: &Path, named: &str, place: Place, faults: &mut Faults) -> BTreeSet<String> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            faults.error(
                place,
                format!(
                    "`local_segments` is {named:?}; expected {SEGMENTS}, but {}: {error}",
                    file.display()
                ),
            );
            return BTreeSet::new();
        }
    };
    let mut segments = BTreeSet::new();
    for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let segment = line.split('#').next().unwrap_or_default().trim();
        if segment.is_empty() {
            continue;
        }
        if !is_segment(segment) || segments.len() >= MOST_SEGMENTS {
            faults.error(
                place,
                format!(
                    "{}, line {number}: expected 1 to 7 digits that begin with 1",
                    file.display()
                ),
            );
            break;
        }
        segments.insert(segment.to_owned());
    }
    segments
}
