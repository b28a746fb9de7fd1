//! After an attempt: whether the case is tried again, and when.

use std::time::Duration;

use super::{Claimed, Next, Outcome, RetryPolicy, Stands};
use crate::calendar::{Pause, Schedule};
use crate::ids::NumberId;
use crate::moment::Wall;
use crate::outcome::{Disposition, Facts, Reach};

/// What a case has behind it, before the attempt that just ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Attempts that used up budget.
    pub counted: u16,
    /// How its attempts ended, the first one first, as [`past_of`] has them.
    pub past: Vec<Disposition>,
    /// At least one question of the survey was answered in them.
    pub has_answers: bool,
}

impl From<&Claimed> for History {
    fn from(claimed: &Claimed) -> Self {
        Self {
            counted: claimed.counted,
            past: claimed.past.clone(),
            has_answers: claimed.resume.is_some(),
        }
    }
}

/// How an attempt ended, as far as it matters for what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub disposition: Disposition,
    /// How far its call came.
    pub reach: Reach,
    /// At least one question of the survey was answered in it.
    pub has_answers: bool,
}

impl Ended {
    /// What these facts came to.
    pub fn of(disposition: Disposition, facts: &Facts) -> Self {
        Self {
            disposition,
            reach: facts.reach(),
            has_answers: facts.survey.is_some_and(|survey| survey.answered > 0),
        }
    }

    /// Whether it uses up budget.
    pub const fn counts(self) -> bool {
        counts(self.disposition, self.reach)
    }
}

/// Whether an attempt that ended so uses up budget. Our own faults do not. Where nobody can tell how it ended, as after
/// a crash, it does if the far end had the call: the patient's telephone may have rung.
pub const fn counts(disposition: Disposition, reach: Reach) -> bool {
    if matches!(disposition, Disposition::Unknown) {
        matches!(reach, Reach::FarEnd)
    } else {
        !disposition.is_ours()
    }
}

/// How the attempts of a case ended, as it counts after another one at `number`. What was said of a number (that it is
/// vacant, or suspended) was said of that one alone, so that one doubtful announcement ends no number.
pub fn past_of(
    tried: impl IntoIterator<Item = (Disposition, Option<NumberId>)>,
    number: Option<NumberId>,
) -> Vec<Disposition> {
    let of_a_number = |disposition| matches!(disposition, Disposition::Vacant | Disposition::Suspended);
    let counts = |(disposition, at): &(Disposition, Option<NumberId>)| !of_a_number(*disposition) || *at == number;
    let counted = tried.into_iter().filter(counts);
    counted.map(|(disposition, _)| disposition).collect()
}

/// Decides what becomes of a case whose patient has called us, at `wall`.
///
/// What the patient says counts as on a call that we make. What was not said changes nothing, because no call of ours has
/// failed: the case is tried again when it would have been, but not sooner than the rule's first pause. Nothing of it uses
/// up budget. A case that was closed with some answers is completed by the missing ones, and goes on for a patient who asks for
/// another time (`appointment::settle`); else it stays as it is.
pub fn next_after_their_call(
    policy: &RetryPolicy,
    disposition: Disposition,
    wall: Wall,
    schedule: &Schedule,
    stands: Stands,
) -> Next {
    let counted = false;
    let close = |outcome| Next::Close { outcome, counted };
    let next_at = match (stands, disposition) {
        (Stands::Open { next_at }, _) => next_at,
        (Stands::Partial, Disposition::Completed) => return close(Outcome::Completed),
        (Stands::Partial, Disposition::Appointment) => {
            let at = schedule.after(wall, Pause::For(SOON));
            return Next::Again { at, counted };
        }
        (Stands::Partial, _) => return close(Outcome::Partial),
    };
    let rule = policy.rule(disposition);
    let is_final = rule.max == 0 && disposition != Disposition::Partial;
    if says_something(disposition) && is_final {
        return close(rule.then);
    }
    let pause = rule.after.first().copied().unwrap_or(Pause::For(SOON));
    let at = next_at.max(schedule.after(wall, pause));
    Next::Again { at, counted }
}

/// Whether a call that ended so tells something of the patient. A caller who hung up, or whose call broke off, has told
/// nothing: the case goes by its calls before.
pub const fn says_something(disposition: Disposition) -> bool {
    match disposition {
        Disposition::Completed
        | Disposition::Partial
        | Disposition::Refused
        | Disposition::OptOut
        | Disposition::ThirdParty
        | Disposition::Appointment
        | Disposition::WrongNumber
        | Disposition::Deceased
        | Disposition::Incapable
        | Disposition::Language => true,
        Disposition::BreakOff
        | Disposition::EarlyHangup
        | Disposition::Silent
        | Disposition::Assistant
        | Disposition::Fax
        | Disposition::NoAnswer
        | Disposition::Busy
        | Disposition::Rejected
        | Disposition::PowerOff
        | Disposition::Unreachable
        | Disposition::Suspended
        | Disposition::Vacant
        | Disposition::NumberChanged
        | Disposition::BarredIn
        | Disposition::Blocked
        | Disposition::ForwardedFail
        | Disposition::NetworkBusy
        | Disposition::OwnLineFault
        | Disposition::CallerIdBad
        | Disposition::Misdialled
        | Disposition::Interrupted
        | Disposition::Cancelled
        | Disposition::Unknown => false,
    }
}

/// A case whose patient has left a questionnaire unfinished that nobody is to be tried for again goes on no sooner.
const SOON: Duration = Duration::from_secs(3600);

/// Decides what becomes of a case whose attempt ended at `wall`.
///
/// The budget is one for the whole case; beside it every disposition has its own limit, so that what does not count
/// cannot go round for ever either. A time outside the windows is shifted to the next opening; one at or past the
/// case's deadline closes it. A case with answers that would be closed as not reached is partial.
pub fn next(
    policy: &RetryPolicy,
    history: &History,
    ended: Ended,
    wall: Wall,
    schedule: &Schedule,
    deadline: Option<Wall>,
) -> Next {
    let Ended { disposition, .. } = ended;
    let counted = ended.counts();
    let rule = policy.rule(disposition);
    let close = |outcome| {
        let has_answers = ended.has_answers || history.has_answers;
        let outcome = if outcome == Outcome::NotReached && has_answers {
            Outcome::Partial
        } else {
            outcome
        };
        Next::Close { outcome, counted }
    };

    let same = |past: &&Disposition| **past == disposition;
    let before = history.past.iter().filter(same).count();
    if before >= usize::from(rule.max) {
        return close(rule.then);
    }
    if counted && history.counted.saturating_add(1) >= policy.budget {
        return close(Outcome::NotReached);
    }
    let in_a_row = history.past.iter().rev().take_while(same).count();
    let Some(pause) = rule.after.get(in_a_row).or(rule.after.last()) else {
        return close(rule.then);
    };
    let at = schedule.after(wall, *pause);
    if deadline.is_some_and(|deadline| deadline <= at) {
        return close(Outcome::Expired);
    }
    Next::Again { at, counted }
}
