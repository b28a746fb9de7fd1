//! `[place]`: where the daemon stands: time zone, data folder, prompts.

use std::path::{Path, PathBuf};

use chrono_tz::Tz;

use crate::document::{Faults, Table};

/// Where the daemon stands.
#[derive(Clone, Debug)]
pub struct Place {
    /// The time zone of windows, due times and reports; never the host's.
    pub time_zone: Tz,
    /// The folder of the database and the recordings.
    pub data: PathBuf,
    /// The folder that holds `<language>/*.wav`.
    pub prompts: PathBuf,
    /// New calls begin only while so many octets are free on the disk of the data folder.
    pub keep_free: u64,
    /// Octets of the file that is given up when the disk is full, so that running calls can be written.
    pub reserve: u64,
    /// Octets of the journal that stands in for an absent database.
    pub journal: u64,
}

const MB: u64 = 1024 * 1024;

impl Place {
    pub(super) fn read(table: Option<Table<'_>>, folder: &Path, faults: &mut Faults) -> Self {
        let mut place = Self {
            time_zone: Tz::Asia__Shanghai,
            data: folder.join("data"),
            prompts: folder.join("prompts"),
            keep_free: 500 * MB,
            reserve: 64 * MB,
            journal: 64 * MB,
        };
        let Some(table) = table else { return place };
        table.unknown_keys(
            &[
                "time_zone",
                "data",
                "prompts",
                "keep_free_mb",
                "reserve_mb",
                "journal_mb",
            ],
            faults,
        );
        let zone = table.optional_parsed(
            "time_zone",
            "a time zone such as \"Asia/Shanghai\"",
            str::parse::<Tz>,
            faults,
        );
        place.time_zone = zone.unwrap_or(place.time_zone);
        if let Some(data) = table.optional_str("data", faults) {
            place.data = folder.join(data);
        }
        if let Some(prompts) = table.optional_str("prompts", faults) {
            place.prompts = folder.join(prompts);
        }
        let mut megabytes = |key, range| {
            let found = table.optional_integer(key, range, faults);
            found
                .and_then(|found| u64::try_from(found).ok())
                .map(|found| found * MB)
        };
        place.keep_free = megabytes("keep_free_mb", 1..=1_000_000).unwrap_or(place.keep_free);
        place.reserve = megabytes("reserve_mb", 0..=10_000).unwrap_or(place.reserve);
        place.journal = megabytes("journal_mb", 1..=1_000).unwrap_or(place.journal);
        place
    }
}
