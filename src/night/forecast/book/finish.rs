//! Attempts: begun, and ended as the store ends them.

use super::{Book, Hold};
use crate::dialer::claim::{TOLERANCE, locked_until};
use crate::dialer::{Begin, Direction, LONGEST_CAP, Listed, Next, Outcome, PatientState, Tried, may_leave_unfinished};
use crate::dialplan::Session;
use crate::ids::{AttemptId, CaseId, NumberId};
use crate::moment::Wall;
use crate::outcome::{Disposition, Facts};
use crate::phone::Number;

use super::super::population::NumberState;

/// The end of an attempt.
#[derive(Debug)]
pub(in super::super) struct Ended {
    pub(in super::super) attempt: AttemptId,
    pub(in super::super) case: CaseId,
    pub(in super::super) began: Wall,
    pub(in super::super) at: Wall,
    pub(in super::super) facts: Facts,
    pub(in super::super) disposition: Disposition,
    pub(in super::super) next: Next,
    /// The stop-calling-me key was pressed.
    pub(in super::super) opted_out: OptedOut,
    /// The questionnaire, if it can go on.
    pub(in super::super) unfinished: Option<Session>,
}

/// Whether a call put its number on the do-not-call list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum OptedOut {
    Yes,
    No,
}

impl Book {
    /// Writes an attempt down; none if its case is not leased.
    pub(in super::super) fn begin(&mut self, begin: &Begin) -> Option<AttemptId> {
        let number = self.held_number(begin.case)?;
        let case = self.cases.get_mut(&begin.case)?;
        let Hold::Leased { until, .. } = case.hold else {
            return None;
        };
        self.leases.remove(&(until, begin.case));
        case.hold = Hold::Calling {
            number: begin.number_id,
        };
        let telephone = self.telephones.entry(number).or_default();
        while telephone
            .called
            .front()
            .is_some_and(|at| begin.at.since(*at) > LONGEST_CAP)
        {
            telephone.called.pop_front();
        }
        telephone.called.push_back(begin.at);
        self.attempts += 1;
        Some(AttemptId(self.attempts))
    }

    /// What an attempt that will run goes on with.
    pub(in super::super) fn unfinished(&self, case: CaseId) -> Option<Session> {
        let (_, session) = self.cases.get(&case)?.unfinished.as_ref()?;
        Some(session.clone())
    }

    /// Ends an attempt: number, patient and case, as the store does it.
    pub(in super::super) fn finish(&mut self, ended: Ended) {
        let Some(number) = self.held_number(ended.case) else {
            return;
        };
        let number_id = self.held_number_id(ended.case);
        self.let_go(ended.case);
        self.mark(&number, number_id, &ended);
        let (outcome, at, counted) = match ended.next {
            Next::Again { at, counted } => (None, at, counted),
            Next::Close { outcome, counted } => (Some(outcome), ended.at, counted),
        };
        let outcome = outcome.filter(|outcome| *outcome != Outcome::NumberDead || !self.has_usable_number(ended.case));
        let Some(case) = self.cases.get_mut(&ended.case) else {
            return;
        };
        case.tried.push(Tried {
            at: ended.began,
            number: number_id,
            disposition: ended.disposition,
            counted,
            direction: Direction::Out,
        });
        case.counted += u16::from(counted);
        let appointment = case.appointment.map(|at| at - TOLERANCE);
        case.next_at = appointment
            .filter(|from| *from > ended.at)
            .map_or(at, |from| from.min(at));
        let answered = ended.facts.survey.is_some_and(|survey| survey.answered > 0);
        case.has_answers |= answered;
        if matches!(ended.disposition, Disposition::Refused | Disposition::OptOut) {
            case.unfinished = None;
        } else if may_leave_unfinished(ended.disposition) {
            case.unfinished = ended
                .unfinished
                .map(|session| (ended.attempt, session))
                .or(case.unfinished.take());
        }
        let patient = case.patient;
        if let Some(patient) = self.patients.get_mut(&patient).filter(|_| counted) {
            let place = patient.tried.partition_point(|at| *at <= ended.began);
            patient.tried.insert(place, ended.began);
        }
        match outcome {
            Some(outcome) => self.close(ended.case, outcome),
            None => self.queue(ended.case),
        }
    }

    /// What an attempt says about its number and its patient. The network may be wrong once: only the second time
    /// settles it, or the end of the case.
    fn mark(&mut self, number: &Number, id: Option<NumberId>, ended: &Ended) {
        let patient = self.cases.get(&ended.case).map(|case| case.patient);
        if let Some(patient) = patient.and_then(|patient| self.patients.get_mut(&patient)) {
            if ended.disposition == Disposition::Deceased {
                patient.states.insert(PatientState::Deceased);
            }
            if matches!(ended.disposition, Disposition::WrongNumber | Disposition::Fax) {
                let said = patient.numbers.iter_mut().filter(|own| Some(own.id) == id);
                said.for_each(|own| own.wrong = true);
            }
        }
        let telephone = self.telephones.entry(number.clone()).or_default();
        telephone.last = Some(ended.disposition);
        telephone.locked_until = locked_until(&ended.facts, ended.at).max(telephone.locked_until);
        if ended.opted_out == OptedOut::Yes || ended.disposition == Disposition::OptOut {
            telephone.listed.push((None, Listed::Always));
        }
        if ended.disposition.is_answered() {
            if !matches!(ended.disposition, Disposition::WrongNumber | Disposition::Fax) {
                telephone.state = NumberState::Good;
            }
        } else if matches!(
            ended.disposition,
            Disposition::Vacant | Disposition::NumberChanged | Disposition::Suspended
        ) {
            let is_settled = matches!(ended.next, Next::Close { .. }) || telephone.state == NumberState::Suspect;
            telephone.state = if is_settled {
                NumberState::Dead
            } else {
                NumberState::Suspect
            };
        }
    }

    fn has_usable_number(&self, case: CaseId) -> bool {
        let patient = self.cases.get(&case).and_then(|case| self.patients.get(&case.patient));
        patient.is_some_and(|patient| {
            patient.numbers.iter().any(|own| {
                let telephone = self.telephones.get(&own.number);
                !own.wrong && telephone.is_some_and(|telephone| telephone.state <= NumberState::Suspect)
            })
        })
    }
}
