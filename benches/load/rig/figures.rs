//! The figures of one measurement, for people and for programs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde::Serialize;

use super::judge::Stored;
use super::process::Usage;
use super::site::{Seen, SeenCall, Summary};
use super::{Recorded, Work};

/// A recording may differ from the call by so much: it begins when the answer was read, and ends when the leg closes.
const RECORDING_MS: i64 = 60;

/// A packet's audio.
const FRAME_MS: u64 = 20;

/// Keys of a call.
const KEYS: u64 = 2;

/// What came of one N.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figures {
    pub(crate) calls: u32,
    pub(crate) cpu_ms_per_call_s: f64,
    pub(crate) rss_kb_per_call: f64,
    pub(crate) late_p99_ms: f64,
    pub(crate) keys_right: f64,
    pub(crate) lost: f64,
    #[serde(skip)]
    pub(crate) more: More,
}

/// What only the table shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct More {
    pub(crate) system_share: f64,
    pub(crate) most_up: u64,
    pub(crate) call_s: f64,
    pub(crate) late_p50_ms: f64,
    pub(crate) late_p999_ms: f64,
    pub(crate) late_ms_max: f64,
    /// Calls that did not end as completed.
    pub(crate) unfinished: u32,
    /// Recordings that are missing or of another length than the call.
    pub(crate) recordings_wrong: u32,
    /// Calls in which the far end found a mistake, and mistakes outside any call.
    pub(crate) faulty: u32,
    faults: BTreeSet<String>,
}

impl Figures {
    pub(crate) fn of(work: &Work, before: &Usage, after: &Usage, seen: &[Seen], stored: &[Stored]) -> Self {
        let stored: BTreeMap<&str, &Stored> = stored
            .iter()
            .filter_map(|attempt| Some((attempt.call_id.as_deref()?, attempt)))
            .collect();
        let mut more = More::default();
        let (mut call_ms, mut keys_right, mut packets, mut lost) = (0, 0, 0, 0);
        let mut summary = None;
        let mut answered = 0;
        for line in seen {
            let call = match line {
                Seen::Call(call) => call,
                Seen::After { fault } => {
                    more.faulty += 1;
                    more.faults.insert(fault.clone());
                    continue;
                }
                Seen::Summary(last) => {
                    summary = Some(last);
                    continue;
                }
            };
            let attempt = stored.get(call.call_id.as_str()).copied();
            answered += u32::from(call.answered);
            call_ms += call.talk_ms;
            keys_right += right_keys(call, attempt);
            // A frame that the daemon left out never came either.
            let missing = call.lost + call.paused_ms / FRAME_MS;
            packets += call.packets_received + missing;
            lost += missing;
            if let Some(attempt) = attempt {
                let (came, missing) = (
                    attempt.packets_received.unsigned_abs(),
                    attempt.packets_lost.unsigned_abs(),
                );
                packets += came + missing;
                lost += missing;
            }
            let faults: Vec<String> = call.faults().map(str::to_owned).collect();
            more.faulty += u32::from(!faults.is_empty());
            more.faults.extend(faults);
            more.recordings_wrong += u32::from(work.record == Recorded::Yes && is_recorded_wrongly(call, attempt));
        }
        let completed = stored
            .values()
            .filter(|attempt| attempt.disposition.as_deref() == Some("completed"));
        more.unfinished = work.total().saturating_sub(completed.count() as u32);
        more.recordings_wrong += work.total().saturating_sub(answered) * u32::from(work.record == Recorded::Yes);
        more.call_s = call_ms as f64 / 1_000.0;
        let system = after.system.saturating_sub(before.system);
        let cpu = after.user.saturating_sub(before.user) + system;
        more.system_share = share(system.as_secs_f64(), cpu.as_secs_f64());
        let mut late_p99_ms = f64::MAX;
        if let Some(Summary {
            most_up,
            late_p50_ms,
            late_p99_ms: p99,
            late_p999_ms,
            late_ms_max,
        }) = summary
        {
            late_p99_ms = *p99;
            (more.most_up, more.late_p50_ms) = (*most_up, *late_p50_ms);
            (more.late_p999_ms, more.late_ms_max) = (*late_p999_ms, *late_ms_max);
        }
        let grown_kb = after.peak_kb.saturating_sub(before.rss_kb);
        Self {
            calls: work.calls,
            cpu_ms_per_call_s: rounded(share(cpu.as_secs_f64() * 1_000.0, more.call_s), 3),
            rss_kb_per_call: rounded(grown_kb as f64 / f64::from(work.calls), 1),
            late_p99_ms,
            keys_right: rounded(share(keys_right as f64, (u64::from(work.total()) * KEYS) as f64), 6),
            lost: rounded(share(lost as f64, packets as f64), 6),
            more,
        }
    }

    /// One line for programs.
    pub(crate) fn json(&self, floor: Option<f64>) -> String {
        #[derive(Serialize)]
        struct Line<'f> {
            #[serde(flatten)]
            figures: &'f Figures,
            #[serde(skip_serializing_if = "Option::is_none")]
            floor_ms_per_call_s: Option<f64>,
        }
        let line = Line {
            figures: self,
            floor_ms_per_call_s: floor.map(|floor| rounded(floor, 3)),
        };
        serde_json::to_string(&line).unwrap_or_default()
    }

    /// Mistakes of the daemon, each named once.
    pub(crate) fn faults(&self) -> impl Iterator<Item = &str> {
        self.more.faults.iter().map(String::as_str)
    }

    /// What the columns of [`Figures::row`] are.
    pub(crate) fn head() -> String {
        "calls  at once  call s   cpu ms/call s (kernel)  floor  times  rss kB/call   late ms p50   p99  p99.9    max  keys right      \
         lost  not completed  WAVs wrong  faulty"
            .to_owned()
    }

    /// One line for people.
    pub(crate) fn row(&self, floor: Option<f64>) -> String {
        let more = &self.more;
        let floor_ms = floor.map_or("-".to_owned(), |floor| format!("{floor:.3}"));
        let times = floor.map_or("-".to_owned(), |floor| format!("{:.1}", self.cpu_ms_per_call_s / floor));
        format!(
            "{:>5} {:>8} {:>7.0} {:>15.3} ({:>4.0} %) {:>6} {:>6} {:>12.1} {:>13.1} {:>5.1} {:>6.1} {:>6.1} {:>11} {:>9} {:>14} {:>11} {:>7}",
            self.calls,
            more.most_up,
            more.call_s,
            self.cpu_ms_per_call_s,
            more.system_share * 100.0,
            floor_ms,
            times,
            self.rss_kb_per_call,
            more.late_p50_ms,
            self.late_p99_ms,
            more.late_p999_ms,
            more.late_ms_max,
            self.keys_right,
            self.lost,
            more.unfinished,
            more.recordings_wrong,
            more.faulty,
        )
    }
}

/// Keys that stand in the database where they were pressed; a key too many makes one wrong.
fn right_keys(call: &SeenCall, attempt: Option<&Stored>) -> u64 {
    let Some(attempt) = attempt else { return 0 };
    let same = call.keys.iter().zip(attempt.keys.chars());
    let right = same.filter(|(pressed, kept)| pressed.key == *kept).count() as u64;
    right.saturating_sub((attempt.keys.len() as u64).saturating_sub(call.keys.len() as u64))
}

fn is_recorded_wrongly(call: &SeenCall, attempt: Option<&Stored>) -> bool {
    let talk = i64::try_from(call.talk_ms).unwrap_or(i64::MAX);
    let recorded = attempt.and_then(|attempt| attempt.duration_ms);
    call.answered && recorded.is_none_or(|recorded| (recorded - talk).abs() > RECORDING_MS)
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

fn rounded(value: f64, places: i32) -> f64 {
    let scale = 10_f64.powi(places);
    (value * scale).round() / scale
}

/// The machine, for the head of the table.
pub(crate) fn machine() -> String {
    let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
    let cpus = read("/proc/cpuinfo");
    let model = cpus
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or("unknown processor", |(_, model)| model.trim());
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let load = read("/proc/loadavg");
    let load = load.split_whitespace().next().unwrap_or("?");
    format!(
        "{model}, {cores} cores, Linux {}, load before {load}",
        read("/proc/sys/kernel/osrelease").trim()
    )
}
