//! Summer and winter timetables, the pause at noon, windows from a date on.

use super::*;

fn season(from: &str, to: &str, rota: Rota) -> Season {
    Season::new(from.parse().unwrap(), to.parse().unwrap(), rota)
}

/// 9:00-18:00 with a pause at noon, in summer a later afternoon after a longer pause.
fn hospital() -> Timetable {
    let summer = rota(&[("every_day", &["08:30-18:30"])], Some(&["12:00-15:00"]));
    Timetable::new(
        rota(&[("every_day", &["09:00-18:00"])], Some(&["12:00-14:00"])),
        vec![season("06-01", "09-30", summer)],
    )
    .unwrap()
}

#[test]
fn a_pause_is_cut_out_of_every_window_of_the_day() {
    let keys: &[(&str, &[&str])] = &[
        ("every_day", &["09:00-18:00"]),
        ("sat", &["09:00-12:30", "13:00-15:00"]),
        ("sun", &["12:00-13:30"]),
        ("mon", &["12:30-17:00"]),
    ];
    let timetable = Timetable::new(rota(keys, Some(&["12:00-14:00", "16:00-16:15"])), Vec::new()).unwrap();
    let schedule = with(Windows::of(timetable));
    let rows = [
        ("2026-11-20", "09:00-12:00 14:00-16:00 16:15-18:00"),
        ("2026-11-21", "09:00-12:00 14:00-15:00"),
        ("2026-11-22", ""),
        ("2026-11-23", "14:00-16:00 16:15-17:00"),
    ];
    for (date, expected) in rows {
        assert_eq!(on(&schedule, None, date), expected, "{date}");
    }
    assert_eq!(
        schedule.next_open(shanghai("2026-11-20 12:00:00")),
        Some(shanghai("2026-11-20 14:00:00"))
    );
    assert_eq!(
        schedule.after(shanghai("2026-11-20 09:30:00"), Pause::NextWindow),
        shanghai("2026-11-20 14:00:00")
    );
}

#[test]
fn a_season_has_its_own_days_and_pause_from_its_first_day_to_its_last() {
    let schedule = with(Windows::of(hospital()));
    let rows = [
        ("2026-05-31", "09:00-12:00 14:00-18:00"),
        ("2026-06-01", "08:30-12:00 15:00-18:30"),
        ("2026-09-30", "08:30-12:00 15:00-18:30"),
        ("2026-10-01", "09:00-12:00 14:00-18:00"),
        ("2027-06-01", "08:30-12:00 15:00-18:30"),
    ];
    for (date, expected) in rows {
        assert_eq!(on(&schedule, None, date), expected, "{date}");
    }
}

#[test]
fn a_season_may_go_over_the_end_of_the_year() {
    let winter = rota(&[("every_day", &["10:00-16:00"])], None);
    let leap = rota(&[("every_day", &["11:00-12:00"])], None);
    let seasons = vec![season("11-15", "02-28", winter), season("02-29", "02-29", leap)];
    let timetable = Timetable::new(rota(&[("every_day", &["09:00-18:00"])], None), seasons).unwrap();
    let schedule = with(Windows::of(timetable));
    let rows = [
        ("2026-11-14", "09:00-18:00"),
        ("2026-11-15", "10:00-16:00"),
        ("2026-12-31", "10:00-16:00"),
        ("2027-01-01", "10:00-16:00"),
        ("2027-02-28", "10:00-16:00"),
        ("2027-03-01", "09:00-18:00"),
        ("2028-02-28", "10:00-16:00"),
        ("2028-02-29", "11:00-12:00"),
        ("2028-03-01", "09:00-18:00"),
    ];
    for (date, expected) in rows {
        assert_eq!(on(&schedule, None, date), expected, "{date}");
    }
}

#[test]
fn what_a_season_does_not_name_stays() {
    let seasons = vec![
        season("06-01", "09-30", rota(&[], Some(&["11:30-15:30"]))),
        season("12-01", "02-28", rota(&[("every_day", &["10:00-17:00"])], None)),
    ];
    let timetable = Timetable::new(
        rota(&[("every_day", &["09:00-18:00"]), ("sun", &[])], Some(&["12:00-14:00"])),
        seasons,
    );
    let schedule = with(Windows::of(timetable.unwrap()));
    assert_eq!(on(&schedule, None, "2026-07-01"), "09:00-11:30 15:30-18:00");
    assert_eq!(on(&schedule, None, "2026-07-05"), "");
    assert_eq!(on(&schedule, None, "2026-12-01"), "10:00-12:00 14:00-17:00");
    // Its days take the place of all days.
    assert_eq!(on(&schedule, None, "2026-12-06"), "10:00-12:00 14:00-17:00");
}

#[test]
fn seasons_that_share_a_day_are_refused() {
    let any = || rota(&[("every_day", &["10:00-11:00"])], None);
    let refused = |first: (&str, &str), second: (&str, &str)| {
        let seasons = vec![season(first.0, first.1, any()), season(second.0, second.1, any())];
        Timetable::new(any(), seasons).err().map(|error| error.to_string())
    };
    assert_eq!(refused(("06-01", "09-30"), ("10-01", "05-31")), None);
    assert_eq!(
        refused(("06-01", "09-30"), ("09-30", "10-31")).unwrap(),
        "the seasons 06-01 to 09-30 and 09-30 to 10-31 overlap"
    );
    assert!(refused(("11-01", "03-01"), ("02-01", "02-10")).is_some());
    assert!(refused(("02-01", "02-10"), ("11-01", "03-01")).is_some());
    for text in ["6-1", "06-31", "0601", "06-01-01", "13-01", "六月"] {
        assert!(text.parse::<YearDay>().is_err(), "{text}");
    }
}

#[test]
fn from_a_date_on_other_windows_hold_and_until_then_the_earlier_ones() {
    let mut timetable = hospital();
    let date = |text: &str| text.parse().unwrap();
    let later = rota(&[("every_day", &["10:00-19:00"])], None);
    timetable.from_date(date("2027-01-01"), later.clone(), None).unwrap();
    let no_pause = rota(&[], Some(&[]));
    timetable.from_date(date("2027-03-01"), no_pause, None).unwrap();
    // Told out of order.
    let between = rota(&[("every_day", &["09:30-11:00"])], Some(&["10:00-10:30"]));
    timetable.from_date(date("2026-12-01"), between, None).unwrap();
    assert_eq!(
        timetable.from_date(date("2027-01-01"), later, None),
        Err(WindowsError::SameDate(date("2027-01-01")))
    );
    let schedule = with(Windows::of(timetable));
    let rows = [
        ("2026-07-01", "08:30-12:00 15:00-18:30"),
        ("2026-11-30", "09:00-12:00 14:00-18:00"),
        ("2026-12-01", "09:30-10:00 10:30-11:00"),
        ("2026-12-31", "09:30-10:00 10:30-11:00"),
        // The pause stays as it was last.
        ("2027-01-01", "10:30-19:00"),
        ("2027-02-28", "10:30-19:00"),
        ("2027-03-01", "10:00-19:00"),
        // The seasons went with the days that they belonged to.
        ("2027-07-01", "10:00-19:00"),
    ];
    for (date, expected) in rows {
        assert_eq!(on(&schedule, None, date), expected, "{date}");
    }
    assert_eq!(
        schedule.next_open(shanghai("2026-12-31 11:00:00")),
        Some(shanghai("2027-01-01 10:30:00"))
    );
}
