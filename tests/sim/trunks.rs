//! Trunks that fail, rest, go dark and come back, with and without a spare.

use std::time::Duration;

use aftercall::call::Limits;
use aftercall::control::{DownReason, HandCall, Order, Standing, Told};
use aftercall::ids::TrunkId;
use aftercall::moment::Moment;
use aftercall::night::{Patient, Service, World};
use aftercall::outcome::{Disposition, LocalFault, Tried};
use aftercall::phone::Number;

use crate::house::{HOUR, House, add, history, questionnaire, run, seconds, willing};

const MAIN: TrunkId = TrunkId(0);
const SPARE: TrunkId = TrunkId(1);

const OVERLOADED: Service = Service::Refuses {
    status: 503,
    retry_after: Some(60),
};
const BROKEN: Service = Service::Refuses {
    status: 500,
    retry_after: None,
};

/// Two trunks, OPTIONS every 30 s, and patients who answer and are willing.
fn night(patients: usize, house: House) -> World {
    let mut world = house.world();
    for number in 0..patients {
        add(
            &mut world,
            &format!("138{number:08}"),
            Patient::answers(seconds(4), willing()),
        );
    }
    world
}

fn watched(trunks: u16) -> House {
    House {
        trunks,
        options: Some(seconds(30)),
        ..House::default()
    }
}

/// The number of calls that a trunk got.
fn calls_over(world: &mut World, trunk: TrunkId) -> usize {
    let gate = usize::from(trunk.0);
    world.trunk().seen().filter(|(_, seen)| seen.gate == gate).count()
}

fn completed(world: &mut World, patients: usize) {
    for number in 0..patients {
        let history = history(world, &format!("138{number:08}"));
        assert_eq!(
            history.last(),
            Some(&Disposition::Completed),
            "patient {number}: {history:?}"
        );
    }
    let counted: u16 = world.ledger().cases().values().map(|case| case.counted).sum();
    assert_eq!(usize::from(counted), patients, "no patient paid for a trunk");
}

fn downs(world: &World, trunk: TrunkId) -> Vec<(Duration, DownReason)> {
    let down = |(at, told): &(Moment, Told)| {
        if let Told::TrunkDown { trunk: which, reason } = told
            && *which == trunk
        {
            Some((at.since(Moment::ZERO), *reason))
        } else {
            None
        }
    };
    world.told().iter().filter_map(down).collect()
}

fn ups(world: &World, trunk: TrunkId) -> usize {
    let up = |told: &Told| matches!(told, Told::TrunkUp { trunk: which, .. } if *which == trunk);
    world.told().iter().filter(|(_, told)| up(told)).count()
}

fn rests(world: &World) -> Vec<Duration> {
    let rest = |told: &Told| {
        if let Told::TrunkResting { pause, .. } = told {
            Some(*pause)
        } else {
            None
        }
    };
    world.told().iter().filter_map(|(_, told)| rest(told)).collect()
}

/// What each attempt at a number noted of its trunks.
fn tried(world: &mut World, number: &str) -> Vec<Vec<Tried>> {
    let attempts = world.ledger().attempts().values();
    attempts
        .filter(|attempt| attempt.number.reveal() == number)
        .filter_map(|attempt| attempt.ended.as_ref().map(|finish| finish.facts.tried.clone()))
        .collect()
}

#[test]
fn a_trunk_that_asks_for_a_minute_gets_it_and_no_patient_pays() {
    let mut world = night(20, House::default());
    world.turn(Duration::ZERO, MAIN, OVERLOADED);
    world.turn(seconds(50), MAIN, Service::Serves);
    run(&mut world, HOUR * 4);
    completed(&mut world, 20);
    let rests = rests(&world);
    assert!(
        !rests.is_empty() && rests.iter().all(|rest| *rest >= seconds(60) && *rest <= seconds(72)),
        "{rests:?}"
    );
}

#[test]
fn congestion_that_lasts_is_met_ever_more_seldom() {
    let mut world = night(30, House::default());
    world.turn(Duration::ZERO, MAIN, BROKEN);
    world.turn(HOUR, MAIN, Service::Serves);
    run(&mut world, HOUR * 24);
    completed(&mut world, 30);
    let refused = calls_over(&mut world, MAIN) - 30;
    assert!(refused < 40, "{refused} calls into a trunk that was broken for an hour");
}

#[test]
fn a_call_that_the_first_trunk_fails_goes_over_the_spare_in_the_same_attempt() {
    let mut world = night(1, watched(2));
    world.turn(Duration::ZERO, MAIN, BROKEN);
    run(&mut world, HOUR);
    assert_eq!(history(&mut world, "13800000000"), [Disposition::Completed]);
    let said = |trunk: &str, status| Tried {
        trunk: trunk.to_owned(),
        status: Some(status),
        ..Tried::default()
    };
    assert_eq!(
        tried(&mut world, "13800000000"),
        [[said("main", 500), said("spare", 200)]]
    );
}

#[test]
fn a_trunk_that_refuses_connections_is_left_for_the_spare_until_it_listens_again() {
    let mut world = night(60, watched(2));
    world.turn(Duration::ZERO, MAIN, Service::Closed);
    world.turn(seconds(300), MAIN, Service::Serves);
    run(&mut world, HOUR * 6);
    completed(&mut world, 60);
    assert!(calls_over(&mut world, SPARE) > 0);
    let first = downs(&world, MAIN)[0];
    assert_eq!(first.1, DownReason::Unreachable);
    assert!(first.0 < seconds(60), "{first:?}");
    assert_eq!((downs(&world, MAIN).len(), ups(&world, MAIN)), (1, 1));
    assert_eq!(downs(&world, SPARE), []);
    let elsewhere = (0..60).filter(|number| {
        let tried = tried(&mut world, &format!("138{number:08}"));
        tried
            .iter()
            .flatten()
            .any(|tried| tried.local == Some(LocalFault::Unreachable))
    });
    assert!(
        elsewhere.count() > 0,
        "some call met the closed door before OPTIONS did"
    );
}

#[test]
fn a_trunk_that_goes_dark_in_mid_night_is_found_by_options_and_comes_back() {
    let mut world = night(120, watched(2));
    world.turn(seconds(60), MAIN, Service::Dark);
    world.turn(seconds(600), MAIN, Service::Serves);
    run(&mut world, HOUR * 6);
    let down = downs(&world, MAIN);
    assert_eq!(down.len(), 1);
    assert!(down[0].0 > seconds(60) && down[0].0 < seconds(180), "{down:?}");
    assert_eq!(down[0].1, DownReason::Silent);
    assert_eq!(ups(&world, MAIN), 1);
    assert!(calls_over(&mut world, SPARE) > 10);
    for number in 0..120 {
        let digits = format!("138{number:08}");
        let history = history(&mut world, &digits);
        let survey = [Disposition::Completed, Disposition::Partial];
        assert!(
            history.last().is_some_and(|last| survey.contains(last)),
            "patient {number}: {history:?}"
        );
        for tried in tried(&mut world, &digits) {
            let dark = tried.iter().position(|tried| tried.local == Some(LocalFault::TimedOut));
            assert!(
                dark.is_none_or(|place| place + 1 == tried.len()),
                "a timeout is never tried elsewhere"
            );
        }
    }
}

#[test]
fn without_a_spare_the_campaign_waits_for_its_trunk_and_nobody_pays() {
    let mut world = night(40, watched(1));
    world.turn(seconds(20), MAIN, Service::Closed);
    world.turn(seconds(3000), MAIN, Service::Serves);
    run(&mut world, HOUR * 10);
    completed(&mut world, 40);
    let attempts = world.ledger().attempts().len();
    assert!(
        attempts < 60,
        "{attempts} attempts for 40 patients: it kept dialing a dead trunk"
    );
}

#[test]
fn a_flapping_trunk_brings_no_burst_and_every_patient_is_reached_once() {
    let mut world = night(100, watched(2));
    for turn in 0..30 {
        let service = [
            Service::Closed,
            Service::Serves,
            BROKEN,
            Service::Serves,
            OVERLOADED,
            Service::Serves,
        ];
        world.turn(seconds(10 + 35 * turn), MAIN, service[turn as usize % 6]);
        world.turn(seconds(25 + 50 * turn), SPARE, service[(turn as usize + 3) % 6]);
    }
    world.turn(HOUR, MAIN, Service::Serves);
    world.turn(HOUR, SPARE, Service::Serves);
    run(&mut world, HOUR * 12);
    for number in 0..100 {
        let history = history(&mut world, &format!("138{number:08}"));
        let times = history.iter().filter(|ended| **ended == Disposition::Completed).count();
        assert_eq!(times, 1, "patient {number}: {history:?}");
    }
}

#[test]
fn a_night_over_two_trunks_with_bad_weather_keeps_every_invariant() {
    for seed in 0..4 {
        let mut world = night(60, House { seed, ..watched(2) });
        world.network().lost_per_mille = 50;
        world.network().doubled_per_mille = 30;
        world.turn(seconds(40), MAIN, Service::Dark);
        world.turn(seconds(200), MAIN, OVERLOADED);
        world.turn(seconds(300), MAIN, Service::Serves);
        world.turn(seconds(320), SPARE, Service::Closed);
        world.turn(seconds(500), SPARE, Service::Serves);
        run(&mut world, HOUR * 24);
    }
}

#[test]
fn one_lost_options_changes_nothing_and_the_picture_shows_the_trunks() {
    let mut world = night(1, watched(2));
    world.turn(seconds(600), SPARE, Service::Closed);
    run(&mut world, HOUR);
    let _ = world.run_until(seconds(900), |_| false);
    let trunks = world.snapshot().trunks;
    let shown: Vec<_> = trunks
        .iter()
        .map(|trunk| (trunk.name.as_str(), trunk.standing))
        .collect();
    assert_eq!(shown, [("main", Standing::Up), ("spare", Standing::Down)]);
    assert_eq!(trunks[1].reason, Some(DownReason::Unreachable));
    assert!(world.trunk().options_answered(0) > 20);
    assert_eq!(downs(&world, MAIN), []);
}

#[test]
fn a_call_by_hand_goes_over_a_trunk_that_is_down_and_its_answer_brings_it_back() {
    let mut world = night(
        3,
        House {
            options: Some(seconds(900)),
            ..House::default()
        },
    );
    world.turn(Duration::ZERO, MAIN, Service::Closed);
    world.turn(seconds(1500), MAIN, Service::Serves);
    world
        .trunk()
        .connect("13900000000", Patient::answers(seconds(2), willing()));
    let by_hand = HandCall {
        token: 1,
        trunk: MAIN,
        number: Number::parse("13900000000").expect("a number"),
        dialplan: std::sync::Arc::new(questionnaire()),
        limits: Limits::default(),
    };
    world.order(seconds(1510), Order::Call(Box::new(by_hand)));
    run(&mut world, HOUR);
    assert_eq!(history(&mut world, "13900000000"), [Disposition::Completed]);
    let up = |(at, told): &(Moment, Told)| matches!(told, Told::TrunkUp { .. }).then(|| at.since(Moment::ZERO));
    let ups: Vec<Duration> = world.told().iter().filter_map(up).collect();
    assert!(
        ups.len() == 1 && ups[0] > seconds(1510) && ups[0] < seconds(1512),
        "{ups:?}"
    );
    completed(&mut world, 3);
}
