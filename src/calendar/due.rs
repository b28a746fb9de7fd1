//! When a follow-up is due, so long after the discharge, and when it is given up, so long after that.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::NaiveDateTime;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::zone::{days_later, local, wall};
use super::{Pause, WorkCalendar};
use crate::moment::Wall;

/// How long after the discharge a follow-up is due, or how long after it became due it is given up: `7d` (calendar days: the local time of day stays the same even if
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
#[error("expected a time such as \"7d\", \"7wd\" (working days) or \"48h\", got {0:?}")]
pub struct DueAfterError(String);

impl Default for DueAfter {
    fn default() -> Self {
        Self::Days(7)
    }
}

/// Ten years: more would be a slip of the pen.
const MOST_DAYS: u32 = 3_650;
/// A year and a half, a working day being seven tenths of a day.
const MOST_WORKDAYS: u32 = 366;

/// When the follow-up of a discharge at `discharged` is due. Years that the calendar does not know are counted by plain
/// weekdays; [`WorkCalendar::first_unknown`] tells of them.
pub fn due(discharged: Wall, after: DueAfter, zone: Tz, calendar: &WorkCalendar) -> Wall {
    later(discharged, after, zone, calendar)
}

/// When a follow-up that was due at `due` is given up; counted as [`due`] counts.
pub fn deadline(due: Wall, after: DueAfter, zone: Tz, calendar: &WorkCalendar) -> Wall {
    later(due, after, zone, calendar)
}

fn later(from: Wall, after: DueAfter, zone: Tz, calendar: &WorkCalendar) -> Wall {
    let then = local(from, zone);
    let date = match after {
        DueAfter::For(duration) => return from + duration,
        DueAfter::Days(days) => days_later(then.date(), days),
        DueAfter::Workdays(days) => calendar.workdays_after(then.date(), days),
    };
    wall(NaiveDateTime::new(date, then.time()), zone)
}

impl FromStr for DueAfter {
    type Err = DueAfterError;

    fn from_str(text: &str) -> Result<Self, DueAfterError> {
        let fault = || DueAfterError(text.to_owned());
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (count, unit) = text.split_at_checked(digits).ok_or_else(fault)?;
        let count: u32 = count.parse().map_err(|_| fault())?;
        let by_the_clock = |seconds: u32| {
            let seconds = count.checked_mul(seconds).filter(|total| *total <= MOST_DAYS * 86_400);
            seconds.map(|seconds| Self::For(Duration::from_secs(u64::from(seconds))))
        };
        let after = match unit {
            "d" if count <= MOST_DAYS => Some(Self::Days(count)),
            "wd" if count <= MOST_WORKDAYS => Some(Self::Workdays(count)),
            "h" => by_the_clock(3600),
            "m" => by_the_clock(60),
            "s" => by_the_clock(1),
            _ => None,
        };
        after.ok_or_else(fault)
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
