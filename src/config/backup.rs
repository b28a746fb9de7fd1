//! `[backup]`: when somebody is told that the last backup is old.

use std::time::Duration;

use crate::document::{Faults, Table};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// When somebody is told that the last backup is old.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backup {
    /// When the last one is older than this; none: never.
    pub warn_after: Option<Duration>,
}

impl Backup {
    pub(super) fn read(table: Option<Table<'_>>, faults: &mut Faults) -> Self {
        let Some(table) = table else { return Self::default() };
        table.unknown_keys(&["warn_after_days"], faults);
        let days = table.optional_integer("warn_after_days", 0..=3_650, faults);
        let days = days.and_then(|days| u32::try_from(days).ok());
        Self {
            warn_after: days.filter(|days| *days > 0).map(|days| DAY * days),
        }
    }
}
