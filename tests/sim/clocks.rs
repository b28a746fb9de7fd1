//! Two clocks: whatever the civil one does, nobody is called outside the windows, twice, or in a burst, and no rest after
//! a call is cut short.

use std::collections::BTreeMap;
use std::time::Duration;

use aftercall::calendar::{Schedule, Span, Windows};
use aftercall::call::Observed;
use aftercall::control::Told;
use aftercall::dialer::{Pace, RetryPolicy};
use aftercall::ids::AttemptId;
use aftercall::moment::{Jump, Moment, Wall};
use aftercall::night::{Patient, World};
use aftercall::outcome::Disposition::{Busy, Completed, NetworkBusy};
use chrono::{DateTime, Timelike, Utc};
use chrono_tz::Tz;

use crate::house::{HOUR, House, MONDAY_TEN, add, history, run, seconds, willing};

const TWO_HOURS: Duration = Duration::from_secs(2 * 3600);

fn number(n: usize) -> String {
    format!("138{n:08}")
}

/// So many willing patients.
fn night(house: House, patients: usize) -> World {
    let spacing = Pace::per_second(house.pace).expect("a pace").interval();
    let mut world = house.world();
    world.invariants().never_faster_than(spacing);
    for n in 0..patients {
        add(&mut world, &number(n), Patient::answers(seconds(5), willing()));
    }
    world
}

/// When the INVITE of each attempt left, by the monotonic clock.
fn invited(world: &World) -> BTreeMap<AttemptId, Moment> {
    let mut invited = BTreeMap::new();
    for (at, told) in world.told() {
        if let Told::Call {
            who,
            observed: Observed::Invited,
        } = told
        {
            invited.entry(who.attempt).or_insert(*at);
        }
    }
    invited
}

/// When each attempt ended, by the monotonic clock.
fn ended(world: &World) -> BTreeMap<AttemptId, Moment> {
    let mut ended = BTreeMap::new();
    for (at, told) in world.told() {
        if let Told::Ended { who, .. } = told {
            ended.insert(who.attempt, *at);
        }
    }
    ended
}

/// The jumps that were told, to the nearest second.
fn jumps(world: &World) -> Vec<Jump> {
    let nearest = |by: &Duration| seconds((*by + Duration::from_millis(500)).as_secs());
    let mut jumps = Vec::new();
    for (_, told) in world.told() {
        if let Told::ClockJumped(Jump::Forward(by)) = told {
            jumps.push(Jump::Forward(nearest(by)));
        } else if let Told::ClockJumped(Jump::Back(by)) = told {
            jumps.push(Jump::Back(nearest(by)));
        }
    }
    jumps
}

fn all_completed_once(world: &mut World, patients: usize) {
    for n in 0..patients {
        assert_eq!(history(world, &number(n)), [Completed], "{}", number(n));
    }
}

#[test]
fn a_civil_clock_that_is_set_forward_out_of_the_window_stops_the_calls_until_the_next_one() {
    let mut world = night(House::default(), 150);
    // At ten past ten it says ten past twelve: a pause of the windows.
    world.set_clock(seconds(600), Jump::Forward(TWO_HOURS));
    run(&mut world, HOUR * 12);
    all_completed_once(&mut world, 150);
    assert_eq!(jumps(&world), [Jump::Forward(TWO_HOURS)]);
    assert!(world.elapsed() > HOUR * 2, "they had to wait for two o'clock");
}

#[test]
fn a_civil_clock_that_is_set_back_before_the_window_stops_the_calls_until_it_opens_again() {
    let mut world = night(House::default(), 150);
    world.set_clock(seconds(600), Jump::Back(TWO_HOURS));
    run(&mut world, HOUR * 12);
    all_completed_once(&mut world, 150);
    assert_eq!(jumps(&world), [Jump::Back(TWO_HOURS)]);
    assert!(world.elapsed() > HOUR, "it was ten past eight");
}

#[test]
fn a_civil_clock_that_is_set_about_inside_the_window_costs_nobody_a_call() {
    let begins = MONDAY_TEN + HOUR * 5;
    let mut world = night(
        House {
            begins,
            ..House::default()
        },
        150,
    );
    world.set_clock(seconds(300), Jump::Forward(TWO_HOURS));
    world.set_clock(seconds(600), Jump::Back(TWO_HOURS));
    run(&mut world, HOUR * 12);
    all_completed_once(&mut world, 150);
    assert_eq!(jumps(&world).len(), 2);
}

#[test]
fn a_clock_that_is_set_forward_brings_nobody_the_next_call_early_and_all_of_them_at_the_pace() {
    let begins = MONDAY_TEN + HOUR * 5;
    let house = House {
        begins,
        retry: RetryPolicy::default(),
        ..House::default()
    };
    let mut world = night(house, 0);
    for n in 0..60 {
        let patient = Patient::is_busy().then(Patient::answers(seconds(5), willing()));
        add(&mut world, &number(n), patient);
    }
    // Everybody was found busy within a minute, and would be called again after a quarter of an hour.
    world.set_clock(seconds(90), Jump::Forward(TWO_HOURS));
    run(&mut world, HOUR * 12);
    let (invited, ended) = (invited(&world), ended(&world));
    let attempts = world.ledger().attempts().clone();
    for n in 0..60 {
        assert_eq!(history(&mut world, &number(n)), [Busy, Completed]);
        let of_number: Vec<_> = attempts
            .iter()
            .filter(|(_, row)| row.number.reveal() == number(n))
            .collect();
        let [(first, _), (second, _)] = of_number.as_slice() else {
            panic!("{of_number:?}")
        };
        let rest = invited[second].since(ended[first]);
        assert!(rest >= seconds(900), "only {rest:?} of rest");
        assert!(rest < seconds(1800), "{rest:?} of rest is too long");
    }
}

#[test]
fn the_lock_of_a_number_that_may_still_ring_is_not_cut_short() {
    let begins = MONDAY_TEN + HOUR * 5;
    let mut world = night(
        House {
            begins,
            retry: RetryPolicy::immediate(seconds(1)),
            ..House::default()
        },
        0,
    );
    let patient = Patient::is_swallowed().then(Patient::answers(seconds(5), willing()));
    add(&mut world, &number(1), patient);
    world.set_clock(seconds(40), Jump::Forward(TWO_HOURS));
    run(&mut world, HOUR * 12);
    assert_eq!(history(&mut world, &number(1)), [NetworkBusy, Completed]);
    let (invited, ended) = (invited(&world), ended(&world));
    let rest = invited[&AttemptId(2)].since(ended[&AttemptId(1)]);
    assert!(rest >= seconds(60), "only {rest:?}");
}

#[test]
fn a_machine_that_slept_two_hours_ends_its_dead_calls_once_and_goes_on_at_the_pace() {
    let begins = MONDAY_TEN + HOUR * 5;
    let patients = 120;
    let mut world = night(
        House {
            begins,
            ..House::default()
        },
        patients,
    );
    world.suspend(seconds(300), TWO_HOURS);
    let over = world
        .run_until(HOUR * 12, World::is_over)
        .unwrap_or_else(|broken| panic!("{broken:#?}"));
    assert!(over, "{} calls are left", world.calls());
    let ended = ended(&world);
    assert_eq!(ended.len(), world.ledger().attempts().len(), "each attempt ends once");
    let completed = |world: &mut World, n: usize| {
        let history = history(world, &number(n));
        history.iter().filter(|ended| **ended == Completed).count()
    };
    // Who was on the line is tried again; who had completed is not.
    for n in 0..patients {
        assert!(completed(&mut world, n) <= 1, "{}", number(n));
        let history = history(&mut world, &number(n));
        let last = history.last().expect("an attempt");
        assert!(
            history.len() <= 3 && (*last == Completed || history.len() < 3),
            "{history:?}"
        );
    }
    let calls = world.ledger().attempts().len();
    assert!(
        calls <= patients + 10,
        "{calls} calls: no more than the lines were lost"
    );
}

#[test]
fn a_machine_that_slept_past_the_window_calls_nobody_until_the_next_one() {
    let mut world = night(
        House {
            begins: MONDAY_TEN + HOUR,
            ..House::default()
        },
        150,
    );
    world.suspend(seconds(300), TWO_HOURS);
    let over = world
        .run_until(HOUR * 24, World::is_over)
        .unwrap_or_else(|broken| panic!("{broken:#?}"));
    assert!(over, "{} calls are left", world.calls());
}

/// A night in Berlin whose window is open from one to four at night, on the day on which the clocks change.
fn berlin(begins: Wall) -> (World, Vec<DateTime<Tz>>) {
    let span = Span::new(60, 4 * 60).expect("a window");
    let schedule = Schedule {
        windows: Windows::every_day(&[span]).expect("windows"),
        zone: Tz::Europe__Berlin,
        ..Schedule::default()
    };
    // A call takes a minute: with one line they fill the window.
    let house = House {
        begins,
        schedule,
        lines: 1,
        pace: 1.0,
        ..House::default()
    };
    let mut world = night(house, 300);
    let over = world
        .run_until(HOUR * 24 * 5, World::is_over)
        .unwrap_or_else(|broken| panic!("{broken:#?}"));
    assert!(over, "300 calls of a minute need two nights or three");
    all_completed_once(&mut world, 300);
    let begun = world.ledger().attempts().values();
    let local = begun.filter_map(|row| DateTime::<Utc>::from_timestamp_millis(row.at.millis()));
    let local = local.map(|at| at.with_timezone(&Tz::Europe__Berlin)).collect();
    (world, local)
}

fn at(utc: &str) -> Wall {
    let time: DateTime<Utc> = utc.parse().expect("a time");
    Wall::from_millis(time.timestamp_millis())
}

/// The minutes from the first call of a night to its last.
fn length(calls: &[DateTime<Tz>], day: u32) -> i64 {
    use chrono::Datelike;
    let of_day: Vec<_> = calls.iter().filter(|call| call.day() == day).collect();
    let (Some(first), Some(last)) = (of_day.first(), of_day.last()) else {
        panic!("no call on that day")
    };
    (**last - **first).num_minutes()
}

#[test]
fn on_the_night_on_which_summer_time_begins_the_window_is_an_hour_shorter() {
    let (_, calls) = berlin(at("2026-03-28T23:00:00Z"));
    assert!(calls.iter().all(|call| (1..4).contains(&call.hour())), "{calls:?}");
    let night = length(&calls, 29);
    assert!((115..=120).contains(&night), "{night} minutes");
}

#[test]
fn on_the_night_on_which_summer_time_ends_the_window_is_an_hour_longer() {
    let (_, calls) = berlin(at("2026-10-24T22:00:00Z"));
    assert!(calls.iter().all(|call| (1..4).contains(&call.hour())), "{calls:?}");
    let night = length(&calls, 25);
    assert!((235..=240).contains(&night), "{night} minutes");
}
