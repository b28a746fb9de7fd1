//! Lines: at no time more calls than the lines of the campaign, and of the trunk.

use super::view::View;
use super::{Attempt, Breach, RuleResult, Said};
use crate::moment::Wall;

pub(super) fn check(view: &View<'_>, result: &mut RuleResult) {
    for campaign in view.campaigns.values().filter(|campaign| view.judges(campaign.id)) {
        let own = view.by_campaign.get(&campaign.id).map_or(&[][..], Vec::as_slice);
        sweep(view, own.iter().copied(), campaign.lines, result);
    }
    for trunk in &view.evidence.trunks {
        let mut over: Vec<&Attempt> = view
            .by_number
            .values()
            .flatten()
            .copied()
            // When one that went over several trunks had a line of which, nobody wrote down. Calls by hand take any line.
            .filter(|attempt| attempt.trunk == trunk.name && attempt.trunks <= 1 && attempt.case.is_some())
            .collect();
        over.sort_by_key(|attempt| (attempt.begun, attempt.id));
        sweep(view, over.into_iter(), trunk.lines, result);
    }
}

/// Counts the calls that were up when each one began. What a crash left open was over with its daemon, nobody knows when:
/// it is not counted against others that came after it.
fn sweep<'a>(view: &View<'_>, attempts: impl Iterator<Item = &'a Attempt>, lines: u16, result: &mut RuleResult) {
    let mut up: Vec<(Wall, &Attempt)> = Vec::new();
    for attempt in attempts {
        up.retain(|(over, _)| *over > attempt.begun);
        if !attempt.left_open {
            up.push((attempt.over(), attempt));
        }
        if !view.is_tonight(attempt.begun) {
            continue;
        }
        let many = up.len();
        let is_over = many > usize::from(lines) && !view.is_doubtful(attempt.begun);
        result.check(is_over.then(|| {
            let what = Said::new(
                format!("同时 {many} 路呼叫,线路 {lines} 条"),
                format!("{many} calls at a time over {lines} lines"),
            );
            Breach::by(attempt, what)
        }));
    }
}
