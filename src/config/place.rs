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
}

impl Place {
    pub(super) fn read(table: Option<Table<'_>>, folder: &Path, faults: &mut Faults) -> Self {
        let mut place = Self {
            time_zone: Tz::Asia__Shanghai,
            data: folder.join("data"),
            prompts: folder.join("prompts"),
        };
        let Some(table) = table else { return place };
        table.unknown_keys(&["time_zone", "data", "prompts"], faults);
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
        place
    }
}
