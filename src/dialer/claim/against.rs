//! Everything that stands against a case at once: what a person sets aside is named whole, not only what was found first.

use std::sync::Arc;

use super::super::{Candidate, Claim, Terms};
use super::{Checked, Why, decide};
use crate::calendar::Schedule;

/// All that stands against dialing a case now, in the order of the checks; nothing: it may be dialed.
pub fn against(candidate: &Candidate, claim: &Claim) -> Vec<Why> {
    let (mut rest, mut claim) = (candidate.clone(), claim.clone());
    let mut found = Vec::new();
    loop {
        let decision = decide(&rest, &claim);
        let why = decision.why;
        if matches!(decision.checked, Checked::Dial { .. }) || found.contains(&why) {
            return found;
        }
        found.push(why);
        match why {
            Why::State(state) => {
                rest.states.remove(&state);
            }
            Why::DoNotCall(_) => rest.numbers.iter_mut().for_each(|number| number.listed = None),
            Why::NumberDead => rest.numbers.iter_mut().for_each(|number| number.dead = false),
            Why::TooLate => rest.deadline = None,
            Why::BudgetUsed => rest.counted = 0,
            Why::NumberLocked => rest.numbers.iter_mut().for_each(|number| number.locked = false),
            Why::NumberCapped => rest.numbers.iter_mut().for_each(|number| number.called.clear()),
            Why::PatientCapped => rest.patient_tried.clear(),
            Why::DayUsed | Why::PartUsed(_) => rest.tried.clear(),
            Why::WindowClosed => {
                claim.terms = Arc::new(Terms {
                    schedule: Schedule::any_time(claim.terms.schedule.zone),
                    ..claim.terms.as_ref().clone()
                });
            }
            Why::NotYet => (rest.next_at, rest.appointment) = (claim.now, None),
            Why::Due | Why::Appointment => return found,
        }
    }
}
