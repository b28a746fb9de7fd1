//! Whether the work calendar knows the days that are counted now.

use chrono::{Datelike, Days, NaiveDate};

use crate::calendar::WorkCalendar;

/// So far ahead deadlines are counted in working days, generously.
const AHEAD: Days = Days::new(60);

/// What to do about years of the next weeks that the calendar does not know.
pub(super) fn warning(calendar: &WorkCalendar, today: NaiveDate) -> Option<String> {
    let ahead = today.checked_add_days(AHEAD).unwrap_or(today);
    let unknown = (today.year()..=ahead.year()).find(|year| !calendar.knows(*year))?;
    Some(format!(
        "the work calendar does not know the holidays and make-up days of {unknown}: its working days are taken to be \
         Monday to Friday; when they are published, write them into a file and name it by [place] work_calendar \
         (工作日历缺少 {unknown} 年的节假日与调休)"
    ))
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
