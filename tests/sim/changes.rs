//! What exchanges do to a call while it runs: reliable ringback, hold and resume, session timers.

use aftercall::night::{Patient, Talk};
use aftercall::outcome::Disposition::Completed;

use crate::house::{HOUR, House, add, history, millis, run, seconds, willing};

const NUMBER: &str = "13800000001";

/// Takes another call for a minute in the middle of a question, and answers when back.
fn interrupted() -> Talk {
    willing()
        .at("inpatient-treatment", "1", seconds(66))
        .holds_during("inpatient-treatment", seconds(1), seconds(60))
}

#[test]
fn a_patient_who_puts_the_call_on_hold_hears_the_rest_of_the_question_and_completes() {
    let mut world = House::default().world();
    add(&mut world, NUMBER, Patient::answers(seconds(3), interrupted()));
    run(&mut world, HOUR);
    assert_eq!(history(&mut world, NUMBER), [Completed]);
    let seen = world
        .trunk()
        .seen()
        .next()
        .map(|(_, seen)| seen.clone())
        .expect("one call");
    assert_eq!(seen.changes, ["recvonly", "sendrecv"]);
    let asked = seen.prompts.iter().filter(|prompt| *prompt == "inpatient-treatment");
    assert_eq!(
        asked.count(),
        1,
        "asked once, not again after a silence: {:?}",
        seen.prompts
    );
    let ended = world
        .ledger()
        .attempts()
        .values()
        .next()
        .and_then(|attempt| attempt.ended.clone());
    let facts = ended.expect("it has ended").facts;
    assert_eq!((facts.holds, facts.session_changes), (1, 2));
}

#[test]
fn reliable_ringback_is_acknowledged_before_the_patient_answers() {
    let mut world = House::default().world();
    let patient = Patient::answers(seconds(6), willing()).with_reliable_ringback();
    add(&mut world, NUMBER, patient);
    run(&mut world, HOUR);
    assert_eq!(history(&mut world, NUMBER), [Completed]);
    assert!(world.trunk().seen().all(|(_, seen)| seen.pracked));
    let ended = world
        .ledger()
        .attempts()
        .values()
        .next()
        .and_then(|attempt| attempt.ended.clone());
    assert!(ended.expect("it has ended").facts.early_media);
}

#[test]
fn an_exchange_with_a_session_timer_is_kept_satisfied() {
    let mut world = House::default().world();
    let slow = willing().at("inpatient-treatment", "1", seconds(9));
    let patient = Patient::answers(seconds(3), slow).with_session_timer(seconds(30));
    add(&mut world, NUMBER, patient);
    run(&mut world, HOUR);
    assert_eq!(history(&mut world, NUMBER), [Completed]);
    assert!(world.trunk().seen().all(|(_, seen)| seen.refreshes >= 2));
}

#[test]
fn holds_ringback_and_timers_survive_loss_and_copies() {
    for seed in 0..20 {
        let mut world = House {
            seed,
            ..House::default()
        }
        .world();
        world.network().lost_per_mille = 100;
        world.network().doubled_per_mille = 100;
        world.network().jitter = millis(40);
        let patients = [
            Patient::answers(seconds(3), interrupted()),
            Patient::answers(seconds(6), willing()).with_reliable_ringback(),
            Patient::answers(seconds(3), willing()).with_session_timer(seconds(90)),
        ];
        for (place, patient) in patients.into_iter().enumerate() {
            add(&mut world, &format!("1380000000{place}"), patient);
        }
        run(&mut world, HOUR * 8);
        for place in 0..3 {
            let history = history(&mut world, &format!("1380000000{place}"));
            assert_eq!(
                history.last(),
                Some(&Completed),
                "seed {seed}, patient {place}: {history:?}"
            );
        }
    }
}
