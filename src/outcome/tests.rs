//! Every rule fires, none is forgotten, nothing panics, and the document says the same as the code.

use std::collections::BTreeSet;

use super::*;
use crate::dialplan::{End, Progress};
use crate::ids::AgentId;

mod document;
mod endings;
mod every_rule;

fn judge(facts: &Facts) -> Verdict {
    classify(facts, &CauseTable::default())
}

/// A call that was answered, with this progress; the far end hung up.
fn answered(keys: u32, answered: u32, required: (u32, u32), end: End) -> Facts {
    Facts {
        final_status: Some(200),
        talk_ms: Some(30_000),
        ended_by: Some(if end == End::HungUp {
            EndedBy::FarEnd
        } else {
            EndedBy::Us
        }),
        our_reason: (end != End::HungUp).then_some(OurReason::Finished),
        survey: Some(Progress {
            answered_before: 0,
            keys,
            answered,
            required_answered: required.0,
            required: required.1,
            end: Some(end),
            ..Progress::default()
        }),
        ..Facts::default()
    }
}

/// A call that the far end refused with this status.
fn refused(status: u16) -> Facts {
    Facts {
        final_status: Some(status),
        ended_by: Some(EndedBy::FarEnd),
        ..Facts::default()
    }
}

fn with_q850(facts: Facts, q850: u8) -> Facts {
    Facts {
        reasons: vec![format!("Q.850;cause={q850}")],
        q850: Some(q850),
        ..facts
    }
}

fn after_ringing(facts: Facts, ring_ms: u32) -> Facts {
    Facts {
        provisional: vec![100, 180],
        pdd_ms: Some(900),
        ring_ms: Some(ring_ms),
        ..facts
    }
}

fn after_forwarding(facts: Facts) -> Facts {
    Facts {
        provisional: vec![100, 181],
        ..facts
    }
}

fn ended_by_us(facts: Facts, reason: OurReason) -> Facts {
    Facts {
        ended_by: Some(EndedBy::Us),
        our_reason: Some(reason),
        ..facts
    }
}

fn local(fault: LocalFault) -> Facts {
    Facts {
        local: Some(fault),
        ended_by: Some(EndedBy::Network),
        ..Facts::default()
    }
}
