//! Whether the work calendar knows the days that are counted now.

use chrono::{Days, NaiveDate};

use crate::calendar::{self, WorkCalendar};
use crate::config::{CampaignFile, Place};
use crate::document::{Fault, Severity, Table};
use crate::engine::clock::Clock;

/// So far ahead deadlines are counted in working days, generously.
const AHEAD: Days = Days::new(60);

/// The date of today by the clocks of this place.
pub(super) fn today(place: &Place) -> NaiveDate {
    calendar::local(Clock::start().wall(), place.time_zone).date()
}

/// What to do about years of the next weeks that the calendar does not know.
pub(super) fn warning(calendar: &WorkCalendar, today: NaiveDate) -> Option<String> {
    let ahead = today.checked_add_days(AHEAD).unwrap_or(today);
    let unknown = calendar.first_unknown(today, ahead)?;
    Some(format!(
        "the work calendar does not know the holidays and make-up days of {unknown}: its working days are taken to be \
         Monday to Friday; when the State Council's notice is out, put its days into your own calendar file, in the form \
         of calendars/cn.toml, and name the file by [place] work_calendar (工作日历缺少 {unknown} 年的节假日与调休：\
         国务院办公厅放假通知公布后，照 calendars/cn.toml 的格式写入自己的日历文件，并以 [place] work_calendar 指明)"
    ))
}

/// The warnings of a campaign that asks for years that the calendar does not know, each at the key that asks.
pub(super) fn missing(campaign: &CampaignFile, root: &Table<'_>, place: &Place) -> Vec<Fault> {
    let missing = campaign.missing_years(today(place), &place.work_calendar).into_iter();
    missing
        .map(|missing| {
            let at = root.place_of(missing.key);
            Fault {
                severity: Severity::Warning,
                line: at.line,
                column: at.column,
                wrong: missing.to_string().into(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_that_is_missing_is_told_two_months_before_it_begins() {
        let calendar = WorkCalendar::shipped();
        let told = |day: &str| warning(&calendar, day.parse().unwrap());
        assert_eq!(told("2026-10-31"), None);
        assert!(told("2026-11-22").unwrap().contains("2027"));
        assert!(told("2024-12-31").unwrap().contains("2024"));
    }
}
