//! The checks and the order of a claim: one place for the database, the virtual world and `why`.

use crate::moment::Wall;

use super::{Candidate, Claim, Outcome};

/// What a check decides about a due case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// Lease it and dial.
    Dial,
    /// Not now; look again at this time.
    Hold {
        /// Not before.
        until: Wall,
    },
    /// Never: close it.
    Close {
        /// How.
        outcome: Outcome,
    },
}

/// Decides whether a due case may be dialed now.
pub fn check(candidate: &Candidate, claim: &Claim) -> Checked {
    let close = |outcome| Checked::Close { outcome };
    if candidate.deceased || candidate.do_not_call {
        return close(Outcome::NotEligible);
    }
    if candidate.number_dead {
        return close(Outcome::NumberDead);
    }
    if candidate.deadline.is_some_and(|deadline| deadline <= claim.now) {
        return close(Outcome::Expired);
    }
    if candidate.counted >= claim.budget {
        return close(Outcome::NotReached);
    }
    if candidate.number_locked {
        return Checked::Hold {
            until: claim.now + std::time::Duration::from_secs(60),
        };
    }
    if candidate.next_at > claim.now {
        return Checked::Hold {
            until: candidate.next_at,
        };
    }
    Checked::Dial
}

/// The order in which due cases are dialed: those that wait longest first, then by case.
pub fn order(candidates: &mut [Candidate]) {
    candidates.sort_by_key(|candidate| (candidate.next_at, candidate.due, candidate.case));
}
