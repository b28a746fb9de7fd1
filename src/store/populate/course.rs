//! The course of one case: when it fell due, what was tried on which day, how it ended, or that it is still open.
//!
//! The shares are those of follow-up programmes: a quarter of the attempts are answered, half of the cases are completed,
//! a fifth is not reached within five attempts, a tenth waits to be called.

use smallvec::SmallVec;

use super::Population;
use super::chance::{Chance, Stream};
use super::person::is_deceased;
use crate::dialer::Outcome;
use crate::outcome::Disposition;

/// A day, in milliseconds.
pub(super) const DAY: i64 = 86_400_000;
const HOUR: i64 = 3_600_000;
const MINUTE: i64 = 60_000;

/// Follow-up is due so many days after the discharge.
const DUE_AFTER: i64 = 7;
/// And is given up so many days after that.
const DEADLINE_AFTER: i64 = 21;
/// Closed cases reach so many days back.
const BACK: u32 = 160;

/// One attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Try {
    /// When it began, in milliseconds UTC.
    pub(super) at: i64,
    pub(super) disposition: Disposition,
}

/// One case. Times are milliseconds UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Course {
    /// Which patient, from 0.
    pub(super) patient: u64,
    /// Which of the campaigns, from 0.
    pub(super) campaign: usize,
    pub(super) discharged: i64,
    pub(super) due: i64,
    pub(super) next: i64,
    pub(super) deadline: i64,
    pub(super) priority: i64,
    /// When the patient asked to be called.
    pub(super) appointment: Option<i64>,
    /// Outcome and time; none while it is open.
    pub(super) closed: Option<(Outcome, i64)>,
    pub(super) tries: SmallVec<[Try; 8]>,
}

#[derive(Clone, Copy)]
enum Ending {
    Closed(Outcome),
    Waiting,
    Future,
}

const ENDINGS: &[(u32, Ending)] = &[
    (460, Ending::Closed(Outcome::Completed)),
    (200, Ending::Closed(Outcome::NotReached)),
    (60, Ending::Closed(Outcome::Refused)),
    (50, Ending::Closed(Outcome::NumberDead)),
    (20, Ending::Closed(Outcome::Partial)),
    (30, Ending::Closed(Outcome::Expired)),
    (10, Ending::Closed(Outcome::Withdrawn)),
    (5, Ending::Closed(Outcome::NotEligible)),
    (115, Ending::Waiting),
    (50, Ending::Future),
];

/// How an attempt ends that is not the last one of its case.
const MISSED: &[(u32, Disposition)] = &[
    (420, Disposition::NoAnswer),
    (120, Disposition::PowerOff),
    (100, Disposition::Unreachable),
    (90, Disposition::Rejected),
    (80, Disposition::Busy),
    (60, Disposition::EarlyHangup),
    (35, Disposition::Silent),
    (30, Disposition::Assistant),
    (20, Disposition::ThirdParty),
    (15, Disposition::NetworkBusy),
    (10, Disposition::BreakOff),
    (10, Disposition::BarredIn),
    (10, Disposition::Blocked),
];
const DEAD: &[(u32, Disposition)] = &[
    (60, Disposition::Vacant),
    (25, Disposition::Suspended),
    (15, Disposition::WrongNumber),
];
const REFUSED: &[(u32, Disposition)] = &[
    (60, Disposition::Refused),
    (15, Disposition::OptOut),
    (25, Disposition::Rejected),
];

impl Course {
    /// Case `at`, counted from 0.
    pub(super) fn of(population: &Population, at: u64) -> Self {
        let mut chance = Chance::of(population.seed, Stream::Case, at);
        let patient = if at < population.patients {
            at
        } else {
            chance.below(population.patients)
        };
        let campaign = chance.weighed(&[(60, 0), (30, 1), (10, 2)], 0);
        let priority = chance.weighed(&[(95, 0), (5, 10)], 0);
        let mut ending = chance.weighed(ENDINGS, Ending::Waiting);
        if is_deceased(population, patient) {
            ending = Ending::Closed(Outcome::NotEligible);
        }
        let morning = population.morning.millis();
        let due_at = |days: i64| morning - days * DAY;
        let course = |due: i64, next: i64| Self {
            patient,
            campaign,
            discharged: due - DUE_AFTER * DAY,
            due,
            next,
            deadline: due + DEADLINE_AFTER * DAY,
            priority,
            appointment: None,
            closed: None,
            tries: SmallVec::new(),
        };
        match ending {
            Ending::Closed(outcome) => {
                let due = due_at(22 + chance.span(BACK));
                let mut course = course(due, due);
                course.close(outcome, &mut chance);
                course
            }
            Ending::Waiting => {
                let tried = chance.weighed(&[(50, 0), (20, 1), (15, 2), (10, 3), (5, 4)], 0);
                let due = due_at(tried + 1 + chance.span(5));
                let mut course = course(due, due);
                course.miss(tried, 0, &mut chance);
                if tried > 0 {
                    // Most are due by the morning; the others wait for another part of a later day.
                    course.next = if chance.percent(70) {
                        morning - chance.span(12) * HOUR
                    } else {
                        morning + chance.span(72) * HOUR + HOUR
                    };
                    course.appointment = chance.percent(2).then_some(morning + chance.span(10) * HOUR);
                }
                course
            }
            Ending::Future => {
                let due = due_at(-1 - chance.span(7));
                course(due, due)
            }
        }
    }

    fn close(&mut self, outcome: Outcome, chance: &mut Chance) {
        let few = |chance: &mut Chance| chance.weighed(&[(50, 0), (30, 1), (20, 2)], 0);
        let (missed, last) = match outcome {
            Outcome::Completed => (
                chance.weighed(&[(24, 0), (22, 1), (20, 2), (18, 3), (16, 4)], 0),
                Some(Disposition::Completed),
            ),
            Outcome::Partial => (few(chance), Some(Disposition::Partial)),
            Outcome::Refused => (few(chance), Some(chance.weighed(REFUSED, Disposition::Refused))),
            Outcome::NotReached => (5, None),
            Outcome::NumberDead => {
                // Confirmed once.
                let dead = chance.weighed(DEAD, Disposition::Vacant);
                if dead != Disposition::WrongNumber && chance.percent(50) {
                    self.tried(dead, 1, chance);
                }
                (0, Some(dead))
            }
            Outcome::Expired | Outcome::Withdrawn => (few(chance), None),
            Outcome::NotEligible => (0, None),
        };
        self.miss(missed, 1, chance);
        if let Some(last) = last {
            self.tried(last, 1, chance);
        }
        let ended = self.tries.last().map(|last| last.at + 2 * MINUTE);
        let at = match outcome {
            Outcome::Expired => self.deadline,
            Outcome::Completed
            | Outcome::Partial
            | Outcome::Refused
            | Outcome::NotReached
            | Outcome::NumberDead
            | Outcome::NotEligible
            | Outcome::Withdrawn => ended.unwrap_or(self.due),
        };
        self.closed = Some((outcome, at));
    }

    fn miss(&mut self, many: i64, spread: u32, chance: &mut Chance) {
        for _ in 0..many {
            let disposition = chance.weighed(MISSED, Disposition::NoAnswer);
            self.tried(disposition, spread, chance);
        }
    }

    /// One attempt more, on a later day than the one before, inside the windows of the campaigns.
    fn tried(&mut self, disposition: Disposition, spread: u32, chance: &mut Chance) {
        let nine = self
            .tries
            .last()
            .map_or(self.due, |last| self.due + (last.at - self.due) / DAY * DAY + DAY);
        let day = nine + chance.span(spread + 1) * DAY;
        // Three hours from nine, six and a half from two in the afternoon.
        let minute = chance.span(180 + 390);
        let pause = if minute < 180 { 0 } else { 2 * HOUR };
        let at = day + minute * MINUTE + pause + chance.span(60_000);
        self.tries.push(Try { at, disposition });
    }

    /// Leaves `many` attempts: the case is open again if its last one is among those that go.
    pub(super) fn keep(&mut self, many: usize) {
        if many < self.tries.len() {
            self.tries.truncate(many);
            self.closed = None;
        }
    }

    /// Attempts that count against the budget.
    pub(super) fn counted(&self) -> usize {
        self.tries.iter().filter(|tried| !tried.disposition.is_ours()).count()
    }
}
