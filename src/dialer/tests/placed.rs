//! The calls of a campaign: each trunk carries what came and has not gone.

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::placed::{Calls, Placed};
use super::*;

fn call(case: i64, trunk: u16) -> Placed {
    Placed {
        mark: CallMark([1; 16]),
        claimed: claimed(case, Wall::default()),
        trunk: TrunkId(trunk),
        caller: None,
        tried: Vec::new(),
    }
}

proptest! {
    #[test]
    fn each_trunk_carries_the_calls_that_came_and_have_not_gone(steps in vec((0..12_i64, 0..3_u16, any::<bool>()), 0..60)) {
        let mut calls = Calls::default();
        let mut known = std::collections::BTreeMap::new();
        for (attempt, trunk, comes) in steps {
            if comes {
                calls.insert(AttemptId(attempt), call(attempt, trunk));
                known.insert(attempt, trunk);
            } else {
                let gone = calls.remove(AttemptId(attempt)).map(|call| call.trunk.0);
                prop_assert_eq!(gone, known.remove(&attempt));
            }
            for trunk in 0..3 {
                let carried = known.values().filter(|own| **own == trunk).count();
                prop_assert_eq!(calls.on(TrunkId(trunk)), carried);
            }
            prop_assert_eq!(calls.len(), known.len());
            prop_assert!(calls.attempts().map(|attempt| attempt.0).eq(known.keys().copied()));
            prop_assert_eq!(calls.has(CaseId(attempt)), known.contains_key(&attempt));
        }
    }
}
