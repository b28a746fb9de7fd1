//! What the double makes of attempts that were cut off: ended by the rules of the dialer, as the store ends them, and gone on
//! with if a questionnaire was left unfinished.

use super::{Attempt, Ledger, mark_of};
use crate::dialer::recover::{CaseBehind, LeftOpen, Recover, Versions};
use crate::dialer::{History, LeftOver, Resume, may_leave_unfinished};
use crate::dialplan::Answer;
use crate::ids::{AttemptId, CaseId};
use crate::outcome::Disposition;

impl Ledger {
    /// What a run begins with after a crash: attempts that were open are ended by the rules that the store goes by, and
    /// their calls are left over.
    pub(in crate::night) fn recover(&mut self, recover: &Recover) -> Vec<LeftOver> {
        let now = recover.now;
        let mut left = Vec::new();
        let mut open = Vec::new();
        for (id, row) in &mut self.attempts {
            let was_open = row.ended.is_none();
            let call = LeftOver {
                attempt: Some(*id),
                mark: mark_of(*id),
                number: row.number.clone(),
                trunk: row.trunk.clone(),
                dialog: row.note.as_ref().map(|note| note.dialog.clone()),
                rtp_port: row.note.as_ref().and_then(|note| note.rtp_port),
                begun: row.at,
            };
            if was_open {
                row.left_over = true;
                open.push(*id);
            }
            if was_open || row.left_over && call.locked_until() > now {
                left.push(call);
            }
        }
        left.extend(self.phones_left_over(now));
        let mut versions = Versions::default();
        for attempt in open {
            let Some(row) = self.attempts.get(&attempt) else {
                continue;
            };
            let finish = recover.finish(&self.left_open(attempt, row), &mut versions);
            let locked = (row.number.clone(), recover.locked_until(row.at));
            self.finish(finish);
            self.locked.extend([locked]);
        }
        for case in self.cases.values_mut() {
            case.leased = None;
        }
        left
    }

    fn left_open<'a>(&'a self, attempt: AttemptId, row: &'a Attempt) -> LeftOpen<'a> {
        let case = |id: CaseId| {
            let case = self.cases.get(&id)?;
            let history = History {
                counted: case.counted,
                past: self.past(id, &row.number),
                has_answers: self.has_answers(id),
            };
            Some(CaseBehind {
                campaign: case.campaign,
                history,
                deadline: case.deadline,
                stands: case.stands(),
            })
        };
        LeftOpen {
            attempt,
            begun: row.at,
            mark: Some(mark_of(attempt)),
            reached: row.note.as_ref().is_some_and(|note| note.reached),
            dialplan: &row.dialplan,
            text: self
                .dialplans
                .get(&row.dialplan)
                .map(String::as_str)
                .unwrap_or_default(),
            session: row.session.as_deref(),
            direction: row.direction,
            case: row.case.and_then(case),
        }
    }

    /// Whether a question was answered in an attempt that was broken off.
    fn has_answers(&self, case: CaseId) -> bool {
        self.attempts
            .values()
            .filter(|row| row.case == Some(case) && row.may_go_on())
            .any(Attempt::has_answer)
    }

    /// The last attempt that left a questionnaire behind, as the store finds it.
    pub(super) fn unfinished(&self, case: CaseId) -> Option<Resume> {
        use Disposition::{OptOut, Refused};
        let of_case = || self.attempts.iter().filter(|(_, attempt)| attempt.case == Some(case));
        if of_case().any(|(_, row)| row.is(&[Refused, OptOut])) || !of_case().any(|(_, row)| row.has_answer()) {
            return None;
        }
        let left = of_case().rev().filter(|(_, row)| row.may_go_on());
        let mut left = left.filter_map(|(attempt, row)| {
            Some(Resume {
                attempt: *attempt,
                dialplan: row.dialplan.clone(),
                text: self.dialplans.get(&row.dialplan)?.clone(),
                session: row.session.clone().filter(|session| !session.is_empty())?,
            })
        });
        left.find(Resume::holds_questionnaire)
    }
}

impl Attempt {
    fn may_go_on(&self) -> bool {
        let ended = self.ended.as_ref();
        ended.is_some_and(|finish| may_leave_unfinished(finish.disposition))
    }

    fn is(&self, wanted: &[Disposition]) -> bool {
        let ended = self.ended.as_ref();
        ended.is_some_and(|finish| wanted.contains(&finish.disposition))
    }

    /// Whether somebody took the telephone.
    pub(super) fn was_answered(&self) -> bool {
        let ended = self.ended.as_ref();
        ended.is_none_or(|finish| finish.facts.talk_ms.is_some())
    }

    fn has_answer(&self) -> bool {
        self.answers.values().any(|answer| matches!(answer, Answer::Value(_)))
    }
}
