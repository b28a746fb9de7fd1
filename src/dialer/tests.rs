//! The dialer by hand, in virtual time; then a random world that checks what must always hold.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDateTime;

use super::*;
use crate::calendar::{DEFAULT_ZONE, Schedule, wall};
use crate::ids::{AttemptId, CallMark, CampaignId, CaseId, NumberId, PatientId, TrunkId};
use crate::moment::{Moment, Wall};
use crate::outcome::Disposition;
use crate::phone::Number;

mod claims;
mod document;
mod flow;
mod naive;
mod placed;
mod policies;
mod retries;
mod routes;
mod stops;
mod trunks;
mod world;

const TRUNK: TrunkId = TrunkId(1);
const CAMPAIGN: CampaignId = CampaignId(7);
const ZONE: chrono_tz::Tz = DEFAULT_ZONE;

fn shanghai(text: &str) -> Wall {
    wall(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap(), ZONE)
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn pace(rate: f64) -> Pace {
    Pace::per_second(rate).unwrap()
}

/// Ten lines, two calls a second, the default windows.
fn campaign() -> Campaign {
    Campaign {
        id: CAMPAIGN,
        name: "discharged in November".into(),
        routes: vec![route(TRUNK)],
        callers: Vec::new(),
        schedule: Schedule::default(),
        lines: 10,
        pace: pace(2.0),
        priority: 0,
        retry: RetryPolicy::default(),
        limits: Limits::default(),
        ring: RingLimits::default(),
        dialplan: "sha256".into(),
        lease: LEASE,
    }
}

fn route(trunk: TrunkId) -> Route {
    Route {
        trunk,
        name: if trunk == TRUNK { "carrier" } else { "spare" }.into(),
    }
}

fn trunk(lines: u16, rate: f64) -> BTreeMap<TrunkId, TrunkCaps> {
    BTreeMap::from([(
        TRUNK,
        TrunkCaps {
            lines,
            pace: pace(rate),
            kept_free: 0,
        },
    )])
}

fn claimed(case: i64, lease_until: Wall) -> Claimed {
    Claimed {
        campaign: CAMPAIGN,
        case: CaseId(case),
        number_id: NumberId(case),
        number: Number::parse("13800000000").unwrap(),
        counted: 0,
        attempts: 0,
        past: Vec::new(),
        deadline: None,
        lease_until,
        resume: None,
        skills: BTreeSet::new(),
    }
}

fn candidate(case: i64, next_at: Wall) -> Candidate {
    Candidate {
        case: CaseId(case),
        patient: PatientId(case),
        priority: 0,
        due: next_at,
        next_at,
        deadline: None,
        appointment: None,
        counted: 0,
        tried: Vec::new(),
        patient_tried: Vec::new(),
        states: BTreeSet::new(),
        numbers: vec![CandidateNumber {
            id: NumberId(case),
            number: Number::parse("13800000000").unwrap(),
            owner: Owner::Patient,
            dead: false,
            listed: None,
            locked: false,
            called: Vec::new(),
        }],
    }
}

/// A dialer with its two clocks, and what it said.
struct Desk {
    dialer: Dialer,
    now: Moment,
    wall: Wall,
}

impl Desk {
    /// Begins at this local time, with one campaign that runs.
    fn open(time: &str, campaign: Campaign) -> (Self, Vec<Output>) {
        Self::with_trunk(time, trunk(50, 100.0), campaign)
    }

    fn with_trunk(time: &str, trunks: BTreeMap<TrunkId, TrunkCaps>, campaign: Campaign) -> (Self, Vec<Output>) {
        let mut desk = Self {
            dialer: Dialer::new(trunks, 1),
            now: Moment::from_nanos(1_000_000_000),
            wall: shanghai(time),
        };
        let outputs = desk.tell(Input::CampaignStarted(Box::new(campaign)));
        (desk, outputs)
    }

    fn tell(&mut self, input: Input) -> Vec<Output> {
        self.dialer.handle(self.now, self.wall, input);
        std::iter::from_fn(|| self.dialer.poll()).collect()
    }

    fn after(&mut self, duration: Duration) -> Vec<Output> {
        self.now += duration;
        self.wall = self.wall + duration;
        self.tell(Input::Wake)
    }

    /// Lets time pass to the next deadline.
    fn at_deadline(&mut self) -> (Timer, Vec<Output>) {
        let (moment, timer) = self.dialer.deadline().expect("a deadline");
        let wait = moment.since(self.now);
        assert!(!wait.is_zero(), "{timer:?} is due already");
        (timer, self.after(wait))
    }

    /// The store answers with cases of these numbers.
    fn claimed(&mut self, cases: impl IntoIterator<Item = i64>) -> Vec<Output> {
        let lease_until = self.wall + LEASE;
        let cases = cases.into_iter().map(|case| claimed(case, lease_until)).collect();
        self.tell(Input::Claimed {
            campaign: CAMPAIGN,
            cases,
        })
    }

    /// The store has written down the attempt of a case; it has the same number.
    fn begun(&mut self, case: i64) -> Vec<Output> {
        self.tell(Input::Begun(Begun {
            mark: CallMark::default(),
            case: CaseId(case),
            attempt: AttemptId(case),
        }))
    }

    fn ended(&mut self, attempt: i64, disposition: Disposition) -> Vec<Output> {
        self.tell(Input::Ended {
            attempt: AttemptId(attempt),
            disposition,
            retry_after: None,
        })
    }
}

fn claim_limits(outputs: &[Output]) -> Vec<usize> {
    let limit = |output: &Output| {
        if let Output::Claim(claim) = output {
            Some(claim.limit)
        } else {
            None
        }
    };
    outputs.iter().filter_map(limit).collect()
}

fn begins(outputs: &[Output]) -> Vec<i64> {
    let case = |output: &Output| {
        if let Output::Begin(begin) = output {
            Some(begin.case.0)
        } else {
            None
        }
    };
    outputs.iter().filter_map(case).collect()
}

fn dials(outputs: &[Output]) -> Vec<i64> {
    let attempt = |output: &Output| {
        if let Output::Dial(dial) = output {
            Some(dial.attempt.0)
        } else {
            None
        }
    };
    outputs.iter().filter_map(attempt).collect()
}

fn releases(outputs: &[Output]) -> Vec<i64> {
    let case = |output: &Output| {
        if let Output::Release(release) = output {
            Some(release.case.0)
        } else {
            None
        }
    };
    outputs.iter().filter_map(case).collect()
}

fn abandoned(outputs: &[Output]) -> Vec<(i64, TooLate)> {
    let attempt = |output: &Output| {
        let Output::Abandon { attempt, reason, .. } = output else {
            return None;
        };
        Some((attempt.0, *reason))
    };
    outputs.iter().filter_map(attempt).collect()
}
