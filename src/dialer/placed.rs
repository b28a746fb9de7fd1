//! The calls of a campaign, and how many each trunk carries: that is asked after every input, so it is counted as they come and go.

use std::collections::BTreeMap;

use super::Claimed;
use crate::ids::{AttemptId, CallMark, CaseId, TrunkId};
use crate::phone::Number;

/// An attempt whose INVITE is out.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) mark: CallMark,
    pub(super) claimed: Claimed,
    pub(super) trunk: TrunkId,
    pub(super) caller: Option<Number>,
    /// The trunks that could not carry it before this one.
    pub(super) tried: Vec<TrunkId>,
}

/// Those of one campaign.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls {
    placed: BTreeMap<AttemptId, Placed>,
    /// No trunk without a call.
    carried: BTreeMap<TrunkId, usize>,
}

impl Calls {
    /// Takes a call that was placed; one of the same attempt is forgotten.
    pub(super) fn insert(&mut self, attempt: AttemptId, call: Placed) {
        self.remove(attempt);
        *self.carried.entry(call.trunk).or_default() += 1;
        self.placed.insert(attempt, call);
    }

    /// Gives out a call that is over.
    pub(super) fn remove(&mut self, attempt: AttemptId) -> Option<Placed> {
        let call = self.placed.remove(&attempt)?;
        if let Some(carried) = self.carried.get_mut(&call.trunk) {
            *carried -= 1;
            if *carried == 0 {
                self.carried.remove(&call.trunk);
            }
        }
        Some(call)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.placed.len()
    }

    /// How many of them a trunk carries.
    pub(super) fn on(&self, trunk: TrunkId) -> usize {
        self.carried.get(&trunk).copied().unwrap_or_default()
    }

    /// Their attempts, the oldest first.
    pub(super) fn attempts(&self) -> impl Iterator<Item = AttemptId> {
        self.placed.keys().copied()
    }

    /// Whether one of them is for a case.
    pub(super) fn has(&self, case: CaseId) -> bool {
        self.placed.values().any(|call| call.claimed.case == case)
    }
}
