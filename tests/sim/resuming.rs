//! Questionnaires that were left unfinished: the next call goes on where the last one broke off.

use aftercall::calendar::Pause;
use aftercall::call::Observed;
use aftercall::control::Told;
use aftercall::dialer::{Outcome, RetryPolicy, RetryRule};
use aftercall::dialplan::{self, Answer};
use aftercall::night::{Patient, Talk, World};
use aftercall::outcome::Disposition::{Completed, EarlyHangup, Partial, ThirdParty, Unknown};

use crate::house::{HOUR, House, QUESTIONNAIRE, add, history, run, seconds, willing};

const PATIENT: &str = "13800000001";

/// A partial questionnaire is tried again, as often as twice.
fn tries_again() -> House {
    let rule = RetryRule {
        after: vec![Pause::For(seconds(30))],
        max: 2,
        then: Outcome::Partial,
    };
    House {
        retry: RetryPolicy::immediate(seconds(30)).with_rule(Partial, rule),
        ..House::default()
    }
}

/// Answers two questions and is cut off during the third.
fn cut_off() -> Patient {
    let talk = willing()
        .at("inpatient-quality", "", seconds(0))
        .leaves_during("inpatient-quality", seconds(2));
    Patient::answers(seconds(2), talk)
}

/// The prompts of every call of the patient, in the order of the calls.
fn prompts(world: &mut World) -> Vec<Vec<String>> {
    let begun: Vec<String> = world
        .ledger()
        .attempts()
        .values()
        .filter_map(|attempt| Some(attempt.ended.as_ref()?.facts.call_id.clone()))
        .collect();
    let seen: Vec<_> = world.trunk().seen().collect();
    let of = |call: &String| {
        seen.iter()
            .find(|(id, _)| id == call)
            .map(|(_, seen)| seen.prompts.clone())
    };
    begun.iter().filter_map(of).collect()
}

#[test]
fn who_was_cut_off_after_two_questions_is_asked_the_third_first() {
    let mut world = tries_again().world();
    add(
        &mut world,
        PATIENT,
        cut_off().then(Patient::answers(seconds(2), willing())),
    );
    run(&mut world, HOUR);
    assert_eq!(history(&mut world, PATIENT), [Partial, Completed]);
    let second = prompts(&mut world).pop().expect("two calls");
    let expected = [
        "inpatient-greeting",
        "inpatient-identity",
        "inpatient-introduction",
        "inpatient-quality",
        "inpatient-instructions",
        "inpatient-recommend",
        "goodbye-completed",
    ];
    assert_eq!(second, expected);
    let attempts: Vec<_> = world.ledger().attempts().clone().into_iter().collect();
    let [(first, before), (_, after)] = attempts.as_slice() else {
        panic!("{attempts:?}")
    };
    assert_eq!((before.resumed_from, after.resumed_from), (None, Some(*first)));
    assert_eq!(before.answers["attitude"], Answer::Value(2));
    // What was answered stays where it was given: nothing is counted twice.
    let ids: Vec<&str> = after.answers.keys().map(String::as_str).collect();
    assert_eq!(ids, ["identity", "instructions", "quality", "recommend"]);
}

#[test]
fn by_the_ordinary_rule_nobody_who_hung_up_half_way_is_called_again() {
    let mut world = House::default().world();
    add(&mut world, PATIENT, cut_off());
    run(&mut world, HOUR);
    assert_eq!(history(&mut world, PATIENT), [Partial]);
}

#[test]
fn a_dialplan_that_is_changed_in_between_changes_nothing_for_that_case() {
    let house = tries_again();
    let mut world = house.world();
    add(
        &mut world,
        PATIENT,
        cut_off().then(Patient::answers(seconds(2), willing())),
    );
    // From now on the third question comes first.
    let text = [
        ("next = \"instructions\"", "next = \"treatment\""),
        ("next = \"quality\"", "next = \"instructions\""),
        ("next = \"treatment\"", "next = \"quality\""),
    ]
    .iter()
    .fold(QUESTIONNAIRE.to_owned(), |text, (from, to)| text.replacen(from, to, 1));
    let changed = dialplan::parse(&text).expect("the change is sound");
    world.ledger().keep_dialplan(changed.hash(), &text);
    assert_eq!(world.run_until(seconds(45), |_| false), Ok(false));
    world.order(seconds(0), house.start(changed));
    assert_eq!(world.run_until(seconds(1), |_| false), Ok(false));
    add(&mut world, "13800000002", Patient::answers(seconds(2), willing()));
    run(&mut world, HOUR);
    assert_eq!(history(&mut world, PATIENT), [Partial, Completed]);
    let place = |call: &[String], prompt: &str| call.iter().position(|said| said == prompt);
    let calls = prompts(&mut world);
    let went_on: Vec<_> = calls
        .iter()
        .filter(|call| place(call, "inpatient-treatment").is_none())
        .collect();
    assert_eq!(went_on.len(), 1, "{calls:#?}");
    assert!(place(went_on[0], "inpatient-quality") < place(went_on[0], "inpatient-instructions"));
    let by_the_new = |call: &&Vec<String>| place(call, "inpatient-quality") < place(call, "inpatient-treatment");
    assert_eq!(
        calls
            .iter()
            .filter(|call| place(call, "inpatient-treatment").is_some())
            .filter(by_the_new)
            .count(),
        1
    );
}

#[test]
fn whoever_takes_the_second_call_is_asked_who_they_are_and_the_third_goes_on() {
    let mut world = tries_again().world();
    let family = Talk::silent().at("inpatient-identity", "2", seconds(1));
    let patient = cut_off()
        .then(Patient::answers(seconds(2), family))
        .then(Patient::answers(seconds(2), willing()));
    add(&mut world, PATIENT, patient);
    run(&mut world, HOUR);
    assert_eq!(history(&mut world, PATIENT), [Partial, ThirdParty, Completed]);
    let third = prompts(&mut world).pop().expect("three calls");
    assert!(!third.contains(&"inpatient-treatment".to_owned()), "{third:?}");
}

#[test]
fn who_hangs_up_the_second_call_at_once_has_completed_nothing() {
    let house = House {
        retry: tries_again().retry.with_budget(2),
        ..House::default()
    };
    let mut world = house.world();
    let leaves = Talk::silent().leaves_during("inpatient-greeting", seconds(1));
    add(
        &mut world,
        PATIENT,
        cut_off().then(Patient::answers(seconds(2), leaves)),
    );
    run(&mut world, HOUR);
    assert_eq!(history(&mut world, PATIENT), [Partial, EarlyHangup]);
    let case = world.ledger().cases().values().next().expect("one case");
    assert_eq!(case.outcome, Some(Outcome::Partial));
}

#[test]
fn who_had_answered_everything_when_the_daemon_was_killed_is_not_called_again() {
    let mut world = House::default().world();
    add(&mut world, PATIENT, Patient::answers(seconds(2), willing()));
    let thanks = |world: &World| {
        world.told().iter().any(|(_, told)| {
            matches!(told, Told::Call { observed: Observed::Playing { prompt }, .. } if prompt == "goodbye-completed")
        })
    };
    assert_eq!(world.run_until(HOUR, thanks), Ok(true));
    world.crash_now(seconds(2));
    assert_eq!(world.run_until(HOUR, World::is_over), Ok(true));
    assert_eq!(history(&mut world, PATIENT), [Completed]);
    assert_eq!(world.invariants().invites(), 1);
}

#[test]
fn a_patient_whose_call_a_crash_cut_off_is_asked_the_next_question_when_called_again() {
    let mut world = House::default().world();
    let willing_twice = Patient::answers(seconds(2), willing()).then(Patient::answers(seconds(2), willing()));
    add(&mut world, PATIENT, willing_twice);
    // When the third question plays, the second answer is on disk.
    let third_plays = |world: &World| {
        world.told().iter().any(|(_, told)| {
            matches!(told, Told::Call { observed: Observed::Playing { prompt }, .. } if prompt == "inpatient-quality")
        })
    };
    assert_eq!(world.run_until(HOUR, third_plays), Ok(true));
    world.crash_now(seconds(2));
    assert_eq!(world.run_until(HOUR, World::is_over), Ok(true));
    assert_eq!(history(&mut world, PATIENT), [Unknown, Completed]);
    let calls: Vec<Vec<String>> = world.trunk().seen().map(|(_, seen)| seen.prompts.clone()).collect();
    let went_on = |call: &&Vec<String>| call.iter().any(|said| said == "goodbye-completed");
    let second = calls.iter().find(went_on).expect("a call that was completed");
    let asked = |prompt: &str| second.iter().any(|said| said == prompt);
    assert!(asked("inpatient-quality") && !asked("inpatient-attitude"), "{second:?}");
}

#[test]
fn an_answer_that_the_database_refused_is_there_when_the_attempt_has_its_end() {
    let mut world = House::default().world();
    add(&mut world, PATIENT, Patient::answers(seconds(2), willing()));
    let plays = |world: &World, wanted: &str| {
        let is_it =
            |told: &Told| matches!(told, Told::Call { observed: Observed::Playing { prompt }, .. } if prompt == wanted);
        world.told().iter().any(|(_, told)| is_it(told))
    };
    assert_eq!(
        world.run_until(HOUR, |world| plays(world, "inpatient-quality")),
        Ok(true)
    );
    world.ledger().refuse_every(1);
    let refused = |world: &World| {
        world
            .told()
            .iter()
            .any(|(_, told)| matches!(told, Told::StoreFailed(_)))
    };
    assert_eq!(world.run_until(HOUR, refused), Ok(true));
    world.ledger().refuse_every(u64::MAX);
    let ended = |world: &World| world.told().iter().any(|(_, told)| matches!(told, Told::Ended { .. }));
    assert_eq!(world.run_until(HOUR, ended), Ok(true));
    assert_eq!(world.run_until(seconds(1), |_| false), Ok(false));
    let pressed = |told: &&Told| {
        matches!(
            told,
            Told::Call {
                observed: Observed::KeyHeard { .. },
                ..
            }
        )
    };
    let pressed = world.told().iter().map(|(_, told)| told).filter(pressed).count();
    let attempt = world.ledger().attempts().values().next().expect("an attempt").clone();
    assert!(attempt.ended.is_some());
    assert_eq!(attempt.keys.len(), pressed, "every key that was heard");
}
