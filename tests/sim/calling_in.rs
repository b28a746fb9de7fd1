//! Patients and strangers who call us: matched by the number, and answered by the questionnaire that is open or by a menu.

use std::sync::Arc;
use std::time::Duration;

use aftercall::calendar::{Pause, Schedule};
use aftercall::control::{Incoming, Order};
use aftercall::dialer::{Direction, Outcome, RetryPolicy, RetryRule};
use aftercall::dialplan::{self, Dialplan};
use aftercall::ids::{CaseId, PatientId, TrunkId};
use aftercall::night::{Attempt, NewCase, Patient, Talk, World};
use aftercall::outcome::Disposition::{self, Appointment, Completed, EarlyHangup, NoAnswer, Partial, Silent};
use aftercall::outcome::Facts;
use aftercall::phone::Number;

use crate::house::{CAMPAIGN, HOUR, House, add, millis, seconds, willing};

const TRUNK: TrunkId = TrunkId(0);
const NUMBER: &str = "13800000001";
const STRANGER: &str = "02155556666";
const KNOWN: &str = include_str!("../../dialplans/incoming.toml");
const UNKNOWN: &str = include_str!("../../dialplans/incoming-unknown.toml");

fn plan(text: &str) -> Arc<Dialplan> {
    Arc::new(dialplan::parse(text).expect("a shipped dialplan"))
}

fn how(at_once: usize) -> Order {
    Order::TakeCalls(Some(Box::new(Incoming {
        hours: Schedule::default(),
        known: plan(KNOWN),
        unknown: plan(UNKNOWN),
        at_once,
        longest: seconds(600),
        completable: HOUR * 72,
    })))
}

/// A house that takes calls, whose own calls nobody answers for an hour at a time.
fn taking_calls() -> World {
    let rule = RetryRule {
        after: vec![Pause::For(HOUR)],
        max: 2,
        then: Outcome::Partial,
    };
    opened(&House {
        retry: RetryPolicy::immediate(HOUR).with_budget(3).with_rule(Partial, rule),
        ..House::default()
    })
}

fn opened(house: &House) -> World {
    let mut world = house.world();
    for text in [KNOWN, UNKNOWN] {
        let hash = plan(text).hash().to_owned();
        world.ledger().keep_dialplan(&hash, text);
    }
    world.order(Duration::ZERO, how(4));
    world
}

fn number(digits: &str) -> Number {
    Number::parse(digits).expect("a number")
}

/// Runs for so long, whatever is over before.
fn pass(world: &mut World, limit: Duration) {
    match world.run_until(limit, |_| false) {
        Ok(_) => assert_eq!((world.calls(), world.ports_lent()), (0, 0)),
        Err(broken) => panic!("after {:?}: {broken:#?}", world.elapsed()),
    }
}

/// The attempts that came in, with how they ended.
fn came_in(world: &mut World) -> Vec<(Attempt, Disposition)> {
    let attempts = world.ledger().attempts().values();
    let taken = attempts.filter(|attempt| attempt.direction == Direction::In);
    taken
        .map(|attempt| {
            let ended = attempt.ended.as_ref().expect("it is over");
            (attempt.clone(), ended.disposition)
        })
        .collect()
}

fn dispositions(world: &mut World) -> Vec<Disposition> {
    came_in(world).into_iter().map(|(_, disposition)| disposition).collect()
}

fn facts(attempt: &Attempt) -> &Facts {
    &attempt.ended.as_ref().expect("it is over").facts
}

fn outcome(world: &mut World, case: i64) -> Option<Outcome> {
    world.ledger().cases()[&CaseId(case)].outcome
}

/// Answers two questions of the questionnaire, then hangs up.
fn leaves_after_two() -> Talk {
    willing()
        .at("inpatient-quality", "", millis(500))
        .leaves_during("inpatient-quality", seconds(1))
}

fn prompts(world: &mut World) -> Vec<Vec<String>> {
    let seen = world.trunk().seen();
    seen.filter(|(_, seen)| seen.came_in)
        .map(|(_, seen)| seen.prompts.clone())
        .collect()
}

#[test]
fn a_patient_whose_call_was_missed_calls_back_and_is_put_the_questionnaire() {
    let mut world = taking_calls();
    add(&mut world, NUMBER, Patient::rings_forever());
    world.calls_in(seconds(300), TRUNK, "+8613800000001", willing());
    pass(&mut world, HOUR * 2);
    assert_eq!(dispositions(&mut world), [Completed]);
    assert_eq!(outcome(&mut world, 1), Some(Outcome::Completed));
    let ours: Vec<_> = world.ledger().history(NUMBER).into_iter().flatten().collect();
    assert_eq!(ours, [NoAnswer, Completed]);
    let (attempt, _) = came_in(&mut world).remove(0);
    assert!(facts(&attempt).came_in && attempt.case == Some(CaseId(1)));
    // It used up nothing: the one attempt of ours did.
    assert_eq!(world.ledger().cases()[&CaseId(1)].counted, 1);
}

#[test]
fn an_unfinished_questionnaire_goes_on_at_the_first_question_that_was_not_answered() {
    let mut world = taking_calls();
    let patient = Patient::answers(seconds(3), leaves_after_two()).then(Patient::rings_forever());
    add(&mut world, NUMBER, patient);
    world.calls_in(seconds(600), TRUNK, NUMBER, willing());
    pass(&mut world, HOUR * 3);
    let taken = came_in(&mut world);
    let [(attempt, disposition)] = taken.as_slice() else {
        panic!("{taken:?}");
    };
    assert_eq!(*disposition, Completed);
    assert!(attempt.resumed_from.is_some());
    let heard = prompts(&mut world).remove(0);
    assert!(!heard.iter().any(|prompt| prompt == "inpatient-treatment"), "{heard:?}");
    assert!(heard.iter().any(|prompt| prompt == "inpatient-quality"), "{heard:?}");
    assert_eq!(outcome(&mut world, 1), Some(Outcome::Completed));
}

#[test]
fn a_questionnaire_that_a_caller_leaves_goes_on_with_the_next_call_of_either_side() {
    let mut world = taking_calls();
    add(
        &mut world,
        NUMBER,
        Patient::rings_forever().then(Patient::answers(seconds(3), willing())),
    );
    world.calls_in(seconds(300), TRUNK, NUMBER, leaves_after_two());
    pass(&mut world, HOUR * 5);
    assert_eq!(dispositions(&mut world), [Partial]);
    let ledger = world.ledger();
    let last = ledger.attempts().values().last().cloned().expect("an attempt");
    assert_eq!(last.direction, Direction::Out);
    assert!(last.resumed_from.is_some());
    assert_eq!(ledger.history(NUMBER).last(), Some(&Some(Completed)));
    assert_eq!(outcome(&mut world, 1), Some(Outcome::Completed));
}

/// A house whose campaigns ask nobody twice who has answered something, and a patient who gave two answers.
fn closed_as_partial(calls: impl FnOnce(&mut World)) -> World {
    let mut world = opened(&House {
        retry: RetryPolicy::immediate(HOUR).with_budget(3),
        ..House::default()
    });
    add(&mut world, NUMBER, Patient::answers(seconds(3), leaves_after_two()));
    calls(&mut world);
    world
}

#[test]
fn a_case_that_was_closed_with_some_answers_is_completed_by_the_patient_who_calls() {
    let mut world = closed_as_partial(|world| world.calls_in(HOUR * 3, TRUNK, NUMBER, willing()));
    pass(&mut world, HOUR * 2);
    assert_eq!(outcome(&mut world, 1), Some(Outcome::Partial));
    pass(&mut world, HOUR * 6);
    assert_eq!(dispositions(&mut world), [Completed]);
    assert_eq!(outcome(&mut world, 1), Some(Outcome::Completed));
    let heard = prompts(&mut world).remove(0);
    assert!(!heard.iter().any(|prompt| prompt == "inpatient-treatment"), "{heard:?}");
    assert!(heard.iter().any(|prompt| prompt == "inpatient-quality"), "{heard:?}");
}

#[test]
fn of_a_closed_case_a_call_of_which_nothing_came_leaves_everything_as_it_was() {
    let leaves = Talk::silent().leaves_during("inpatient-greeting", seconds(1));
    let mut world = closed_as_partial(|world| world.calls_in(HOUR * 3, TRUNK, NUMBER, leaves));
    pass(&mut world, HOUR * 30);
    assert_eq!(dispositions(&mut world), [EarlyHangup]);
    assert_eq!(outcome(&mut world, 1), Some(Outcome::Partial));
    let ours: Vec<_> = world.ledger().history(NUMBER).into_iter().flatten().collect();
    assert_eq!(ours, [Partial, EarlyHangup]);
}

#[test]
fn after_three_days_nothing_is_open_any_more() {
    let message = Talk::silent().at("incoming-menu", "2", millis(500));
    let mut world = closed_as_partial(|world| world.calls_in(HOUR * 73, TRUNK, NUMBER, message));
    pass(&mut world, HOUR * 74);
    let (attempt, disposition) = came_in(&mut world).remove(0);
    assert_eq!((disposition, attempt.case), (Completed, None));
    assert_eq!(outcome(&mut world, 1), Some(Outcome::Partial));
}

#[test]
fn a_crash_in_such_a_call_opens_no_closed_case() {
    let mut world = closed_as_partial(|world| {
        world.calls_in(HOUR * 3, TRUNK, NUMBER, willing());
        world.crash(HOUR * 3 + seconds(20), seconds(20));
    });
    pass(&mut world, HOUR * 30);
    assert_eq!(outcome(&mut world, 1), Some(Outcome::Partial));
    assert_eq!(came_in(&mut world).len(), 1);
    assert_eq!(world.ledger().attempts().len(), 2);
}

#[test]
fn a_caller_who_hangs_up_at_once_changes_nothing_about_the_case() {
    let mut world = taking_calls();
    add(&mut world, NUMBER, Patient::rings_forever());
    let leaves = Talk::silent().leaves_during("inpatient-greeting", seconds(1));
    world.calls_in(seconds(300), TRUNK, NUMBER, leaves);
    pass(&mut world, HOUR * 8);
    assert_eq!(dispositions(&mut world), [EarlyHangup]);
    let ours: Vec<_> = world.ledger().history(NUMBER).into_iter().flatten().collect();
    assert_eq!(ours, [NoAnswer, EarlyHangup, NoAnswer, NoAnswer]);
}

#[test]
fn the_night_does_not_ring_whoever_is_on_the_line_with_us() {
    let mut world = taking_calls();
    // The invariants refuse an INVITE to a number that is on the line.
    add(&mut world, NUMBER, Patient::rings_forever());
    let slow = Talk::silent();
    world.calls_in(HOUR + seconds(20), TRUNK, NUMBER, slow);
    pass(&mut world, HOUR * 8);
    assert_eq!(dispositions(&mut world), [Silent]);
}

#[test]
fn whoever_is_being_called_and_calls_us_is_busy() {
    let mut world = taking_calls();
    add(&mut world, NUMBER, Patient::rings_forever());
    world.calls_in(seconds(20), TRUNK, NUMBER, willing());
    pass(&mut world, HOUR);
    assert_eq!(dispositions(&mut world), []);
    let statuses: Vec<_> = world.trunk().turned_away().map(|(_, status)| status).collect();
    assert_eq!(statuses, [Some(486)]);
    assert_eq!(world.ledger().call_backs().len(), 1);
}

#[test]
fn a_patient_for_whom_nothing_is_open_may_be_called_again_or_leave_a_message() {
    let mut world = taking_calls();
    add(&mut world, NUMBER, Patient::answers(seconds(3), willing()));
    let wish = Talk::silent()
        .at("incoming-menu", "1", millis(500))
        .at("call-again-when", "1", millis(500));
    let message = Talk::silent().at("incoming-menu", "2", millis(500));
    world.calls_in(seconds(600), TRUNK, NUMBER, wish);
    world.calls_in(seconds(1200), TRUNK, NUMBER, message);
    pass(&mut world, HOUR * 2);
    let taken = came_in(&mut world);
    let endings: Vec<_> = taken.iter().map(|(_, disposition)| *disposition).collect();
    assert_eq!(endings, [Appointment, Completed]);
    let (wish, message) = (&taken[0].0, &taken[1].0);
    assert_eq!(
        facts(wish).appointment.map(|at| at.since(wish.at).as_secs() / 3600),
        Some(2)
    );
    assert!(message.case.is_none() && message.answers.contains_key("message"));
    assert_eq!(outcome(&mut world, 1), Some(Outcome::Completed));
}

#[test]
fn a_stranger_and_whoever_withholds_the_number_may_leave_a_message() {
    let mut world = taking_calls();
    add(&mut world, NUMBER, Patient::rings_forever());
    let message = || Talk::silent().at("incoming-unknown-menu", "1", millis(500));
    world.calls_in(seconds(300), TRUNK, "02155556666", message());
    world.calls_in(seconds(301), TRUNK, "anonymous", message());
    // Two who withhold their numbers are not the same caller.
    world.calls_in(seconds(302), TRUNK, "anonymous", message());
    pass(&mut world, HOUR * 8);
    let taken = came_in(&mut world);
    assert_eq!(taken.len(), 3, "{taken:?}");
    for (attempt, disposition) in &taken {
        assert_eq!(*disposition, Completed);
        assert!(attempt.case.is_none() && attempt.answers.contains_key("message"));
    }
    let numbers: Vec<_> = world
        .ledger()
        .call_backs()
        .iter()
        .map(|noted| noted.call_back.number.is_some())
        .collect();
    assert_eq!(numbers, [true, false, false]);
}

#[test]
fn of_two_patients_of_one_household_the_one_who_was_missed_last_is_meant() {
    let mut world = taking_calls();
    let due = world.wall();
    for patient in [1, 2] {
        let case = NewCase::of(CAMPAIGN, PatientId(patient), number(NUMBER), due);
        world.ledger().add(case);
    }
    world.trunk().connect(NUMBER, Patient::rings_forever());
    // The first is called at once, the second a while later.
    world.calls_in(HOUR - seconds(600), TRUNK, NUMBER, willing());
    pass(&mut world, HOUR - seconds(10));
    let (attempt, disposition) = came_in(&mut world).remove(0);
    assert_eq!(disposition, Completed);
    let last_missed = world
        .ledger()
        .attempts()
        .values()
        .filter(|row| row.direction == Direction::Out)
        .filter_map(|row| row.case)
        .next_back();
    assert_eq!(attempt.case, last_missed);
}

/// A night with more to do than the trunk's three lines can carry at a time, one of which may be left to callers.
fn busy_night(kept_free: u16) -> World {
    let mut world = opened(&House {
        lines: 3,
        kept_free,
        ..House::default()
    });
    for patient in 1..=12 {
        add(
            &mut world,
            &format!("138{patient:08}"),
            Patient::answers(seconds(3), willing()),
        );
    }
    world
}

fn completed(world: &mut World) -> usize {
    let cases = world.ledger().cases().values();
    cases.filter(|case| case.outcome == Some(Outcome::Completed)).count()
}

#[test]
fn the_night_does_not_use_the_line_of_a_caller() {
    let mut world = busy_night(0);
    // The invariants hold that calls of both sides together have the trunk's lines and no more.
    world.calls_in(millis(100), TRUNK, STRANGER, Talk::silent());
    pass(&mut world, HOUR);
    assert_eq!(dispositions(&mut world), [Silent]);
    assert_eq!(completed(&mut world), 12);
}

#[test]
fn whoever_calls_when_every_line_is_in_use_is_busy_and_noted() {
    let mut world = busy_night(0);
    world.calls_in(seconds(30), TRUNK, STRANGER, Talk::silent());
    pass(&mut world, HOUR);
    let statuses: Vec<_> = world.trunk().turned_away().map(|(_, status)| status).collect();
    assert_eq!(statuses, [Some(486)]);
    assert_eq!(world.ledger().call_backs().len(), 1);
    assert_eq!(completed(&mut world), 12);
}

#[test]
fn a_line_that_is_left_to_callers_is_free_for_them_all_night() {
    let mut world = busy_night(1);
    for after in [5, 65, 125] {
        world.calls_in(seconds(after), TRUNK, STRANGER, Talk::silent());
    }
    let mut most = 0;
    for _ in 0..3_600 {
        world.run_until(seconds(1), |_| false).expect("no invariant is broken");
        let taken = world.ledger().attempts().values();
        let up = taken
            .filter(|row| row.direction == Direction::In && row.ended.is_none())
            .count();
        most = most.max(world.calls() - up);
    }
    assert_eq!(most, 2);
    assert_eq!(dispositions(&mut world), [Silent, Silent, Silent]);
    assert_eq!(completed(&mut world), 12);
}

#[test]
fn more_callers_than_are_taken_at_a_time_are_told_that_it_is_busy() {
    let mut world = taking_calls();
    add(&mut world, NUMBER, Patient::rings_forever());
    for caller in 0..200_u64 {
        let digits = format!("021{:08}", caller + 1);
        world.calls_in(seconds(300) + millis(20 * caller), TRUNK, &digits, Talk::silent());
    }
    pass(&mut world, HOUR * 8);
    assert_eq!(came_in(&mut world).len(), 4);
    let busy = world
        .trunk()
        .turned_away()
        .filter(|(_, status)| *status == Some(486))
        .count();
    assert_eq!(busy, 196);
    let snapshot = world.snapshot();
    assert_eq!((snapshot.call_backs, snapshot.calls_taken), (200, 4));
}

#[test]
fn a_crash_during_such_a_call_loses_no_answer() {
    let mut world = taking_calls();
    add(&mut world, NUMBER, Patient::rings_forever());
    world.calls_in(seconds(300), TRUNK, NUMBER, willing());
    world.crash(seconds(323), seconds(20));
    world.calls_in(HOUR * 2, TRUNK, NUMBER, willing());
    pass(&mut world, HOUR * 3);
    let taken = came_in(&mut world);
    assert_eq!(taken.len(), 2, "{taken:?}");
    let (first, last) = (&taken[0].0, &taken[1].0);
    assert!(first.answers.contains_key("treatment"), "{first:?}");
    assert!(last.resumed_from.is_some(), "{last:?}");
    assert_eq!(taken[1].1, Completed);
    assert_eq!(outcome(&mut world, 1), Some(Outcome::Completed));
}

#[test]
fn without_the_order_calls_are_turned_away_as_ever() {
    let mut world = House::default().world();
    add(&mut world, NUMBER, Patient::answers(seconds(3), willing()));
    world.calls_in(seconds(300), TRUNK, NUMBER, willing());
    pass(&mut world, HOUR);
    let statuses: Vec<_> = world.trunk().turned_away().map(|(_, status)| status).collect();
    assert_eq!(statuses, [Some(480)]);
}
