//! The default windows through a day and a week.

use proptest::prelude::*;

use super::*;

const ZONE: Tz = Asia::Shanghai;

#[test]
fn the_default_windows_are_open_in_the_morning_and_from_two_to_half_past_eight() {
    let open = |time: &str| Schedule::default().is_open(shanghai(&format!("2026-11-20 {time}")));
    assert!(!open("08:59:59"));
    assert!(open("09:00:00"));
    assert!(open("11:59:59"));
    assert!(!open("12:00:00"));
    assert!(!open("13:59:59"));
    assert!(open("14:00:00"));
    assert!(open("20:29:59"));
    assert!(!open("20:30:00"));
}

#[test]
fn a_closed_window_opens_after_lunch_or_on_the_next_morning() {
    let next = |time: &str| Schedule::default().next_open(shanghai(time));
    assert_eq!(next("2026-11-20 12:30:00"), Some(shanghai("2026-11-20 14:00:00")));
    assert_eq!(next("2026-11-20 20:30:00"), Some(shanghai("2026-11-21 09:00:00")));
    assert_eq!(next("2026-11-20 10:11:12"), Some(shanghai("2026-11-20 10:11:12")));
    let closes = |time: &str| closes_at(&Schedule::default(), shanghai(time));
    assert_eq!(closes("2026-11-20 10:11:12"), Some(shanghai("2026-11-20 12:00:00")));
    assert_eq!(closes("2026-11-20 13:00:00"), None);
}

#[test]
fn a_campaign_that_rests_on_sunday_opens_on_monday() {
    let day: Vec<Span> = vec!["09:00-12:00".parse().unwrap()];
    let mut week: [Vec<Span>; 7] = std::array::from_fn(|_| day.clone());
    week[6].clear();
    let schedule = with(Windows::new(week).unwrap());
    assert_eq!(
        schedule.next_open(shanghai("2026-11-21 12:00:00")),
        Some(shanghai("2026-11-23 09:00:00"))
    );
    assert!(!schedule.is_open(shanghai("2026-11-22 10:00:00")));
}

#[test]
fn one_window_in_the_week_is_found_from_anywhere() {
    let mut week = <[Vec<Span>; 7]>::default();
    week[2].push("10:00-10:05".parse().unwrap());
    let schedule = with(Windows::new(week).unwrap());
    assert_eq!(
        schedule.next_open(shanghai("2026-11-18 10:05:00")),
        Some(shanghai("2026-11-25 10:00:00"))
    );
}

#[test]
fn a_window_that_ends_at_midnight_and_one_that_begins_there_are_one() {
    let schedule = schedule(&["00:00-02:00", "22:00-24:00"], ZONE);
    let closes = closes_at(&schedule, shanghai("2026-11-20 23:00:00"));
    assert_eq!(closes, Some(shanghai("2026-11-21 02:00:00")));
    assert!(schedule.is_open(shanghai("2026-11-21 00:00:00")));
}

#[test]
fn windows_outside_eight_to_nine_in_the_evening_are_refused() {
    assert_eq!(Windows::default().legal(), Ok(()));
    assert_eq!(windows(&["08:00-21:00"]).legal(), Ok(()));
    assert!(windows(&["07:59-12:00"]).legal().is_err());
    let late = windows(&["14:00-21:01"]).legal().unwrap_err();
    assert_eq!(
        late.to_string(),
        "the window 14:00-21:01 reaches outside 08:00-21:00, where nobody may be called"
    );
}

#[test]
fn a_night_is_named_by_the_local_date_of_its_windows() {
    let schedule = Schedule::default();
    let night = schedule.night_of(shanghai("2026-11-20 00:30:00"));
    assert_eq!(night.to_string(), "2026-11-20");
    assert_eq!(
        schedule.night_of(at("2026-11-20 23:00:00", Tz::UTC)).to_string(),
        "2026-11-21"
    );
}

#[test]
fn test_mode_is_always_open() {
    let schedule = Schedule::any_time(ZONE);
    let midnight = shanghai("2026-11-20 00:00:00");
    assert!(schedule.is_open(midnight));
    assert_eq!(schedule.next_open(midnight), Some(midnight));
}

proptest! {
    #[test]
    fn openings_closings_and_being_open_agree_at_any_time_in_any_zone(
        millis in -5_000_000_000_000_i64..5_000_000_000_000,
        zone in prop::sample::select(vec![Asia::Shanghai, Europe::Berlin, Pacific::Apia, chrono_tz::America::St_Johns]),
        from in 0_u16..1439, length in 1_u16..600,
    ) {
        let wall = Wall::from_millis(millis);
        let to = (from + length).min(1440);
        let windows = Windows::every_day(&[Span::new(from, to).unwrap()]).unwrap();
        let schedule = Schedule { zone, ..with(windows) };
        let next = schedule.next_open(wall).unwrap();
        prop_assert!(next >= wall);
        prop_assert_eq!(schedule.is_open(wall), next == wall);
        prop_assert!(schedule.is_open(next));
        let closes = closes_at(&schedule, next).unwrap();
        prop_assert!(closes > next);
        prop_assert!(!schedule.is_open(closes));
        if next > wall {
            prop_assert!(!schedule.is_open(next - Duration::from_millis(1)));
        }
    }

    #[test]
    fn no_time_however_far_makes_the_calendar_panic(millis in any::<i64>(), days in any::<u32>()) {
        let wall = Wall::from_millis(millis);
        let schedule = Schedule::default();
        let _ = (schedule.gate(wall), schedule.night_of(wall));
        let calendar = WorkCalendar::shipped();
        for after in [DueAfter::Days(days), DueAfter::Workdays(days)] {
            let _ = due(wall, after, ZONE, &calendar);
        }
        let _ = schedule.after(wall, Pause::DaysOtherPart(days));
    }
}
