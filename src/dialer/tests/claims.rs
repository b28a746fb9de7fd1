//! The checks and the order of a claim.

use super::claim::{Checked, Why, decide, order};
use super::*;

const NOW: &str = "2026-11-20 10:00:00";

fn claim() -> Claim {
    Claim {
        campaign: CAMPAIGN,
        now: shanghai(NOW),
        limit: 10,
        lease: LEASE,
        terms: Arc::new(Terms::new(
            &Schedule::default(),
            &RetryPolicy::default(),
            &Limits::default(),
        )),
    }
}

fn due() -> Candidate {
    candidate(1, shanghai("2026-11-20 09:00:00"))
}

fn check(candidate: &Candidate) -> Checked {
    decide(candidate, &claim()).checked
}

fn why(candidate: &Candidate) -> Why {
    decide(candidate, &claim()).why
}

/// The same with its only number changed.
fn whose_number(mut candidate: Candidate, change: impl Fn(&mut CandidateNumber)) -> Candidate {
    candidate.numbers.iter_mut().for_each(change);
    candidate
}

#[test]
fn a_due_case_is_dialed() {
    assert_eq!(check(&due()), Checked::Dial { number: NumberId(1) });
    assert_eq!(
        check(&candidate(1, shanghai(NOW))),
        Checked::Dial { number: NumberId(1) }
    );
}

#[test]
fn nobody_on_the_list_and_no_deceased_patient_is_ever_dialed() {
    let listed = whose_number(due(), |number| number.listed = Some(Listed::Always));
    let deceased = Candidate {
        states: BTreeSet::from([PatientState::Deceased]),
        ..due()
    };
    for candidate in [listed, deceased] {
        let outcome = Outcome::NotEligible;
        assert_eq!(check(&candidate), Checked::Close { outcome });
    }
}

#[test]
fn a_case_that_cannot_succeed_is_closed() {
    let closed = |candidate: &Candidate| match check(candidate) {
        Checked::Close { outcome } => outcome,
        other @ (Checked::Dial { .. } | Checked::Hold { .. }) => panic!("{other:?}"),
    };
    let spent = Candidate { counted: 5, ..due() };
    assert_eq!(closed(&spent), Outcome::NotReached);
    let late = Candidate {
        deadline: Some(shanghai(NOW)),
        ..due()
    };
    assert_eq!(closed(&late), Outcome::Expired);
    let dead = whose_number(due(), |number| number.dead = true);
    assert_eq!(closed(&dead), Outcome::NumberDead);
}

#[test]
fn a_number_that_is_being_called_waits_a_minute() {
    let locked = whose_number(due(), |number| number.locked = true);
    let until = shanghai("2026-11-20 10:01:00");
    assert_eq!(check(&locked), Checked::Hold { until });
    assert_eq!(why(&locked).zh(), "该号码正在被呼叫");
}

#[test]
fn a_case_whose_time_has_not_come_waits_for_it() {
    let later = shanghai("2026-11-20 10:00:01");
    let early = whose_number(candidate(1, later), |number| number.locked = true);
    assert_eq!(check(&early), Checked::Hold { until: later });
    assert_eq!(why(&early), Why::NotYet);
}

#[test]
fn who_waits_longest_is_dialed_first() {
    let at = |time: &str| shanghai(&format!("2026-11-20 {time}"));
    let mut cases = [
        candidate(4, at("09:30:00")),
        candidate(3, at("09:00:00")),
        candidate(1, at("09:30:00")),
        candidate(2, at("08:00:00")),
    ];
    order(&mut cases);
    assert_eq!(cases.map(|case| case.case.0), [2, 3, 1, 4]);
}
