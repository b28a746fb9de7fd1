//! Whether a campaign counts days of years that the work calendar does not know.

use std::fmt;

use chrono::{Days, NaiveDate};

use super::CampaignFile;
use crate::calendar::{self, DEFAULT_ZONE, DueAfter, WorkCalendar};

/// So far ahead of now windows are looked at, and discharges expected.
const AHEAD: Days = Days::new(60);

/// A year that a campaign asks for and the work calendar does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingYear {
    /// The key of the campaign file that asks.
    pub key: &'static str,
    /// The year.
    pub year: i32,
}

impl fmt::Display for MissingYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, year } = self;
        write!(
            f,
            "`{key}` asks which days of {year} are worked, and the work calendar does not know: they are taken to be \
             Monday to Friday, holidays and make-up days are not kept; put the days of the State Council's notice for \
             {year} into your own calendar file ([place] work_calendar) (工作日历缺少 {year} 年:请将国务院办公厅当年\
             放假通知的节假日与调休写入 [place] work_calendar 所指文件)"
        )
    }
}

impl CampaignFile {
    /// The first missing year for each key that asks the work calendar: `windows` within the next two months,
    /// `due_after` and `deadline_after` for discharges of these two months.
    pub fn missing_years(&self, today: NaiveDate, calendar: &WorkCalendar) -> Vec<MissingYear> {
        let ahead = today.checked_add_days(AHEAD).unwrap_or(today);
        let due = reach(ahead, self.due_after, calendar);
        let deadline = self.deadline_after.map(|after| reach(due, after, calendar));
        let by_days = |after: DueAfter| matches!(after, DueAfter::Workdays(_));
        let asks = [
            ("windows", Some(ahead).filter(|_| self.windows.ask_for_kinds())),
            ("due_after", Some(due).filter(|_| by_days(self.due_after))),
            (
                "deadline_after",
                deadline.filter(|_| self.deadline_after.is_some_and(by_days)),
            ),
        ];
        let missing = |(key, until): (&'static str, Option<NaiveDate>)| {
            let year = calendar.first_unknown(today, until?)?;
            Some(MissingYear { key, year })
        };
        asks.into_iter().filter_map(missing).collect()
    }
}

/// The date that comes so long after another one.
fn reach(from: NaiveDate, after: DueAfter, calendar: &WorkCalendar) -> NaiveDate {
    let noon = from.and_hms_opt(12, 0, 0).unwrap_or_default();
    let then = calendar::due(calendar::wall(noon, DEFAULT_ZONE), after, DEFAULT_ZONE, calendar);
    calendar::local(then, DEFAULT_ZONE).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(more: &str, today: &str) -> Vec<(&'static str, i32)> {
        let text = format!("name = \"回访\"\ndialplan = \"a.toml\"\ntrunk = \"main\"\n{more}\n");
        let (file, _) = CampaignFile::parse(&text).unwrap();
        let missing = file.missing_years(today.parse().unwrap(), &WorkCalendar::shipped());
        missing.into_iter().map(|missing| (missing.key, missing.year)).collect()
    }

    #[test]
    fn a_campaign_that_does_not_ask_the_work_calendar_misses_nothing() {
        assert_eq!(
            missing("due_after = \"7d\"\ndeadline_after = \"21d\"", "2026-12-31"),
            []
        );
        assert_eq!(missing("[windows]\nevery_day = [\"09:00-12:00\"]", "2026-12-31"), []);
    }

    #[test]
    fn whatever_asks_is_told_as_far_as_it_reaches() {
        assert_eq!(missing("due_after = \"7wd\"", "2026-10-01"), []);
        assert_eq!(missing("due_after = \"7wd\"", "2026-11-01"), [("due_after", 2027)]);
        let both = "due_after = \"7wd\"\ndeadline_after = \"30wd\"";
        assert_eq!(missing(both, "2026-10-01"), [("deadline_after", 2027)]);
        assert_eq!(missing(both, "2026-08-01"), []);
        let windows = "[windows]\nevery_day = [\"09:00-12:00\"]\nholiday = []";
        assert_eq!(missing(windows, "2026-10-31"), []);
        assert_eq!(missing(windows, "2026-11-22"), [("windows", 2027)]);
        let landlines = "[windows.landline]\nworkday = [\"18:00-20:00\"]";
        assert_eq!(missing(landlines, "2026-11-22"), [("windows", 2027)]);
    }

    #[test]
    fn what_is_missing_says_what_to_do() {
        let missing = MissingYear {
            key: "windows",
            year: 2027,
        }
        .to_string();
        for words in [
            "`windows`",
            "2027",
            "[place] work_calendar",
            "notice",
            "国务院办公厅",
            "调休",
        ] {
            assert!(missing.contains(words), "{missing}");
        }
    }
}
