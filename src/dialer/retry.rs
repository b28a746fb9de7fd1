//! After an attempt: whether the case is tried again, and when.

use super::{Claimed, Next, Outcome, RetryPolicy};
use crate::calendar::Schedule;
use crate::moment::Wall;
use crate::outcome::Disposition;

/// What a case has behind it, before the attempt that just ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Attempts that used up budget.
    pub counted: u16,
    /// How its attempts ended, the first one first.
    pub past: Vec<Disposition>,
}

impl From<&Claimed> for History {
    fn from(claimed: &Claimed) -> Self {
        Self {
            counted: claimed.counted,
            past: claimed.past.clone(),
        }
    }
}

/// Whether an attempt that ended so uses up budget. Our own faults do not, and neither does what nobody can tell, such
/// as the calls that a crash left open.
pub const fn counts(disposition: Disposition) -> bool {
    !disposition.is_ours() && !matches!(disposition, Disposition::Unknown)
}

/// Decides what becomes of a case whose attempt ended at `wall`.
///
/// The budget is one for the whole case; beside it every disposition has its own limit, so that what does not count
/// cannot go round for ever either. A time outside the windows is shifted to the next opening; one at or past the
/// case's deadline closes it.
pub fn next(
    policy: &RetryPolicy,
    history: &History,
    disposition: Disposition,
    wall: Wall,
    schedule: &Schedule,
    deadline: Option<Wall>,
) -> Next {
    let counted = counts(disposition);
    let rule = policy.rule(disposition);
    let close = |outcome| Next::Close { outcome, counted };

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
