//! `[incoming]`: how calls from the trunks are answered.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::campaign;
use crate::calendar::Windows;
use crate::document::{Faults, Table};

/// How calls from the trunks are answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// The dialplan for a patient whose number is known and for whom nothing is open.
    pub known: PathBuf,
    /// The dialplan for everybody else.
    pub unknown: PathBuf,
    /// So many are answered at a time.
    pub at_once: u16,
    /// The longest call.
    pub longest: Duration,
    /// When agents are there for whoever calls.
    pub hours: Windows,
}

/// Most hospitals get a few call backs an hour.
const AT_ONCE: u16 = 4;
const LONGEST: Duration = Duration::from_secs(10 * 60);

impl Incoming {
    /// None unless the section says that calls are taken: then they are refused.
    pub(super) fn read(table: Option<Table<'_>>, folder: &Path, faults: &mut Faults) -> Option<Self> {
        let table = table?;
        table.unknown_keys(&["take", "known", "unknown", "at_once", "longest", "hours"], faults);
        let mut file = |key, usual: &str| {
            let named = table.optional_str(key, faults).unwrap_or(usual);
            if named.trim().is_empty() {
                let message = format!("`{key}` is empty; expected a dialplan file such as \"{usual}\"");
                faults.error(table.place_of(key), message);
            }
            folder.join(named)
        };
        let known = file("known", "dialplans/incoming.toml");
        let unknown = file("unknown", "dialplans/incoming-unknown.toml");
        let at_once = table.optional_integer("at_once", 1..=200, faults);
        let minutes = Duration::from_secs(60)..=Duration::from_secs(30 * 60);
        let longest = table.optional_duration("longest", minutes, faults);
        let hours = match table.optional_table("hours", faults) {
            Some(hours) => campaign::hours(&hours, faults),
            None => None,
        };
        let takes = table.optional_bool("take", faults).unwrap_or_default();
        takes.then_some(Self {
            known,
            unknown,
            at_once: at_once.and_then(|found| u16::try_from(found).ok()).unwrap_or(AT_ONCE),
            longest: longest.unwrap_or(LONGEST),
            hours: hours.unwrap_or_default(),
        })
    }
}
