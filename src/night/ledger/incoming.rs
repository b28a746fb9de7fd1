//! Calls to us: who that is and what is open for them, and the attempt that such a call becomes.

use super::{Case, Ledger, mark_of};
use crate::dialer::{
    BeginIncoming, BegunIncoming, CallBack, CalledBack, Caller, Claimed, Direction, OpenCase, Outcome, WhoCalls,
};
use crate::ids::{AttemptId, CaseId, PatientId};
use crate::phone::{self, Number};

/// The status that a call in the double's list of calls to us got when it was answered.
const ANSWERED: u16 = 200;

impl Ledger {
    pub(super) fn who_calls(&self, who: &WhoCalls) -> Caller {
        let mut caller = Caller {
            leg: who.leg,
            patient: None,
            number: None,
            others: 0,
            about: None,
            open: None,
            engaged: None,
        };
        let Some(number) = &who.number else { return caller };
        let mut spellings = vec![number.clone()];
        spellings.extend(phone::normalised(number.reveal()));
        caller.engaged = spellings.iter().find_map(|one| self.open(one));
        let of_number = |case: &CaseId| {
            let case = self.cases.get(case);
            case.is_some_and(|case| spellings.iter().any(|one| case.has(one)))
        };
        let mut cases: Vec<CaseId> = self.cases.keys().copied().filter(of_number).collect();
        // Whom we missed last, then whom we called last.
        let missed = |case: &CaseId| self.last_attempt(*case, |row| !row.was_answered());
        let last = |case: &CaseId| self.last_attempt(*case, |_| true);
        cases.sort_by_key(|case| (std::cmp::Reverse((missed(case), last(case))), *case));
        let Some(first) = cases.first().and_then(|case| self.cases.get(case)) else {
            return caller;
        };
        let patients: std::collections::BTreeSet<PatientId> = cases
            .iter()
            .filter_map(|case| Some(self.cases.get(case)?.patient))
            .collect();
        caller.others = u32::try_from(patients.len() - 1).unwrap_or(u32::MAX);
        caller.patient = Some(first.patient);
        caller.number = first
            .numbers
            .iter()
            .find(|own| spellings.contains(&own.number))
            .map(|own| (own.id, own.number.clone()));
        let own = |case: &&CaseId| self.cases.get(case).is_some_and(|row| row.patient == first.patient);
        let about: Vec<CaseId> = self.cases.keys().copied().filter(|case| own(&case)).collect();
        caller.engaged = caller
            .engaged
            .or_else(|| about.iter().find_map(|case| self.cases.get(case)?.attempt));
        caller.about = about.iter().copied().max_by_key(last);
        let can_go_on = |case: &&CaseId| {
            let row = self.cases.get(case);
            row.is_some_and(|row| {
                (row.outcome.is_none() || self.is_completable(**case, row, who))
                    && row.attempt.is_none()
                    && row.due <= who.at
                    && row.deadline.is_none_or(|deadline| deadline > who.at)
                    && who.campaigns.contains(&row.campaign)
                    && !row.numbers.iter().any(|own| self.do_not_call.contains(&own.number))
            })
        };
        let begun = |case: &CaseId| self.last_attempt(*case, |row| !row.keys.is_empty()).is_some();
        let open = about
            .iter()
            .filter(can_go_on)
            .max_by_key(|case| (self.is_open(**case), begun(case), last(case)));
        let claimed = open.zip(caller.number.clone()).and_then(|(case, (number_id, number))| {
            let row = self.cases.get(case)?;
            Some(OpenCase {
                claimed: Claimed {
                    campaign: row.campaign,
                    case: *case,
                    number_id,
                    number,
                    counted: row.counted,
                    attempts: row.attempts,
                    past: Vec::new(),
                    deadline: row.deadline,
                    lease_until: who.at,
                    resume: self.unfinished(*case),
                    skills: row.skills.clone(),
                },
                stands: row.stands(),
            })
        });
        caller.about = claimed.as_ref().map(|open| open.claimed.case).or(caller.about);
        caller.open = claimed.map(Box::new);
        caller
    }

    fn is_open(&self, case: CaseId) -> bool {
        self.cases.get(&case).is_some_and(|row| row.outcome.is_none())
    }

    /// Whether a case that was closed with some answers can still be completed by its patient.
    fn is_completable(&self, id: CaseId, case: &Case, who: &WhoCalls) -> bool {
        let ours = self
            .attempts
            .values()
            .filter(|row| row.case == Some(id) && row.direction == Direction::Out);
        let called = ours.filter_map(|row| row.ended.as_ref()).map(|end| end.at).max();
        case.outcome == Some(Outcome::Partial)
            && called.is_some_and(|called| who.at - who.completable <= called)
            && self.unfinished(id).is_some()
    }

    fn last_attempt(&self, case: CaseId, which: impl Fn(&super::Attempt) -> bool) -> Option<AttemptId> {
        let of_case = self.attempts.iter().filter(|(_, row)| row.case == Some(case));
        of_case.filter(|(_, row)| which(row)).map(|(id, _)| *id).next_back()
    }

    pub(super) fn begin_incoming(&mut self, begin: &BeginIncoming) -> Option<BegunIncoming> {
        let known = begin.known.as_ref().map(|(_, number)| number);
        let number = known.or(begin.number.as_ref()).cloned();
        let is_taken = number.as_ref().is_some_and(|number| self.open.contains_key(number))
            || begin
                .case
                .is_some_and(|case| self.cases.get(&case).is_none_or(|row| row.attempt.is_some()));
        if is_taken {
            return None;
        }
        let number = number.unwrap_or_else(Number::withheld);
        let attempt = self.begin(begin.case, number, begin.trunk.clone(), begin.at);
        if let Some(row) = self.attempts.get_mut(&attempt) {
            row.direction = Direction::In;
            row.dialplan.clone_from(&begin.dialplan);
            row.resumed_from = begin.resumed_from;
        }
        if let Some(case) = begin.case.and_then(|case| self.cases.get_mut(&case)) {
            case.attempts += 1;
            case.attempt = Some(attempt);
            case.leased = None;
        }
        self.call_backs.push(CalledBack {
            call_back: CallBack {
                at: begin.at,
                trunk: begin.trunk.clone(),
                number: begin.number.clone(),
                status: ANSWERED,
            },
            patient: begin.patient,
            case: begin.about,
        });
        Some(BegunIncoming {
            leg: begin.leg,
            attempt,
            mark: mark_of(attempt),
        })
    }
}
