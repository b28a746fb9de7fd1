//! The checks and the order of a claim: one place for the database, the virtual world and `why`.

use std::time::Duration;

use super::{Candidate, Claim, LEFT_OVER, Outcome};
use crate::moment::Wall;
use crate::outcome::{Facts, LocalFault};

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

/// Why a case is dialed now, later or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nothing stands against it.
    Due,
    /// The patient is recorded as deceased.
    Deceased,
    /// The number is on the do-not-call list.
    DoNotCall,
    /// The number is vacant, suspended or wrong, and there is no other.
    NumberDead,
    /// Its deadline has passed.
    TooLate,
    /// Its budget is used up.
    BudgetUsed,
    /// Another case or attempt holds the number, or its last call may still be ringing.
    NumberLocked,
    /// Its time has not come.
    NotYet,
}

impl Why {
    /// The identifier in output that programs read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Deceased => "deceased",
            Self::DoNotCall => "do_not_call",
            Self::NumberDead => "number_dead",
            Self::TooLate => "too_late",
            Self::BudgetUsed => "budget_used",
            Self::NumberLocked => "number_locked",
            Self::NotYet => "not_yet",
        }
    }

    /// The reason in the users' own words.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Due => "可以拨打",
            Self::Deceased => "患者已去世",
            Self::DoNotCall => "在免打扰名单中",
            Self::NumberDead => "号码失效",
            Self::TooLate => "已过期限",
            Self::BudgetUsed => "次数用完",
            Self::NumberLocked => "该号码正在被呼叫",
            Self::NotYet => "时间未到",
        }
    }
}

/// How long a number stays locked after a call whose end the far end did not confirm: it may still be ringing.
pub const LOCK: Duration = Duration::from_secs(60);

/// Until when nobody may dial the number of an attempt that ended at `ended` with these facts: after a timeout, and
/// after a connection that broke when the trunk had the INVITE. While the far end may hold the call, as long as it can
/// last; less when it is taken down before.
pub fn locked_until(facts: &Facts, ended: Wall) -> Option<Wall> {
    if facts.unconfirmed {
        let lasted = [facts.pdd_ms, facts.ring_ms, facts.talk_ms];
        let lasted: u64 = lasted.into_iter().flatten().map(u64::from).sum();
        let left = LEFT_OVER.saturating_sub(Duration::from_millis(lasted));
        return Some(ended + left.max(LOCK));
    }
    let unsure = match facts.local {
        Some(LocalFault::TimedOut) => true,
        Some(LocalFault::Unreachable) => !facts.provisional.is_empty(),
        Some(LocalFault::CredentialsRefused | LocalFault::Unusable) | None => false,
    };
    unsure.then_some(ended + LOCK)
}

/// A number that another attempt holds is looked at again after this.
const LOCKED: Duration = Duration::from_secs(60);

/// Tells why a case is dialed now, later or never. What closes it for good goes before what only holds it.
pub fn why(candidate: &Candidate, claim: &Claim) -> Why {
    if candidate.deceased {
        Why::Deceased
    } else if candidate.do_not_call {
        Why::DoNotCall
    } else if candidate.number_dead {
        Why::NumberDead
    } else if candidate.deadline.is_some_and(|deadline| deadline <= claim.now) {
        Why::TooLate
    } else if candidate.counted >= claim.budget {
        Why::BudgetUsed
    } else if candidate.next_at > claim.now {
        Why::NotYet
    } else if candidate.number_locked {
        Why::NumberLocked
    } else {
        Why::Due
    }
}

/// Decides whether a due case may be dialed now.
pub fn check(candidate: &Candidate, claim: &Claim) -> Checked {
    let close = |outcome| Checked::Close { outcome };
    match why(candidate, claim) {
        Why::Due => Checked::Dial,
        Why::Deceased | Why::DoNotCall => close(Outcome::NotEligible),
        Why::NumberDead => close(Outcome::NumberDead),
        Why::TooLate => close(Outcome::Expired),
        Why::BudgetUsed => close(Outcome::NotReached),
        Why::NumberLocked => Checked::Hold {
            until: claim.now + LOCKED,
        },
        Why::NotYet => Checked::Hold {
            until: candidate.next_at,
        },
    }
}

/// The order in which due cases are dialed: those that wait longest first, then by case.
pub fn order(candidates: &mut [Candidate]) {
    candidates.sort_by_key(|candidate| (candidate.next_at, candidate.due, candidate.case));
}
