//! Who was passed over, and who only seems so.

use std::time::Duration;

use super::night::{add, at, attempt, broken, case, clean};
use crate::ids::CaseId;
use crate::moment::Wall;
use crate::night::judge::{Decision, Evidence, Rule, judge};

/// A case that waits from 8:00 on and is never dialed, and one that becomes due at 14:00 and is dialed at 14:30.
fn forgotten() -> Evidence {
    let mut evidence = clean();
    evidence.cases.push(case(11));
    let mut later = case(12);
    (later.created, later.due, later.next_at) = (at(14, 0, 0), at(14, 0, 0), at(14, 0, 0));
    evidence.cases.push(later);
    add(&mut evidence, attempt(11, 12, at(14, 30, 0)));
    evidence
}

fn decided(at: Wall, why: &str) -> Decision {
    Decision {
        at,
        why: why.to_owned(),
        until: Some(at + Duration::from_secs(60)),
    }
}

#[test]
fn who_waits_since_the_morning_is_not_passed_over_for_whom_the_afternoon_brought() {
    let judgement = judge(&forgotten());
    assert_eq!(broken(&judgement), [(Rule::Starved, 1)], "{judgement:#?}");
    let breach = &judgement.rules[Rule::Starved as usize].broken[0];
    assert_eq!(breach.cases, [CaseId(11), CaseId(12)]);
    assert_eq!(breach.at, at(14, 30, 0));
}

#[test]
fn a_retry_too_comes_after_those_who_waited_before_its_last_attempt() {
    let mut evidence = clean();
    evidence.cases.extend([case(11), case(12)]);
    add(&mut evidence, attempt(11, 12, at(9, 20, 0)));
    add(&mut evidence, attempt(12, 12, at(9, 50, 0)));
    assert_eq!(broken(&judge(&evidence)), [(Rule::Starved, 1)]);
}

#[test]
fn who_is_held_by_a_decision_is_not_passed_over() {
    let mut evidence = forgotten();
    evidence.cases[10].decisions = vec![decided(at(8, 0, 1), "number_locked")];
    evidence.cases[10].next_at = at(14, 20, 0);
    assert_eq!(broken(&judge(&evidence)), []);
}

#[test]
fn a_hold_that_is_over_excuses_nothing() {
    let mut evidence = forgotten();
    evidence.cases[10].decisions = vec![decided(at(8, 0, 1), "number_locked")];
    evidence.cases[10].next_at = at(8, 10, 0);
    assert_eq!(broken(&judge(&evidence)), [(Rule::Starved, 1)]);
}

#[test]
fn the_one_with_the_higher_priority_may_go_first() {
    let mut evidence = forgotten();
    evidence.cases[11].priority = 1;
    assert_eq!(broken(&judge(&evidence)), []);
}

#[test]
fn an_appointment_may_go_first() {
    let mut evidence = forgotten();
    evidence.cases[11].decisions = vec![decided(at(14, 30, 0), "appointment")];
    assert_eq!(broken(&judge(&evidence)), []);
}

#[test]
fn those_who_wait_about_as_long_may_change_places() {
    let mut evidence = forgotten();
    (evidence.cases[11].created, evidence.cases[11].due) = (at(8, 5, 0), at(8, 5, 0));
    assert_eq!(broken(&judge(&evidence)), []);
}

#[test]
fn who_was_closed_or_too_late_before_was_not_passed_over() {
    let mut evidence = forgotten();
    evidence.cases[10].deadline = Some(at(14, 10, 0));
    assert_eq!(broken(&judge(&evidence)), []);
    let mut evidence = forgotten();
    evidence.cases[10].closed = Some(at(14, 10, 0));
    assert_eq!(broken(&judge(&evidence)), []);
}

#[test]
fn who_was_given_out_and_given_back_was_not_passed_over_for_certain() {
    let mut evidence = forgotten();
    evidence.cases[10].decisions = vec![decided(at(8, 30, 0), "due")];
    evidence.cases[10].next_at = at(8, 29, 0);
    assert_eq!(broken(&judge(&evidence)), []);
}

#[test]
fn who_had_asked_for_a_time_was_not_waiting_for_another() {
    let mut evidence = forgotten();
    evidence.cases[10].decisions = vec![decided(at(16, 0, 0), "appointment")];
    add(&mut evidence, attempt(12, 11, at(16, 0, 0)));
    assert_eq!(broken(&judge(&evidence)), []);
}
