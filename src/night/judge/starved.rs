//! Starved: nobody who was due was passed over while the campaign dialed others whose turn came later.
//!
//! A campaign may be paused, its trunk down, the daemon away: none of that is written down. What it did begin is, and it
//! goes by turns: who waits longest is dialed first. So a case was passed over for certain if its campaign dialed another
//! one, of no higher priority, that cannot have been waiting until long after it. Where a campaign dialed nobody at all
//! although somebody waited, nothing is proved, and that is told.

use std::collections::BTreeMap;
use std::time::Duration;

use super::evidence::UNDER_WAY;
use super::view::View;
use super::{Attempt, Breach, Campaign, Case, Decision, RuleResult, Said};
use crate::calendar::Gate;
use crate::dialer::LEASE;
use crate::ids::CampaignId;
use crate::moment::Wall;

/// A claim may wait for its line as long as its lease, and turns are not kept to the second.
const TURN: Duration = Duration::from_secs(300);
/// A few cases are claimed together: so many of them may change places.
const TOGETHER: u32 = 20;

/// How much later another one's turn has to be before its call proves that somebody was passed over.
fn patience(campaign: &Campaign) -> Duration {
    LEASE + TURN + campaign.pace.interval() * TOGETHER
}

/// Stretches without a call that are told, at most.
const MOST_TOLD: usize = 20;

pub(super) fn check(view: &View<'_>, result: &mut RuleResult, not_provable: &mut Vec<Said>) {
    let mut waits: BTreeMap<CampaignId, Vec<(&Case, Wait)>> = BTreeMap::new();
    for case in &view.evidence.cases {
        if view.judges(case.campaign) {
            let waited = waits_of(view, case).into_iter().map(|wait| (case, wait));
            waits.entry(case.campaign).or_default().extend(waited);
        }
    }
    let none = Vec::new();
    for campaign in view.campaigns.values().filter(|campaign| view.judges(campaign.id)) {
        let waits = waits.get(&campaign.id).unwrap_or(&none);
        let turns = Turns::of(view, campaign);
        for (case, wait) in waits {
            result.check(turns.passed_over(case, *wait).map(|by| {
                let minutes = by.begun.since(wait.from).as_secs() / 60;
                let what = Said::new(
                    format!("已到期等待 {minutes} 分钟,期间先拨了更晚到期的个案"),
                    format!("was due and had waited {minutes} min when a case was dialed whose turn came later"),
                );
                let mut breach = Breach::new(by.begun, what);
                breach.cases.push(case.id);
                breach.with(by)
            }));
        }
        silences(view, campaign, waits, not_provable);
    }
}

/// A stretch in which a case was due, open and not held by any decision.
#[derive(Clone, Copy, Debug)]
struct Wait {
    from: Wall,
    to: Wall,
}

/// The stretches of the night in which a case provably waited: until its first attempt, and after its last one. When it
/// was to be tried again in between is not kept.
fn waits_of(view: &View<'_>, case: &Case) -> Vec<Wait> {
    let attempts = view.by_case.get(&case.id).map_or(&[][..], Vec::as_slice);
    let last = view.evidence.to.min(view.evidence.read_at);
    let end = [case.closed, case.deadline].into_iter().flatten().fold(last, Wall::min);
    let due = case.due.max(case.created);
    let from = |at: Wall| at.max(view.evidence.from);
    // The time of the next try says how long the last hold was, so only what was decided later matters.
    let trailing = |since: Wall| {
        let since = from(since.max(case.next_at));
        let later = case.decisions.partition_point(|decision| decision.at < since);
        free_of_holds(case.decisions.get(later..).unwrap_or_default(), attempts, since, end)
    };
    match (attempts.first(), attempts.last()) {
        (Some(first), Some(latest)) => {
            // Who had asked for a time was not waiting for another one.
            let until_first = match view.is_appointment(first) {
                true => Vec::new(),
                false => free_of_holds(&case.decisions, attempts, from(due), first.begun.min(end)),
            };
            let again = latest.ended.map(trailing).unwrap_or_default();
            until_first.into_iter().chain(again).collect()
        }
        (Some(_), None) | (None, _) => trailing(due),
    }
}

/// What is left of a stretch without the times in which a decision held the case. The same reason twice in a row is
/// written down once: a hold lasts until another reason follows. A case that was given out and not dialed was given back,
/// perhaps until a time of its own: that too is no waiting that could be proved.
fn free_of_holds(decisions: &[Decision], attempts: &[&Attempt], from: Wall, to: Wall) -> Vec<Wait> {
    let is_dialed = |decided: Wall| {
        let mut attempts = attempts.iter();
        attempts.any(|attempt| decided <= attempt.begun + UNDER_WAY && attempt.begun <= decided + LEASE)
    };
    let mut free = Vec::new();
    let mut since = Some(from);
    for decision in decisions.iter().filter(|decision| decision.at < to) {
        let waits = decision.lets_dial() && is_dialed(decision.at);
        match (since, waits) {
            (Some(start), false) => {
                free.push(Wait {
                    from: start,
                    to: decision.at,
                });
                since = None;
            }
            (None, true) => since = Some(decision.at.max(from)),
            (Some(_), true) | (None, false) => {}
        }
    }
    free.extend(since.map(|start| Wait { from: start, to }));
    free.retain(|wait| wait.from < wait.to);
    free
}

/// The attempts of a campaign in their order, each with the earliest time at which its case can have begun to wait.
struct Turns<'a> {
    patience: Duration,
    by_priority: BTreeMap<i16, Vec<Turn<'a>>>,
}

struct Turn<'a> {
    attempt: &'a Attempt,
    waited_since: Wall,
    /// The latest of this and all that follow.
    latest_from_here: Wall,
}

impl<'a> Turns<'a> {
    fn of(view: &View<'a>, campaign: &Campaign) -> Self {
        let mut by_priority: BTreeMap<i16, Vec<Turn<'a>>> = BTreeMap::new();
        let own = view.by_campaign.get(&campaign.id).map_or(&[][..], Vec::as_slice);
        for attempt in own.iter().filter(|attempt| view.is_tonight(attempt.begun)) {
            let case = attempt.case.and_then(|case| view.cases.get(&case));
            let Some(case) = case.filter(|_| !view.is_appointment(attempt) && !view.is_doubtful(attempt.begun)) else {
                continue;
            };
            let same = view.by_case.get(&case.id).map_or(&[][..], Vec::as_slice);
            let before = same.iter().rfind(|other| other.id < attempt.id);
            let ended = before.and_then(|before| before.ended);
            let waited_since = [Some(case.due), Some(case.created), ended];
            let waited_since = waited_since.into_iter().flatten().max().unwrap_or(case.due);
            by_priority.entry(case.priority).or_default().push(Turn {
                attempt,
                waited_since,
                latest_from_here: waited_since,
            });
        }
        for turns in by_priority.values_mut() {
            let mut latest = None;
            for turn in turns.iter_mut().rev() {
                turn.latest_from_here = turn.latest_from_here.max(latest.unwrap_or(turn.waited_since));
                latest = Some(turn.latest_from_here);
            }
        }
        let patience = patience(campaign);
        Self { patience, by_priority }
    }

    /// The first attempt within the wait whose case came to wait long after this one.
    fn passed_over(&self, case: &Case, wait: Wait) -> Option<&'a Attempt> {
        let late = wait.from + self.patience;
        let lower = self.by_priority.range(..=case.priority);
        let first = lower.filter_map(|(_, turns)| {
            let start = turns.partition_point(|turn| turn.attempt.begun < late);
            let rest = turns.get(start..).unwrap_or_default();
            rest.iter()
                .take_while(|turn| turn.attempt.begun < wait.to && turn.latest_from_here >= late)
                .find(|turn| turn.waited_since >= late && turn.attempt.case != Some(case.id))
        });
        first.map(|turn| turn.attempt).min_by_key(|attempt| attempt.begun)
    }
}

/// Tells where the campaign dialed nobody for long inside its windows although somebody waited.
fn silences(view: &View<'_>, campaign: &Campaign, waits: &[(&Case, Wait)], not_provable: &mut Vec<Said>) {
    let patience = patience(campaign);
    let end = view.evidence.to.min(view.evidence.read_at);
    let mut from = view.evidence.from.max(campaign.started.unwrap_or(view.evidence.from));
    let own = view.by_campaign.get(&campaign.id).map_or(&[][..], Vec::as_slice);
    let begun = own
        .iter()
        .map(|attempt| attempt.begun)
        .filter(|at| view.is_tonight(*at));
    let mut told = 0;
    for next in begun.chain([end]) {
        if next.since(from) <= patience {
            from = from.max(next);
            continue;
        }
        for (start, stop) in open_within(campaign, from, next) {
            let lasts = stop.since(start) > patience;
            let waiting = || {
                waits
                    .iter()
                    .filter(|(_, wait)| wait.from <= start && stop <= wait.to)
                    .count()
            };
            let many = if lasts { waiting() } else { 0 };
            if many == 0 || told >= MOST_TOLD {
                continue;
            }
            told += 1;
            not_provable.push(silence(view, campaign, start, stop, many));
        }
        from = from.max(next);
    }
}

fn silence(view: &View<'_>, campaign: &Campaign, start: Wall, stop: Wall, many: usize) -> Said {
    let others = view.evidence.attempts.iter();
    let is_other = |attempt: &&Attempt| start < attempt.begun && attempt.begun < stop;
    let clock = |at| crate::calendar::local(at, view.evidence.zone).format("%H:%M");
    let (from, to, name) = (clock(start), clock(stop), &campaign.name);
    if others.filter(is_other).count() > 0 {
        Said::new(
            format!(
                "任务“{name}”{from} 至 {to} 没有拨打,{many} 个个案在等待,其间其他任务有呼叫:是否暂停、中继不可用,库中没有记录"
            ),
            format!(
                "campaign \"{name}\" dialed nobody from {from} to {to} while {many} cases waited and others were dialed: \
                 whether it was paused or its trunk down is not stored"
            ),
        )
    } else {
        Said::new(
            format!("{from} 至 {to} 没有任何呼叫,任务“{name}”有 {many} 个个案在等待:守护进程是否在运行,库中没有记录"),
            format!(
                "nobody was dialed at all from {from} to {to} while {many} cases of campaign \"{name}\" waited: whether \
                 the daemon ran is not stored"
            ),
        )
    }
}

/// The parts of a stretch in which the windows were open.
fn open_within(campaign: &Campaign, from: Wall, to: Wall) -> Vec<(Wall, Wall)> {
    let mut open = Vec::new();
    let mut at = from;
    while at < to {
        match campaign.schedule.gate(at) {
            Gate::Open { until, .. } => {
                open.push((at, until.min(to)));
                at = until;
            }
            Gate::Closed { until: Some(until), .. } if until > at => at = until,
            Gate::Closed { .. } => break,
        }
    }
    open
}
