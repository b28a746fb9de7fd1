//! A clean night to plant breaches in: one campaign, ten cases, one attempt each, and what the trunk saw of them.

use std::time::Duration;

use chrono::NaiveDate;

use crate::calendar::{DEFAULT_ZONE, Schedule, wall};
use crate::dialer::{Limits, Outcome, Pace, RetryPolicy};
use crate::ids::{AttemptId, CampaignId, CaseId, PatientId};
use crate::moment::Wall;
use crate::night::judge::trunk_log::Lists;
use crate::night::judge::{
    Attempt, Campaign, Case, Decision, Evidence, Judgement, Rule, Scope, Sighting, Trunk, TrunkLog, judge,
};
use crate::outcome::{Disposition, Reach};
use crate::phone::Number;

/// The night is 10 June 2025, a Tuesday.
pub(super) fn at(hour: u32, minute: u32, second: u32) -> Wall {
    wall(date().and_hms_opt(hour, minute, second).unwrap(), DEFAULT_ZONE)
}

pub(super) fn date() -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 6, 10).unwrap()
}

pub(super) fn number(n: u32) -> Number {
    Number::parse(&format!("138{:08}", u64::from(n) * 87_654_321 % 100_000_000)).unwrap()
}

pub(super) const CAMPAIGN: CampaignId = CampaignId(1);

pub(super) fn campaign() -> Campaign {
    Campaign {
        id: CAMPAIGN,
        name: "出院回访".to_owned(),
        purpose: Some("survey".to_owned()),
        schedule: Schedule::default(),
        retry: RetryPolicy::default(),
        limits: Limits::default(),
        lines: 4,
        pace: Pace::per_second(0.5).unwrap(),
        started: Some(at(0, 0, 0)),
    }
}

pub(super) fn case(n: i64) -> Case {
    Case {
        id: CaseId(n),
        campaign: CAMPAIGN,
        patient: PatientId(n),
        priority: 0,
        created: at(8, 0, 0),
        due: at(8, 0, 0),
        next_at: at(8, 0, 0),
        deadline: Some(at(23, 0, 0)),
        appointment: None,
        outcome: None,
        closed: None,
        decisions: Vec::new(),
    }
}

/// An attempt of two minutes that ended without an answer.
pub(super) fn attempt(id: i64, case: i64, begun: Wall) -> Attempt {
    Attempt {
        id: AttemptId(id),
        case: Some(CaseId(case)),
        campaign: Some(CAMPAIGN),
        patient: Some(PatientId(case)),
        number: number(u32::try_from(case).unwrap()),
        trunk: "carrier".to_owned(),
        trunks: 1,
        begun,
        answered: None,
        ended: Some(begun + Duration::from_secs(120)),
        locked_until: None,
        disposition: Some(Disposition::NoAnswer),
        given_up: false,
        reach: Reach::FarEnd,
        left_open: false,
        call_ids: vec![format!("call-{id}")],
    }
}

pub(super) fn sighting(attempt: &Attempt, line: usize) -> Sighting {
    Sighting {
        call_id: attempt.call_ids.first().cloned(),
        called: format!("+86{}", attempt.number.reveal()),
        at: Some(attempt.begun + Duration::from_millis(40)),
        line,
    }
}

/// Ten cases from 9:00 on, a minute apart, all completed.
pub(super) fn clean() -> Evidence {
    let mut evidence = Evidence {
        night: date(),
        zone: DEFAULT_ZONE,
        from: at(0, 0, 0),
        to: at(0, 0, 0) + Duration::from_secs(86_400),
        read_at: at(23, 30, 0),
        scope: Scope::All,
        campaigns: vec![campaign()],
        trunks: vec![Trunk {
            name: "carrier".to_owned(),
            lines: 4,
            pace: Pace::per_second(1.0).unwrap(),
        }],
        attempts: Vec::new(),
        cases: Vec::new(),
        listings: Vec::new(),
        states: Vec::new(),
        logs: Vec::new(),
    };
    for n in 1..=10 {
        let begun = at(9, u32::try_from(n).unwrap(), 0);
        let mut attempt = attempt(n, n, begun);
        attempt.answered = Some(begun + Duration::from_secs(20));
        attempt.disposition = Some(Disposition::Completed);
        let mut case = case(n);
        case.outcome = Some(Outcome::Completed);
        case.closed = attempt.ended;
        case.decisions = vec![Decision {
            at: begun,
            why: "due".to_owned(),
            until: None,
        }];
        evidence.attempts.push(attempt);
        evidence.cases.push(case);
    }
    let log = TrunkLog {
        name: "cdr.csv".to_owned(),
        trunk: None,
        sightings: (1..)
            .zip(&evidence.attempts)
            .map(|(line, attempt)| sighting(attempt, line))
            .collect(),
        lists: Lists::EveryInvite,
        covers: (Some(at(0, 0, 0)), None),
        faults: Vec::new(),
    };
    evidence.logs.push(log);
    evidence
}

/// Adds an attempt that the trunk saw too.
pub(super) fn add(evidence: &mut Evidence, attempt: Attempt) {
    if let Some(log) = evidence.logs.first_mut() {
        let line = log.sightings.len() + 1;
        log.sightings.push(sighting(&attempt, line));
    }
    evidence.attempts.push(attempt);
}

/// The rules that were broken, each with how often.
pub(super) fn broken(judgement: &Judgement) -> Vec<(Rule, usize)> {
    let rules = judgement.rules.iter().filter(|result| !result.broken.is_empty());
    rules.map(|result| (result.rule, result.broken.len())).collect()
}

/// Exactly one rule was broken, exactly once, by this attempt.
pub(super) fn assert_broken_once(evidence: &Evidence, rule: Rule, by: i64) {
    let judgement = judge(evidence);
    assert_eq!(broken(&judgement), [(rule, 1)], "{judgement:#?}");
    let breach = judgement.rules.iter().flat_map(|result| &result.broken).next().unwrap();
    assert!(breach.attempts.contains(&AttemptId(by)), "{breach:#?}");
}
