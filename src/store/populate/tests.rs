//! The courses of cases: inside their days, with attempts that follow each other.

use super::Population;
use super::course::{Course, DAY};
use super::person::{is_deceased, numbers};
use crate::dialer::Outcome;
use crate::moment::Wall;
use crate::outcome::Disposition;

/// Nine in the morning of 2026-11-01 in Shanghai.
const MORNING: i64 = 1_793_494_800_000;

fn population() -> Population {
    Population {
        patients: 2_000,
        attempts: 20_000,
        seed: 3,
        answers_percent: 25,
        morning: Wall::from_millis(MORNING),
    }
}

#[test]
fn attempts_follow_each_other_a_day_apart_inside_the_windows_and_before_the_morning() {
    for at in 0..5_000 {
        let course = Course::of(&population(), at);
        for pair in course.tries.windows(2) {
            assert!((pair[1].at - course.due) / DAY > (pair[0].at - course.due) / DAY);
        }
        for tried in &course.tries {
            let hours = (tried.at - MORNING).rem_euclid(DAY) / 3_600_000;
            assert!(tried.at >= course.due && tried.at < MORNING && hours < 12, "{course:?}");
        }
        assert!(course.tries.len() <= 6);
    }
}

#[test]
fn a_case_ends_as_its_last_attempt_says() {
    let mut closed = 0;
    for at in 0..5_000 {
        let course = Course::of(&population(), at);
        let last = course.tries.last().map(|last| last.disposition);
        let Some((outcome, when)) = course.closed else { continue };
        closed += 1;
        assert!(when >= course.due && when < MORNING);
        assert_eq!(outcome == Outcome::Completed, last == Some(Disposition::Completed));
        if is_deceased(&population(), course.patient) {
            assert_eq!((outcome, last), (Outcome::NotEligible, None));
        }
    }
    assert!((4_000..4_400).contains(&closed), "{closed}");
}

#[test]
fn a_case_that_loses_its_last_attempts_is_open_again() {
    let course = (0..)
        .map(|at| Course::of(&population(), at))
        .find(|course| course.tries.len() > 2);
    let mut course = course.unwrap();
    course.keep(1);
    assert_eq!((course.tries.len(), course.closed), (1, None));
}

#[test]
fn a_household_shares_its_first_number() {
    let digits = |at| numbers(&population(), at).map(|number| number.digits).next();
    assert_eq!(digits(12), digits(11));
    assert_ne!(digits(11), digits(10));
}
