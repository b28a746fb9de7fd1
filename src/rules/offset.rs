//! Offsets from a date: so long after it, or so long before it.

use std::fmt;
use std::str::FromStr;

use chrono::{Months, NaiveDate, NaiveDateTime};
use chrono_tz::Tz;

use crate::calendar::{DueAfter, WorkCalendar, due, local, wall};
use crate::moment::Wall;

/// `10m`, `24h` (by the clock), `7d` (calendar days), `7wd` (working days), `1mo` (months), `1y`; with `-` so long before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offset {
    direction: Direction,
    length: Length,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    After,
    Before,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    Counted(DueAfter),
    Months(u32),
}

/// Why a text is no offset.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected such as \"10m\", \"24h\", \"7d\", \"7wd\" (working days), \"1mo\" (months), \"1y\", or \"-1d\" for before, got {0:?}"
)]
pub struct OffsetError(String);

/// A hundred years.
const MOST_MONTHS: u32 = 1_200;
/// Working days further back are not counted.
const FURTHEST: u32 = 3_660;

impl Offset {
    /// So many months after.
    pub const fn months(months: u32) -> Self {
        Self {
            direction: Direction::After,
            length: Length::Months(months),
        }
    }

    /// The time that lies this offset after or before another. Days, working days and months keep the local time of day;
    /// a day that a month does not have becomes its last one.
    pub fn from(self, anchor: Wall, zone: Tz, calendar: &WorkCalendar) -> Wall {
        let then = local(anchor, zone);
        let days_before = |days: u32| then.date().checked_sub_days(chrono::Days::new(u64::from(days)));
        let date = match (self.direction, self.length) {
            (Direction::After, Length::Counted(after)) => return due(anchor, after, zone, calendar),
            (Direction::Before, Length::Counted(DueAfter::For(duration))) => return anchor - duration,
            (Direction::Before, Length::Counted(DueAfter::Days(days))) => days_before(days),
            (Direction::Before, Length::Counted(DueAfter::Workdays(days))) => {
                Some(workdays_before(then.date(), days, calendar))
            }
            (Direction::After, Length::Months(months)) => then.date().checked_add_months(Months::new(months)),
            (Direction::Before, Length::Months(months)) => then.date().checked_sub_months(Months::new(months)),
        };
        wall(NaiveDateTime::new(date.unwrap_or(then.date()), then.time()), zone)
    }

    /// Whether it leads back.
    pub fn is_before(self) -> bool {
        self.direction == Direction::Before
    }

    /// Whether it leads nowhere.
    pub fn is_nothing(self) -> bool {
        match self.length {
            Length::Counted(DueAfter::Days(count) | DueAfter::Workdays(count)) | Length::Months(count) => count == 0,
            Length::Counted(DueAfter::For(duration)) => duration.is_zero(),
        }
    }

    /// This offset so many times, without rounding: three times a month are three months.
    #[must_use]
    pub fn times(self, count: u32) -> Self {
        let length = match self.length {
            Length::Counted(DueAfter::Days(days)) => Length::Counted(DueAfter::Days(days.saturating_mul(count))),
            Length::Counted(DueAfter::Workdays(days)) => {
                Length::Counted(DueAfter::Workdays(days.saturating_mul(count)))
            }
            Length::Counted(DueAfter::For(duration)) => Length::Counted(DueAfter::For(duration.saturating_mul(count))),
            Length::Months(months) => Length::Months(months.saturating_mul(count).min(MOST_MONTHS)),
        };
        Self { length, ..self }
    }
}

fn workdays_before(date: NaiveDate, count: u32, calendar: &WorkCalendar) -> NaiveDate {
    let mut left = count;
    let mut day = date;
    for _ in 0..FURTHEST {
        if left == 0 {
            break;
        }
        let Some(before) = day.pred_opt() else { break };
        day = before;
        if calendar.day(day).is_worked() {
            left -= 1;
        }
    }
    day
}

impl FromStr for Offset {
    type Err = OffsetError;

    fn from_str(text: &str) -> Result<Self, OffsetError> {
        let wrong = || OffsetError(text.to_owned());
        let (direction, rest) = match text.strip_prefix('-') {
            Some(rest) => (Direction::Before, rest),
            None => (Direction::After, text),
        };
        let months = match (rest.strip_suffix("mo"), rest.strip_suffix('y')) {
            (Some(months), _) => Some((months, 1)),
            (None, Some(years)) => Some((years, 12)),
            (None, None) => None,
        };
        let length = match months {
            Some((count, each)) => {
                let count = count.parse::<u32>().ok().and_then(|count| count.checked_mul(each));
                Length::Months(count.filter(|months| *months <= MOST_MONTHS).ok_or_else(wrong)?)
            }
            None => Length::Counted(rest.parse().map_err(|_| wrong())?),
        };
        Ok(Self { direction, length })
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.direction == Direction::Before {
            f.write_str("-")?;
        }
        match self.length {
            Length::Counted(after) => after.fmt(f),
            Length::Months(months) => write!(f, "{months}mo"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::DEFAULT_ZONE;

    fn moved(from: &str, offset: &str) -> String {
        let from = wall(from.parse().unwrap(), DEFAULT_ZONE);
        let offset: Offset = offset.parse().unwrap();
        let calendar = WorkCalendar::shipped();
        format!("{:?}", local(offset.from(from, DEFAULT_ZONE, &calendar), DEFAULT_ZONE))
    }

    #[test]
    fn an_offset_leads_on_by_clock_calendar_and_working_time() {
        for (from, offset, to) in [
            ("2026-11-22T10:00:00", "10m", "2026-11-22T10:10:00"),
            ("2026-11-22T10:00:00", "24h", "2026-11-23T10:00:00"),
            ("2026-11-22T10:00:00", "7d", "2026-11-29T10:00:00"),
            ("2026-09-28T10:00:00", "7wd", "2026-10-13T10:00:00"),
            ("2026-01-31T10:00:00", "1mo", "2026-02-28T10:00:00"),
            ("2024-02-29T10:00:00", "1y", "2025-02-28T10:00:00"),
        ] {
            assert_eq!(moved(from, offset), to, "{from} {offset}");
        }
    }

    #[test]
    fn a_negative_offset_leads_back() {
        for (from, offset, to) in [
            ("2026-11-30T00:00:00", "-1mo", "2026-10-30T00:00:00"),
            ("2026-11-30T14:00:00", "-1d", "2026-11-29T14:00:00"),
            ("2026-11-30T14:00:00", "-2h", "2026-11-30T12:00:00"),
            ("2026-11-23T14:00:00", "-1wd", "2026-11-20T14:00:00"),
        ] {
            assert_eq!(moved(from, offset), to, "{from} {offset}");
        }
    }

    #[test]
    fn an_offset_is_shown_as_it_is_read() {
        for text in ["10m", "24h", "7d", "7wd", "1mo", "-1mo", "-3wd"] {
            assert_eq!(text.parse::<Offset>().unwrap().to_string(), text);
        }
        for text in ["", "-", "7", "d", "--7d", "7 d", "1.5mo", "99999y", "7w"] {
            assert!(text.parse::<Offset>().is_err(), "{text}");
        }
    }
}
