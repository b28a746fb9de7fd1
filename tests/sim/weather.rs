//! Bad weather: lost datagrams, a trunk that swallows, a database that is away.

use aftercall::dialer::RetryPolicy;
use aftercall::night::Patient;
use aftercall::outcome::Disposition::{Completed, NetworkBusy};

use crate::house::{HOUR, House, add, history, millis, run, seconds, willing};

#[test]
fn one_datagram_in_five_is_lost_and_the_call_still_completes() {
    for seed in 0..20 {
        let mut world = House {
            seed,
            ..House::default()
        }
        .world();
        world.network().lost_per_mille = 200;
        add(&mut world, "13800000001", Patient::answers(seconds(3), willing()));
        run(&mut world, HOUR * 8);
        let history = history(&mut world, "13800000001");
        assert_eq!(history.last(), Some(&Completed), "seed {seed}: {history:?}");
    }
}

#[test]
fn datagrams_that_arrive_twice_change_nothing() {
    let mut world = House::default().world();
    world.network().doubled_per_mille = 1000;
    world.network().jitter = millis(80);
    add(&mut world, "13800000001", Patient::answers(seconds(3), willing()));
    run(&mut world, HOUR);
    assert_eq!(history(&mut world, "13800000001"), [Completed]);
}

#[test]
fn an_invite_that_nobody_answers_is_our_fault_and_costs_no_budget() {
    let patient = Patient::is_swallowed().then(Patient::answers(seconds(1), willing()));
    let mut world = House::default().world();
    add(&mut world, "13800000001", patient);
    run(&mut world, HOUR * 5);
    assert_eq!(history(&mut world, "13800000001"), [NetworkBusy, Completed]);
    let case = world.ledger().cases().values().next().cloned().expect("one case");
    assert_eq!((case.attempts, case.counted), (2, 1));
}

#[test]
fn a_database_that_fails_now_and_then_loses_no_ending() {
    let mut world = House::default().world();
    world.ledger().refuse_every(9);
    for number in 0..20 {
        add(
            &mut world,
            &format!("138{number:08}"),
            Patient::answers(seconds(3), willing()),
        );
    }
    run(&mut world, HOUR * 10);
    for number in 0..20 {
        let history = history(&mut world, &format!("138{number:08}"));
        assert!(!history.is_empty(), "patient {number} was never called");
    }
}

#[test]
fn an_answer_that_crosses_our_cancel_is_acknowledged_and_ended() {
    let mut crossed = 0;
    for ring in 44_985..45_020 {
        let mut world = House {
            retry: RetryPolicy::immediate(seconds(30)).with_budget(1),
            ..House::default()
        }
        .world();
        add(&mut world, "13800000001", Patient::answers(millis(ring), willing()));
        run(&mut world, HOUR);
        let seen = world
            .trunk()
            .seen()
            .next()
            .map(|(_, seen)| seen.clone())
            .expect("one call");
        assert!(matches!(seen.status, Some(200 | 487)), "ring {ring} ms: {seen:?}");
        crossed += usize::from(seen.cancelled && seen.status == Some(200));
    }
    assert!(crossed > 0, "no ring time made them cross");
}
