//! How a call ended and how we know: facts, dispositions, the one table between them.

mod disposition;
mod facts;

pub use disposition::Disposition;
pub use facts::{EndedBy, Facts, OurReason};
