//! What the trunk saw against what was written down: nothing but our attempts, each after it was on disk; and all of those
//! that must have got there.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::trunk_log::{Lists, called_same};
use super::view::View;
use super::{Attempt, Breach, RuleResult, Said, Sighting, TrunkLog};
use crate::ids::AttemptId;
use crate::moment::Wall;
use crate::outcome::Reach;

/// An INVITE may seem to come so long before its attempt was on disk: clocks are read in milliseconds, and not at once.
const BEFORE: Duration = Duration::from_millis(1_500);
/// Without a Call-ID a call is known by its number, this close to its attempt.
const NEAR: Duration = Duration::from_secs(300);
/// With one that nobody wrote down (an upgrade in mid-call), this close.
const MARKLESS: Duration = Duration::from_secs(3);
/// A smaller difference of the clocks is not worth a word.
const SKEW: Duration = Duration::from_secs(2);

/// Whose call a sighting is.
struct Matched<'a> {
    /// The attempt, where there is one.
    attempts: Vec<Option<&'a Attempt>>,
    /// What is to be added to the log's times, in milliseconds.
    skew: i64,
    /// Known by number and time though a Call-ID stands there.
    by_number: usize,
}

pub(super) fn only_ours(view: &View<'_>, result: &mut RuleResult, not_provable: &mut Vec<Said>) {
    if view.evidence.logs.is_empty() {
        not_provable.push(Said::new(
            "没有提供中继记录(--trunk-log):中继实际看到了什么不可证",
            "no trunk log was given (--trunk-log): what the trunk really saw is not provable",
        ));
    }
    for log in &view.evidence.logs {
        let matched = matches(view, log);
        let mut timeless = 0;
        for (sighting, attempt) in log.sightings.iter().zip(&matched.attempts) {
            let at = sighting.at.map(|at| shift(at, matched.skew));
            match (attempt, at) {
                (Some(attempt), _) if !view.is_tonight(attempt.begun) => {}
                (Some(attempt), at) => result.check(told_wrong(sighting, attempt, at)),
                (None, Some(at)) if view.is_tonight(at) => result.check(Some(stranger(log, sighting, at))),
                (None, Some(_)) => {}
                (None, None) => timeless += 1,
            }
        }
        doubts(log, &matched, timeless, not_provable);
    }
}

fn doubts(log: &TrunkLog, matched: &Matched<'_>, timeless: usize, not_provable: &mut Vec<Said>) {
    let name = &log.name;
    let mut doubt = |zh: String, en: String| not_provable.push(Said::new(zh, en));
    if matched.skew.unsigned_abs() > u64::try_from(SKEW.as_millis()).unwrap_or(u64::MAX) {
        let seconds = matched.skew as f64 / 1000.0;
        doubt(
            format!("{name}:其时钟与本机相差 {seconds:.1} 秒,已校正"),
            format!("{name}: its clock differs from ours by {seconds:.1} s, which was allowed for"),
        );
    }
    if timeless > 0 {
        doubt(
            format!("{name}:{timeless} 条没有时间,也对不上当晚的尝试,属于哪一晚不可证"),
            format!(
                "{name}: {timeless} lines tell no time and match no attempt of the night: of which night they are is not provable"
            ),
        );
    }
    if matched.by_number > 0 {
        let many = matched.by_number;
        doubt(
            format!("{name}:{many} 条的 Call-ID 未被记下,按号码和时间对上"),
            format!("{name}: {many} Call-IDs were not written down; known by number and time"),
        );
    }
    for fault in &log.faults {
        let (line, what) = (fault.line, &fault.what);
        doubt(
            format!("{name} 第 {line} 行:{}", what.zh),
            format!("{name}:{line}: {}", what.en),
        );
    }
}

/// A sighting that is an attempt's and yet contradicts it.
fn told_wrong(sighting: &Sighting, attempt: &Attempt, at: Option<Wall>) -> Option<Breach> {
    let what = if !called_same(&sighting.called, &attempt.number) {
        Said::new(
            "中继看到的被叫号码与尝试不符",
            "the trunk saw another number than the attempt has",
        )
    } else if at.is_some_and(|at| at + BEFORE < attempt.begun) {
        Said::new(
            "INVITE 早于尝试写入磁盘",
            "the INVITE left before its attempt was on disk",
        )
    } else {
        return None;
    };
    let mut breach = Breach::by(attempt, what);
    breach.call_id = sighting.call_id.clone();
    Some(breach)
}

fn stranger(log: &TrunkLog, sighting: &Sighting, at: Wall) -> Breach {
    let (name, line) = (&log.name, sighting.line);
    let what = Said::new(
        format!("{name} 第 {line} 行的呼叫没有对应的尝试"),
        format!("no attempt is behind the call in {name}:{line}"),
    );
    let mut breach = Breach::new(at, what);
    breach.call_id = sighting.call_id.clone();
    breach.number = Some(super::trunk_log::masked(&sighting.called));
    breach
}

pub(super) fn all_ours(view: &View<'_>, result: &mut RuleResult, not_provable: &mut Vec<Said>) {
    let logs = &view.evidence.logs;
    if logs.is_empty() {
        return;
    }
    let mut seen: BTreeSet<AttemptId> = BTreeSet::new();
    let mut skews = Vec::new();
    for log in logs {
        let matched = matches(view, log);
        seen.extend(matched.attempts.iter().flatten().map(|attempt| attempt.id));
        skews.push(matched.skew);
    }
    let mut uncovered = 0;
    for attempt in view
        .evidence
        .attempts
        .iter()
        .filter(|attempt| view.is_tonight(attempt.begun))
    {
        if seen.contains(&attempt.id) {
            result.check(None);
            continue;
        }
        let must_list = logs.iter().zip(&skews).find(|(log, skew)| lists(log, **skew, attempt));
        match must_list {
            Some((log, _)) => {
                let name = &log.name;
                let what = Said::new(
                    format!("已到达中继的呼叫不在 {name} 中"),
                    format!("the call reached the trunk and is not in {name}"),
                );
                let mut breach = Breach::by(attempt, what);
                breach.call_id = attempt.call_ids.first().cloned();
                result.check(Some(breach));
            }
            None if attempt.reach == Reach::FarEnd => uncovered += 1,
            None => {}
        }
    }
    if uncovered > 0 {
        not_provable.push(Said::new(
            format!("{uncovered} 次到达中继的呼叫不在所给记录的范围内"),
            format!("{uncovered} calls that reached a trunk are outside of what the given logs list"),
        ));
    }
}

/// Whether a log would list an attempt, if it had come.
fn lists(log: &TrunkLog, skew: i64, attempt: &Attempt) -> bool {
    let is_its = match &log.trunk {
        Some(trunk) => *trunk == attempt.trunk && attempt.trunks <= 1,
        None => true,
    };
    let came = match log.lists {
        Lists::EveryInvite => attempt.reach == Reach::FarEnd,
        Lists::Answered => attempt.answered.is_some(),
    };
    let (from, to) = log.covers;
    let from = from.map(|from| shift(from, skew));
    let to = to.map(|to| shift(to, skew));
    is_its && came && from.is_some_and(|from| from <= attempt.begun) && to.is_none_or(|to| attempt.begun <= to)
}

fn shift(at: Wall, millis: i64) -> Wall {
    Wall::from_millis(at.millis().saturating_add(millis))
}

fn matches<'a>(view: &View<'a>, log: &TrunkLog) -> Matched<'a> {
    let mut by_call_id: BTreeMap<&str, &Attempt> = BTreeMap::new();
    for attempt in &view.evidence.attempts {
        by_call_id.extend(attempt.call_ids.iter().map(|id| (id.as_str(), attempt)));
    }
    let found = |sighting: &Sighting| by_call_id.get(sighting.call_id.as_deref()?).copied();
    let mut attempts: Vec<Option<&Attempt>> = log.sightings.iter().map(found).collect();
    let skew = skew(log, &attempts);
    let mut taken: BTreeSet<AttemptId> = attempts.iter().flatten().map(|attempt| attempt.id).collect();
    let by_tail = Tails::of(view);
    let mut by_number = 0;
    for (sighting, attempt) in log.sightings.iter().zip(&mut attempts) {
        if attempt.is_some() {
            continue;
        }
        let near = if sighting.call_id.is_some() { MARKLESS } else { NEAR };
        let Some(at) = sighting.at.map(|at| shift(at, skew)) else {
            continue;
        };
        let free = by_tail.nearest(sighting, at, near, |attempt| !taken.contains(&attempt.id));
        if let Some(free) = free {
            taken.insert(free.id);
            *attempt = Some(free);
            by_number += usize::from(sighting.call_id.is_some());
        }
    }
    Matched {
        attempts,
        skew,
        by_number,
    }
}

/// By how much the log's clock is behind ours: the median over the calls that are known by their Call-ID. An INVITE follows
/// its attempt within a second, so a difference of less is none.
fn skew(log: &TrunkLog, attempts: &[Option<&Attempt>]) -> i64 {
    let pairs = log.sightings.iter().zip(attempts);
    let mut differences: Vec<i64> = pairs
        .filter_map(|(sighting, attempt)| Some((*attempt)?.begun.millis() - sighting.at?.millis()))
        .collect();
    differences.sort_unstable();
    let median = differences.get(differences.len() / 2).copied().unwrap_or(0);
    let is_none = median.unsigned_abs() <= u64::try_from(SKEW.as_millis()).unwrap_or(u64::MAX);
    if is_none { 0 } else { median }
}

/// The attempts by the last digits of their numbers.
struct Tails<'a>(BTreeMap<String, Vec<&'a Attempt>>);

impl<'a> Tails<'a> {
    fn of(view: &View<'a>) -> Self {
        let mut tails: BTreeMap<String, Vec<&Attempt>> = BTreeMap::new();
        for attempt in &view.evidence.attempts {
            let tail = super::trunk_log::tail(attempt.number.reveal());
            tails.entry(tail).or_default().push(attempt);
        }
        Self(tails)
    }

    fn nearest(
        &self,
        sighting: &Sighting,
        at: Wall,
        near: Duration,
        is_free: impl Fn(&Attempt) -> bool,
    ) -> Option<&'a Attempt> {
        let same = self.0.get(&super::trunk_log::tail(&sighting.called))?;
        let away = |attempt: &Attempt| attempt.begun.since(at).max(at.since(attempt.begun));
        let candidates = same.iter().copied().filter(|attempt| {
            is_free(attempt) && away(attempt) <= near && called_same(&sighting.called, &attempt.number)
        });
        candidates.min_by_key(|attempt| away(attempt))
    }
}
