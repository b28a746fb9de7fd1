//! What changed in a row: column by column, before and after.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::pii::Pii;

/// One column of a visit, its patient or numbers that an import changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The column in the database, as `table.column`.
    pub column: Cow<'static, str>,
    /// What was there.
    pub before: Pii<Option<String>>,
    /// What is there now.
    pub after: Pii<Option<String>>,
}

impl Change {
    /// A change from one text to another.
    pub(super) fn new(column: &'static str, before: Option<String>, after: Option<String>) -> Self {
        Self {
            column: Cow::Borrowed(column),
            before: Pii::new(before),
            after: Pii::new(after),
        }
    }
}

/// The changes of one row, collected while its columns are compared.
#[derive(Default)]
pub(super) struct Changes(pub(super) Vec<Change>);

impl Changes {
    /// The text to store: what the list says, or what was there where it says nothing.
    pub(super) fn text(&mut self, column: &'static str, before: Option<String>, said: Option<&str>) -> Option<String> {
        match said {
            Some(said) if before.as_deref() != Some(said) => {
                self.0.push(Change::new(column, before, Some(said.to_owned())));
                Some(said.to_owned())
            }
            Some(_) | None => before,
        }
    }

    /// The same for a time in milliseconds.
    pub(super) fn time(&mut self, column: &'static str, before: Option<i64>, said: Option<i64>) -> Option<i64> {
        match said {
            Some(said) if before != Some(said) => {
                let text = before.map(|before| before.to_string());
                self.0.push(Change::new(column, text, Some(said.to_string())));
                Some(said)
            }
            Some(_) | None => before,
        }
    }
}
