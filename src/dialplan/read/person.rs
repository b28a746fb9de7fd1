//! `[person]`: the key for a person, what is said meanwhile, and the offer to whom no person can be had.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::{digit, nowhere, read_say, read_way, required_say, small};
use crate::dialplan::plan::Person;
use crate::document::{Faults, Table};

const KEYS: [&str; 9] = [
    "key", "say", "again", "later", "every", "longest", "most", "skill", "busy",
];
const EVERY: RangeInclusive<Duration> = Duration::from_secs(5)..=Duration::from_secs(60);
const LONGEST: RangeInclusive<Duration> = Duration::from_secs(5)..=Duration::from_secs(600);
const MOST_SKILL: usize = 100;

/// The section, if the file has it and names its key.
pub(super) fn read(root: Table<'_>, faults: &mut Faults) -> Option<Person> {
    let table = root.optional_table("person", faults)?;
    table.unknown_keys(&KEYS, faults);
    if !table.has("key") {
        faults.error(
            table.place(),
            "`key` is missing; expected the key that calls for a person, for example 0",
        );
    }
    let key = digit(table, "key", faults);
    let say = required_say(table, faults);
    let again = read_say(table, "again", faults);
    let later = table.has("later").then(|| digit(table, "later", faults)).flatten();
    let every = table.optional_duration("every", EVERY, faults);
    let longest = table.optional_duration("longest", LONGEST, faults);
    let most = table.optional_integer("most", 1..=100, faults);
    let skill = table.optional_str("skill", faults);
    if skill.is_some_and(|skill| skill.is_empty() || skill.chars().count() > MOST_SKILL) {
        faults.error(
            table.place_of("skill"),
            format!("`skill` is one word of what an agent can do, at most {MOST_SKILL} characters"),
        );
    }
    let busy = read_way(table, "busy", faults).unwrap_or_else(|| {
        faults.error(
            table.place(),
            "`busy` is missing; expected the id of a question that offers times for a call-back",
        );
        nowhere(table.place())
    });
    Some(Person {
        key: key?,
        every: every.unwrap_or(Duration::from_secs(15)),
        longest: longest.unwrap_or(Duration::from_secs(60)),
        most: small(most, 5),
        skill: skill.map(str::to_owned),
        place: table.place(),
        later,
        again: if again.is_empty() { say.clone() } else { again },
        say,
        busy,
    })
}
