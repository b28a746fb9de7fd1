//! The offer of a call-back, and the questionnaire around it: what was answered before it stays answered.

use std::time::Duration;

use aftercall::calendar::Pause;
use aftercall::dialer::{Finish, Outcome, RetryPolicy, RetryRule};
use aftercall::dialplan::Answer;
use aftercall::ids::{AttemptId, CaseId};
use aftercall::night::{Attempt, Patient, Talk};
use aftercall::outcome::Disposition;

use super::room::*;
use crate::house::{HOUR, House, add, millis, seconds};

/// Answers one question and wants a person at the second.
fn asks_for_a_person() -> Talk {
    Talk::silent()
        .at("choose-language", "1", millis(500))
        .at("discharge-identity", "1", millis(500))
        .at("discharge-recovery", "1", millis(500))
        .at("discharge-medicine", "0", millis(500))
}

/// Answers one question and hangs up at the second.
fn breaks_off() -> Talk {
    asks_for_a_person()
        .at("discharge-medicine", "", seconds(0))
        .leaves_during("discharge-medicine", seconds(2))
}

fn answers(talk: Talk) -> Patient {
    Patient::answers(seconds(3), talk)
}

/// Whoever broke off is called again, two hours later.
fn house() -> House {
    let rule = RetryRule {
        after: vec![Pause::For(2 * HOUR)],
        max: 2,
        then: Outcome::Partial,
    };
    let retry = RetryPolicy::immediate(seconds(30)).with_rule(Disposition::Partial, rule);
    House {
        trunks: 3,
        retry,
        ..House::default()
    }
}

fn attempts(room: &mut Room) -> Vec<(AttemptId, Attempt)> {
    let ledger = room.world.ledger();
    ledger.attempts().iter().map(|(id, row)| (*id, row.clone())).collect()
}

fn end_of(room: &mut Room, attempt: usize) -> Finish {
    attempts(room)[attempt].1.ended.clone().expect("its end")
}

fn times(room: &mut Room, prompt: &str) -> usize {
    room.heard(PATIENT).iter().filter(|heard| *heard == prompt).count()
}

#[test]
fn who_is_called_back_is_not_asked_again_what_was_answered_before_the_offer() {
    let mut room = Room::by_night(&house());
    let tomorrow = asks_for_a_person().at("person-call-back", "2", seconds(4));
    add(&mut room.world, PATIENT, answers(tomorrow).then(answers(breaks_off())));
    room.wait(26 * HOUR);
    let calls = attempts(&mut room);
    assert_eq!(end_of(&mut room, 0).disposition, Disposition::Appointment);
    assert_eq!(calls[0].1.answers.get("recovery"), Some(&Answer::Value(1)));
    assert_eq!(calls[1].1.resumed_from, Some(calls[0].0), "the second goes on with it");
    assert_eq!(times(&mut room, "discharge-recovery"), 1);
    assert_eq!(times(&mut room, "discharge-medicine"), 2);
}

#[test]
fn answers_before_a_call_back_that_never_came_about_make_the_case_partial() {
    let house = House {
        retry: RetryPolicy::immediate(seconds(30)).with_budget(2),
        ..house()
    };
    let mut room = Room::by_night(&house);
    let tomorrow = asks_for_a_person().at("person-call-back", "2", seconds(4));
    add(
        &mut room.world,
        PATIENT,
        answers(tomorrow).then(Patient::rings_forever()),
    );
    room.wait(26 * HOUR);
    let outcomes: Vec<_> = room.world.ledger().cases().values().map(|case| case.outcome).collect();
    assert_eq!(outcomes, [Some(Outcome::Partial)]);
}

#[test]
fn who_wants_no_call_back_has_not_refused_what_was_answered() {
    let mut room = Room::by_night(&house());
    let declines = asks_for_a_person().at("person-call-back", "#", seconds(4));
    add(&mut room.world, PATIENT, answers(declines));
    room.wait(seconds(300));
    let finish = end_of(&mut room, 0);
    assert_eq!(finish.disposition, Disposition::Partial, "{}", finish.rule);
    assert_eq!(finish.facts.survey.map(|survey| survey.answered), Some(1));
}

#[test]
fn who_answered_nothing_and_wants_no_call_back_either_has_refused() {
    let mut room = Room::by_night(&house());
    let declines = Talk::silent()
        .at("choose-language", "1", millis(500))
        .at("discharge-identity", "0", millis(500))
        .at("person-call-back", "#", seconds(4));
    add(&mut room.world, PATIENT, answers(declines));
    room.wait(seconds(300));
    assert_eq!(end_of(&mut room, 0).disposition, Disposition::Refused);
}

#[test]
fn who_talked_with_an_agent_and_wants_no_call_back_has_refused_nothing() {
    let mut room = Room::by_night(&house());
    room.world.trunk().connect(OF_LI, answers(Talk::silent().never_heard()));
    room.sits_down(LI, OF_LI);
    let declines = asks_for_a_person().at("person-call-back", "##", seconds(4));
    add(&mut room.world, PATIENT, answers(declines));
    room.wait(seconds(300));
    let finish = end_of(&mut room, 0);
    let said = (finish.disposition, finish.rule.as_str());
    assert_eq!(said, (Disposition::Unknown, "answered-agent-to-say"));
}

#[test]
fn a_key_at_the_offer_after_an_agents_own_call_hides_no_questionnaire() {
    let mut room = Room::by_night(&house());
    room.world.trunk().connect(OF_LI, answers(Talk::silent().never_heard()));
    let presses_a_wrong_key = Talk::silent()
        .at("person-call-back", "7", seconds(2))
        .leaves_during("person-call-back", seconds(4));
    let patient = answers(breaks_off()).then(answers(presses_a_wrong_key));
    add(&mut room.world, PATIENT, patient.then(answers(breaks_off())));
    room.case = CaseId(1);
    room.wait(HOUR);
    room.sits_down(LI, OF_LI);
    room.dial(seconds(1), FIRST);
    room.wait(Duration::from_secs(600));
    assert_eq!(end_of(&mut room, 1).rule, "answered-agent-to-say");
    room.wait(3 * HOUR);
    let calls = attempts(&mut room);
    assert_eq!(
        calls[2].1.resumed_from,
        Some(calls[0].0),
        "it goes on with the first call's"
    );
    assert_eq!(times(&mut room, "discharge-recovery"), 1);
}
