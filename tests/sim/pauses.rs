//! Pausing, resuming and stopping while people are on the line.

use aftercall::control::{Order, ShutDown, Told};
use aftercall::dialer::HowStop;
use aftercall::ids::CampaignId;
use aftercall::night::{Patient, World};
use aftercall::outcome::Disposition::{Completed, Interrupted};

use crate::house::{CAMPAIGN, HOUR, House, add, history, questionnaire, run, seconds, willing};

const PATIENTS: usize = 12;

fn house() -> House {
    House {
        lines: 4,
        pace: 1.0,
        ..House::default()
    }
}

fn digits(patient: usize) -> String {
    format!("138{patient:08}")
}

fn night() -> World {
    let mut world = house().world();
    for patient in 0..PATIENTS {
        add(&mut world, &digits(patient), Patient::answers(seconds(5), willing()));
    }
    world
}

fn halt(how: HowStop) -> Order {
    Order::Stop {
        campaign: CAMPAIGN,
        how,
    }
}

/// Lets so much time pass, whatever happens.
fn pass(world: &mut World, time: u64) {
    assert_eq!(world.run_until(seconds(time), |_| false), Ok(false));
}

/// The last prompt of each call that was answered.
fn last_prompts(world: &mut World) -> Vec<String> {
    let seen = world.trunk().seen();
    seen.filter_map(|(_, seen)| seen.prompts.last().cloned()).collect()
}

#[test]
fn a_pause_lets_talks_and_ringing_calls_finish_and_nothing_is_dialed_until_it_goes_on() {
    let mut world = night();
    world.order(seconds(8), halt(HowStop::Drain));
    pass(&mut world, 8);
    let on_the_line = world.calls();
    assert!(on_the_line >= 3, "only {on_the_line} calls");
    let dialed = world.invariants().invites();
    pass(&mut world, 3600);
    assert_eq!(world.calls(), 0);
    assert_eq!(world.invariants().invites(), dialed, "dialed while paused");
    let completed = |world: &mut World| {
        (0..PATIENTS)
            .filter(|patient| history(world, &digits(*patient)) == [Completed])
            .count()
    };
    assert_eq!(
        completed(&mut world),
        on_the_line,
        "who was on the line, and nobody else, is done"
    );
    assert!(world.told().iter().any(|(_, told)| *told == Told::Stopped(CAMPAIGN)));

    // The trunk's and the campaign's pace hold again from the first call on: the invariants watch them.
    world.order(seconds(0), house().start(questionnaire()));
    pass(&mut world, 3);
    let again = world.invariants().invites() - dialed;
    assert!((1..=4).contains(&again), "{again} calls in the first three seconds");
    run(&mut world, HOUR);
    assert_eq!(completed(&mut world), PATIENTS);
    assert_eq!(world.invariants().invites(), PATIENTS, "nobody was called twice");
}

#[test]
fn a_pause_that_is_taken_back_at_once_loses_no_case() {
    let mut world = night();
    for second in 3..9 {
        world.order(seconds(second), halt(HowStop::Drain));
        world.order(seconds(second), house().start(questionnaire()));
    }
    run(&mut world, HOUR);
    for patient in 0..PATIENTS {
        assert_eq!(history(&mut world, &digits(patient)).last(), Some(&Completed));
    }
}

#[test]
fn stopped_at_once_who_talks_hears_a_goodbye_and_keeps_the_answers_and_who_rings_is_cancelled() {
    let mut world = night();
    world.order(seconds(35), halt(HowStop::Now));
    pass(&mut world, 35);
    let snapshot = world.snapshot();
    assert!(snapshot.talking + snapshot.ending >= 2, "{snapshot:?}");
    let dialed = world.invariants().invites();
    pass(&mut world, 20);
    assert_eq!(world.calls(), 0, "a goodbye takes seconds");
    assert_eq!(world.invariants().invites(), dialed);
    let last = last_prompts(&mut world);
    assert!(last.iter().all(|prompt| prompt.starts_with("goodbye")), "{last:?}");
    let ledger = world.ledger().clone();
    let cut = |attempt: &&aftercall::night::Attempt| {
        attempt
            .ended
            .as_ref()
            .is_some_and(|finish| finish.disposition == Interrupted)
    };
    let cut: Vec<_> = ledger.attempts().values().filter(cut).collect();
    assert!(
        cut.iter().any(|attempt| !attempt.answers.is_empty()),
        "nobody had answered anything"
    );
    assert!(ledger.cases().values().all(|case| case.counted <= 1));
    for attempt in cut {
        let case = ledger.cases().get(&attempt.case.expect("a case")).expect("its case");
        assert_eq!(
            (case.counted, case.outcome),
            (0, None),
            "it is not held against the patient"
        );
    }

    world.order(seconds(0), house().start(questionnaire()));
    run(&mut world, HOUR);
    for patient in 0..PATIENTS {
        assert_eq!(history(&mut world, &digits(patient)).last(), Some(&Completed));
    }
}

#[test]
fn a_daemon_that_drains_lets_talks_finish_and_dials_nobody_new() {
    let mut world = night();
    world.order(seconds(10), Order::ShutDown(ShutDown::Drain));
    pass(&mut world, 10);
    let on_the_line = world.calls();
    let drained = |world: &World| world.told().iter().any(|(_, told)| *told == Told::Drained);
    assert_eq!(world.run_until(seconds(300), drained), Ok(true));
    let attempts = world.ledger().attempts().clone();
    let ended: Vec<_> = attempts.values().filter_map(|attempt| attempt.ended.as_ref()).collect();
    assert_eq!(ended.len(), attempts.len(), "an attempt was left open");
    let completed = ended.iter().filter(|finish| finish.disposition == Completed).count();
    assert_eq!(completed, on_the_line);
}

#[test]
fn a_daemon_whose_drain_takes_too_long_says_goodbye_and_then_hangs_up() {
    let mut world = night();
    world.order(seconds(20), Order::ShutDown(ShutDown::Drain));
    world.order(seconds(25), Order::ShutDown(ShutDown::SayGoodbye));
    // Said again, or more gently, it changes nothing.
    world.order(seconds(26), Order::ShutDown(ShutDown::Drain));
    world.order(seconds(35), Order::ShutDown(ShutDown::AtOnce));
    pass(&mut world, 25);
    let calls = world.calls();
    assert!(calls >= 3, "{calls}");
    let drained = |world: &World| world.told().iter().any(|(_, told)| *told == Told::Drained);
    assert_eq!(world.run_until(seconds(12), drained), Ok(true));
    let last = last_prompts(&mut world);
    assert!(last.iter().all(|prompt| prompt.starts_with("goodbye")), "{last:?}");
    assert!(
        world
            .ledger()
            .attempts()
            .values()
            .all(|attempt| attempt.ended.is_some())
    );
}

#[test]
fn an_import_for_a_campaign_that_does_not_run_is_no_fault() {
    let mut world = night();
    let not_running = CampaignId(9);
    world.order(seconds(1), Order::Poke(not_running));
    world.order(seconds(2), halt(HowStop::Now));
    world.order(seconds(60), Order::Poke(CAMPAIGN));
    pass(&mut world, 90);
    let faults: Vec<_> = world
        .told()
        .iter()
        .filter(|(_, told)| matches!(told, Told::DialerFault(_)))
        .collect();
    assert!(faults.is_empty(), "{faults:?}");
}
