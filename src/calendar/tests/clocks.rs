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
    let schedule = schedule(&["02:30-04:00"], BERLIN);
    assert_eq!(
        schedule.next_open(at("2026-03-29 01:00:00", BERLIN)),
        Some(at("2026-03-29 03:00:00", BERLIN))
    );
}

#[test]
fn a_window_inside_the_skipped_hour_does_not_open_that_day() {
    let schedule = schedule(&["02:10-02:50"], BERLIN);
    assert_eq!(
        schedule.next_open(at("2026-03-29 00:00:00", BERLIN)),
        Some(at("2026-03-30 02:10:00", BERLIN))
    );
}

#[test]
fn a_local_time_that_comes_twice_opens_once() {
    let schedule = schedule(&["02:00-02:30"], BERLIN);
    let first = at("2026-10-25 02:00:00", BERLIN);
    assert!(schedule.is_open(first));
    assert!(!schedule.is_open(first + Duration::from_secs(3600)));
}

#[test]
fn a_day_that_a_zone_skipped_has_no_window() {
    let schedule = schedule(&["09:00-12:00"], Pacific::Apia);
    let evening = at("2011-12-29 20:00:00", Pacific::Apia);
    assert_eq!(
        schedule.next_open(evening),
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

#[test]
fn windows_keep_the_local_time_over_both_changes_of_the_clocks() {
    let schedule = schedule(&["09:00-12:00", "14:00-20:30"], BERLIN);
    for (evening, morning, hours) in [
        ("2026-03-28 20:30:00", "2026-03-29 09:00:00", 11),
        ("2026-10-24 20:30:00", "2026-10-25 09:00:00", 13),
    ] {
        let (evening, morning) = (at(evening, BERLIN), at(morning, BERLIN));
        assert_eq!(schedule.next_open(evening), Some(morning));
        let slept = morning.since(evening);
        assert_eq!(
            slept,
            Duration::from_secs(hours * 3600 + 1800),
            "12.5 hours and the change"
        );
        let closed = Gate::Closed {
            from: evening,
            until: Some(morning),
        };
        assert_eq!(schedule.gate(evening), closed);
    }
}

#[test]
fn a_change_of_the_clocks_at_midnight_moves_no_window_and_no_date() {
    // In Havana the clocks go from 0:00 to 1:00 on the 8th of March, and from 1:00 back to 0:00 on the 1st of November.
    const HAVANA: Tz = chrono_tz::America::Havana;
    let night = schedule(&["00:00-01:30", "22:00-24:00"], HAVANA);
    let spring = at("2026-03-07 23:00:00", HAVANA);
    assert_eq!(closes_at(&night, spring), Some(at("2026-03-08 01:30:00", HAVANA)));
    assert_eq!(at("2026-03-08 00:00:00", HAVANA), at("2026-03-08 01:00:00", HAVANA));
    let autumn = at("2026-10-31 23:00:00", HAVANA);
    let closes = closes_at(&night, autumn).unwrap();
    assert_eq!(closes, at("2026-11-01 01:30:00", HAVANA));
    assert_eq!(
        closes.since(autumn),
        Duration::from_secs(3 * 3600 + 1800),
        "0:00 to 1:00 comes twice"
    );
    let second = at("2026-11-01 00:30:00", HAVANA) + Duration::from_secs(3600);
    assert_eq!(night.night_of(second).to_string(), "2026-11-01");
    let day = schedule(&["09:00-12:00"], HAVANA);
    assert_eq!(day.next_open(spring), Some(at("2026-03-08 09:00:00", HAVANA)));
    assert_eq!(day.next_open(autumn), Some(at("2026-11-01 09:00:00", HAVANA)));
    assert_eq!(
        day.after(at("2026-03-07 11:00:00", HAVANA), Pause::NextNight),
        at("2026-03-08 09:00:00", HAVANA)
    );
    let due_at = due(
        at("2026-03-07 00:30:00", HAVANA),
        DueAfter::Days(1),
        HAVANA,
        &WorkCalendar::default(),
    );
    assert_eq!(
        due_at,
        at("2026-03-08 01:00:00", HAVANA),
        "the first moment after what is skipped"
    );
}
