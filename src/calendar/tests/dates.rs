//! Single dates and ranges of dates, and campaigns that come to a standstill.

use super::*;

fn date(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

fn plain() -> Timetable {
    Timetable::new(
        rota(&[("every_day", &["09:00-18:00"])], Some(&["12:00-14:00"])),
        Vec::new(),
    )
    .unwrap()
}

fn with_dates(dates: &[(&str, &str, &[&str], Option<&[&str]>)]) -> Timetable {
    let mut timetable = plain();
    for (from, to, windows, pause) in dates {
        let pause = pause.map(spans);
        timetable
            .on_dates((date(from), date(to)), spans(windows), pause)
            .unwrap();
    }
    timetable
}

#[test]
fn dates_go_before_all_days() {
    let schedule = with(Windows::of(with_dates(&[
        ("2026-12-24", "2026-12-26", &[], None),
        ("2026-10-01", "2026-10-01", &["10:00-15:00"], None),
        ("2026-11-22", "2026-11-22", &["10:00-15:00"], Some(&[])),
    ])));
    let rows = [
        ("2026-10-01", "10:00-12:00 14:00-15:00"),
        ("2026-10-02", "09:00-12:00 14:00-18:00"),
        ("2026-11-21", "09:00-12:00 14:00-18:00"),
        ("2026-11-22", "10:00-15:00"),
        ("2026-12-23", "09:00-12:00 14:00-18:00"),
        ("2026-12-24", ""),
        ("2026-12-26", ""),
        ("2026-12-27", "09:00-12:00 14:00-18:00"),
        ("2027-12-24", "09:00-12:00 14:00-18:00"),
    ];
    for (date, expected) in rows {
        assert_eq!(on(&schedule, None, date), expected, "{date}");
    }
    assert_eq!(
        schedule.next_open(shanghai("2026-12-23 18:00:00")),
        Some(shanghai("2026-12-27 09:00:00"))
    );
}

#[test]
fn a_date_is_told_once() {
    let mut timetable = with_dates(&[
        ("2026-12-24", "2026-12-26", &[], None),
        ("2026-12-30", "2026-12-31", &[], None),
    ]);
    for (from, to, twice) in [
        ("2026-12-26", "2026-12-27", "2026-12-26"),
        ("2026-12-20", "2026-12-24", "2026-12-24"),
        ("2026-12-25", "2026-12-25", "2026-12-25"),
        ("2026-12-01", "2027-01-31", "2026-12-24"),
        ("2026-12-28", "2026-12-30", "2026-12-30"),
    ] {
        let refused = timetable.on_dates((date(from), date(to)), Vec::new(), None);
        assert_eq!(refused, Err(WindowsError::SameDate(date(twice))), "{from} to {to}");
    }
    assert_eq!(
        timetable.on_dates((date("2026-12-27"), date("2026-12-29")), Vec::new(), None),
        Ok(())
    );
}

#[test]
fn an_opening_is_found_after_more_than_a_year_but_not_after_two() {
    let closed_for = |to: &str| {
        let schedule = with(Windows::of(with_dates(&[("2026-12-01", to, &[], None)])));
        schedule.next_open(shanghai("2026-12-01 10:00:00"))
    };
    assert_eq!(closed_for("2027-12-31"), Some(shanghai("2028-01-01 09:00:00")));
    assert_eq!(closed_for("2028-12-31"), None);
}

#[test]
fn a_year_without_a_window_is_noticed() {
    let still = |timetable: Timetable| Windows::of(timetable).standstill(None);
    assert_eq!(Windows::default().standstill(None), None);
    assert_eq!(still(timetable(&[("every_day", &[])])), Some(Standstill::Always));
    assert_eq!(still(timetable(&[("holiday", &["10:00-12:00"])])), None);
    assert_eq!(still(timetable(&[("make_up", &["10:00-12:00"])])), None);
    let all_day = Timetable::new(
        rota(&[("every_day", &["12:00-14:00"])], Some(&["11:00-15:00"])),
        Vec::new(),
    );
    assert_eq!(still(all_day.unwrap()), Some(Standstill::Always));
    assert_eq!(
        still(with_dates(&[("2026-12-01", "2027-12-31", &[], None)])),
        Some(Standstill::From(date("2026-12-01")))
    );
    assert_eq!(still(with_dates(&[("2026-12-01", "2027-11-30", &[], None)])), None);
    let mut ends = plain();
    ends.from_date(date("2027-07-01"), rota(&[("every_day", &[])], None), None)
        .unwrap();
    assert_eq!(still(ends), Some(Standstill::From(date("2027-07-01"))));
    let mut begins = timetable(&[("every_day", &[])]);
    begins
        .from_date(date("2027-07-01"), rota(&[("every_day", &["09:00-10:00"])], None), None)
        .unwrap();
    assert_eq!(still(begins), None);
}

#[test]
fn windows_outside_the_legal_hours_are_found_wherever_they_stand() {
    let early = || spans(&["07:00-09:00"]);
    let mut dates = plain();
    dates
        .on_dates((date("2026-12-24"), date("2026-12-24")), early(), None)
        .unwrap();
    let mut later = plain();
    later
        .from_date(date("2026-12-24"), rota(&[("mon", &["20:00-22:00"])], None), None)
        .unwrap();
    let summer = Season::new(
        "06-01".parse().unwrap(),
        "09-30".parse().unwrap(),
        rota(&[("sat", &["07:59-08:30"])], None),
    );
    let season = Timetable::new(Rota::default(), vec![summer]).unwrap();
    for timetable in [dates, later, season] {
        assert!(Windows::of(timetable.clone()).legal().is_err());
        let narrowed = Windows::default().narrowed(NumberKind::Mobile, timetable);
        assert!(narrowed.legal().is_err());
    }
    let paused = Timetable::new(rota(&[], Some(&["00:00-24:00"])), Vec::new()).unwrap();
    assert_eq!(Windows::default().narrowed(NumberKind::Mobile, paused).legal(), Ok(()));
}
