//! Changes of the clocks.

use super::*;

const BERLIN: Tz = Europe::Berlin;

#[test]
fn seven_days_after_a_discharge_are_at_the_same_local_time_across_a_change_of_the_clocks() {
    let discharged = at("2026-03-26 10:00:00", BERLIN);
    let due_at = due(discharged, DueAfter::Days(7), BERLIN, &WorkCalendar::default());
    assert_eq!(due_at, at("2026-04-02 10:00:00", BERLIN));
    assert_eq!(due_at.since(discharged), Duration::from_secs(7 * 86_400 - 3600));
    let by_the_clock = due(
        discharged,
        DueAfter::For(Duration::from_secs(7 * 86_400)),
        BERLIN,
        &WorkCalendar::default(),
    );
    assert_eq!(by_the_clock, at("2026-04-02 11:00:00", BERLIN));
}

#[test]
fn a_local_time_that_the_clocks_skip_is_the_first_moment_after_it() {
    assert_eq!(at("2026-03-29 02:30:00", BERLIN), at("2026-03-29 03:00:00", BERLIN));
    let windows = windows(&["02:30-04:00"]);
    assert_eq!(
        windows.next_open(at("2026-03-29 01:00:00", BERLIN), BERLIN),
        Some(at("2026-03-29 03:00:00", BERLIN))
    );
}

#[test]
fn a_window_inside_the_skipped_hour_does_not_open_that_day() {
    let windows = windows(&["02:10-02:50"]);
    assert_eq!(
        windows.next_open(at("2026-03-29 00:00:00", BERLIN), BERLIN),
        Some(at("2026-03-30 02:10:00", BERLIN))
    );
}

#[test]
fn a_local_time_that_comes_twice_opens_once() {
    let windows = windows(&["02:00-02:30"]);
    let first = at("2026-10-25 02:00:00", BERLIN);
    assert!(windows.is_open(first, BERLIN));
    assert!(!windows.is_open(first + Duration::from_secs(3600), BERLIN));
}

#[test]
fn a_day_that_a_zone_skipped_has_no_window() {
    let windows = windows(&["09:00-12:00"]);
    let evening = at("2011-12-29 20:00:00", Pacific::Apia);
    assert_eq!(
        windows.next_open(evening, Pacific::Apia),
        Some(at("2011-12-31 09:00:00", Pacific::Apia))
    );
}

#[test]
fn the_offsets_of_a_zone_show_local_times_without_it() {
    let table = offsets(BERLIN, 2026, 2027);
    let seconds: Vec<_> = table.iter().map(|(_, seconds)| *seconds).collect();
    assert_eq!(seconds, [3600, 7200, 3600, 7200, 3600]);
    assert_eq!(table[0].0, at("2026-01-01 00:00:00", Tz::UTC));
    assert_eq!(table[1].0, at("2026-03-29 01:00:00", Tz::UTC));
    assert_eq!(table[4].0, at("2027-10-31 01:00:00", Tz::UTC));
    assert_eq!(
        offsets(Asia::Shanghai, 2020, 2040),
        [(at("2020-01-01 00:00:00", Tz::UTC), 28_800)]
    );
    assert_eq!(offsets(BERLIN, i32::MIN, i32::MIN).len(), 1);
}
