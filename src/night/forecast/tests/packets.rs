//! The same people with packets: they meet the whole of our SIP and calls, and nothing that always holds is broken.

use super::super::{Behaviours, wire};
use super::house::{MONDAY, campaign, days, people, setup};
use crate::dialer::Outcome;

#[test]
fn a_few_patients_are_called_with_packets_and_every_case_ends() {
    let outlook = wire(
        &setup(campaign(4), 2),
        &people(25, 2),
        &Behaviours::default(),
        MONDAY + days(30),
    );
    let outlook = outlook.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(outlook.cases.len(), 25);
    assert_eq!(outlook.unfinished(), 0, "{:?}", outlook.cases);
    assert!(
        outlook.with_outcome(Outcome::Completed) > 4,
        "{:?}",
        outlook.dispositions
    );
    assert!(outlook.lines.peak <= 4, "{}", outlook.lines.peak);
    let again = wire(
        &setup(campaign(4), 2),
        &people(25, 2),
        &Behaviours::default(),
        MONDAY + days(30),
    );
    assert_eq!(again.map(|again| again.trace_sha256), Ok(outlook.trace_sha256));
}
