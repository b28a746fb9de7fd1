//! Holidays, make-up days, and due times in working days.

use chrono::NaiveDate;

use super::*;
use crate::calendar::zone::weekday;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn due_in(workdays: u32, discharged: &str) -> Wall {
    let calendar = WorkCalendar::shipped();
    due(
        shanghai(discharged),
        DueAfter::Workdays(workdays),
        Asia::Shanghai,
        &calendar,
    )
}

#[test]
fn the_shipped_calendar_is_without_fault() {
    let (calendar, warnings) = WorkCalendar::parse(include_str!("../../../calendars/cn.toml")).unwrap();
    assert_eq!(warnings, []);
    assert_eq!(calendar, WorkCalendar::shipped());
    assert!(calendar.knows(2025) && calendar.knows(2026) && !calendar.knows(2024));
}

#[test]
fn spring_festival_is_off_and_the_weekends_around_it_are_worked() {
    let calendar = WorkCalendar::shipped();
    let rows = [
        ("2026-02-13", DayKind::Workday),
        ("2026-02-14", DayKind::MakeUpDay("春节")),
        ("2026-02-15", DayKind::Holiday("春节")),
        ("2026-02-23", DayKind::Holiday("春节")),
        ("2026-02-24", DayKind::Workday),
        ("2026-02-28", DayKind::MakeUpDay("春节")),
        ("2026-03-01", DayKind::Weekend),
        ("2026-01-04", DayKind::MakeUpDay("元旦")),
        ("2026-09-20", DayKind::MakeUpDay("国庆节")),
        ("2025-06-02", DayKind::Holiday("端午节")),
    ];
    for (date, kind) in rows {
        assert_eq!(calendar.day(day(date)), kind, "{date}");
    }
}

#[test]
fn every_year_that_ships_has_as_many_days_off_as_the_law_gives_and_as_many_made_up() {
    // Eleven public holidays until 2024, thirteen since (State Council order 795): what is off beyond them on weekdays
    // is made up.
    let calendar = WorkCalendar::shipped();
    for year in [2025, 2026] {
        let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
        let days: Vec<NaiveDate> = first
            .iter_days()
            .take_while(|day| day.format("%Y").to_string() == year.to_string())
            .collect();
        let worked = days.iter().filter(|day| calendar.day(**day).is_worked()).count();
        let plain = days.iter().filter(|day| weekday(**day) < 5).count();
        let made_up = days
            .iter()
            .filter(|day| matches!(calendar.day(**day), DayKind::MakeUpDay(_)))
            .count();
        let off = plain + made_up - worked;
        assert!(
            (16..=20).contains(&off),
            "{year}: {off} weekdays are off, {made_up} made up"
        );
        assert!((5..=6).contains(&made_up), "{year}: {made_up}");
    }
}

#[test]
fn seven_working_days_pass_over_weekends_and_the_festival() {
    let rows = [
        // A plain week: the 2nd of November 2026 is a Monday.
        ("2026-11-02 10:30:00", 7, "2026-11-11 10:30:00"),
        // A Friday evening.
        ("2026-11-06 18:00:00", 7, "2026-11-17 18:00:00"),
        // A Sunday: Monday is the first working day.
        ("2026-11-08 09:00:00", 1, "2026-11-09 09:00:00"),
        // Into Spring Festival: the made-up Saturday counts, nine days do not.
        ("2026-02-11 10:00:00", 7, "2026-02-27 10:00:00"),
        // Over the leap day.
        ("2028-02-28 08:00:00", 2, "2028-03-01 08:00:00"),
        // Over the end of a year: New Year's day is off, the Sunday after it is worked.
        ("2025-12-31 16:00:00", 2, "2026-01-05 16:00:00"),
        ("2026-03-10 16:00:00", 0, "2026-03-10 16:00:00"),
    ];
    for (discharged, workdays, expected) in rows {
        assert_eq!(
            due_in(workdays, discharged),
            shanghai(expected),
            "{discharged} and {workdays} working days"
        );
    }
}

#[test]
fn an_own_calendar_goes_over_the_shipped_one_day_by_day() {
    let own = "[[year]]\nyear = 2026\nsource = \"the hospital\"\nholidays = [\"2026-11-11 院庆\"]\nworked = [\"2026-10-04 义诊\"]\n";
    let (own, warnings) = WorkCalendar::parse(own).unwrap();
    assert_eq!(warnings, []);
    let calendar = WorkCalendar::shipped().under(own);
    assert_eq!(calendar.day(day("2026-11-11")), DayKind::Holiday("院庆"));
    assert_eq!(calendar.day(day("2026-10-04")), DayKind::MakeUpDay("义诊"));
    assert_eq!(calendar.day(day("2026-10-05")), DayKind::Holiday("国庆节"));
}

#[test]
fn a_faulty_calendar_is_told_line_by_line() {
    let text = "[[year]]\nyear = 2026\nholidays = [\"2026-10-07..2026-10-01 国庆节\", \"2027-01-01 元旦\", \"2026-05-01\"]\n\
                worked = [\"2026-05-08 劳动节\"]\n[[year]]\nyear = 2026\nsource = \"x\"\n";
    let faults = WorkCalendar::parse(text).unwrap_err();
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let has = |words: &str| told.iter().any(|line| line.contains(words));
    assert!(
        has("source") && has("got \"2026-10-07..2026-10-01 国庆节\"") && has("got \"2026-05-01\""),
        "{told:#?}"
    );
    assert!(has("3:43: error: 2027-01-01..2027-01-01 is not in 2026"), "{told:#?}");
    assert!(
        has("warning: 2026-05-08 is worked anyway") && has("the year 2026 is here twice"),
        "{told:#?}"
    );
}

#[test]
fn a_calendar_without_any_working_day_ends() {
    let mut text = String::new();
    for year in 2026..2040 {
        text += &format!("[[year]]\nyear = {year}\nsource = \"x\"\nholidays = [\"{year}-01-01..{year}-12-31 off\"]\n");
    }
    let (calendar, _) = WorkCalendar::parse(&text).unwrap();
    assert!(calendar.workdays_after(day("2026-01-01"), 366) > day("2036-01-01"));
}
