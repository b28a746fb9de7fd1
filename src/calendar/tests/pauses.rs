//! Pauses between two tries.

use super::*;

fn after(time: &str, pause: &str) -> Wall {
    Schedule::default().after(shanghai(time), pause.parse().unwrap())
}

#[test]
fn a_pause_that_ends_outside_the_windows_ends_when_the_next_one_opens() {
    assert_eq!(after("2026-11-20 10:00:00", "15m"), shanghai("2026-11-20 10:15:00"));
    assert_eq!(after("2026-11-20 10:00:00", "3h"), shanghai("2026-11-20 14:00:00"));
    assert_eq!(after("2026-11-20 19:00:00", "3h"), shanghai("2026-11-21 09:00:00"));
    assert_eq!(after("2026-11-20 11:59:50", "90s"), shanghai("2026-11-20 14:00:00"));
}

#[test]
fn a_day_later_is_the_same_time_of_day() {
    assert_eq!(after("2026-11-20 15:20:00", "1d"), shanghai("2026-11-21 15:20:00"));
}

#[test]
fn another_part_of_the_day_follows_the_present_one() {
    assert_eq!(
        after("2026-11-20 10:00:00", "1d_other_part"),
        shanghai("2026-11-21 14:00:00")
    );
    assert_eq!(
        after("2026-11-20 15:00:00", "1d_other_part"),
        shanghai("2026-11-21 17:00:00")
    );
    assert_eq!(
        after("2026-11-20 19:00:00", "1d_other_part"),
        shanghai("2026-11-21 09:00:00")
    );
}

#[test]
fn the_next_window_is_never_the_present_one() {
    assert_eq!(
        after("2026-11-20 10:00:00", "next_window"),
        shanghai("2026-11-20 14:00:00")
    );
    assert_eq!(
        after("2026-11-20 13:00:00", "next_window"),
        shanghai("2026-11-20 14:00:00")
    );
    assert_eq!(
        after("2026-11-20 15:00:00", "next_window"),
        shanghai("2026-11-21 09:00:00")
    );
}

#[test]
fn the_next_night_is_the_first_window_of_the_next_date() {
    assert_eq!(
        after("2026-11-20 09:30:00", "next_night"),
        shanghai("2026-11-21 09:00:00")
    );
    assert_eq!(
        after("2026-11-20 00:10:00", "next_night"),
        shanghai("2026-11-21 09:00:00")
    );
}
