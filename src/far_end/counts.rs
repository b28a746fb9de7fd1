//! What the whole far end counted: for progress lines, for tests, and for the last line of the log.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde::Serialize;

use crate::moment::Moment;

use super::call::entry::Entry;
use super::call::tenths;
use super::rtp::lateness::Lateness;

const A_SECOND: Duration = Duration::from_secs(1);
/// No trunk takes more calls in a second than this.
const MOST_REMEMBERED: usize = 10_000;

/// What was counted since the start. Numbers of calls are numbers of Call-IDs.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Counts {
    /// Call-IDs seen.
    pub calls: u64,
    /// INVITE datagrams seen, repeated and authenticated ones included.
    pub invite_messages: u64,
    /// Calls that are up now: ringing, talking, or not yet acknowledged.
    pub up: u64,
    /// Calls that are answered now.
    pub talking: u64,
    /// The most calls that were up at once.
    pub most_up: u64,
    /// The most new calls within any one second.
    pub most_in_a_second: u64,
    /// Calls over and written to the log.
    pub ended: u64,
    /// Of these: answered.
    pub answered: u64,
    /// Of these: cancelled by the caller.
    pub cancelled: u64,
    /// Ended calls by the final status that was sent; `none` if none was.
    pub statuses: BTreeMap<String, u64>,
    /// Ended calls by the behaviour of the patient.
    pub behaviours: BTreeMap<String, u64>,
    /// Prompts heard, whole or cut.
    pub prompts: u64,
    /// Prompts heard to their end.
    pub prompts_whole: u64,
    /// Prompts cut after the patient pressed a key.
    pub prompts_barged: u64,
    /// Keys pressed.
    pub keys: u64,
    /// Milliseconds of sound that was no known prompt.
    pub unrecognised_ms: u64,
    /// RTP packets received.
    pub packets_received: u64,
    /// RTP packets sent.
    pub packets_sent: u64,
    /// RTP packets that never came.
    pub lost: u64,
    /// The longest time between two RTP packets that any patient heard.
    pub gap_ms_max: f64,
    /// Arrival minus the stream's own schedule: half of all packets were no later than this (in the summary only).
    pub late_p50_ms: f64,
    /// 99 % were no later than this.
    pub late_p99_ms: f64,
    /// 99.9 % were no later than this.
    pub late_p999_ms: f64,
    /// The latest packet.
    pub late_ms_max: f64,
    /// Mistakes of the caller's SIP.
    pub sip_faults: BTreeMap<String, u64>,
    /// Mistakes of the caller's RTP.
    pub rtp_faults: BTreeMap<String, u64>,
    #[serde(skip)]
    late: Lateness,
    #[serde(skip)]
    last_second: VecDeque<Moment>,
}

/// The last line of the log.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Always `summary`.
    pub kind: &'static str,
    /// From the start to the stop.
    pub wall_ms: u64,
    /// What was counted.
    #[serde(flatten)]
    pub counts: Counts,
}

impl Counts {
    /// A new Call-ID.
    pub(super) fn called(&mut self, now: Moment) {
        self.calls += 1;
        while self.last_second.front().is_some_and(|&at| now.since(at) >= A_SECOND) {
            self.last_second.pop_front();
        }
        if self.last_second.len() < MOST_REMEMBERED {
            self.last_second.push_back(now);
        }
        self.most_in_a_second = self.most_in_a_second.max(length(self.last_second.len()));
    }

    /// How many are up and talking.
    pub(super) fn stand(&mut self, up: u64, talking: u64) {
        (self.up, self.talking) = (up, talking);
        self.most_up = self.most_up.max(up);
    }

    /// A mistake that belongs to no line of a call.
    pub(super) fn blame(&mut self, what: &str) {
        *self.sip_faults.entry(what.to_owned()).or_default() += 1;
    }

    /// Works the quantiles out, which only their readers need.
    pub(super) fn with_quantiles(&self) -> Self {
        Self {
            late_p50_ms: tenths(self.late.quantile(500)),
            late_p99_ms: tenths(self.late.quantile(990)),
            late_p999_ms: tenths(self.late.quantile(999)),
            late_ms_max: tenths(self.late.most()),
            ..self.clone()
        }
    }

    /// A line of the log.
    pub(super) fn add(&mut self, entry: &Entry) {
        self.ended += 1;
        self.answered += u64::from(entry.answered);
        self.cancelled += u64::from(entry.cancelled);
        let status = entry.status.map_or_else(|| "none".to_owned(), |s| s.to_string());
        *self.statuses.entry(status).or_default() += 1;
        *self.behaviours.entry(entry.behaviour.clone()).or_default() += 1;
        self.prompts += length(entry.prompts.len());
        self.prompts_whole += length(entry.prompts.iter().filter(|p| p.whole).count());
        self.prompts_barged += length(entry.prompts.iter().filter(|p| p.barged).count());
        self.keys += length(entry.keys.len());
        self.unrecognised_ms += entry.unrecognised_ms;
        self.packets_received += entry.packets_received;
        self.packets_sent += entry.packets_sent;
        self.lost += entry.lost;
        self.late.add(&entry.late);
        self.gap_ms_max = self.gap_ms_max.max(entry.gap_ms_max);
        for fault in &entry.sip_faults {
            *self.sip_faults.entry(fault.what.to_owned()).or_default() += fault.times;
        }
        for fault in &entry.rtp_faults {
            *self.rtp_faults.entry(fault.what.to_owned()).or_default() += fault.times;
        }
    }
}

fn length(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_that_of_the_worst_second_wherever_it_begins() {
        let mut counts = Counts::default();
        for millis in [0, 900, 950, 1_100, 1_850, 1_949, 2_100] {
            counts.called(Moment::ZERO + Duration::from_millis(millis));
        }
        assert_eq!((counts.calls, counts.most_in_a_second), (7, 4));
    }
}
