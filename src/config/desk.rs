//! `[desk]`: what agents may dial besides the numbers of their cases.

use crate::document::{Faults, Table};
use crate::phone::Number;

/// What agents may dial besides the numbers of their cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Desk {
    /// A number that is no case's begins with one of these, and needs a grant besides; none: no such number is dialed.
    pub prefixes: Vec<String>,
    /// The numbers of departments that a patient may be connected with.
    pub transfers: Vec<Number>,
}

impl Desk {
    pub(super) fn read(table: Option<Table<'_>>, faults: &mut Faults) -> Self {
        let Some(table) = table else { return Self::default() };
        table.unknown_keys(&["prefixes", "transfers"], faults);
        let mut desk = Self::default();
        for (prefix, place) in table.strings("prefixes", faults) {
            if (1..=10).contains(&prefix.len()) && prefix.bytes().all(|octet| octet.is_ascii_digit()) {
                desk.prefixes.push(prefix.to_owned());
            } else {
                faults.error(place, "expected the first digits of numbers, such as \"1\" or \"0571\"");
            }
        }
        for (number, place) in table.strings("transfers", faults) {
            match Number::parse(number) {
                Ok(number) => desk.transfers.push(number),
                Err(why) => faults.error(place, format!("expected a telephone number: {why}")),
            }
        }
        desk
    }

    /// Whether a number that is no case's may be dialed.
    pub fn allows(&self, number: &Number) -> bool {
        self.prefixes
            .iter()
            .any(|prefix| number.reveal().starts_with(prefix.as_str()))
    }
}
