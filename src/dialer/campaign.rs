//! A running campaign as the dialer sees it, and the caps of a trunk.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Limits, RetryPolicy};
use crate::calendar::Schedule;
use crate::ids::{CampaignId, TrunkId};
use crate::phone::Number;

/// Whom to call is in the store; this is when, how fast and over what.
#[derive(Clone, Debug, PartialEq)]
pub struct Campaign {
    /// Which one.
    pub id: CampaignId,
    /// Its name.
    pub name: String,
    /// Over which trunks: the first that is up and does not rest carries its calls, the others are spares.
    pub routes: Vec<Route>,
    /// Which caller numbers its calls may show; none: all those of the trunk.
    pub callers: Vec<Number>,
    /// When calls may be placed.
    pub schedule: Schedule,
    /// Calls at a time, at most.
    pub lines: u16,
    /// New calls per second, at most.
    pub pace: Pace,
    /// The higher one goes first where campaigns share a trunk.
    pub priority: i16,
    /// When a case is tried again, and its budget.
    pub retry: RetryPolicy,
    /// How often numbers, patients and cases may be tried, and what stops a case.
    pub limits: Limits,
    /// How long a call may ring.
    pub ring: RingLimits,
    /// The dialplan that will run, by content hash.
    pub dialplan: String,
    /// How long a claim may wait for its line.
    pub lease: Duration,
}

/// A trunk of a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Which.
    pub trunk: TrunkId,
    /// Its name, for the attempt rows.
    pub name: String,
}

/// How long a claim may wait for its line, unless the campaign says otherwise.
pub const LEASE: Duration = Duration::from_secs(600);

/// How long a call may ring before it is cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RingLimits {
    /// From the first 180-189.
    pub from_ringing: Duration,
    /// From the INVITE.
    pub from_invite: Duration,
}

impl Default for RingLimits {
    /// 45 s of ringing, 60 s in all.
    fn default() -> Self {
        Self {
            from_ringing: Duration::from_secs(45),
            from_invite: Duration::from_secs(60),
        }
    }
}

/// What a trunk carries, over all campaigns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrunkCaps {
    /// Calls at a time, at most, whoever calls.
    pub lines: u16,
    /// So many of the lines are left to those who call us.
    pub kept_free: u16,
    /// New calls per second, at most.
    pub pace: Pace,
}

/// A rate of new calls, held as the shortest time between two of them: after a rest there is no burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pace {
    interval: Duration,
}

impl Pace {
    /// So many calls per second: from one in an hour to 1000; none outside of that.
    pub fn per_second(rate: f64) -> Option<Self> {
        if !(1.0 / 3600.0..=1000.0).contains(&rate) {
            return None;
        }
        let interval = Duration::try_from_secs_f64(1.0 / rate).ok()?;
        Some(Self { interval })
    }

    /// The shortest time between two new calls.
    pub const fn interval(self) -> Duration {
        self.interval
    }

    /// How many calls it allows within `time`, at least one.
    pub(super) fn within(self, time: Duration) -> usize {
        let calls = time.as_nanos() / self.interval.as_nanos().max(1);
        usize::try_from(calls).unwrap_or(usize::MAX).max(1)
    }
}
