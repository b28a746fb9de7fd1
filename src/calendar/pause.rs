//! How long one waits before the next try: a time, days, another part of the day, the next window, the next night.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::{NaiveDateTime, NaiveTime, Timelike};
use serde::{Deserialize, Serialize};

use super::zone::{at_minute, days_later, local, wall};
use super::{Gate, Schedule};
use crate::moment::Wall;

/// A pause as campaign files write it: `90s`, `15m`, `3h`, `1d`, `1d_other_part`, `next_window`, `next_night`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Pause {
    /// This long by the clock.
    For(Duration),
    /// The same local time this many calendar days later.
    Days(u32),
    /// This many calendar days later, in the part of the day that follows the present one: the morning ends at 12:00,
    /// the afternoon at 17:00.
    DaysOtherPart(u32),
    /// When the window after the present one opens; in test mode half an hour.
    NextWindow,
    /// The first window of the next local date.
    NextNight,
}

/// Why a text is no pause.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a pause such as \"90s\", \"15m\", \"3h\", \"1d\", \"1d_other_part\", \"next_window\" or \"next_night\", got {0:?}"
)]
pub struct PauseError(String);

/// A year: more would be a slip of the pen.
const MOST_DAYS: u32 = 366;

impl Pause {
    /// When the pause that begins at `from` is over; windows are not looked at but for `NextWindow`.
    pub(super) fn end(self, from: Wall, schedule: &Schedule) -> Wall {
        let zone = schedule.zone;
        let now = local(from, zone);
        match self {
            Self::For(duration) => from + duration,
            Self::Days(days) => wall(NaiveDateTime::new(days_later(now.date(), days), now.time()), zone),
            Self::DaysOtherPart(days) => at_minute(days_later(now.date(), days), other_part(now.time()), zone),
            Self::NextWindow => match schedule.gate(from) {
                Gate::Open { until, .. } if until.millis() < i64::MAX => until,
                Gate::Open { .. } => from + Duration::from_secs(30 * 60),
                Gate::Closed { .. } => from,
            },
            Self::NextNight => at_minute(days_later(now.date(), 1), 0, zone),
        }
    }
}

/// Where the part of the day after that of `time` begins, in minutes after midnight.
fn other_part(time: NaiveTime) -> u16 {
    match time.hour() {
        0..12 => 12 * 60,
        12..17 => 17 * 60,
        17.. => 0,
    }
}

impl FromStr for Pause {
    type Err = PauseError;

    fn from_str(text: &str) -> Result<Self, PauseError> {
        let fault = || PauseError(text.to_owned());
        match text {
            "next_window" => return Ok(Self::NextWindow),
            "next_night" => return Ok(Self::NextNight),
            _ => {}
        }
        let (number, other) = match text.strip_suffix("d_other_part") {
            Some(days) => (days, Some(())),
            None => (text.get(..text.len().saturating_sub(1)).unwrap_or_default(), None),
        };
        let count: u32 = Some(number)
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok())
            .ok_or_else(fault)?;
        let seconds = |unit: u32| {
            let total = count.checked_mul(unit).filter(|total| *total <= MOST_DAYS * 86_400);
            total
                .map(|total| Self::For(Duration::from_secs(u64::from(total))))
                .ok_or_else(fault)
        };
        match (other, text.chars().last()) {
            (Some(()), _) if count <= MOST_DAYS => Ok(Self::DaysOtherPart(count)),
            (None, Some('d')) if count <= MOST_DAYS => Ok(Self::Days(count)),
            (None, Some('s')) => seconds(1),
            (None, Some('m')) => seconds(60),
            (None, Some('h')) => seconds(3600),
            (Some(()) | None, _) => Err(fault()),
        }
    }
}

impl fmt::Display for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::For(duration) => match duration.as_secs() {
                hours if hours > 0 && hours % 3600 == 0 => write!(f, "{}h", hours / 3600),
                minutes if minutes > 0 && minutes % 60 == 0 => write!(f, "{}m", minutes / 60),
                seconds => write!(f, "{seconds}s"),
            },
            Self::Days(days) => write!(f, "{days}d"),
            Self::DaysOtherPart(days) => write!(f, "{days}d_other_part"),
            Self::NextWindow => f.write_str("next_window"),
            Self::NextNight => f.write_str("next_night"),
        }
    }
}

impl TryFrom<String> for Pause {
    type Error = PauseError;

    fn try_from(text: String) -> Result<Self, PauseError> {
        text.parse()
    }
}

impl From<Pause> for String {
    fn from(pause: Pause) -> Self {
        pause.to_string()
    }
}
