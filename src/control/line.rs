//! The lines in use, one by one, for the wall of tonight's board.

use super::Control;
use crate::call::Now;
use crate::ids::{AttemptId, CampaignId, CaseId};
use crate::moment::Wall;

/// So many are told at the most: more than that nobody looks at one by one.
pub(super) const MOST: usize = 600;

/// A line in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its attempt.
    pub attempt: AttemptId,
    /// Its case; none for a call by hand.
    pub case: Option<CaseId>,
    /// Its campaign.
    pub campaign: Option<CampaignId>,
    /// Its trunk, as a place in the order of the settings.
    pub trunk: usize,
    /// What is going on.
    pub state: Now,
    /// When the attempt began.
    pub since: Wall,
    /// The question that is open, by its id.
    pub question: Option<String>,
    /// The keys so far.
    pub keys: String,
}

impl Control {
    /// The lines in use, in the order in which their calls began.
    pub(super) fn lines(&self) -> Vec<Line> {
        let calls = self.calls.values().take(MOST);
        let line = |live: &super::Live| {
            let glance = live.call.glance();
            Line {
                attempt: live.who.attempt,
                case: live.who.case,
                campaign: live.who.campaign,
                trunk: usize::from(live.who.trunk.0),
                state: glance.now,
                since: live.begun,
                question: glance.question,
                keys: glance.keys,
            }
        };
        calls.map(line).collect()
    }
}
