//! `[place]`: where the daemon stands and how it is kept: time zone, data folder, prompts, log, drain.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;

use crate::calendar::WorkCalendar;
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
    /// What goes to the log.
    pub log: Log,
    /// How long talks may go on when the daemon is told to stop.
    pub drain: Duration,
    /// New calls begin only while so many octets are free on the disk of the data folder.
    pub keep_free: u64,
    /// Octets of the file that is given up when the disk is full, so that running calls can be written.
    pub reserve: u64,
    /// Octets of the journal that stands in for an absent database.
    pub journal: u64,
    /// Which days are worked.
    pub work_calendar: Arc<WorkCalendar>,
}

/// What goes to the log, from the least to the most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Log {
    /// What somebody must do something about.
    Error,
    /// And what may become that.
    Warn,
    /// And what happens.
    #[default]
    Info,
    /// And how.
    Debug,
    /// Everything.
    Trace,
}

impl Log {
    /// Each with the word of the settings.
    pub const ALL: [(&str, Self); 5] = [
        ("error", Self::Error),
        ("warn", Self::Warn),
        ("info", Self::Info),
        ("debug", Self::Debug),
        ("trace", Self::Trace),
    ];

    /// The word of the settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// Talks last three minutes at the most, as a rule.
const DRAIN: Duration = Duration::from_secs(5 * 60);

const MB: u64 = 1024 * 1024;

impl Place {
    pub(super) fn read(table: Option<Table<'_>>, folder: &Path, faults: &mut Faults) -> Self {
        let mut place = Self {
            time_zone: Tz::Asia__Shanghai,
            data: folder.join("data"),
            prompts: folder.join("prompts"),
            log: Log::default(),
            drain: DRAIN,
            keep_free: 500 * MB,
            reserve: 64 * MB,
            journal: 64 * MB,
            work_calendar: Arc::new(WorkCalendar::shipped()),
        };
        let Some(table) = table else { return place };
        table.unknown_keys(
            &[
                "time_zone",
                "data",
                "prompts",
                "log",
                "drain",
                "keep_free_mb",
                "reserve_mb",
                "journal_mb",
                "work_calendar",
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
        place.log = table.optional_one_of("log", &Log::ALL, faults).unwrap_or(place.log);
        let limits = Duration::ZERO..=Duration::from_secs(3600);
        place.drain = table.optional_duration("drain", limits, faults).unwrap_or(place.drain);
        let mut megabytes = |key, range| {
            let found = table.optional_integer(key, range, faults);
            found
                .and_then(|found| u64::try_from(found).ok())
                .map(|found| found * MB)
        };
        place.keep_free = megabytes("keep_free_mb", 1..=1_000_000).unwrap_or(place.keep_free);
        place.reserve = megabytes("reserve_mb", 0..=10_000).unwrap_or(place.reserve);
        place.journal = megabytes("journal_mb", 1..=1_000).unwrap_or(place.journal);
        if let Some(own) = own_calendar(&table, folder, faults) {
            place.work_calendar = Arc::new(WorkCalendar::shipped().under(own));
        }
        place
    }
}

/// The own work calendar, which goes over the one that ships.
fn own_calendar(table: &Table<'_>, folder: &Path, faults: &mut Faults) -> Option<WorkCalendar> {
    let file = folder.join(table.optional_str("work_calendar", faults)?);
    let place = table.place_of("work_calendar");
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) => {
            faults.error(
                place,
                format!("cannot read the work calendar {}: {error}", file.display()),
            );
            return None;
        }
    };
    match WorkCalendar::parse(&text) {
        Ok((calendar, warnings)) => {
            for warning in warnings {
                faults.warning(place, format!("{}:{warning}", file.display()));
            }
            Some(calendar)
        }
        Err(wrong) => {
            for fault in wrong {
                faults.error(place, format!("{}:{fault}", file.display()));
            }
            None
        }
    }
}
