//! One patient each: what they do with the telephone, and what it is called.

use aftercall::dialplan::Answer;
use aftercall::night::{Patient, Talk};
use aftercall::outcome::Disposition::{
    self, Busy, Completed, EarlyHangup, NoAnswer, OptOut, Partial, PowerOff, Refused, Silent, ThirdParty, Vacant,
    WrongNumber,
};
use aftercall::phone::Number;

use crate::house::{HOUR, House, add, history, millis, run, seconds, willing};

fn dispositions_of(patient: Patient) -> Vec<Disposition> {
    let mut world = House::default().world();
    add(&mut world, "13800000001", patient);
    run(&mut world, HOUR * 5);
    history(&mut world, "13800000001")
}

#[test]
fn a_willing_patient_completes_and_every_answer_is_kept() {
    let mut world = House::default().world();
    add(&mut world, "13800000001", Patient::answers(seconds(6), willing()));
    run(&mut world, HOUR);
    assert_eq!(history(&mut world, "13800000001"), [Completed]);
    let ledger = world.ledger().clone();
    let attempt = ledger.attempts().values().next().expect("one attempt");
    assert_eq!(attempt.keys, "112119");
    assert_eq!(attempt.answers["attitude"], Answer::Value(2));
    assert_eq!(attempt.answers["recommend"], Answer::Value(9));
}

#[test]
fn a_key_pressed_during_the_prompt_is_the_answer() {
    let mut world = House::default().world();
    add(
        &mut world,
        "13800000001",
        Patient::answers(seconds(1), Talk::pressing("1", millis(300))),
    );
    run(&mut world, HOUR);
    assert_eq!(history(&mut world, "13800000001"), [Completed]);
}

#[test]
fn a_busy_patient_is_tried_again_after_the_pause() {
    let patient = Patient::is_busy().then(Patient::answers(seconds(3), willing()));
    assert_eq!(dispositions_of(patient), [Busy, Completed]);
}

#[test]
fn nobody_answers_and_the_budget_ends_it() {
    assert_eq!(
        dispositions_of(Patient::rings_forever()),
        [NoAnswer, NoAnswer, NoAnswer]
    );
}

#[test]
fn a_number_that_does_not_exist_is_confirmed_once_and_left_alone() {
    assert_eq!(
        dispositions_of(Patient::refuses(seconds(1), 404, Some(1))),
        [Vacant, Vacant]
    );
}

#[test]
fn a_telephone_that_is_switched_off_is_told_by_its_cause() {
    let patient = Patient::refuses(seconds(4), 480, Some(20)).then(Patient::answers(seconds(1), willing()));
    assert_eq!(dispositions_of(patient), [PowerOff, Completed]);
}

#[test]
fn who_hangs_up_before_any_key_is_an_early_hangup() {
    let talk = Talk::silent().leaves_during("inpatient-greeting", seconds(2));
    assert_eq!(dispositions_of(Patient::answers(seconds(2), talk))[0], EarlyHangup);
}

#[test]
fn who_hangs_up_at_the_third_question_leaves_a_partial() {
    let talk = willing()
        .at("inpatient-quality", "", seconds(0))
        .leaves_during("inpatient-quality", seconds(2));
    assert_eq!(dispositions_of(Patient::answers(seconds(2), talk)), [Partial]);
}

#[test]
fn who_says_nothing_hears_a_goodbye_and_is_silent() {
    assert_eq!(dispositions_of(Patient::answers(seconds(2), Talk::silent()))[0], Silent);
}

#[test]
fn a_line_without_any_sound_from_the_patient_is_ended_with_a_word() {
    let mut world = House::default().world();
    add(
        &mut world,
        "13800000001",
        Patient::answers(seconds(2), Talk::silent().never_heard()),
    );
    run(&mut world, HOUR * 5);
    let prompts = world
        .trunk()
        .seen()
        .next()
        .map(|(_, seen)| seen.prompts.clone())
        .unwrap_or_default();
    assert_eq!(prompts.last().map(String::as_str), Some("goodbye-silent"));
}

#[test]
fn who_refuses_the_survey_is_not_called_again() {
    let talk = willing().at("inpatient-attitude", "##", seconds(1));
    assert_eq!(dispositions_of(Patient::answers(seconds(2), talk)), [Refused]);
}

#[test]
fn a_relative_is_thanked_and_the_patient_tried_again() {
    let family = Talk::silent().at("inpatient-identity", "2", seconds(1));
    let patient = Patient::answers(seconds(2), family).then(Patient::answers(seconds(2), willing()));
    assert_eq!(dispositions_of(patient), [ThirdParty, Completed]);
}

#[test]
fn a_wrong_number_is_never_dialed_again() {
    let stranger = Talk::silent().at("inpatient-identity", "3", seconds(1));
    assert_eq!(dispositions_of(Patient::answers(seconds(2), stranger)), [WrongNumber]);
}

#[test]
fn the_stop_calling_me_key_holds_for_every_case_of_the_number() {
    let mut world = House {
        lines: 1,
        ..House::default()
    }
    .world();
    let angry = Talk::silent().at("inpatient-greeting", "9", seconds(3));
    add(&mut world, "13800000001", Patient::answers(seconds(2), angry.clone()));
    add(&mut world, "13800000001", Patient::answers(seconds(2), angry));
    run(&mut world, HOUR * 5);
    assert_eq!(history(&mut world, "13800000001"), [OptOut]);
    assert!(
        world
            .ledger()
            .do_not_call()
            .contains(&Number::parse("13800000001").expect("a number"))
    );
}

#[test]
fn two_patients_of_one_household_are_never_rung_at_once() {
    let mut world = House::default().world();
    add(&mut world, "13800000001", Patient::answers(seconds(2), willing()));
    add(&mut world, "13800000001", Patient::answers(seconds(2), willing()));
    run(&mut world, HOUR * 5);
    assert_eq!(history(&mut world, "13800000001"), [Completed, Completed]);
}

#[test]
fn who_leaves_between_two_questions_has_not_completed() {
    let unhappy = willing()
        .at("inpatient-quality", "4", seconds(1))
        .leaves_during("inpatient-sorry", millis(200));
    assert_eq!(dispositions_of(Patient::answers(seconds(2), unhappy)), [Partial]);
}

#[test]
fn a_score_whose_second_key_never_came_counts_when_the_patient_hangs_up() {
    let mut world = House::default().world();
    let talk = willing()
        .at("inpatient-recommend", "1", seconds(5))
        .leaves_during("inpatient-recommend", seconds(7));
    add(&mut world, "13800000001", Patient::answers(seconds(2), talk));
    run(&mut world, HOUR);
    assert_eq!(history(&mut world, "13800000001"), [Completed]);
    let ledger = world.ledger().clone();
    let attempt = ledger.attempts().values().next().expect("one attempt");
    assert_eq!(attempt.answers["recommend"], Answer::Value(1));
}

#[test]
fn a_needless_key_in_the_last_moment_of_the_greeting_is_kept_before_the_question_plays() {
    // The key is heard 30 ms after it is pressed, the greeting takes 9,122 ms, a commit 1 to 16 ms.
    for after in 9_070..9_095 {
        let mut world = House::default().world();
        let talk = willing().at("inpatient-greeting", "5", millis(after));
        add(&mut world, "13800000001", Patient::answers(seconds(2), talk));
        run(&mut world, HOUR);
        assert_eq!(history(&mut world, "13800000001"), [Completed]);
    }
}

#[test]
fn an_answer_that_crosses_our_cancel_is_acknowledged_and_ended_every_time() {
    let mut world = House {
        lines: 60,
        pace: 20.0,
        ..House::default()
    }
    .world();
    world.network().jitter = millis(30);
    // The ring limit is 45 s after the 180; the patients take the call around the moment at which the CANCEL arrives.
    for place in 0..60 {
        let patient =
            Patient::answers(millis(44_960 + 2 * place), willing()).then(Patient::answers(seconds(2), willing()));
        add(&mut world, &format!("138{place:08}"), patient);
    }
    run(&mut world, HOUR * 3);
    let crossed: Vec<_> = world
        .trunk()
        .seen()
        .map(|(_, seen)| seen.clone())
        .filter(|seen| seen.status == Some(200) && seen.cancelled)
        .collect();
    assert!(crossed.len() > 5, "{} crossed", crossed.len());
    assert!(
        crossed
            .iter()
            .all(|seen| seen.acknowledged && seen.byes == 1 && seen.prompts.is_empty())
    );
    for place in 0..60 {
        let history = history(&mut world, &format!("138{place:08}"));
        assert_eq!(history.last(), Some(&Completed), "patient {place}: {history:?}");
    }
}
