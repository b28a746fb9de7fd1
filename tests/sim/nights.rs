//! Whole nights: many patients of all kinds, and the record against what each of them did.

use aftercall::control::{Order, ShutDown, Told};
use aftercall::night::{Patient, Talk, World};
use aftercall::outcome::Disposition;

use crate::house::{HOUR, House, add, history, millis, run, seconds, willing};

/// The kinds of patients of a night; the number says which kind.
fn patient(kind: usize) -> (Patient, &'static [Disposition]) {
    use Disposition::*;
    match kind {
        0..=3 => (Patient::answers(seconds(4), willing()), &[Completed]),
        4 => (
            Patient::answers(seconds(9), Talk::pressing("1", millis(700))),
            &[Completed],
        ),
        5 => (Patient::rings_forever(), &[NoAnswer, NoAnswer, NoAnswer]),
        6 => (
            Patient::is_busy().then(Patient::answers(seconds(2), willing())),
            &[Busy, Completed],
        ),
        7 => (Patient::refuses(seconds(1), 404, Some(1)), &[Vacant, Vacant]),
        8 => {
            let leaves = willing().at("inpatient-quality", "", seconds(0));
            (
                Patient::answers(seconds(3), leaves.leaves_during("inpatient-quality", seconds(1))),
                &[Partial],
            )
        }
        _ => (
            Patient::answers(seconds(5), willing().at("inpatient-treatment", "##", seconds(1))),
            &[Refused],
        ),
    }
}

fn night_of(patients: usize, seed: u64) -> World {
    let mut world = House {
        seed,
        lines: 20,
        pace: 5.0,
        ..House::default()
    }
    .world();
    for number in 0..patients {
        let digits = format!("138{number:08}");
        add(&mut world, &digits, patient(number % 10).0);
    }
    world
}

fn check(world: &mut World, patients: usize) {
    for number in 0..patients {
        let digits = format!("138{number:08}");
        assert_eq!(
            history(world, &digits),
            patient(number % 10).1,
            "{digits}, kind {}",
            number % 10
        );
    }
    let invites = world.invariants().invites();
    assert_eq!(
        invites,
        world.ledger().attempts().len(),
        "an attempt for every INVITE, an INVITE for every attempt"
    );
}

#[test]
fn a_night_of_two_hundred_patients_keeps_every_invariant() {
    let mut world = night_of(200, 7);
    run(&mut world, HOUR * 10);
    check(&mut world, 200);
}

#[test]
fn a_night_over_a_network_that_loses_and_doubles_ends_the_same() {
    let mut world = night_of(100, 11);
    world.network().lost_per_mille = 50;
    world.network().doubled_per_mille = 30;
    world.network().jitter = millis(40);
    run(&mut world, HOUR * 10);
    for number in 0..100 {
        let expected = patient(number % 10).1;
        let history = history(&mut world, &format!("138{number:08}"));
        // Whose 180 was lost rang for us only until the limit from the INVITE: nobody can tell that it rang.
        let same = |(seen, meant): (&Disposition, &Disposition)| {
            seen == meant || (*meant == Disposition::NoAnswer && *seen == Disposition::Unreachable)
        };
        let all = history.len() == expected.len() && history.iter().zip(expected).all(same);
        assert!(all, "patient {number}: {history:?}, meant {expected:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_night() {
    let trace = |seed| {
        let mut world = night_of(40, seed);
        world.network().lost_per_mille = 30;
        run(&mut world, HOUR * 10);
        (world.steps(), format!("{:?}", world.told()))
    };
    assert_eq!(trace(3), trace(3));
    assert_ne!(trace(3).1, trace(4).1);
}

#[test]
fn a_daemon_that_is_stopped_ends_every_call_and_leaves_nothing_open() {
    let mut world = night_of(40, 5);
    world.order(seconds(25), Order::ShutDown(ShutDown::AtOnce));
    let drained = |world: &World| world.told().iter().any(|(_, told)| *told == Told::Drained);
    assert_eq!(world.run_until(seconds(120), drained), Ok(true));
    assert_eq!(world.calls(), 0);
    let attempts = world.ledger().attempts().clone();
    assert!(attempts.len() > 10, "only {} attempts began", attempts.len());
    assert!(
        attempts.values().all(|attempt| attempt.ended.is_some()),
        "an attempt was left open"
    );
}
