//! Seasons: stretches that come every year, such as a summer timetable (夏令作息).

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};

use super::Rota;

/// A day of every year, as `06-01`. `02-29` comes in leap years only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct YearDay {
    month: u32,
    day: u32,
}

/// Why a text is no day of the year.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a day of the year such as \"06-01\" (month and day), got {0:?}")]
pub struct YearDayError(String);

impl YearDay {
    fn of(date: NaiveDate) -> Self {
        Self {
            month: date.month(),
            day: date.day(),
        }
    }
}

impl FromStr for YearDay {
    type Err = YearDayError;

    fn from_str(text: &str) -> Result<Self, YearDayError> {
        const LEAP_YEAR: i32 = 2028;
        let two_digits = |part: &str| {
            let digits = Some(part).filter(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()));
            digits.and_then(|digits| digits.parse().ok())
        };
        let (month, day) = text.split_once('-').unwrap_or_default();
        let date = two_digits(month)
            .zip(two_digits(day))
            .and_then(|(month, day)| NaiveDate::from_ymd_opt(LEAP_YEAR, month, day));
        date.map(Self::of).ok_or_else(|| YearDayError(text.to_owned()))
    }
}

impl fmt::Display for YearDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

/// A stretch of every year with days or a pause of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Season {
    from: YearDay,
    to: YearDay,
    rota: Rota,
}

impl Season {
    /// From one day to another one, both included; over the end of the year if `to` comes before `from`.
    pub const fn new(from: YearDay, to: YearDay, rota: Rota) -> Self {
        Self { from, to, rota }
    }

    pub(super) const fn rota(&self) -> &Rota {
        &self.rota
    }

    pub(super) fn covers(&self, date: NaiveDate) -> bool {
        self.has(YearDay::of(date))
    }

    /// Whether there is a day that is in both.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.has(other.from) || other.has(self.from)
    }

    fn has(&self, day: YearDay) -> bool {
        if self.from <= self.to {
            self.from <= day && day <= self.to
        } else {
            self.from <= day || day <= self.to
        }
    }
}

impl fmt::Display for Season {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.from, self.to)
    }
}
