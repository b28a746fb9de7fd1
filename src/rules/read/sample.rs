//! `[rule.sample]`.

use std::collections::BTreeMap;

use super::when::conditions;
use super::word;
use crate::document::{Faults, Table};
use crate::rules::{Condition, Fraction, Period, Sample};

const KEYS: [&str; 6] = ["by", "fraction", "fractions", "census", "period", "assign"];
const PERIODS: [(&str, Period); 3] = [
    ("month", Period::Month),
    ("quarter", Period::Quarter),
    ("year", Period::Year),
];
const SHARE: &str = "a share such as \"10%\"";

/// Reads a sample that is drawn with this seed.
pub(super) fn sample(table: &Table<'_>, seed: &str, faults: &mut Faults) -> Option<Sample> {
    table.unknown_keys(&KEYS, faults);
    let by: Vec<String> = table
        .strings("by", faults)
        .into_iter()
        .map(|(name, _)| name.to_owned())
        .collect();
    let fraction = table.required_parsed("fraction", SHARE, str::parse::<Fraction>, faults);
    let mut fractions = BTreeMap::new();
    if let Some(own) = table.optional_table("fractions", faults) {
        if by.is_empty() {
            let message = "`fractions` tells strata apart by the attributes of `by`, which is missing";
            faults.error(own.place(), message);
        }
        fractions = shares(&own, faults).into_iter().collect();
    }
    let census = table
        .optional_table("census", faults)
        .map(|census| conditions(&census, faults));
    let period = table.optional_one_of("period", &PERIODS, faults).unwrap_or_default();
    let assign = table
        .optional_table("assign", faults)
        .map(|table| assign(&table, faults));
    Some(Sample {
        by,
        fraction: fraction?,
        fractions,
        census: census.map(Condition::All),
        period,
        assign: assign.unwrap_or_default(),
        seed: seed.to_owned(),
    })
}

fn assign(table: &Table<'_>, faults: &mut Faults) -> Vec<(String, Fraction)> {
    let roles = shares(table, faults);
    for (key, place) in table.keys() {
        if let Err(message) = word(key) {
            faults.error(place, format!("`{key}` is no name of a role: {message}"));
        }
    }
    let sum: u64 = roles.iter().map(|(_, share)| u64::from(share.millionths())).sum();
    if sum > u64::from(Fraction::ALL.millionths()) {
        faults.error(table.place(), "the shares of the roles are more than 100% together");
    }
    roles
}

fn shares(table: &Table<'_>, faults: &mut Faults) -> Vec<(String, Fraction)> {
    let mut shares = Vec::new();
    for (key, _) in table.keys() {
        if let Some(share) = table.optional_parsed(key, SHARE, str::parse::<Fraction>, faults) {
            shares.push((key.to_owned(), share));
        }
    }
    shares
}
