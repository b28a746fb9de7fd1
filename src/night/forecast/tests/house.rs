//! What the tests begin with: one campaign with the shipped questionnaire over one trunk, and made-up people.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::super::{Behaviours, Broken, Forecast, Outlook, Population, Setup, Synthetic, Trunk, WhenDue};
use crate::calendar::{DueAfter, Schedule};
use crate::dialer::{Callers, Campaign, LEASE, Limits, Pace, RetryPolicy, RingLimits, Route, TrunkCaps};
use crate::dialplan::{self, Dialplan};
use crate::ids::{CampaignId, TrunkId};
use crate::moment::Wall;
use crate::outcome::CauseTable;

pub(super) const CAMPAIGN: CampaignId = CampaignId(1);
pub(super) const TRUNK: TrunkId = TrunkId(0);
/// Monday 2026-11-23, 0:00 in Shanghai.
pub(super) const MONDAY: Wall = Wall::from_millis(1_795_363_200_000);
pub(super) const QUESTIONNAIRE: &str = include_str!("../../../../dialplans/inpatient-satisfaction.toml");

pub(super) fn days(days: u64) -> Duration {
    Duration::from_secs(days * 86_400)
}

pub(super) fn plan() -> Dialplan {
    dialplan::parse(QUESTIONNAIRE).unwrap()
}

pub(super) fn campaign(lines: u16) -> Campaign {
    Campaign {
        id: CAMPAIGN,
        name: "回访".to_owned(),
        callers: Vec::new(),
        routes: vec![Route {
            trunk: TRUNK,
            name: "main".to_owned(),
        }],
        schedule: Schedule::default(),
        lines,
        pace: Pace::per_second(2.0).unwrap(),
        priority: 0,
        retry: RetryPolicy::default(),
        limits: Limits::default(),
        ring: RingLimits::default(),
        dialplan: plan().hash().to_owned(),
        lease: LEASE,
    }
}

pub(super) fn setup(campaign: Campaign, seed: u64) -> Setup {
    let plan = plan();
    let caps = TrunkCaps {
        lines: campaign.lines,
        pace: campaign.pace,
        kept_free: 0,
    };
    let trunk = Trunk {
        caps,
        callers: Callers::default(),
        causes: CauseTable::default(),
    };
    Setup {
        campaigns: vec![campaign],
        dialplans: BTreeMap::from([(plan.hash().to_owned(), Arc::new(plan))]),
        prompts: BTreeMap::new(),
        trunks: BTreeMap::from([(TRUNK, trunk)]),
        origin: MONDAY,
        seed,
    }
}

pub(super) fn people(patients: u32, seed: u64) -> Population {
    let synthetic = Synthetic {
        patients,
        days: 2,
        origin: MONDAY,
        seed,
        schedule: Schedule::default(),
        due: WhenDue::After {
            campaign: CAMPAIGN,
            due: DueAfter::default(),
            deadline: Some(DueAfter::Days(21)),
        },
    };
    synthetic.population()
}

/// Runs to the end, or for so long.
pub(super) fn run(setup: Setup, people: Population, behaviours: Behaviours, most: Duration) -> Result<Outlook, Broken> {
    let mut forecast = Forecast::new(setup, people, behaviours).unwrap();
    let mut told = 0;
    forecast.run_until(MONDAY + most, |_| told += 1)?;
    assert!(told > 0, "progress is told at least once");
    Ok(forecast.outlook())
}
