//! The offer of a call-back, and the questionnaire around it: what was answered before it stays answered.

use std::time::Duration;

use aftercall::agents::{Order as Ask, Presence};
use aftercall::calendar::Pause;
use aftercall::control::ConversationState;
use aftercall::dialer::{Finish, LegEnd, Noteworthy, Outcome, RetryPolicy, RetryRule};
use aftercall::dialplan::Answer;
use aftercall::ids::{AttemptId, CaseId};
use aftercall::night::{Attempt, Patient, Talk};
use aftercall::outcome::Disposition;

use super::room::*;
use crate::house::{HOUR, House, add, millis, seconds};

/// Answers one question and hangs up at the second.
fn breaks_off() -> Talk {
    asks_for_a_person()
        .at("discharge-medicine", "", seconds(0))
        .leaves_during("discharge-medicine", seconds(2))
}

/// Is not called by the machine again for hours.
fn breaks_off_at_first() -> Patient {
    answers(breaks_off())
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
    assert_eq!(times(&mut room, "discharge-medicine"), calls.len());
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

#[test]
fn a_patient_who_is_back_after_the_agent_has_said_what_came_of_the_call_is_offered_a_call_back_at_once() {
    let mut room = Room::by_night(&house());
    for phone in [OF_LI, OF_WANG] {
        room.world.trunk().connect(phone, stays());
    }
    room.world.trunk().connect(DEPARTMENT, Patient::rings_forever());
    let tomorrow = Talk::silent().at("person-call-back", "2", seconds(4));
    add(&mut room.world, PATIENT, breaks_off_at_first().then(answers(tomorrow)));
    room.case = CaseId(1);
    room.wait(HOUR);
    room.sits_down(LI, OF_LI);
    room.dial(seconds(1), FIRST);
    room.wait(seconds(20));
    let (agent, conversation) = (LI, FIRST);
    let number = number(DEPARTMENT);
    room.ask(
        seconds(0),
        Ask::Transfer {
            agent,
            conversation,
            number,
        },
    );
    room.wait(seconds(5));
    room.ask(seconds(0), Ask::WrapUpDone { agent, conversation });
    room.world.ledger().settle(FIRST);
    room.sits_down(WANG, OF_WANG);
    room.wait(seconds(120));
    let ended = room.ended(FIRST);
    assert_eq!(ended.disposition, Some(Disposition::Appointment));
    assert_eq!((room.rang(OF_LI), room.rang(OF_WANG)), (1, 0));
    for agent in [LI, WANG] {
        assert_eq!(room.presence(agent), Presence::Ready, "nobody is held back for it");
    }
    let notes = room.world.ledger().conversation(FIRST).to_vec();
    let end = LegEnd::NoAnswer;
    let back = notes.iter().position(|note| note.what == Noteworthy::CameBack { end });
    let offered = notes.iter().position(|note| note.what == Noteworthy::CallBackOffered);
    assert!(back.is_some() && back < offered, "{notes:#?}");
}

#[test]
fn an_agent_who_is_ready_again_gets_the_patient_back_whom_the_department_did_not_take() {
    let mut room = Room::by_night(&house());
    room.world.trunk().connect(OF_LI, stays());
    room.world.trunk().connect(DEPARTMENT, Patient::rings_forever());
    add(&mut room.world, PATIENT, breaks_off_at_first().then(stays()));
    room.case = CaseId(1);
    room.wait(HOUR);
    room.sits_down(LI, OF_LI);
    room.dial(seconds(1), FIRST);
    room.wait(seconds(20));
    let (agent, conversation) = (LI, FIRST);
    let number = number(DEPARTMENT);
    room.ask(
        seconds(0),
        Ask::Transfer {
            agent,
            conversation,
            number,
        },
    );
    // Ready for the next call, and nothing is settled yet.
    room.ask(seconds(5), Ask::WrapUpDone { agent, conversation });
    room.wait(seconds(50));
    assert_eq!(room.shown(FIRST).state, ConversationState::Talking);
    assert_eq!((room.rang(OF_LI), room.presence(LI)), (2, Presence::Talking));
}
