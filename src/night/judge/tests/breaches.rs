//! One breach each, planted in a clean night.

use std::time::Duration;

use super::night::{CAMPAIGN, add, assert_broken_once, at, attempt, broken, case, clean, number};
use crate::dialer::{Cap, DayPart, Listed, Outcome, PatientState};
use crate::ids::{AttemptId, CampaignId, PatientId};
use crate::night::judge::{Decision, Listing, Rule, State, judge};
use crate::outcome::{Disposition, Reach};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_clean_night_breaks_no_rule_and_leaves_nothing_unproved() {
    let judgement = judge(&clean());
    assert_eq!(broken(&judgement), []);
    assert_eq!(judgement.not_provable, []);
    assert_eq!(judgement.attempts, 10);
    let unchecked: Vec<Rule> = judgement
        .rules
        .iter()
        .filter(|result| result.checked == 0)
        .map(|result| result.rule)
        .collect();
    // No campaign of it caps patients.
    assert_eq!(unchecked, [Rule::PatientCap]);
}

#[test]
fn an_attempt_in_the_lunch_pause_is_outside_the_window() {
    let mut evidence = clean();
    evidence.cases.push(case(11));
    add(&mut evidence, attempt(11, 11, at(12, 30, 0)));
    assert_broken_once(&evidence, Rule::Window, 11);
}

#[test]
fn an_appointment_goes_before_windows_and_budget_but_not_into_the_night() {
    let mut evidence = clean();
    evidence.campaigns[0].retry.budget = 1;
    evidence.cases.push(case(11));
    evidence.cases[10].appointment = Some(at(12, 30, 0));
    add(&mut evidence, attempt(11, 11, at(9, 30, 0)));
    add(&mut evidence, attempt(12, 11, at(12, 40, 0)));
    assert_eq!(broken(&judge(&evidence)), []);
    evidence.cases[10].appointment = Some(at(21, 10, 0));
    evidence.attempts[11].begun = at(21, 5, 0);
    evidence.attempts[11].ended = Some(at(21, 6, 0));
    evidence.logs.clear();
    assert_broken_once(&evidence, Rule::Window, 12);
}

#[test]
fn the_sixth_call_to_a_number_within_a_day_breaks_its_cap_whoever_made_the_others() {
    let mut evidence = clean();
    evidence.cases.push(case(11));
    for (id, minute) in (11..=15).zip(0..) {
        let mut by_hand = attempt(id, 11, at(10, minute * 10, 0));
        (by_hand.case, by_hand.campaign, by_hand.patient) = (None, None, None);
        add(&mut evidence, by_hand);
    }
    add(&mut evidence, attempt(16, 11, at(15, 0, 0)));
    assert_broken_once(&evidence, Rule::NumberCap, 16);
    // A day later it is the first one again.
    evidence.attempts.retain(|attempt| attempt.id != AttemptId(11));
    evidence.logs.clear();
    assert_eq!(broken(&judge(&evidence)), []);
}

#[test]
fn a_patient_is_capped_over_several_cases_and_numbers() {
    let mut evidence = clean();
    evidence.campaigns[0].limits.patient = vec![Cap {
        most: 1,
        within: SECOND * 3600,
    }];
    let mut other = case(11);
    other.patient = PatientId(3);
    evidence.cases.push(other);
    let mut second = attempt(11, 11, at(9, 30, 0));
    second.patient = Some(PatientId(3));
    add(&mut evidence, second);
    assert_broken_once(&evidence, Rule::PatientCap, 11);
    // The patient had asked for that time.
    evidence.cases[10].decisions.push(Decision {
        at: at(9, 30, 0),
        why: "appointment".to_owned(),
        until: None,
    });
    assert_eq!(broken(&judge(&evidence)), []);
}

#[test]
fn a_case_is_tried_no_more_often_than_its_budget() {
    let mut evidence = clean();
    evidence.campaigns[0].retry.budget = 2;
    evidence.cases.push(case(11));
    for (id, hour) in [(11, 10), (12, 11), (13, 15)] {
        add(&mut evidence, attempt(id, 11, at(hour, 0, 0)));
    }
    assert_broken_once(&evidence, Rule::Budget, 13);
    // One of them was our own fault.
    evidence.attempts[11].disposition = Some(Disposition::NetworkBusy);
    assert_eq!(broken(&judge(&evidence)), []);
}

#[test]
fn a_case_is_tried_no_more_often_in_a_day_and_in_a_part_of_it() {
    let mut evidence = clean();
    evidence.cases.push(case(11));
    add(&mut evidence, attempt(11, 11, at(10, 0, 0)));
    add(&mut evidence, attempt(12, 11, at(11, 0, 0)));
    assert_eq!(broken(&judge(&evidence)), []);
    evidence.campaigns[0].limits.parts.insert(DayPart::Morning, 1);
    assert_broken_once(&evidence, Rule::Budget, 12);
    evidence.campaigns[0].limits.parts.clear();
    evidence.campaigns[0].limits.a_day = Some(1);
    assert_broken_once(&evidence, Rule::Budget, 12);
}

#[test]
fn two_attempts_of_a_case_at_a_time_are_one_too_many() {
    let mut evidence = clean();
    evidence.cases.push(case(11));
    add(&mut evidence, attempt(11, 11, at(10, 0, 0)));
    let mut second = attempt(12, 11, at(10, 1, 0));
    // At another number of the patient.
    second.number = number(77);
    add(&mut evidence, second);
    assert_broken_once(&evidence, Rule::Once, 12);
}

#[test]
fn a_number_of_two_patients_is_not_rung_twice_at_once() {
    let mut evidence = clean();
    evidence.cases.extend([case(11), case(12)]);
    add(&mut evidence, attempt(11, 11, at(10, 0, 0)));
    let mut second = attempt(12, 12, at(10, 1, 59));
    second.number = number(11);
    add(&mut evidence, second);
    assert_broken_once(&evidence, Rule::NumberOnce, 12);
    evidence.attempts[11].begun = at(10, 2, 0);
    assert_eq!(broken(&judge(&evidence)), []);
    // The far end never said that the first call is over.
    evidence.attempts[10].locked_until = Some(at(10, 3, 0));
    assert_broken_once(&evidence, Rule::NumberOnce, 12);
}

#[test]
fn nobody_is_called_after_a_final_outcome() {
    let mut evidence = clean();
    add(&mut evidence, attempt(11, 4, at(10, 0, 0)));
    assert_broken_once(&evidence, Rule::AtMostOnce, 11);
}

#[test]
fn nobody_is_called_once_the_case_was_closed_by_a_person() {
    let mut evidence = clean();
    let mut withdrawn = case(11);
    (withdrawn.outcome, withdrawn.closed) = (Some(Outcome::Withdrawn), Some(at(9, 59, 0)));
    evidence.cases.push(withdrawn);
    add(&mut evidence, attempt(11, 11, at(10, 0, 0)));
    assert_broken_once(&evidence, Rule::AtMostOnce, 11);
}

#[test]
fn an_attempt_has_one_call_id() {
    let mut evidence = clean();
    evidence.attempts[3].call_ids.push("another".to_owned());
    assert_broken_once(&evidence, Rule::AtMostOnce, 4);
}

fn listing() -> Listing {
    Listing {
        number: None,
        patient: None,
        level: Listed::Always,
        purpose: None,
        campaign: None,
        since: at(8, 30, 0),
        until: None,
    }
}

#[test]
fn nobody_on_the_do_not_call_list_is_dialed_at_any_level() {
    let about = |change: &dyn Fn(&mut Listing)| {
        let mut evidence = clean();
        let mut listing = listing();
        change(&mut listing);
        evidence.listings.push(listing);
        evidence
    };
    let by_number = about(&|listing| listing.number = Some(number(5)));
    assert_broken_once(&by_number, Rule::DoNotCall, 5);
    let by_patient = about(&|listing| listing.patient = Some(PatientId(6)));
    assert_broken_once(&by_patient, Rule::DoNotCall, 6);
    let by_purpose = about(&|listing| {
        listing.patient = Some(PatientId(7));
        (listing.level, listing.purpose) = (Listed::Purpose, Some("survey".to_owned()));
    });
    assert_broken_once(&by_purpose, Rule::DoNotCall, 7);
    let by_campaign = about(&|listing| {
        listing.patient = Some(PatientId(8));
        (listing.level, listing.campaign) = (Listed::Campaign, Some(CAMPAIGN));
    });
    assert_broken_once(&by_campaign, Rule::DoNotCall, 8);
    for clean in [
        about(&|listing| (listing.number, listing.since) = (Some(number(5)), at(9, 6, 0))),
        about(&|listing| (listing.number, listing.until) = (Some(number(5)), Some(at(8, 45, 0)))),
        about(&|listing| {
            listing.patient = Some(PatientId(8));
            (listing.level, listing.campaign) = (Listed::Campaign, Some(CampaignId(9)));
        }),
    ] {
        assert_eq!(broken(&judge(&clean)), []);
    }
}

#[test]
fn nobody_is_dialed_whose_state_stops_the_follow_up() {
    let mut evidence = clean();
    evidence.states.push(State {
        patient: PatientId(2),
        state: PatientState::Readmitted,
        since: at(7, 0, 0),
        until: None,
    });
    assert_broken_once(&evidence, Rule::Stops, 2);
    evidence.states[0].until = Some(at(8, 0, 0));
    assert_eq!(broken(&judge(&evidence)), []);
}

#[test]
fn a_burst_is_told_once_with_all_its_attempts() {
    let mut evidence = clean();
    evidence.campaigns[0].lines = 100;
    evidence.trunks.clear();
    for id in 11..=20 {
        evidence.cases.push(case(id));
        add(
            &mut evidence,
            attempt(
                id,
                id,
                at(10, 0, 0) + Duration::from_millis(500) * u32::try_from(id).unwrap(),
            ),
        );
    }
    assert_broken_once(&evidence, Rule::Pace, 20);
    assert_eq!(judge(&evidence).rules[Rule::Pace as usize].broken[0].attempts.len(), 10);
}

#[test]
fn one_call_more_than_lines_is_one_too_many() {
    let mut evidence = clean();
    evidence.trunks.clear();
    for id in 11..=15 {
        evidence.cases.push(case(id));
        add(
            &mut evidence,
            attempt(id, id, at(10, 0, 0) + SECOND * 5 * u32::try_from(id).unwrap()),
        );
    }
    assert_broken_once(&evidence, Rule::Lines, 15);
}

#[test]
fn nobody_is_dialed_past_the_deadline() {
    let mut evidence = clean();
    evidence.cases[8].deadline = Some(at(9, 9, 0));
    assert_broken_once(&evidence, Rule::Deadline, 9);
}

#[test]
fn an_invite_that_is_nobodys_attempt_is_found_in_the_log() {
    let mut evidence = clean();
    let mut strange = evidence.logs[0].sightings[0].clone();
    (strange.call_id, strange.called, strange.line) = (Some("strange".to_owned()), "13912345678".to_owned(), 11);
    evidence.logs[0].sightings.push(strange);
    let judgement = judge(&evidence);
    assert_eq!(broken(&judgement), [(Rule::TrunkSawOnlyOurs, 1)]);
    let breach = &judgement.rules[Rule::TrunkSawOnlyOurs as usize].broken[0];
    assert_eq!(
        (breach.call_id.as_deref(), breach.number.as_deref()),
        (Some("strange"), Some("139****5678"))
    );
    assert!(breach.what.en.contains("cdr.csv:11"), "{breach:?}");
}

#[test]
fn an_invite_that_left_before_its_attempt_was_written_is_found() {
    let mut evidence = clean();
    evidence.logs[0].sightings[6].at = Some(at(9, 6, 50));
    assert_broken_once(&evidence, Rule::TrunkSawOnlyOurs, 7);
}

#[test]
fn an_invite_to_another_number_than_the_attempts_is_found() {
    let mut evidence = clean();
    evidence.logs[0].sightings[6].called = "13912345678".to_owned();
    assert_broken_once(&evidence, Rule::TrunkSawOnlyOurs, 7);
}

#[test]
fn a_call_that_reached_the_trunk_and_is_not_in_its_log_is_found() {
    let mut evidence = clean();
    evidence.logs[0].sightings.remove(4);
    assert_broken_once(&evidence, Rule::TrunkSawAllOurs, 5);
    // Nothing came back: it may have got nowhere.
    evidence.attempts[4].reach = Reach::Nobody;
    assert_eq!(broken(&judge(&evidence)), []);
}

#[test]
fn only_one_campaign_is_judged_where_one_is_asked_for() {
    let mut evidence = clean();
    evidence.cases.push(case(11));
    add(&mut evidence, attempt(11, 11, at(12, 30, 0)));
    evidence.scope = crate::night::judge::Scope::Only(CampaignId(2));
    assert_eq!(broken(&judge(&evidence)), []);
}
