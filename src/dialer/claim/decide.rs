//! The checks: whether a due case is dialed now, at which number, or when it is looked at again.
//!
//! What closes a case for good goes before what only holds it, so that nothing waits that nobody will ever dial. An
//! appointment goes before budget, patient's caps, quotas and the campaign's windows, but not before what is owed to
//! others: the do-not-call list, the hours in which people may be called, a number's lock and its caps.

use std::time::Duration;

use super::super::{Candidate, Claim, Listed, Outcome, Owner, PatientState, Stop, Terms, limits};
use super::appointment::{Appointment, appointment_gate};
use super::{Checked, Decision, Why, numbers, parts};
use crate::calendar::local;
use crate::ids::NumberId;
use crate::moment::Wall;
use crate::outcome::Disposition;

/// A case that a patient's state holds is looked at again after this: nobody tells when the state ends.
const STATE: Duration = Duration::from_secs(3600);

/// So many times at most is looked ahead for the time at which a held case may be dialed.
const STEPS: usize = 64;

/// Decides whether a due case may be dialed now, and at which number.
///
/// A hold tells the earliest time at which the case may be dialed or has to be closed if nothing happens meanwhile. Of
/// what may end at any time (a lock, a patient's state) it assumes that it will have ended.
pub fn decide(candidate: &Candidate, claim: &Claim) -> Decision {
    let look = Look {
        candidate,
        terms: &claim.terms,
        now: claim.now,
        sight: Sight::Present,
    };
    let (why, checked) = match look.verdict() {
        Verdict::Dial { why, number } => (why, Checked::Dial { number }),
        Verdict::Close { why, outcome } => (why, Checked::Close { outcome }),
        Verdict::Wait { why, again } => {
            let until = look.earliest(again);
            (why, Checked::Hold { until })
        }
    };
    Decision { why, checked }
}

/// What is found of a case at one time.
#[derive(Clone, Copy, Debug)]
enum Verdict {
    Dial { why: Why, number: NumberId },
    Wait { why: Why, again: Wall },
    Close { why: Why, outcome: Outcome },
}

/// Whether the time that is looked at is the present, or one ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    Present,
    Ahead,
}

/// A case at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look<'a> {
    pub(super) candidate: &'a Candidate,
    pub(super) terms: &'a Terms,
    pub(super) now: Wall,
    pub(super) sight: Sight,
}

impl<'a> Look<'a> {
    /// From `again` on, the first time at which the case is not held. Every check names the first time at which it may
    /// come out otherwise, so none is passed over.
    fn earliest(self, again: Wall) -> Wall {
        let mut at = again;
        for _ in 0..STEPS {
            let ahead = Look {
                now: at,
                sight: Sight::Ahead,
                ..self
            };
            match ahead.verdict() {
                Verdict::Wait { again, .. } if again > at => at = again,
                Verdict::Wait { .. } | Verdict::Dial { .. } | Verdict::Close { .. } => break,
            }
        }
        self.candidate.deadline.map_or(at, |deadline| deadline.min(at))
    }

    fn verdict(self) -> Verdict {
        if let Some((why, outcome)) = self.never() {
            return Verdict::Close { why, outcome };
        }
        if let Some(state) = self.state_with(Stop::Hold).filter(|_| self.sight == Sight::Present) {
            return self.wait(Why::State(state), self.now + STATE);
        }
        match self.appointment() {
            Some(Appointment::Early { until }) => return self.wait(Why::NotYet, until),
            Some(Appointment::Now) => return self.appointed(),
            Some(Appointment::Missed) | None => {}
        }
        if self.candidate.counted >= self.terms.budget {
            return Verdict::Close {
                why: Why::BudgetUsed,
                outcome: self.unreached(),
            };
        }
        if self.candidate.next_at > self.now {
            return self.wait(Why::NotYet, self.candidate.next_at);
        }
        match numbers::choose(self, numbers::Hours::Campaign) {
            Err((why, again)) => self.wait(why, again),
            Ok(number) => match self.tried_enough(parts::quota(self, number.number.kind())) {
                Some((why, again)) => self.wait(why, again),
                None => Verdict::Dial {
                    why: Why::Due,
                    number: number.id,
                },
            },
        }
    }

    const fn wait(self, why: Why, again: Wall) -> Verdict {
        Verdict::Wait { why, again }
    }

    /// What closes the case whatever else is the matter.
    fn never(self) -> Option<(Why, Outcome)> {
        let died = self.candidate.states.get(&PatientState::Deceased).copied();
        if let Some(state) = died.or_else(|| self.state_with(Stop::Close)) {
            return Some((Why::State(state), Outcome::NotEligible));
        }
        if let Some(listed) = self.listed() {
            return Some((Why::DoNotCall(listed), Outcome::NotEligible));
        }
        if numbers::usable(self.candidate).next().is_none() {
            return Some((Why::NumberDead, Outcome::NumberDead));
        }
        let is_late = self.candidate.deadline.is_some_and(|deadline| deadline <= self.now);
        is_late.then_some((Why::TooLate, Outcome::Expired))
    }

    fn state_with(self, wanted: Stop) -> Option<PatientState> {
        let stop = |state: &PatientState| self.terms.limits.stops.get(state) == Some(&wanted);
        self.candidate.states.iter().copied().find(stop)
    }

    /// Whether the patient may not be called: by a number of the patient's own, or because all numbers are listed, as
    /// they are for a patient who is on the list. A relative's number is only passed over.
    fn listed(self) -> Option<Listed> {
        let numbers = &self.candidate.numbers;
        let own = numbers.iter().filter(|number| number.owner == Owner::Patient);
        let own = own.filter_map(|number| number.listed).min();
        let all: Option<Vec<Listed>> = numbers.iter().map(|number| number.listed).collect();
        own.or_else(|| all.unwrap_or_default().into_iter().min())
    }

    fn appointment(self) -> Option<Appointment> {
        let at = self.candidate.appointment?;
        Some(appointment_gate(at, self.now, self.terms.schedule.zone))
    }

    /// It is the time that was agreed; after a call of that time the pause holds.
    fn appointed(self) -> Verdict {
        if self.candidate.next_at > self.now {
            return self.wait(Why::NotYet, self.candidate.next_at);
        }
        match numbers::choose(self, numbers::Hours::Legal) {
            Ok(number) => Verdict::Dial {
                why: Why::Appointment,
                number: number.id,
            },
            Err((why, again)) => self.wait(why, again),
        }
    }

    /// How a case is closed whose patient was tried often enough.
    fn unreached(self) -> Outcome {
        let is_partial = |tried: &super::super::Tried| tried.disposition == Disposition::Partial;
        if self.candidate.tried.iter().any(is_partial) {
            Outcome::Partial
        } else {
            Outcome::NotReached
        }
    }

    /// What of the patient and the case is used up for now: caps, the day, the part of the day.
    fn tried_enough(self, part: Option<(Why, Wall)>) -> Option<(Why, Wall)> {
        let free = limits::free_at(&self.terms.limits.patient, &self.candidate.patient_tried);
        if let Some(free) = free.filter(|free| *free > self.now) {
            return Some((Why::PatientCapped, free));
        }
        let zone = self.terms.schedule.zone;
        let today = local(self.now, zone).date();
        let of_today = |tried: &&super::super::Tried| tried.counted && local(tried.at, zone).date() == today;
        let so_far = self.candidate.tried.iter().filter(of_today).count();
        if self.terms.limits.a_day.is_some_and(|most| so_far >= usize::from(most)) {
            return Some((Why::DayUsed, parts::next_day(self.now, zone)));
        }
        part
    }
}
