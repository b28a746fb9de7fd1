//! Attempts that were written down and not dialed after all: our own doing, so they count for nothing.

use super::{Finish, MediaSums, Next};
use crate::ids::AttemptId;
use crate::moment::Wall;
use crate::outcome::{Disposition, EndedBy, Facts, OurReason};

/// The rule by which such an attempt ends; caps and the judge of a night pass it by.
pub const NOT_DIALED: &str = "not-dialed-in-time";

impl Finish {
    /// The end of an attempt that was never dialed: its case is free again at once.
    pub fn never_dialed(attempt: AttemptId, at: Wall) -> Self {
        let facts = Facts {
            ended_by: Some(EndedBy::Us),
            our_reason: Some(OurReason::Stopped),
            ..Facts::default()
        };
        Self {
            attempt,
            at,
            facts,
            disposition: Disposition::Interrupted,
            rule: NOT_DIALED.to_owned(),
            next: Next::Again { at, counted: false },
            media: MediaSums::default(),
        }
    }
}
