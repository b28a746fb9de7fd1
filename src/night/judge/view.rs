//! The evidence in order: by case, by number, by campaign, each in the order of time.

use std::collections::BTreeMap;
use std::time::Duration;

use super::evidence::{APPOINTMENT, TOLERANCE, UNDER_WAY};
use super::{Attempt, Campaign, Case, Evidence, Said, Scope};
use crate::calendar::Hours;
use crate::dialer::LEASE;
use crate::ids::{CampaignId, CaseId, PatientId};
use crate::moment::Wall;
use crate::phone::Number;

/// A smaller step back of the stored times is what several writers bring with them.
const STEP: Duration = Duration::from_secs(1);

pub(super) type Attempts<'a> = Vec<&'a Attempt>;

/// The evidence, looked up quickly.
pub(super) struct View<'a> {
    pub(super) evidence: &'a Evidence,
    pub(super) campaigns: BTreeMap<CampaignId, &'a Campaign>,
    pub(super) cases: BTreeMap<CaseId, &'a Case>,
    pub(super) by_case: BTreeMap<CaseId, Attempts<'a>>,
    pub(super) by_number: BTreeMap<&'a Number, Attempts<'a>>,
    pub(super) by_patient: BTreeMap<PatientId, Attempts<'a>>,
    pub(super) by_campaign: BTreeMap<CampaignId, Attempts<'a>>,
    /// Stretches of civil time that were lived twice because the clock was set back.
    twice: Vec<(Wall, Wall)>,
}

impl<'a> View<'a> {
    pub(super) fn of(evidence: &'a Evidence) -> Self {
        let mut sorted: Attempts = evidence.attempts.iter().collect();
        sorted.sort_by_key(|attempt| attempt.id);
        let twice = lived_twice(&sorted);
        sorted.sort_by_key(|attempt| (attempt.begun, attempt.id));
        let mut view = Self {
            evidence,
            campaigns: evidence
                .campaigns
                .iter()
                .map(|campaign| (campaign.id, campaign))
                .collect(),
            cases: evidence.cases.iter().map(|case| (case.id, case)).collect(),
            by_case: BTreeMap::new(),
            by_number: BTreeMap::new(),
            by_patient: BTreeMap::new(),
            by_campaign: BTreeMap::new(),
            twice,
        };
        for attempt in sorted {
            view.by_number.entry(&attempt.number).or_default().push(attempt);
            if let Some(case) = attempt.case {
                view.by_case.entry(case).or_default().push(attempt);
            }
            if let Some(patient) = attempt.patient {
                view.by_patient.entry(patient).or_default().push(attempt);
            }
            if let Some(campaign) = attempt.campaign {
                view.by_campaign.entry(campaign).or_default().push(attempt);
            }
        }
        view
    }

    /// Whether a time belongs to the night.
    pub(super) fn is_tonight(&self, at: Wall) -> bool {
        self.evidence.from <= at && at < self.evidence.to
    }

    /// Whether a campaign's attempts are judged.
    pub(super) fn judges(&self, campaign: CampaignId) -> bool {
        match self.evidence.scope {
            Scope::All => true,
            Scope::Only(only) => only == campaign,
        }
    }

    /// The attempts that are judged: those of cases that were begun in the night, with their campaigns.
    pub(super) fn tonight(&self) -> impl Iterator<Item = (&'a Attempt, &'a Campaign)> {
        self.evidence
            .attempts
            .iter()
            .filter(|attempt| self.is_tonight(attempt.begun))
            .filter_map(|attempt| {
                let campaign = attempt.campaign.filter(|campaign| self.judges(*campaign))?;
                Some((attempt, *self.campaigns.get(&campaign)?))
            })
    }

    /// Whether the clock showed this time twice: what was first, nobody can tell by it.
    pub(super) fn is_doubtful(&self, at: Wall) -> bool {
        self.twice.iter().any(|(from, to)| *from <= at && at <= *to)
    }

    /// Whether an attempt was made at the time that the patient had asked for: limits of the case and the windows of the
    /// campaign yield to that. A claim may wait for its line as long as its lease.
    pub(super) fn is_appointment(&self, attempt: &Attempt) -> bool {
        let case = attempt.case.and_then(|case| self.cases.get(&case));
        if let Some(asked) = case.and_then(|case| case.appointment) {
            let (from, to) = (asked - TOLERANCE, asked + TOLERANCE + LEASE);
            if from <= attempt.begun + UNDER_WAY && attempt.begun <= to {
                return true;
            }
        }
        let decided = case.and_then(|case| case.decisions.iter().rev().find(|decided| decided.at <= attempt.begun));
        decided.is_some_and(|decided| decided.why == APPOINTMENT)
    }

    /// What nobody can know about the night as a whole.
    pub(super) fn doubts(&self) -> Vec<Said> {
        let mut doubts = Vec::new();
        let mut doubt = |zh: String, en: String| doubts.push(Said::new(zh, en));
        let judged = || self.campaigns.values().filter(|campaign| self.judges(campaign.id));
        for campaign in judged().filter(|campaign| campaign.schedule.hours == Hours::AnyTime) {
            let name = &campaign.name;
            doubt(
                format!("任务“{name}”:按测试模式复核,不看呼叫时段"),
                format!("campaign \"{name}\": judged in test mode, without windows"),
            );
        }
        for campaign in judged().filter(|campaign| campaign.started.is_some_and(|at| at >= self.evidence.to)) {
            let name = &campaign.name;
            doubt(
                format!("任务“{name}”此后又启动过:时段、限额等按现在的文件复核"),
                format!("campaign \"{name}\" was started again since: judged by its present file"),
            );
        }
        let steps = self.twice.iter().filter(|(_, to)| self.is_tonight(*to)).count();
        if steps > 0 {
            doubt(
                format!("系统时钟被回调 {steps} 次:重复的时间段内先后不可证"),
                format!("the clock was set back {steps} times: in the hours that came twice the order is not provable"),
            );
        }
        let open = self.tonight().filter(|(attempt, _)| attempt.ended.is_none()).count();
        if open > 0 {
            doubt(
                format!("{open} 次尝试还没有结束记录(通话中,或守护进程尚未重启)"),
                format!("{open} attempts have no end yet: under way, or no daemon was started since"),
            );
        }
        doubts
    }
}

/// Attempts are numbered in the order they were begun: where a time goes back, the clock was set back.
fn lived_twice(by_id: &[&Attempt]) -> Vec<(Wall, Wall)> {
    let mut latest: Option<Wall> = None;
    let mut twice: Vec<(Wall, Wall)> = Vec::new();
    for attempt in by_id {
        let before = latest.unwrap_or(attempt.begun);
        if before.since(attempt.begun) > STEP {
            match twice.last_mut().filter(|(_, to)| *to == before) {
                Some((from, _)) => *from = (*from).min(attempt.begun),
                None => twice.push((attempt.begun, before)),
            }
        }
        latest = Some(before.max(attempt.begun));
    }
    twice
}
