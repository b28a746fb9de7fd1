//! Pace: in any stretch of time no more attempts are begun than the pace of the campaign, and of the trunk, allows.

use std::time::Duration;

use super::view::View;
use super::{Attempt, Breach, RuleResult, Said};
use crate::dialer::Pace;
use crate::moment::Wall;

/// The shortest stretch that is looked at.
const STRETCH: Duration = Duration::from_secs(10);
/// And in calls, where the pace is slow.
const CALLS: u32 = 5;
/// A started daemon knows nothing of the last call of the one before, and starts are not written down: so many may have
/// been in one stretch without a trace.
const UNSEEN_STARTS: usize = 2;

pub(super) fn check(view: &View<'_>, result: &mut RuleResult) {
    for campaign in view.campaigns.values().filter(|campaign| view.judges(campaign.id)) {
        let own = view.by_campaign.get(&campaign.id).map_or(&[][..], Vec::as_slice);
        sweep(view, own, campaign.pace, result);
    }
    for trunk in &view.evidence.trunks {
        // One that went over several trunks began at another one's turn.
        let over: Vec<&Attempt> = view
            .by_number
            .values()
            .flatten()
            .copied()
            .filter(|attempt| attempt.trunk == trunk.name && attempt.trunks <= 1 && attempt.case.is_some())
            .collect();
        let mut over = over;
        over.sort_by_key(|attempt| (attempt.begun, attempt.id));
        sweep(view, &over, trunk.pace, result);
    }
}

/// Looks at the stretch that each attempt begins; a stretch that breaks the rule is told once.
fn sweep(view: &View<'_>, attempts: &[&Attempt], pace: Pace, result: &mut RuleResult) {
    let stretch = STRETCH.max(pace.interval() * CALLS);
    let allowed = stretch.as_millis() / pace.interval().as_millis().max(1);
    let allowed = usize::try_from(allowed).unwrap_or(usize::MAX).saturating_add(1);
    let mut told: Option<Wall> = None;
    for (at, first) in attempts.iter().enumerate() {
        if !view.is_tonight(first.begun) {
            continue;
        }
        let rest = attempts.get(at..).unwrap_or_default();
        let many = rest.partition_point(|other| other.begun < first.begun + stretch);
        let within = rest.get(..many).unwrap_or_default();
        let crashes = crashes(attempts, first.begun, stretch);
        let is_over = many > allowed.saturating_add(UNSEEN_STARTS).saturating_add(crashes);
        let is_told = told.is_some_and(|until| first.begun < until);
        if !is_over || is_told || view.is_doubtful(first.begun) {
            result.check(None);
            continue;
        }
        told = Some(first.begun + stretch);
        let seconds = stretch.as_secs();
        let what = Said::new(
            format!("{seconds} 秒内开始 {many} 次呼叫,速率允许 {allowed} 次"),
            format!("{many} calls were begun within {seconds} s, the pace allows {allowed}"),
        );
        let breach = within
            .iter()
            .fold(Breach::new(first.begun, what), |breach, one| breach.with(one));
        result.check(Some(breach));
    }
}

/// Crashes of which an attempt that was left open tells, ended by a start within the stretch.
fn crashes(attempts: &[&Attempt], from: Wall, stretch: Duration) -> usize {
    let before = attempts.partition_point(|other| other.begun < from + stretch);
    let ends = attempts.get(before.saturating_sub(200)..before).unwrap_or_default();
    let mut ends: Vec<Wall> = ends
        .iter()
        .filter(|attempt| attempt.left_open)
        .filter_map(|attempt| attempt.ended)
        .filter(|ended| from <= *ended + STRETCH && *ended < from + stretch)
        .collect();
    ends.sort_unstable();
    ends.dedup();
    ends.len()
}
