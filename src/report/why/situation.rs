//! What stands between the present and the next call of a case, or why there will be none.

use crate::dialer::Outcome;
use crate::dialer::claim::{Checked, Why};
use crate::moment::Wall;

use super::facts::{AttemptFacts, CampaignStanding, CaseFacts, Closed};

/// The one thing that matters most about a case right now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Situation<'f> {
    /// It has ended.
    Closed(Closed),
    /// It is being called.
    Calling(&'f AttemptFacts),
    /// It has been given out and waits for its line.
    Leased,
    /// The next claim will close it.
    WillClose {
        /// Why.
        why: Why,
        /// How.
        outcome: Outcome,
    },
    /// Something stands against it for now.
    Held {
        /// What.
        why: Why,
        /// Looked at again then.
        until: Wall,
    },
    /// The patient asked for a time that has not come.
    Appointed {
        /// The time.
        at: Wall,
    },
    /// It became due in the future, or its last attempt asks for a pause.
    Waits {
        /// Until then.
        until: Wall,
    },
    /// It is due, and its campaign may not dial right now.
    WindowClosed {
        /// When it may; none: never.
        opens: Option<Wall>,
    },
    /// It is due: so many go first.
    Due {
        /// So many.
        ahead: u64,
    },
    /// It is open, and what a claim would decide cannot be told.
    Open,
}

/// The situation of a case.
pub fn situation(case: &CaseFacts) -> Situation<'_> {
    let present = &case.present;
    if let Some(closed) = case.closed {
        return Situation::Closed(closed);
    }
    if let Some(attempt) = case.attempts.iter().find(|attempt| attempt.ended.is_none()) {
        return Situation::Calling(attempt);
    }
    if present.is_leased {
        return Situation::Leased;
    }
    let Some(decision) = present.decision else {
        return Situation::Open;
    };
    match decision.checked {
        Checked::Close { outcome } => Situation::WillClose {
            why: decision.why,
            outcome,
        },
        Checked::Hold { until } if decision.why == Why::NotYet => waits(case, until),
        // Of the campaign's own windows, not of those of a kind of number.
        Checked::Hold { until } if decision.why == Why::WindowClosed && present.opens != Some(present.at) => {
            let opens = present.opens.map(|opens| opens.max(until));
            Situation::WindowClosed { opens }
        }
        Checked::Hold { until } => Situation::Held {
            why: decision.why,
            until,
        },
        Checked::Dial { .. } if present.opens != Some(present.at) => Situation::WindowClosed { opens: present.opens },
        Checked::Dial { .. } => Situation::Due { ahead: present.ahead },
    }
}

/// Its time has not come: because the patient asked for another, because it was held, or of itself.
fn waits(case: &CaseFacts, until: Wall) -> Situation<'_> {
    if let Some(at) = case.appointment.filter(|at| *at > case.present.at) {
        return Situation::Appointed { at };
    }
    let last = case.decisions.last();
    let has_been_tried_since = |at: Wall| case.attempts.last().is_some_and(|attempt| attempt.begun >= at);
    match last {
        Some(held) if held.until == Some(until) && !has_been_tried_since(held.at) => {
            Situation::Held { why: held.why, until }
        }
        Some(_) | None => Situation::Waits { until },
    }
}

/// Whether its campaign keeps an open case from being called.
pub(super) const fn is_held_up(standing: CampaignStanding) -> bool {
    match standing {
        CampaignStanding::Draft | CampaignStanding::Paused { .. } | CampaignStanding::Stopped => true,
        CampaignStanding::Running => false,
    }
}
