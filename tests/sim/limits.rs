//! Order and limits in whole nights: caps, households, several numbers, appointments, priorities.

use std::collections::BTreeSet;

use aftercall::dialer::claim::Why;
use aftercall::dialer::{Cap, DayPart, Limits, Outcome, Owner, PatientState, RetryPolicy};
use aftercall::ids::PatientId;
use aftercall::moment::Wall;
use aftercall::night::{NewCase, Patient, Talk, World};
use aftercall::outcome::Disposition::{Completed, NoAnswer, Vacant};
use aftercall::phone::Number;

use crate::house::{CAMPAIGN, HOUR, House, MONDAY_TEN, history, run, seconds, willing};

const MINE: &str = "13800000001";
const HERS: &str = "13800000002";

fn number(digits: &str) -> Number {
    Number::parse(digits).expect("a number")
}

fn case(patient: i64, digits: &[&str]) -> NewCase {
    let owners = [Owner::Patient, Owner::Kin, Owner::Kin];
    NewCase {
        numbers: digits.iter().zip(owners).map(|(digits, owner)| (number(digits), owner)).collect(),
        ..NewCase::of(CAMPAIGN, PatientId(patient), number(MINE), MONDAY_TEN)
    }
}

/// When calls to a number began.
fn begun(world: &mut World, digits: &str) -> Vec<Wall> {
    let number = number(digits);
    let attempts = world.ledger().attempts().values();
    attempts.filter(|attempt| attempt.number == number).map(|attempt| attempt.at).collect()
}

/// Whether any stretch of a cap holds more calls than it may.
fn is_broken(cap: Cap, begun: &[Wall]) -> bool {
    begun
        .windows(usize::from(cap.most) + 1)
        .any(|calls| calls[calls.len() - 1].since(calls[0]) < cap.within)
}

#[test]
fn a_number_is_called_no_oftener_than_carriers_allow_whoever_is_behind_it() {
    let limits = Limits::default();
    let mut world = House {
        limits: limits.clone(),
        retry: RetryPolicy::immediate(seconds(30)).with_budget(4),
        ..House::default()
    }
    .world();
    world.trunk().connect(MINE, Patient::rings_forever());
    for patient in 1..=3 {
        world.ledger().add(case(patient, &[MINE]));
    }
    run(&mut world, HOUR * 24 * 5);
    let begun = begun(&mut world, MINE);
    assert_eq!(begun.len(), 12, "each of the three patients has a budget of four");
    for cap in limits.number {
        assert!(!is_broken(cap, &begun), "{cap}: {begun:?}");
    }
    assert!(world.elapsed() > HOUR * 48, "twelve calls at five a day");
}

#[test]
fn two_patients_of_one_household_stay_two_and_are_never_rung_at_once() {
    let mut world = House::default().world();
    world.trunk().connect(MINE, Patient::answers(seconds(4), willing()));
    let cases = [1, 2].map(|patient| world.ledger().add(case(patient, &[MINE])));
    run(&mut world, HOUR);
    assert_eq!(history(&mut world, MINE), [Completed, Completed]);
    let attempts: Vec<_> = world.ledger().attempts().values().cloned().collect();
    let called: BTreeSet<_> = attempts.iter().filter_map(|attempt| attempt.case).collect();
    assert_eq!(called, BTreeSet::from(cases));
    let first_ended = attempts[0].ended.as_ref().map(|finish| finish.at).expect("it has ended");
    assert!(attempts[1].at >= first_ended, "rung at once");
}

#[test]
fn the_next_number_is_tried_after_so_many_attempts_that_reached_nobody() {
    let mut world = House {
        limits: Limits {
            number: Vec::new(),
            next_number_after: Some(2),
            ..Limits::default()
        },
        retry: RetryPolicy::immediate(seconds(30)).with_budget(5),
        ..House::default()
    }
    .world();
    world.trunk().connect(MINE, Patient::rings_forever());
    world.trunk().connect(HERS, Patient::rings_forever().then(Patient::answers(seconds(3), willing())));
    world.ledger().add(case(1, &[MINE, HERS]));
    run(&mut world, HOUR * 24);
    assert_eq!(history(&mut world, MINE), [NoAnswer, NoAnswer]);
    assert_eq!(history(&mut world, HERS), [NoAnswer, Completed]);
}

#[test]
fn a_dead_number_makes_room_for_the_next_and_each_is_confirmed_on_its_own() {
    let mut world = House {
        retry: RetryPolicy::immediate(seconds(30)).with_budget(6),
        ..House::default()
    }
    .world();
    for digits in [MINE, HERS] {
        world.trunk().connect(digits, Patient::refuses(seconds(1), 404, Some(1)));
    }
    let id = world.ledger().add(case(1, &[MINE, HERS]));
    run(&mut world, HOUR * 24);
    assert_eq!(history(&mut world, MINE), [Vacant, Vacant]);
    assert_eq!(history(&mut world, HERS), [Vacant, Vacant]);
    assert_eq!(world.ledger().cases()[&id].outcome, Some(Outcome::NumberDead));
}

#[test]
fn one_budget_holds_over_all_numbers() {
    let mut world = House {
        limits: Limits {
            number: Vec::new(),
            next_number_after: Some(1),
            ..Limits::default()
        },
        ..House::default()
    }
    .world();
    for digits in [MINE, HERS] {
        world.trunk().connect(digits, Patient::rings_forever());
    }
    let id = world.ledger().add(case(1, &[MINE, HERS]));
    run(&mut world, HOUR * 24);
    assert_eq!(history(&mut world, MINE).len() + history(&mut world, HERS).len(), 3);
    assert_eq!(world.ledger().cases()[&id].outcome, Some(Outcome::NotReached));
}

#[test]
fn an_appointment_is_kept_to_the_quarter_of_an_hour() {
    let mut world = House::default().world();
    let agreed = MONDAY_TEN + HOUR * 5;
    world.trunk().connect(MINE, Patient::answers(seconds(4), willing()));
    world.ledger().add(NewCase {
        appointment: Some(agreed),
        ..case(1, &[MINE])
    });
    run(&mut world, HOUR * 8);
    let [at] = begun(&mut world, MINE)[..] else { panic!("one call") };
    assert!(at >= agreed - HOUR / 4 && at < agreed + HOUR / 4, "{at:?}");
}

#[test]
fn the_higher_priority_goes_first_and_an_appointment_before_it() {
    let mut world = House {
        lines: 1,
        pace: 0.05,
        ..House::default()
    }
    .world();
    let digits: Vec<String> = (0..6).map(|n| format!("1390000000{n}")).collect();
    for (n, digits) in (0..).zip(&digits) {
        world.trunk().connect(digits, Patient::answers(seconds(2), Talk::pressing("1", seconds(1))));
        world.ledger().add(NewCase {
            priority: i16::try_from(n).expect("a small number") % 3,
            appointment: (n == 0).then_some(MONDAY_TEN),
            ..case(i64::from(n) + 1, &[digits.as_str()])
        });
    }
    run(&mut world, HOUR * 6);
    let order: Vec<String> = world.ledger().attempts().values().map(|row| row.number.reveal().to_owned()).collect();
    let expected: Vec<&String> = [0, 2, 5, 1, 4, 3].iter().map(|n| &digits[*n]).collect();
    assert_eq!(order.iter().collect::<Vec<_>>(), expected);
}

#[test]
fn quotas_spread_attempts_over_the_parts_of_the_day_and_the_days() {
    let mut world = House {
        limits: Limits {
            number: Vec::new(),
            a_day: Some(2),
            parts: [(DayPart::Morning, 1), (DayPart::Afternoon, 1), (DayPart::Evening, 1)].into(),
            ..Limits::default()
        },
        retry: RetryPolicy::immediate(seconds(30)).with_budget(5),
        ..House::default()
    }
    .world();
    world.trunk().connect(MINE, Patient::rings_forever());
    world.ledger().add(case(1, &[MINE]));
    run(&mut world, HOUR * 24 * 6);
    let hours: Vec<u64> = begun(&mut world, MINE)
        .iter()
        .map(|at| at.since(MONDAY_TEN).as_secs() / 3600 + 10)
        .collect();
    // Monday morning and afternoon, Tuesday evening; then every part is used up and the days alone count.
    assert_eq!(hours[..3], [10, 14, 24 + 17], "{hours:?}");
    assert_eq!(hours[3] / 24, 1, "{hours:?}");
    assert_eq!(hours[4] / 24, 2, "{hours:?}");
    assert_eq!(hours.len(), 5);
}

#[test]
fn who_is_in_hospital_again_is_waited_for_and_who_was_transferred_is_not_called() {
    let mut world = House::default().world();
    for digits in [MINE, HERS] {
        world.trunk().connect(digits, Patient::answers(seconds(4), willing()));
    }
    let mine = world.ledger().add(case(1, &[MINE]));
    let hers = world.ledger().add(case(2, &[HERS]));
    let state = |state| BTreeSet::from([state]);
    world.ledger().set_states(PatientId(1), state(PatientState::Readmitted));
    world.ledger().set_states(PatientId(2), state(PatientState::Transferred));
    assert_eq!(world.run_until(HOUR * 3, World::is_over), Ok(false));
    let reasons = world.ledger().reasons();
    assert_eq!(reasons[&mine], Why::State(PatientState::Readmitted));
    assert_eq!(reasons[&hers], Why::State(PatientState::Transferred));
    assert_eq!(world.ledger().cases()[&hers].outcome, Some(Outcome::NotEligible));
    world.ledger().set_states(PatientId(1), BTreeSet::new());
    run(&mut world, HOUR * 24);
    assert_eq!(history(&mut world, MINE), [Completed]);
    assert!(begun(&mut world, HERS).is_empty());
}

#[test]
fn expired_work_is_closed_with_its_reason_and_not_called_late() {
    let mut world = House {
        limits: Limits {
            a_day: Some(1),
            ..Limits::default()
        },
        ..House::default()
    }
    .world();
    world.trunk().connect(MINE, Patient::rings_forever());
    let id = world.ledger().add(NewCase {
        deadline: Some(MONDAY_TEN + HOUR * 4),
        ..case(1, &[MINE])
    });
    run(&mut world, HOUR * 24 * 2);
    assert_eq!(history(&mut world, MINE), [NoAnswer]);
    assert_eq!(world.ledger().cases()[&id].outcome, Some(Outcome::Expired));
    assert_eq!(world.ledger().reasons()[&id], Why::TooLate);
}
