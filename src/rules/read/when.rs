//! `[rule.when]` and every other table of conditions.

use crate::document::{Faults, Table, nearest};
use crate::rules::condition::Test;
use crate::rules::{ATTRIBUTES, Condition};

/// Reads the lines of a table: an attribute with what it must be, or `all`, `any`, `not` with more of them. A fault of
/// one line leaves the others.
pub(super) fn conditions(table: &Table<'_>, faults: &mut Faults) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for (key, place) in table.keys() {
        let inner = |faults: &mut Faults| {
            let tables = table.tables(key, faults);
            if tables.is_empty() {
                faults.error(place, format!("`{key}` is empty; expected [{{ … }}, {{ … }}]"));
            }
            let lines = tables.iter().map(|table| one(conditions_of(table, faults)));
            lines.collect::<Vec<_>>()
        };
        match key {
            "all" => conditions.push(Condition::All(inner(faults))),
            "any" => conditions.push(Condition::Any(inner(faults))),
            "not" => {
                if let Some(inner) = table.optional_table(key, faults) {
                    conditions.push(Condition::Not(conditions_of(&inner, faults)));
                }
            }
            name => {
                let mut tests = Vec::new();
                let texts = table.strings(name, faults);
                if texts.is_empty() {
                    faults.error(
                        place,
                        format!("`{name}` is compared with nothing; expected a text or a list of texts"),
                    );
                }
                for (text, place) in texts {
                    match Test::parse(text) {
                        Ok(test) => tests.push(test),
                        Err(message) => faults.error(place, message),
                    }
                }
                warn_of_misspelling(name, place, faults);
                conditions.push(Condition::Attribute {
                    name: name.to_owned(),
                    tests,
                });
            }
        }
    }
    conditions
}

/// As [`conditions`], for a table inside another, which must say something.
fn conditions_of(table: &Table<'_>, faults: &mut Faults) -> Vec<Condition> {
    let inner = conditions(table, faults);
    if inner.is_empty() {
        faults.error(table.place(), "there is no condition in this table");
    }
    inner
}

fn one(mut conditions: Vec<Condition>) -> Condition {
    match conditions.pop() {
        Some(only) if conditions.is_empty() => only,
        last => {
            conditions.extend(last);
            Condition::All(conditions)
        }
    }
}

/// A column of the list may have any name, so this is no error.
fn warn_of_misspelling(name: &str, place: crate::document::Place, faults: &mut Faults) {
    if ATTRIBUTES.contains(&name) || !name.is_ascii() || name.len() < 4 {
        return;
    }
    if let Some(near) = nearest(name, ATTRIBUTES) {
        faults.warning(
            place,
            format!("`{name}` is taken for a column of the list; did you mean `{near}`?"),
        );
    }
}
