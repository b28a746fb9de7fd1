//! The stretches of time that samples are drawn from.

use chrono::{Datelike, Months, NaiveDate, NaiveTime};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::calendar::{local, wall};
use crate::moment::Wall;

/// How long a base is gathered before its sample is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Period {
    /// A calendar month (R053).
    #[default]
    Month,
    /// Three months from January, April, July or October on.
    Quarter,
    /// A calendar year.
    Year,
}

/// One such stretch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stretch {
    /// `2026-11`, `2026-Q4` or `2026`.
    pub name: String,
    /// Its first moment.
    pub from: Wall,
    /// The first moment after it.
    pub until: Wall,
}

impl Period {
    /// The stretch that a time lies in, by the clocks of a zone.
    pub fn of(self, at: Wall, zone: Tz) -> Stretch {
        let date = local(at, zone).date();
        let (year, month) = (date.year(), date.month());
        let (first, months, name) = match self {
            Self::Month => (month, 1, format!("{year:04}-{month:02}")),
            Self::Quarter => (
                (month - 1) / 3 * 3 + 1,
                3,
                format!("{year:04}-Q{}", (month - 1) / 3 + 1),
            ),
            Self::Year => (1, 12, format!("{year:04}")),
        };
        let begin = NaiveDate::from_ymd_opt(year, first, 1).unwrap_or(date);
        let end = begin.checked_add_months(Months::new(months)).unwrap_or(begin);
        Stretch {
            name,
            from: wall(begin.and_time(NaiveTime::MIN), zone),
            until: wall(end.and_time(NaiveTime::MIN), zone),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::DEFAULT_ZONE;

    #[test]
    fn a_period_is_local() {
        // 2026-12-31T16:30Z is 00:30 of New Year's Day in Shanghai.
        let at = wall("2027-01-01T00:30:00".parse().unwrap(), DEFAULT_ZONE);
        for (period, name, until) in [
            (Period::Month, "2027-01", "2027-02-01T00:00:00"),
            (Period::Quarter, "2027-Q1", "2027-04-01T00:00:00"),
            (Period::Year, "2027", "2028-01-01T00:00:00"),
        ] {
            let stretch = period.of(at, DEFAULT_ZONE);
            assert_eq!(stretch.name, name);
            assert_eq!(
                format!("{:?}", local(stretch.from, DEFAULT_ZONE)),
                "2027-01-01T00:00:00"
            );
            assert_eq!(format!("{:?}", local(stretch.until, DEFAULT_ZONE)), until);
        }
    }
}
