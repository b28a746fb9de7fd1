//! TOML documents read with every fault found at once, each with line and column.
//!
//! ```text
//! let (document, mut faults) = Document::parse(text);
//! let root = document.root();
//! let name = root.required_str("name", &mut faults);
//! let wait = root.optional_duration("wait", SECOND..=HOUR, &mut faults).unwrap_or(DEFAULT);
//! root.unknown_keys(&["name", "wait"], &mut faults);
//! let faults = faults.into_sorted();
//! ```
//! A getter that finds something wrong notes it and answers `None`, so reading goes on to the last line.

mod duration;
mod source;
mod spelling;
mod table;
#[cfg(test)]
mod tests;
mod wrong;

use std::fmt;

pub use duration::{parse_duration, show_duration};
pub use source::{Document, Place};
pub use spelling::nearest;
pub use table::{Leaf, Table};
pub use wrong::{Expected, Found, Wrong};

/// One fault of a document, for people: where, what, and what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Whether the document may still be used.
    pub severity: Severity,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What was found and what was expected: one sentence, lower-case.
    pub wrong: Wrong,
}

/// How bad a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth a look; the document works.
    Warning,
    /// The document cannot be used.
    Error,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        write!(f, "{}:{}: {severity}: {}", self.line, self.column, self.wrong)
    }
}

/// The faults found so far.
#[derive(Clone, Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// No faults yet.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Notes a fault that makes the document unusable.
    pub fn error(&mut self, place: Place, wrong: impl Into<Wrong>) {
        self.push(Severity::Error, place, wrong.into());
    }

    /// Notes something worth a look.
    pub fn warning(&mut self, place: Place, wrong: impl Into<Wrong>) {
        self.push(Severity::Warning, place, wrong.into());
    }

    /// Whether the document cannot be used.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|fault| fault.severity == Severity::Error)
    }

    /// Takes over the faults that another part of the reading found.
    pub fn append(&mut self, others: Self) {
        for fault in others.0 {
            self.add(fault);
        }
    }

    /// All faults in the order of the text.
    pub fn into_sorted(self) -> Vec<Fault> {
        let mut faults = self.0;
        faults.sort_by_key(|fault| (fault.line, fault.column));
        faults
    }

    fn push(&mut self, severity: Severity, place: Place, wrong: Wrong) {
        self.add(Fault {
            severity,
            line: place.line,
            column: place.column,
            wrong,
        });
    }

    fn add(&mut self, fault: Fault) {
        if !self.0.contains(&fault) {
            self.0.push(fault);
        }
    }
}
