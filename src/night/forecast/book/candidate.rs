//! A due case as `dialer::claim` wants to see it.

use std::time::Duration;

use super::{Book, Hold};
use crate::dialer::{Candidate, CandidateNumber, Claim, LONGEST_CAP, Listed};
use crate::ids::{CampaignId, CaseId, NumberId, PatientId};
use crate::moment::Wall;
use crate::phone::Number;

use super::super::population::NumberState;

impl Book {
    /// A case with all of its patient's numbers, as it is at the claim's time.
    pub(super) fn candidate(&self, id: CaseId, claim: &Claim) -> Option<Candidate> {
        let case = self.cases.get(&id)?;
        let patient = self.patients.get(&case.patient)?;
        let number = |own: &super::Owned| {
            let telephone = self.telephones.get(&own.number)?;
            let since = claim.now - LONGEST_CAP;
            let dead = own.wrong || matches!(telephone.state, NumberState::Dead | NumberState::Wrong);
            Some(CandidateNumber {
                id: own.id,
                number: own.number.clone(),
                owner: own.owner,
                dead,
                listed: listed(&telephone.listed, case.campaign),
                locked: self.is_locked(id, case.patient, &own.number, claim.now),
                called: telephone.called.iter().filter(|at| **at > since).copied().collect(),
            })
        };
        let longest = claim.terms.limits.patient.iter().map(|cap| cap.within).max();
        Some(Candidate {
            case: id,
            patient: case.patient,
            priority: case.priority,
            due: case.due,
            next_at: case.next_at,
            deadline: case.deadline,
            appointment: case.appointment,
            counted: case.counted,
            tried: case.tried.clone(),
            patient_tried: longest.map_or_else(Vec::new, |longest| within(&patient.tried, claim.now, longest)),
            states: patient.states.clone(),
            numbers: patient.numbers.iter().filter_map(number).collect(),
        })
    }

    /// Whether another case or attempt has the number or its patient in hand, or its last call may still be ringing.
    pub(super) fn is_locked(&self, case: CaseId, patient: PatientId, number: &Number, now: Wall) -> bool {
        let other = |held_by: Option<CaseId>| held_by.is_some_and(|holder| holder != case);
        let telephone = self.telephones.get(number);
        let patient = self.patients.get(&patient);
        telephone.is_some_and(|telephone| {
            other(telephone.held_by) || telephone.locked_until.is_some_and(|until| until > now)
        }) || patient.is_some_and(|patient| other(patient.held_by))
    }

    /// The number that a case in hand is called at, or is about to be.
    pub(in super::super) fn held_number(&self, id: CaseId) -> Option<Number> {
        let number = self.held_number_id(id)?;
        self.number(self.cases.get(&id)?.patient, number).cloned()
    }

    /// The same by its id.
    pub(in super::super) fn held_number_id(&self, id: CaseId) -> Option<NumberId> {
        match self.cases.get(&id)?.hold {
            Hold::Leased { number, .. } | Hold::Calling { number } => Some(number),
            Hold::No => None,
        }
    }
}

fn within(tried: &[Wall], now: Wall, longest: Duration) -> Vec<Wall> {
    let since = now - longest;
    let from = tried.partition_point(|at| *at <= since);
    tried.get(from..).unwrap_or_default().to_vec()
}

/// The widest level at which a number is listed for a campaign.
fn listed(entries: &[(Option<CampaignId>, Listed)], campaign: CampaignId) -> Option<Listed> {
    let holds = entries
        .iter()
        .filter(|(only, _)| only.is_none_or(|only| only == campaign));
    holds.map(|(_, level)| *level).min()
}
