//! `[retention]`: how long what is kept is kept.

use chrono::{DateTime, Days, Months};

use crate::document::{Faults, Table};
use crate::moment::Wall;

/// How a time of keeping is written.
const EXPECTED: &str = "a time of keeping such as \"2 years\", \"18 months\", \"90 days\", or \"never\"";

/// How long each kind is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// The WAVs of calls.
    pub recordings: Kept,
    /// Rows of imported lists as they came.
    pub import_rows: Kept,
    /// Who called us.
    pub call_backs: Kept,
    /// Entries of the journal that the database refused.
    pub put_aside: Kept,
    /// What leads to a person in attempts.
    pub attempts: Kept,
}

/// How long something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is never deleted.
    Always,
    /// For so many calendar months, from when it was made.
    Months(u32),
    /// For so many days.
    Days(u32),
}

impl Kept {
    /// What is older than this goes; nothing if all is kept.
    pub fn before(self, now: Wall) -> Option<Wall> {
        let now = DateTime::from_timestamp_millis(now.millis())?;
        let before = match self {
            Self::Always => return None,
            Self::Months(months) => now.checked_sub_months(Months::new(months))?,
            Self::Days(days) => now.checked_sub_days(Days::new(u64::from(days)))?,
        };
        Some(Wall::from_millis(before.timestamp_millis()))
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        if text == "never" {
            return Ok(Self::Always);
        }
        let (count, unit) = text.split_once(' ').ok_or("expected a number, a space and a unit")?;
        let count: u32 = count.parse().map_err(|_| "the number is none")?;
        if count == 0 || count > 1_000 {
            return Err("the number is from 1 to 1000");
        }
        match unit.trim_end_matches('s') {
            "year" => Ok(Self::Months(count * 12)),
            "month" => Ok(Self::Months(count)),
            "week" => Ok(Self::Days(count * 7)),
            "day" => Ok(Self::Days(count)),
            _ => Err("the unit is years, months, weeks or days"),
        }
    }
}

impl std::fmt::Display for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (count, unit) = match *self {
            Self::Always => return f.write_str("never"),
            Self::Months(months) if months % 12 == 0 => (months / 12, "year"),
            Self::Months(months) => (months, "month"),
            Self::Days(days) => (days, "day"),
        };
        let plural = if count == 1 { "" } else { "s" };
        write!(f, "{count} {unit}{plural}")
    }
}

impl Retention {
    pub(super) fn read(table: Option<Table<'_>>, faults: &mut Faults) -> Self {
        let mut retention = Self {
            recordings: Kept::Months(24),
            import_rows: Kept::Months(12),
            call_backs: Kept::Months(12),
            put_aside: Kept::Months(12),
            attempts: Kept::Always,
        };
        let Some(table) = table else { return retention };
        table.unknown_keys(
            &["recordings", "import_rows", "call_backs", "put_aside", "attempts"],
            faults,
        );
        for (key, kept) in [
            ("recordings", &mut retention.recordings),
            ("import_rows", &mut retention.import_rows),
            ("call_backs", &mut retention.call_backs),
            ("put_aside", &mut retention.put_aside),
            ("attempts", &mut retention.attempts),
        ] {
            *kept = table
                .optional_parsed(key, EXPECTED, Kept::parse, faults)
                .unwrap_or(*kept);
        }
        retention
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_keeping_read_as_people_write_them() {
        for (text, kept) in [
            ("never", Kept::Always),
            ("2 years", Kept::Months(24)),
            ("1 year", Kept::Months(12)),
            ("18 months", Kept::Months(18)),
            ("6 weeks", Kept::Days(42)),
            ("90 days", Kept::Days(90)),
        ] {
            assert_eq!(Kept::parse(text), Ok(kept), "{text}");
            assert_eq!(Kept::parse(&kept.to_string()), Ok(kept), "{text}");
        }
        for text in [
            "",
            "2",
            "2years",
            "0 days",
            "-1 years",
            "2 lives",
            "always",
            "1001 years",
        ] {
            assert!(Kept::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn two_years_are_calendar_years() {
        let at = |text: &str| Wall::from_millis(text.parse::<DateTime<chrono::Utc>>().unwrap().timestamp_millis());
        let now = at("2028-02-29T12:00:00Z");
        assert_eq!(Kept::Months(24).before(now), Some(at("2026-02-28T12:00:00Z")));
        assert_eq!(Kept::Days(1).before(now), Some(at("2028-02-28T12:00:00Z")));
        assert_eq!(Kept::Always.before(now), None);
    }
}
