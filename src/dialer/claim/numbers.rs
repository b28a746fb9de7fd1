//! Which of a patient's numbers: the first in rank, the next one when it reaches nobody or is capped.

use std::time::Duration;

use super::super::{Candidate, CandidateNumber, Tried, limits};
use super::Why;
use super::decide::{Look, Sight};
use crate::calendar::Gate;
use crate::ids::NumberId;
use crate::moment::Wall;
use crate::outcome::Disposition;

/// A number that another attempt holds is looked at again after this.
const LOCKED: Duration = Duration::from_secs(60);

/// A number that no window of the next year lets through is looked at again after this: somebody may change the windows.
const NEVER_OPEN: Duration = Duration::from_secs(24 * 3600);

/// Which hours have to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hours {
    /// The campaign's, and those of the kind of number.
    Campaign,
    /// Only the legal ones, which an appointment has looked at.
    Legal,
}

/// The numbers that may be dialed at all, in their rank.
pub(super) fn usable(candidate: &Candidate) -> impl Iterator<Item = &CandidateNumber> {
    let numbers = candidate.numbers.iter();
    numbers.filter(|number| !number.dead && number.listed.is_none())
}

/// The number to dial, or why none may be dialed now and when that may change at the earliest.
///
/// From the number whose turn it is, one that is capped is passed over for the next in rank. One whose window is closed
/// or that is held by another call is waited for: that lasts no longer than a night or a call.
pub(super) fn choose(look: Look<'_>, hours: Hours) -> Result<&CandidateNumber, (Why, Wall)> {
    let usable: Vec<_> = usable(look.candidate).collect();
    let turn = whose_turn(look, &usable);
    let mut held: Option<(Why, Wall)> = None;
    for number in usable.iter().skip_while(|number| Some(number.id) != turn) {
        let Some((why, again)) = against(look, number, hours) else {
            return Ok(number);
        };
        held = Some(match held {
            Some((first, before)) => (first, before.min(again)),
            None => (why, again),
        });
        if why != Why::NumberCapped {
            break;
        }
    }
    // Without a usable number the case was closed before.
    Err(held.unwrap_or((Why::NumberDead, look.now + NEVER_OPEN)))
}

/// What stands against a number, and when that may change.
fn against(look: Look<'_>, number: &CandidateNumber, hours: Hours) -> Option<(Why, Wall)> {
    if hours == Hours::Campaign {
        match look.terms.schedule.gate_for(number.number.kind(), look.now) {
            Gate::Open { .. } => {}
            Gate::Closed { until: Some(open), .. } => return Some((Why::WindowClosed, open)),
            Gate::Closed { until: None, .. } => {
                let again = match look.sight {
                    Sight::Present => look.now + NEVER_OPEN,
                    Sight::Ahead => look.now,
                };
                return Some((Why::WindowClosed, again));
            }
        }
    }
    if number.locked && look.sight == Sight::Present {
        return Some((Why::NumberLocked, look.now + LOCKED));
    }
    let free = limits::free_at(&look.terms.limits.number, &number.called)?;
    (free > look.now).then_some((Why::NumberCapped, free))
}

/// Whose turn it is: the number that was tried last, until so many attempts in a row reached nobody there; then the next
/// usable one in rank, and after the last the first again. Without such a rule always the first.
fn whose_turn(look: Look<'_>, usable: &[&CandidateNumber]) -> Option<NumberId> {
    let first = usable.first().map(|number| number.id);
    let Some(after) = look.terms.limits.next_number_after else {
        return first;
    };
    let mut tried = look.candidate.tried.iter().rev().filter(|tried| tried.counted).peekable();
    let Some(last) = tried.peek().and_then(|tried| tried.number) else {
        return first;
    };
    let in_a_row = tried.take_while(|tried| tried.number == Some(last) && reached_nobody(tried));
    let stays = in_a_row.count() < usize::from(after);
    if stays && usable.iter().any(|number| number.id == last) {
        return Some(last);
    }
    let all = look.candidate.numbers.iter();
    let behind = all.skip_while(|number| number.id != last).skip(1);
    let next = behind
        .map(|number| number.id)
        .find(|id| usable.iter().any(|number| number.id == *id));
    next.or(first)
}

/// Nobody heard us: not answered, or by a machine.
fn reached_nobody(tried: &Tried) -> bool {
    let machine = matches!(tried.disposition, Disposition::Assistant | Disposition::Fax);
    machine || !tried.disposition.is_answered()
}
