//! Stops: nobody is dialed while a state of the patient closes or holds the follow-up.

use std::collections::BTreeMap;

use super::evidence::UNDER_WAY;
use super::view::View;
use super::{Attempt, Breach, Campaign, RuleResult, Said, State};
use crate::dialer::{PatientState, Stop};
use crate::ids::PatientId;

pub(super) fn check(view: &View<'_>, result: &mut RuleResult) {
    let mut by_patient: BTreeMap<PatientId, Vec<&State>> = BTreeMap::new();
    for state in &view.evidence.states {
        by_patient.entry(state.patient).or_default().push(state);
    }
    for (attempt, campaign) in view.tonight() {
        let states = attempt.patient.and_then(|patient| by_patient.get(&patient));
        let mut states = states.into_iter().flatten();
        let stopped = states.find(|state| stops(state.state, campaign) && held_at(state, attempt));
        result.check(stopped.map(|state| {
            let what = Said::new(
                format!("当时患者{}", state.state.zh()),
                format!("the patient was {} at that time", state.state.as_str()),
            );
            Breach::by(attempt, what)
        }));
    }
}

fn stops(state: PatientState, campaign: &Campaign) -> bool {
    let stop = campaign.limits.stops.get(&state).copied();
    // Who has died is never called, whatever a file says.
    state == PatientState::Deceased || stop.is_some_and(|stop| stop != Stop::Ignore)
}

fn held_at(state: &State, attempt: &Attempt) -> bool {
    state.since + UNDER_WAY < attempt.begun && state.until.is_none_or(|until| attempt.begun + UNDER_WAY < until)
}
