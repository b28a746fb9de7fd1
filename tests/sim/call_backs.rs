//! Numbers that may still be ringing, and patients who call us.

use std::time::Duration;

use aftercall::call::Limits;
use aftercall::control::{HandCall, Order, Told};
use aftercall::dialer::RetryPolicy;
use aftercall::ids::TrunkId;
use aftercall::night::{Patient, World};
use aftercall::outcome::Disposition::{Completed, NetworkBusy};
use aftercall::phone::Number;

use crate::house::{CAMPAIGN, HOUR, House, add, history, questionnaire, run, seconds, willing};

const TRUNK: TrunkId = TrunkId(0);
const NUMBER: &str = "13800000001";

/// A patient whose first call rings without a word of the trunk about it.
fn unheard_then_willing() -> World {
    let mut world = House {
        retry: RetryPolicy::immediate(seconds(1)).with_budget(3),
        ..House::default()
    }
    .world();
    let patient = Patient::rings_unheard().then(Patient::answers(seconds(3), willing()));
    add(&mut world, NUMBER, patient);
    world
}

fn begun(world: &mut World) -> Vec<i64> {
    let attempts = world.ledger().attempts().values();
    attempts.map(|attempt| attempt.at.millis() / 1000).collect()
}

#[test]
fn a_telephone_that_may_still_be_ringing_is_not_rung_again() {
    let mut world = unheard_then_willing();
    run(&mut world, HOUR);
    assert_eq!(history(&mut world, NUMBER), [NetworkBusy, Completed]);
    let begun = begun(&mut world);
    assert!(begun[1] - begun[0] >= 32 + 60, "{begun:?}");
}

#[test]
fn another_case_with_the_same_number_waits_as_well() {
    let mut world = unheard_then_willing();
    let due = world.wall();
    let number = Number::parse(NUMBER).expect("a number");
    world.ledger().add_case(CAMPAIGN, number, due);
    run(&mut world, HOUR);
    let begun = begun(&mut world);
    assert!(begun[1] - begun[0] >= 32 + 60, "{begun:?}");
}

fn by_hand(token: u64) -> Order {
    Order::Call(Box::new(HandCall {
        token,
        trunk: TRUNK,
        number: Number::parse(NUMBER).expect("a number"),
        dialplan: std::sync::Arc::new(questionnaire()),
        limits: Limits::default(),
    }))
}

#[test]
fn a_call_by_hand_is_refused_while_the_number_is_in_use_or_locked() {
    let mut world = unheard_then_willing();
    world.order(seconds(10), by_hand(1));
    world.order(seconds(60), by_hand(2));
    run(&mut world, HOUR);
    let refused = |told: &Told| {
        if let Told::HandCallFailed { token, .. } = told {
            Some(*token)
        } else {
            None
        }
    };
    let refused: Vec<u64> = world.told().iter().filter_map(|(_, told)| refused(told)).collect();
    assert_eq!(refused, [1, 2]);
}

#[test]
fn a_patient_who_calls_back_during_the_night_is_turned_away_and_known() {
    let mut world = House::default().world();
    for number in 0..10 {
        let patient = Patient::answers(seconds(3), willing());
        add(&mut world, &format!("138{number:08}"), patient);
    }
    world.call_in(seconds(20), TRUNK, "+8613800000003");
    world.call_in(seconds(21), TRUNK, "02155556666");
    world.call_in(seconds(22), TRUNK, "anonymous");
    run(&mut world, HOUR);
    let answered: Vec<_> = world.trunk().turned_away().map(|(_, status)| status).collect();
    assert_eq!(answered, [Some(480); 3]);
    let known: Vec<_> = world
        .ledger()
        .call_backs()
        .iter()
        .map(|noted| (noted.case.map(|case| case.0), noted.call_back.number.is_some()))
        .collect();
    assert_eq!(known, [(Some(4), true), (None, true), (None, false)]);
    for number in 0..10 {
        assert_eq!(history(&mut world, &format!("138{number:08}")), [Completed]);
    }
}

#[test]
fn a_flood_of_calls_to_us_is_answered_and_counted_but_not_written_down() {
    let mut world = House::default().world();
    add(&mut world, NUMBER, Patient::answers(seconds(3), willing()));
    for call in 0..200 {
        world.call_in(Duration::from_millis(50 * call), TRUNK, "02155556666");
    }
    run(&mut world, HOUR);
    assert!(world.trunk().turned_away().all(|(_, status)| status == Some(480)));
    assert_eq!(world.ledger().call_backs().len(), 30);
    let snapshot = world.snapshot();
    assert_eq!((snapshot.call_backs, snapshot.call_backs_not_noted), (200, 170));
    let floods = world
        .told()
        .iter()
        .filter(|(_, told)| matches!(told, Told::CallBackFlood { .. }));
    assert_eq!(floods.count(), 1);
}
