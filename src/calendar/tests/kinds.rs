//! Windows by the kind of day: holidays, make-up days, leap days, years that nobody knows; and by the kind of number.

use super::*;

const MOBILE: Option<NumberKind> = Some(NumberKind::Mobile);
const LANDLINE: Option<NumberKind> = Some(NumberKind::Landline);

/// Working days long, weekends short, holidays closed.
fn office() -> Schedule {
    let keys: &[(&str, &[&str])] = &[
        ("workday", &["09:00-12:00", "14:00-20:30"]),
        ("weekend", &["10:00-11:30"]),
        ("holiday", &[]),
    ];
    with(Windows::of(timetable(keys)))
}

#[test]
fn each_date_has_the_windows_of_its_kind() {
    const LONG: &str = "09:00-12:00 14:00-20:30";
    const SHORT: &str = "10:00-11:30";
    let rows = [
        // The end of a year: New Year's Day and two days more are off, the Sunday after them is worked.
        ("2025-12-31", LONG),
        ("2026-01-01", ""),
        ("2026-01-02", ""),
        ("2026-01-03", ""),
        ("2026-01-04", LONG),
        ("2026-01-10", SHORT),
        // Spring Festival: the Saturdays before and after are worked.
        ("2026-02-13", LONG),
        ("2026-02-14", LONG),
        ("2026-02-15", ""),
        ("2026-02-16", ""),
        ("2026-02-23", ""),
        ("2026-02-24", LONG),
        ("2026-02-28", LONG),
        ("2026-03-01", SHORT),
        // Mid-Autumn Festival and National Day.
        ("2026-09-19", SHORT),
        ("2026-09-20", LONG),
        ("2026-09-25", ""),
        ("2026-09-27", ""),
        ("2026-09-28", LONG),
        ("2026-10-01", ""),
        ("2026-10-07", ""),
        ("2026-10-08", LONG),
        ("2026-10-10", LONG),
        ("2026-10-11", SHORT),
        // A year that nobody knows yet: by weekday.
        ("2027-01-01", LONG),
        ("2027-10-02", SHORT),
        ("2027-10-04", LONG),
        // The leap day, a Tuesday.
        ("2028-02-28", LONG),
        ("2028-02-29", LONG),
        ("2028-03-01", LONG),
    ];
    let schedule = office();
    for (date, expected) in rows {
        assert_eq!(on(&schedule, None, date), expected, "{date}");
    }
    assert!(!schedule.calendar.knows(2027) && !schedule.calendar.knows(2028));
    assert_eq!(
        schedule
            .calendar
            .first_unknown("2026-06-01".parse().unwrap(), "2027-01-01".parse().unwrap()),
        Some(2027)
    );
}

#[test]
fn what_closes_for_a_festival_opens_on_the_first_working_day_after_it() {
    let schedule = office();
    let rows = [
        ("2025-12-31 20:30:00", "2026-01-04 09:00:00"),
        ("2026-02-14 20:30:00", "2026-02-24 09:00:00"),
        ("2026-02-18 10:00:00", "2026-02-24 09:00:00"),
        ("2026-09-30 21:00:00", "2026-10-08 09:00:00"),
        ("2026-02-28 12:00:00", "2026-02-28 14:00:00"),
        ("2026-02-28 20:30:00", "2026-03-01 10:00:00"),
        ("2028-02-28 20:30:00", "2028-02-29 09:00:00"),
    ];
    for (from, opens) in rows {
        let from = shanghai(from);
        assert_eq!(schedule.next_open(from), Some(shanghai(opens)));
        let closed = Gate::Closed {
            from,
            until: Some(shanghai(opens)),
        };
        assert_eq!(schedule.gate(from), closed);
    }
    assert_eq!(
        schedule.after(shanghai("2026-09-30 20:00:00"), "1d".parse().unwrap()),
        shanghai("2026-10-08 09:00:00")
    );
    assert_eq!(
        schedule.after(shanghai("2026-09-30 20:00:00"), Pause::NextNight),
        shanghai("2026-10-08 09:00:00")
    );
}

#[test]
fn the_most_special_key_wins() {
    // The 10th of October 2026 is a made-up Saturday, the 17th a plain one, the 1st a holiday on a Thursday.
    let rows: &[(&[&str], &str, &str)] = &[
        (&["make_up", "workday", "sat", "every_day"], "2026-10-10", "make_up"),
        (&["workday", "sat", "every_day"], "2026-10-10", "workday"),
        (&["weekend", "sat", "every_day"], "2026-10-10", "sat"),
        (&["weekend", "every_day"], "2026-10-10", "every_day"),
        (&["weekend"], "2026-10-10", ""),
        (&["make_up", "workday", "weekend", "sat"], "2026-10-17", "sat"),
        (&["make_up", "workday", "weekend", "every_day"], "2026-10-17", "weekend"),
        (&["make_up", "workday", "every_day"], "2026-10-17", "every_day"),
        (&["holiday", "thu", "every_day", "workday"], "2026-10-01", "holiday"),
        (&["thu", "every_day", "workday"], "2026-10-01", "thu"),
        (&["every_day", "workday", "weekend"], "2026-10-01", "every_day"),
        (&["workday", "weekend"], "2026-10-01", ""),
        (&["thu", "workday", "every_day"], "2026-10-15", "thu"),
        (&["workday", "every_day", "holiday"], "2026-10-15", "workday"),
    ];
    for (keys, date, wins) in rows {
        // Every key has an hour of its own.
        let hour = |key: &str| {
            let index = DayKey::ALL.iter().position(|known| known.as_str() == key).unwrap();
            format!("{:02}:00-{:02}:30", 8 + index, 8 + index)
        };
        let mut days = Days::default();
        for key in *keys {
            days.set(DayKey::parse(key).unwrap(), spans(&[&hour(key)])).unwrap();
        }
        let schedule = with(Windows::of(Timetable::of_days(days)));
        let expected = if wins.is_empty() { String::new() } else { hour(wins) };
        assert_eq!(on(&schedule, None, date), expected, "{keys:?} on {date}");
    }
}

#[test]
fn numbers_of_a_kind_are_called_inside_both_windows() {
    let landline: &[(&str, &[&str])] = &[
        ("workday", &["18:30-21:00"]),
        ("weekend", &["11:00-15:00"]),
        ("holiday", &[]),
    ];
    let schedule = with(Windows::default().narrowed(NumberKind::Landline, timetable(landline)));
    assert_eq!(on(&schedule, LANDLINE, "2026-11-20"), "18:30-20:30");
    assert_eq!(on(&schedule, LANDLINE, "2026-11-21"), "11:00-12:00 14:00-15:00");
    assert_eq!(on(&schedule, LANDLINE, "2026-10-01"), "");
    for others in [MOBILE, None] {
        assert_eq!(on(&schedule, others, "2026-11-20"), "09:00-12:00 14:00-20:30");
    }
    let morning = shanghai("2026-11-20 10:00:00");
    assert!(schedule.is_open(morning));
    assert_eq!(schedule.gate_for(MOBILE, morning), schedule.gate(morning));
    assert_eq!(
        schedule.gate_for(LANDLINE, morning),
        Gate::Closed {
            from: morning,
            until: Some(shanghai("2026-11-20 18:30:00"))
        }
    );
    let evening = shanghai("2026-11-20 19:00:00");
    assert_eq!(
        schedule.gate_for(LANDLINE, evening),
        Gate::Open {
            from: shanghai("2026-11-20 18:30:00"),
            until: shanghai("2026-11-20 20:30:00")
        }
    );
}

#[test]
fn a_pause_alone_makes_the_windows_of_a_kind_narrower() {
    let mobile = Timetable::new(rota(&[], Some(&["11:00-15:00"])), Vec::new()).unwrap();
    let schedule = with(Windows::default().narrowed(NumberKind::Mobile, mobile));
    assert_eq!(on(&schedule, MOBILE, "2026-11-20"), "09:00-11:00 15:00-20:30");
    assert_eq!(on(&schedule, LANDLINE, "2026-11-20"), "09:00-12:00 14:00-20:30");
}

#[test]
fn windows_that_share_no_time_never_open() {
    let landline = timetable(&[("every_day", &["12:30-13:30"])]);
    let schedule = with(Windows::default().narrowed(NumberKind::Landline, landline));
    let now = shanghai("2026-11-20 10:00:00");
    assert_eq!(
        schedule.gate_for(LANDLINE, now),
        Gate::Closed { from: now, until: None }
    );
    assert_eq!(schedule.windows.standstill(LANDLINE), Some(Standstill::Always));
    assert_eq!(schedule.windows.standstill(None), None);
}
