//! The daemon is killed in mid-call and begins again: nobody is left on the line, and nobody is rung twice at once.

use std::collections::BTreeSet;
use std::time::Duration;

use aftercall::control::Told;
use aftercall::dialer::Outcome;
use aftercall::ids::TrunkId;
use aftercall::moment::Wall;
use aftercall::night::{Patient, Service, World};
use aftercall::outcome::{Disposition, Reach};
use aftercall::phone::Number;

use crate::house::{HOUR, House, add, history, millis, seconds, willing};

const NUMBER: &str = "13800000001";

/// So long the daemon is away.
const AWAY: Duration = Duration::from_secs(2);

fn world(patient: Patient) -> World {
    let mut world = House::default().world();
    add(&mut world, NUMBER, patient);
    world
}

/// Lets time pass; fails with what broke.
fn wait(world: &mut World, time: Duration) {
    let passed = world.run_until(time, |_| false);
    assert_eq!(passed, Ok(false), "after {:?}", world.elapsed());
}

/// Runs until this holds.
fn until(world: &mut World, what: &str, done: impl Fn(&World) -> bool) {
    let reached = world.run_until(HOUR, done);
    assert_eq!(reached, Ok(true), "{what}, after {:?}", world.elapsed());
}

/// Kills the daemon now; gives the calls that were up.
fn crash(world: &mut World) -> BTreeSet<String> {
    let up = world.trunk().up();
    world.crash_now(AWAY);
    up
}

/// None of these calls is up.
fn assert_down(world: &mut World, calls: &BTreeSet<String>) {
    let up = world.trunk().up();
    assert!(up.is_disjoint(calls), "still up: {up:?}");
    assert_eq!(world.trunk().faults(), &[] as &[String]);
}

fn locked(world: &mut World) -> Option<Wall> {
    let now = world.wall();
    let number = Number::parse(NUMBER).expect("a number");
    world.ledger().locked_until(&number).filter(|until| *until > now)
}

fn rings(world: &World) -> bool {
    world.snapshot().ringing == 1
}

fn talks(world: &World) -> bool {
    world.snapshot().talking == 1
}

/// The call that a crash left over is ended, and its number is free again; the night goes on to its end.
fn ends_well(mut world: World, up: &BTreeSet<String>) -> World {
    wait(&mut world, AWAY + seconds(8));
    assert_down(&mut world, up);
    let before = up.len();
    assert_eq!(world.snapshot().left_over, 0, "{before} were up");
    until(&mut world, "the night is over", World::is_over);
    wait(&mut world, seconds(120));
    assert_eq!(world.trunk().faults(), &[] as &[String]);
    world
}

#[test]
fn a_call_whose_invite_has_just_left_is_cancelled() {
    let mut world = world(Patient::answers(seconds(5), willing()));
    until(&mut world, "an INVITE", |world| world.snapshot().invites_sent == 1);
    // The INVITE arrives while the daemon is away; nothing of it is on disk but the attempt.
    wait(&mut world, millis(1));
    world.crash_now(AWAY);
    wait(&mut world, seconds(1));
    let up = world.trunk().up();
    assert_eq!(up.len(), 1);
    let mut world = ends_well(world, &up);
    assert_eq!(
        history(&mut world, NUMBER),
        [Disposition::Unknown, Disposition::Completed]
    );
}

#[test]
fn a_call_that_the_trunk_is_setting_up_is_cancelled() {
    let mut world = world(Patient::answers(seconds(5), willing()));
    until(&mut world, "an INVITE", |world| world.snapshot().invites_sent == 1);
    wait(&mut world, millis(200));
    let up = crash(&mut world);
    assert_eq!(up.len(), 1);
    ends_well(world, &up);
}

#[test]
fn a_call_that_rings_is_cancelled() {
    let mut world = world(Patient::rings_forever().then(Patient::answers(seconds(3), willing())));
    until(&mut world, "it rings", rings);
    let up = crash(&mut world);
    assert_eq!(up.len(), 1);
    let mut world = ends_well(world, &up);
    assert_eq!(
        history(&mut world, NUMBER),
        [Disposition::Unknown, Disposition::Completed]
    );
}

#[test]
fn a_patient_who_answers_while_the_daemon_is_away_is_not_left_on_the_line() {
    let mut world = world(Patient::answers(seconds(5), willing()));
    until(&mut world, "it rings", rings);
    wait(&mut world, millis(4000));
    let up = crash(&mut world);
    ends_well(world, &up);
}

#[test]
fn a_call_that_was_answered_but_not_acknowledged_gets_ack_and_bye() {
    for late in 0..20 {
        let mut world = world(Patient::answers(seconds(5), willing()));
        until(&mut world, "it talks", talks);
        // The note of the answer takes a few milliseconds; the kill falls before it, in it or after it.
        wait(&mut world, millis(late));
        let up = crash(&mut world);
        assert_eq!(up.len(), 1);
        ends_well(world, &up);
    }
}

#[test]
fn a_call_that_talks_gets_bye() {
    let mut world = world(Patient::answers(seconds(5), willing()));
    until(&mut world, "it talks", talks);
    wait(&mut world, seconds(20));
    let up = crash(&mut world);
    let mut world = ends_well(world, &up);
    let seen: Vec<_> = world.trunk().seen().map(|(_, seen)| seen.clone()).collect();
    assert!(seen.iter().all(|seen| seen.acknowledged && seen.byes == 1), "{seen:#?}");
    assert_eq!(
        history(&mut world, NUMBER),
        [Disposition::Unknown, Disposition::Completed]
    );
}

#[test]
fn a_call_that_the_daemon_was_hanging_up_is_over() {
    let mut world = world(Patient::answers(seconds(5), willing()));
    until(&mut world, "it talks", talks);
    until(&mut world, "it ends", |world| world.snapshot().ending == 1);
    let up = crash(&mut world);
    ends_well(world, &up);
}

#[test]
fn a_call_that_the_daemon_was_cancelling_is_over() {
    for late in [0, 2, 5, 8, 11, 14, 17, 20, 25] {
        let mut world = world(Patient::rings_forever());
        until(&mut world, "it ends", |world| world.snapshot().ending == 1);
        wait(&mut world, millis(late));
        let up = crash(&mut world);
        // Where the refusal came before the crash and its end is not on disk, the CANCEL is waited for.
        wait(&mut world, AWAY + seconds(40));
        assert_down(&mut world, &up);
        assert_eq!((world.snapshot().left_over, locked(&mut world)), (0, None), "{late} ms");
    }
}

#[test]
fn a_number_whose_bye_nobody_answers_stays_locked_until_nobody_can_be_on_the_line() {
    let mut world = world(Patient::answers(seconds(5), willing()));
    until(&mut world, "it talks", talks);
    world.turn(Duration::ZERO, TrunkId(0), Service::Dark);
    wait(&mut world, seconds(1));
    crash(&mut world);
    wait(&mut world, AWAY + seconds(120));
    assert!(locked(&mut world).is_some());
    assert_eq!(world.snapshot().left_over, 1);
    let told: Vec<_> = world.told().iter().map(|(_, told)| told.clone()).collect();
    let attempt = *world.ledger().attempts().keys().next().expect("an attempt");
    assert_eq!(
        told.iter()
            .filter(|told| **told == Told::NotTakenDown { attempt })
            .count(),
        1
    );
    let invites = world.invariants().invites();
    world.turn(Duration::ZERO, TrunkId(0), Service::Serves);
    // As soon as it answers, the call is over and the number is free.
    wait(&mut world, seconds(40));
    assert_eq!((locked(&mut world), world.snapshot().left_over), (None, 0));
    until(&mut world, "the night is over", World::is_over);
    assert_eq!(world.invariants().invites(), invites + 1);
}

#[test]
fn an_end_that_the_database_refused_is_written_though_the_call_is_taken_down_meanwhile() {
    let mut world = world(Patient::answers(seconds(5), willing()));
    until(&mut world, "it talks", talks);
    world.turn(Duration::ZERO, TrunkId(0), Service::Dark);
    wait(&mut world, millis(100));
    world.ledger().refuse_every(1);
    // Its BYE has no answer, and its end no database.
    until(&mut world, "its end is told", |world| {
        world.told().iter().any(|(_, told)| matches!(told, Told::Ended { .. }))
    });
    world.turn(Duration::ZERO, TrunkId(0), Service::Serves);
    until(&mut world, "it is taken down", |world| world.snapshot().taken_down == 1);
    world.ledger().refuse_every(u64::MAX);
    wait(&mut world, seconds(5));
    let ledger = world.ledger();
    assert!(ledger.attempts().values().next().is_some_and(|row| row.ended.is_some()));
}

#[test]
fn a_number_is_free_again_when_its_lock_has_run_out() {
    let mut world = world(Patient::answers(seconds(5), willing()));
    until(&mut world, "it talks", talks);
    world.turn(Duration::ZERO, TrunkId(0), Service::Dark);
    crash(&mut world);
    wait(&mut world, seconds(15 * 60));
    assert!(locked(&mut world).is_some());
    assert_eq!(world.invariants().invites(), 1);
    wait(&mut world, seconds(3 * 60));
    assert_eq!((world.snapshot().left_over, world.snapshot().not_taken_down), (0, 1));
    assert_eq!(world.invariants().invites(), 2);
}

#[test]
fn the_second_call_whose_end_nobody_knows_closes_the_case() {
    let mut world = world(Patient::rings_forever());
    for _ in 0..2 {
        until(&mut world, "it rings", rings);
        wait(&mut world, seconds(1));
        crash(&mut world);
        wait(&mut world, AWAY + seconds(8));
    }
    until(&mut world, "the night is over", World::is_over);
    assert_eq!(
        history(&mut world, NUMBER),
        [Disposition::Unknown, Disposition::Unknown]
    );
    let ledger = world.ledger();
    let case = ledger.cases().values().next().expect("one case");
    // The telephone rang both times.
    assert_eq!((case.outcome, case.counted), (Some(Outcome::NotReached), 2));
    for attempt in ledger.attempts().values() {
        let facts = &attempt.ended.as_ref().expect("it has ended").facts;
        assert_eq!(facts.left_open, Some(Reach::FarEnd));
    }
    assert_eq!(world.invariants().invites(), 2);
}

#[test]
fn a_call_of_which_nothing_came_back_before_the_crash_costs_no_budget() {
    let mut world = world(Patient::answers(seconds(5), willing()));
    until(&mut world, "an INVITE", |world| world.snapshot().invites_sent == 1);
    world.crash_now(AWAY);
    until(&mut world, "the night is over", World::is_over);
    let case = world.ledger().cases().values().next().expect("one case");
    assert_eq!((case.attempts, case.counted), (2, 1));
}

#[test]
fn a_second_crash_in_the_middle_of_the_taking_down_loses_nothing() {
    for late in [0, 1, 5, 10, 12, 15, 20, 30] {
        let mut world = world(Patient::answers(seconds(5), willing()));
        until(&mut world, "it talks", talks);
        wait(&mut world, seconds(3));
        let up = crash(&mut world);
        wait(&mut world, AWAY + millis(late));
        world.crash_now(AWAY);
        ends_well(world, &up);
    }
}

#[test]
fn a_call_over_another_trunk_is_taken_down_there() {
    let mut world = House {
        trunks: 2,
        ..House::default()
    }
    .world();
    add(&mut world, NUMBER, Patient::answers(seconds(20), willing()));
    let refuses = Service::Refuses {
        status: 503,
        retry_after: None,
    };
    world.turn(Duration::ZERO, TrunkId(0), refuses);
    until(&mut world, "the second INVITE", |world| {
        world.snapshot().invites_sent == 2
    });
    for late in [0, 1, 2, 4, 500] {
        wait(&mut world, millis(late));
    }
    let up = crash(&mut world);
    assert_eq!(up.len(), 1);
    wait(&mut world, AWAY + seconds(8));
    assert_down(&mut world, &up);
}

/// Many patients, bad weather, a kill every so often: the record still adds up, and nobody is left on the line.
#[test]
fn nights_with_many_crashes_leave_nobody_on_the_line() {
    for seed in 0..12 {
        let mut world = House {
            seed,
            lines: 8,
            pace: 4.0,
            ..House::default()
        }
        .world();
        world.network().lost_per_mille = 80;
        world.network().doubled_per_mille = 40;
        if seed % 2 == 1 {
            world.ledger().refuse_every(5);
        }
        for number in 0..24 {
            let patient = match number % 4 {
                0 => Patient::answers(seconds(2), willing()),
                1 => Patient::rings_forever().then(Patient::answers(seconds(4), willing())),
                2 => Patient::is_busy().then(Patient::answers(seconds(1), willing())),
                _ => Patient::answers(seconds(7), willing()).with_reliable_ringback(),
            };
            add(&mut world, &format!("1380000{number:04}"), patient);
        }
        for kill in 0..6 {
            wait(&mut world, seconds(5) + millis(1_370 * kill + 113 * seed));
            let up = crash(&mut world);
            wait(&mut world, AWAY + seconds(10));
            let still: BTreeSet<String> = world.trunk().up().intersection(&up).cloned().collect();
            assert_eq!(still, BTreeSet::new(), "seed {seed}, kill {kill}");
        }
        let faults: Vec<_> = world.trunk().faults().to_vec();
        assert_eq!(faults, [] as [&str; 0], "seed {seed}");
    }
}

#[test]
fn a_call_whose_bye_nobody_answers_is_ended_when_the_network_is_back() {
    let mut world = world(Patient::answers(seconds(5), willing()));
    until(&mut world, "they talk", talks);
    let up = world.trunk().up();
    world.network().lost_per_mille = 1000;
    until(&mut world, "the attempt is over", |world| {
        world.snapshot().talking + world.snapshot().ending == 0
    });
    wait(&mut world, seconds(120));
    assert_eq!(world.snapshot().left_over, 1);
    assert!(locked(&mut world).is_some());
    world.network().lost_per_mille = 0;
    wait(&mut world, seconds(35));
    assert_down(&mut world, &up);
    assert_eq!((world.snapshot().left_over, locked(&mut world)), (0, None));
}

#[test]
fn a_call_whose_cancel_nobody_answers_is_ended_by_the_next_daemon_if_need_be() {
    let mut world = world(Patient::rings_forever().then(Patient::answers(seconds(3), willing())));
    until(&mut world, "it rings", rings);
    world.network().lost_per_mille = 1000;
    until(&mut world, "the attempt is over", |world| {
        world.snapshot().left_over == 1
    });
    let up = crash(&mut world);
    assert_eq!(up.len(), 1);
    world.network().lost_per_mille = 0;
    let mut world = ends_well(world, &up);
    assert_eq!(history(&mut world, NUMBER).last(), Some(&Disposition::Completed));
}
