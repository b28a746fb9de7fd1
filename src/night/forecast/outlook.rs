//! What a forecast comes to: every attempt, every case, the lines over time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::NaiveDate;

use crate::dialer::Outcome;
use crate::dialer::claim::Decision;
use crate::ids::{AttemptId, CampaignId, CaseId, NumberId, TrunkId};
use crate::moment::Wall;
use crate::outcome::Disposition;

/// The night, or the nights, as they would go.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outlook {
    /// Every attempt in the order of their ends.
    pub attempts: Vec<Made>,
    /// Every case, by id.
    pub cases: Vec<CaseSeen>,
    /// How the attempts ended.
    pub dispositions: BTreeMap<Disposition, usize>,
    /// Lines in use.
    pub lines: Lines,
    /// Local dates on which somebody was called, by the zone of the case's campaign.
    pub nights: BTreeSet<NaiveDate>,
    /// When the last case was closed; none if one is open still.
    pub finished: Option<Wall>,
    /// Time that passed in it.
    pub lasts: Duration,
    /// SHA-256 over the canonical lines of every decision and happening, in hexadecimal.
    pub trace_sha256: String,
    /// How many such lines there are.
    pub trace_lines: u64,
}

/// One attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// Which.
    pub attempt: AttemptId,
    /// Of which case.
    pub case: CaseId,
    /// Of which campaign.
    pub campaign: CampaignId,
    /// At which number.
    pub number: NumberId,
    /// Over which trunk.
    pub trunk: TrunkId,
    /// When it began.
    pub at: Wall,
    /// When it ended.
    pub ended: Wall,
    /// How.
    pub disposition: Disposition,
    /// The rule that says so.
    pub rule: &'static str,
}

/// One case at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseSeen {
    /// Which.
    pub case: CaseId,
    /// Of which campaign.
    pub campaign: CampaignId,
    /// Attempts in this forecast and before.
    pub attempts: usize,
    /// How it was closed; none: it is open.
    pub outcome: Option<Outcome>,
    /// What was decided of it last; none if its turn never came.
    pub last: Option<Decision>,
    /// When an open case is looked at next.
    pub next_at: Wall,
}

/// Lines over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lines {
    /// The most at one time.
    pub peak: usize,
    /// The time of all lines together during which they were in use.
    pub busy: Duration,
    /// The most at one time of each quarter of an hour in which there was a call.
    pub quarters: BTreeMap<Wall, usize>,
    now: usize,
}

/// A quarter of an hour, in milliseconds.
const QUARTER: i64 = 900_000;

impl Lines {
    pub(super) fn taken(&mut self, wall: Wall) {
        self.now += 1;
        self.peak = self.peak.max(self.now);
        let quarter = Wall::from_millis(wall.millis().div_euclid(QUARTER) * QUARTER);
        let peak = self.quarters.entry(quarter).or_default();
        *peak = (*peak).max(self.now);
    }

    pub(super) fn freed(&mut self, since: Wall, wall: Wall) {
        self.now = self.now.saturating_sub(1);
        self.busy += wall.since(since);
    }

    /// The mean over the quarters in which there was a call.
    pub fn mean(&self) -> f64 {
        let quarters = u32::try_from(self.quarters.len()).unwrap_or(u32::MAX).max(1);
        self.busy.as_secs_f64() / (f64::from(quarters) * 900.0)
    }
}

impl Outlook {
    /// Cases closed with this outcome.
    pub fn with_outcome(&self, outcome: Outcome) -> usize {
        let same = |case: &&CaseSeen| case.outcome == Some(outcome);
        self.cases.iter().filter(same).count()
    }

    /// Cases that are open at the end.
    pub fn unfinished(&self) -> usize {
        self.cases.iter().filter(|case| case.outcome.is_none()).count()
    }
}
