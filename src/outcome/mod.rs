//! How a call ended and how we know: facts, dispositions, the one table between them.
//!
//! [`classify`] reads the table of `rules.rs` from top to bottom; the first row that holds decides, and its name is
//! stored with the attempt. docs/outcomes.md is the same table for people.

mod cause_table;
mod classify;
mod disposition;
mod explain;
mod facts;
mod hearing;
mod rules;
#[cfg(test)]
mod tests;
mod unserved;

pub use cause_table::{CauseError, CauseRow, CauseTable};
pub use classify::{Verdict, classify};
pub use disposition::Disposition;
pub use explain::{Language, explain};
pub use facts::{
    ByAgent, Came, EndedBy, Facts, LocalFault, MOST_PLAYS, OurReason, PlayEnd, Played, Reach, Tried, Wish,
};
pub use hearing::Hearing;
pub use rules::{Decides, NOTHING_KNOWN, RULES, Rule};
pub use unserved::is_unserved;
