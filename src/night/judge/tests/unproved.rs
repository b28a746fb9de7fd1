//! What cannot be known is told, and is no breach.

use std::time::Duration;

use super::night::{add, at, attempt, broken, case, clean};
use crate::calendar::{DEFAULT_ZONE, Schedule};
use crate::ids::CampaignId;
use crate::night::judge::{Evidence, judge};

fn told(evidence: &Evidence) -> Vec<String> {
    let judgement = judge(evidence);
    assert_eq!(broken(&judgement), [], "{judgement:#?}");
    judgement.not_provable.into_iter().map(|said| said.en).collect()
}

#[test]
fn a_night_without_any_call_while_somebody_waited_proves_nothing() {
    let mut evidence = clean();
    evidence.cases.push(case(11));
    let told = told(&evidence);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].contains("nobody was dialed at all from 09:10 to 12:00"),
        "{told:?}"
    );
}

#[test]
fn a_pause_of_one_campaign_is_told_as_such_while_others_are_dialed() {
    let mut evidence = clean();
    evidence.cases.push(case(11));
    let mut other = attempt(11, 12, at(10, 0, 0));
    other.campaign = Some(CampaignId(2));
    add(&mut evidence, other);
    let told = told(&evidence);
    assert!(told[0].contains("whether it was paused"), "{told:?}");
}

#[test]
fn a_clock_that_was_set_back_makes_the_order_doubtful() {
    let mut evidence = clean();
    evidence.cases.push(case(11));
    // Begun after the others, though it says earlier; and in the middle of another call to the same number.
    let mut again = attempt(11, 11, at(9, 4, 30));
    again.number = evidence.attempts[3].number.clone();
    add(&mut evidence, again);
    let told = told(&evidence);
    assert!(told.iter().any(|told| told.contains("set back 1 times")), "{told:?}");
}

#[test]
fn test_mode_knows_no_windows_and_says_so() {
    let mut evidence = clean();
    evidence.campaigns[0].schedule = Schedule::any_time(DEFAULT_ZONE);
    evidence.cases.push(case(11));
    add(&mut evidence, attempt(11, 11, at(3, 0, 0)));
    evidence.cases[10].created = at(3, 0, 0);
    evidence.attempts[10].ended = Some(at(3, 1, 0));
    let told = told(&evidence);
    assert!(told.iter().any(|told| told.contains("judged in test mode")), "{told:?}");
}

#[test]
fn without_a_log_nobody_knows_what_the_trunk_saw() {
    let mut evidence = clean();
    evidence.logs.clear();
    let told = told(&evidence);
    assert!(told[0].contains("--trunk-log"), "{told:?}");
}

#[test]
fn a_trunk_whose_clock_is_wrong_is_understood_and_told() {
    let mut evidence = clean();
    for sighting in &mut evidence.logs[0].sightings {
        sighting.at = sighting.at.map(|at| at - Duration::from_secs(90));
    }
    let told = told(&evidence);
    assert_eq!(
        told,
        ["cdr.csv: its clock differs from ours by 90.0 s, which was allowed for"]
    );
}

#[test]
fn a_call_outside_of_what_a_list_covers_is_not_missed() {
    let mut evidence = clean();
    evidence.logs[0].sightings.remove(9);
    evidence.logs[0].covers = (Some(at(0, 0, 0)), Some(at(9, 9, 30)));
    let told = told(&evidence);
    assert!(told[0].contains("1 calls that reached a trunk are outside"), "{told:?}");
}

#[test]
fn a_call_without_a_call_id_in_the_list_is_known_by_its_number_and_time() {
    let mut evidence = clean();
    for sighting in &mut evidence.logs[0].sightings {
        sighting.call_id = None;
        sighting.called = format!("0{}", sighting.called.trim_start_matches("+86"));
    }
    assert_eq!(told(&evidence), Vec::<String>::new());
}
