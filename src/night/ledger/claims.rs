//! What the double hands out: candidates as the store reads them, decided by the dialer's own checks.

use std::collections::{BTreeMap, BTreeSet};

use super::{Case, Ledger, OwnNumber};
use crate::dialer::claim::{self, Checked, Why};
use crate::dialer::retry::past_of;
use crate::dialer::{
    Candidate, CandidateNumber, Claim, Claimed, Direction, LONGEST_CAP, Listed, NOT_DIALED, Owner, PatientState, Tried,
    free_at,
};
use crate::ids::{CampaignId, CaseId, NumberId, PatientId};
use crate::moment::Wall;
use crate::outcome::Disposition;
use crate::phone::Number;

/// A case to add, with all that may be said of it.
#[derive(Clone, Debug)]
pub struct NewCase {
    /// Its campaign.
    pub campaign: CampaignId,
    /// Whose.
    pub patient: PatientId,
    /// The patient's numbers in their rank, with whose telephone each is.
    pub numbers: Vec<(Number, Owner)>,
    /// When it becomes due.
    pub due: Wall,
    /// When it is too late.
    pub deadline: Option<Wall>,
    /// The higher one goes first.
    pub priority: i16,
    /// The time at which the patient asked to be called.
    pub appointment: Option<Wall>,
}

impl NewCase {
    /// A case of a patient with one number.
    pub fn of(campaign: CampaignId, patient: PatientId, number: Number, due: Wall) -> Self {
        Self {
            campaign,
            patient,
            numbers: vec![(number, Owner::Patient)],
            due,
            deadline: None,
            priority: 0,
            appointment: None,
        }
    }
}

impl Ledger {
    /// Adds a case; an appointment is when it is looked at first.
    pub fn add(&mut self, new: NewCase) -> CaseId {
        let id = CaseId(i64::try_from(self.cases.len()).unwrap_or(i64::MAX) + 1);
        let numbers = (1..).zip(new.numbers).map(|(rank, (number, owner))| OwnNumber {
            id: NumberId(id.0.saturating_mul(100).saturating_add(rank)),
            number,
            owner,
            is_wrong: false,
        });
        let case = Case {
            campaign: new.campaign,
            patient: new.patient,
            numbers: numbers.collect(),
            due: new.due,
            next_at: new.appointment.map_or(new.due, |at| at - claim::TOLERANCE),
            deadline: new.deadline,
            priority: new.priority,
            appointment: new.appointment,
            counted: 0,
            attempts: 0,
            outcome: None,
            why: None,
            leased: None,
            attempt: None,
            skills: BTreeSet::new(),
        };
        self.cases.insert(id, case);
        id
    }

    /// What an agent has to be able to do for a case from now on.
    pub fn set_skills(&mut self, case: CaseId, skills: &[&str]) {
        if let Some(case) = self.cases.get_mut(&case) {
            case.skills = skills.iter().map(|skill| (*skill).to_owned()).collect();
        }
    }

    /// What is known of a patient from now on.
    pub fn set_states(&mut self, patient: PatientId, states: BTreeSet<PatientState>) {
        self.states.insert(patient, states);
    }

    /// Why each case that was held, closed or handed out was, at the last decision about it.
    pub fn reasons(&self) -> BTreeMap<CaseId, Why> {
        let reason = |(id, case): (&CaseId, &Case)| Some((*id, case.why?));
        self.cases.iter().filter_map(reason).collect()
    }

    pub(super) fn claim(&mut self, claim: &Claim) -> Vec<Claimed> {
        let free = |case: &Case| {
            case.campaign == claim.campaign
                && case.outcome.is_none()
                && case.attempt.is_none()
                && case.next_at <= claim.now
                && case.leased.as_ref().is_none_or(|(_, until)| *until <= claim.now)
        };
        let mut candidates: Vec<Candidate> = self
            .cases
            .iter()
            .filter(|(_, case)| free(case))
            .map(|(id, case)| self.candidate(*id, case, claim.now))
            .collect();
        claim::order(&mut candidates);
        let mut claimed = Vec::new();
        for candidate in candidates {
            if claimed.len() >= claim.limit {
                break;
            }
            // An earlier case of this very claim may hold the number by now.
            let fresh = self.cases.get(&candidate.case);
            let Some(candidate) = fresh.map(|case| self.candidate(candidate.case, case, claim.now)) else {
                continue;
            };
            let resume = self.unfinished(candidate.case);
            let decision = claim::decide(&candidate, claim);
            let Some(case) = self.cases.get_mut(&candidate.case) else {
                continue;
            };
            case.why = Some(decision.why);
            match decision.checked {
                Checked::Dial { number } => {
                    let Some(number) = candidate.numbers.iter().find(|own| own.id == number) else {
                        continue;
                    };
                    let lease_until = claim.now + claim.lease;
                    case.leased = Some((number.number.clone(), lease_until));
                    let ours = candidate.tried.iter().filter(|tried| tried.direction == Direction::Out);
                    let tried = ours.map(|tried| (tried.disposition, tried.number));
                    claimed.push(Claimed {
                        campaign: claim.campaign,
                        case: candidate.case,
                        number_id: number.id,
                        number: number.number.clone(),
                        counted: candidate.counted,
                        attempts: case.attempts,
                        past: past_of(tried, Some(number.id)),
                        deadline: candidate.deadline,
                        lease_until,
                        resume,
                        skills: case.skills.clone(),
                    });
                }
                Checked::Hold { until } => case.next_at = until,
                Checked::Close { outcome } => case.outcome = Some(outcome),
            }
        }
        claimed
    }

    pub(super) fn candidate(&self, id: CaseId, case: &Case, now: Wall) -> Candidate {
        let number = |own: &OwnNumber| CandidateNumber {
            id: own.id,
            number: own.number.clone(),
            owner: own.owner,
            dead: own.is_wrong || self.dead.contains(&own.number),
            listed: self.do_not_call.contains(&own.number).then_some(Listed::Always),
            locked: self.is_held(id, &own.number, now) || self.is_busy(&own.number, now),
            called: self.called(&own.number, now),
        };
        Candidate {
            case: id,
            patient: case.patient,
            priority: case.priority,
            due: case.due,
            next_at: case.next_at,
            deadline: case.deadline,
            appointment: case.appointment.filter(|at| *at + claim::TOLERANCE > now),
            counted: case.counted,
            tried: self.tried(id),
            patient_tried: self.patient_tried(case.patient),
            states: self.states.get(&case.patient).cloned().unwrap_or_default(),
            numbers: case.numbers.iter().map(number).collect(),
        }
    }

    /// Whether another case is being called, or about to be, at this number.
    fn is_held(&self, id: CaseId, number: &Number, now: Wall) -> bool {
        let holds = |case: &Case| {
            let leased = case.leased.as_ref();
            leased.is_some_and(|(held, until)| held == number && (*until > now || case.attempt.is_some()))
        };
        self.cases.iter().any(|(other, case)| *other != id && holds(case))
    }

    /// When calls to a number began that may still be held against it, by whomever.
    pub(super) fn called(&self, number: &Number, now: Wall) -> Vec<Wall> {
        let of_number = self.attempts.values().filter(|attempt| attempt.number == *number);
        let left = of_number.filter(|attempt| attempt.ended.as_ref().is_none_or(|end| end.rule != NOT_DIALED));
        left.map(|attempt| attempt.at)
            .filter(|at| *at + LONGEST_CAP > now)
            .collect()
    }

    pub(super) fn is_capped(&self, caps: &[crate::dialer::Cap], number: &Number, at: Wall) -> bool {
        free_at(caps, &self.called(number, at)).is_some_and(|free| free > at)
    }

    fn tried(&self, case: CaseId) -> Vec<Tried> {
        let numbers = self.cases.get(&case).map(|case| case.numbers.as_slice());
        let of_case = self.attempts.values().filter(|attempt| attempt.case == Some(case));
        let tried = of_case.filter_map(|attempt| {
            let finish = attempt.ended.as_ref()?;
            let number = numbers
                .unwrap_or_default()
                .iter()
                .find(|own| own.number == attempt.number);
            Some(Tried {
                at: attempt.at,
                number: number.map(|own| own.id),
                disposition: finish.disposition,
                counted: finish.next.is_counted(),
                direction: attempt.direction,
            })
        });
        tried.collect()
    }

    fn patient_tried(&self, patient: PatientId) -> Vec<Wall> {
        let of_patient = |case: CaseId| self.cases.get(&case).is_some_and(|case| case.patient == patient);
        let tried = self
            .attempts
            .values()
            .filter(|attempt| attempt.direction == Direction::Out && attempt.case.is_some_and(of_patient));
        let counts = |attempt: &&super::Attempt| attempt.ended.as_ref().is_none_or(|finish| finish.next.is_counted());
        tried.filter(counts).map(|attempt| attempt.at).collect()
    }

    /// How the attempts of a case ended, as it counts after one at this number.
    pub(super) fn past(&self, case: CaseId, number: &Number) -> Vec<Disposition> {
        let own = self.cases.get(&case).map(|case| case.numbers.as_slice());
        let id = own.unwrap_or_default().iter().find(|own| own.number == *number);
        let tried = self.tried(case);
        let ours = tried.iter().filter(|tried| tried.direction == Direction::Out);
        let tried = ours.map(|tried| (tried.disposition, tried.number));
        past_of(tried, id.map(|own| own.id))
    }
}
