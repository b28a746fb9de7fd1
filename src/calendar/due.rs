//! When a follow-up is due: so long after the discharge.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::NaiveDateTime;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::pause::MOST_DAYS;
use super::zone::{days_later, local, wall};
use super::{Pause, WorkCalendar};
use crate::moment::Wall;

/// How long after the discharge a follow-up is due: `7d` (calendar days: the local time of day stays the same even if
/// the clocks change in between), `7wd` (working days of the work calendar, R023) or `48h`, `30m`, `90s` (by the clock).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum DueAfter {
    /// Calendar days.
    Days(u32),
    /// Working days: the day of the discharge does not count, the local time of day stays the same.
    Workdays(u32),
    /// By the clock.
    For(Duration),
}

/// Why a text is no such time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a time after the discharge such as \"7d\", \"7wd\" (working days) or \"48h\", got {0:?}")]
pub struct DueAfterError(String);

impl Default for DueAfter {
    fn default() -> Self {
        Self::Days(7)
    }
}

/// When the follow-up of a discharge at `discharged` is due.
pub fn due(discharged: Wall, after: DueAfter, zone: Tz, calendar: &WorkCalendar) -> Wall {
    let then = local(discharged, zone);
    let date = match after {
        DueAfter::For(duration) => return discharged + duration,
        DueAfter::Days(days) => days_later(then.date(), days),
        DueAfter::Workdays(days) => calendar.workdays_after(then.date(), days),
    };
    wall(NaiveDateTime::new(date, then.time()), zone)
}

impl FromStr for DueAfter {
    type Err = DueAfterError;

    fn from_str(text: &str) -> Result<Self, DueAfterError> {
        if let Some(days) = text.strip_suffix("wd") {
            let days = days.parse().ok().filter(|days| *days <= MOST_DAYS);
            return days.map(Self::Workdays).ok_or_else(|| DueAfterError(text.to_owned()));
        }
        match text.parse().map_err(|_| DueAfterError(text.to_owned()))? {
            Pause::Days(days) => Ok(Self::Days(days)),
            Pause::For(duration) => Ok(Self::For(duration)),
            Pause::DaysOtherPart(_) | Pause::NextWindow | Pause::NextNight => Err(DueAfterError(text.to_owned())),
        }
    }
}

impl fmt::Display for DueAfter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Days(days) => Pause::Days(days).fmt(f),
            Self::Workdays(days) => write!(f, "{days}wd"),
            Self::For(duration) => Pause::For(duration).fmt(f),
        }
    }
}

impl TryFrom<String> for DueAfter {
    type Error = DueAfterError;

    fn try_from(text: String) -> Result<Self, DueAfterError> {
        text.parse()
    }
}

impl From<DueAfter> for String {
    fn from(after: DueAfter) -> Self {
        after.to_string()
    }
}
