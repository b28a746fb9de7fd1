//! The demo's proof: what the daemon stored against what the far end saw, call by call.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;

use super::far_side::{SeenCall, SeenPrompt};
use crate::control::Snapshot;
use crate::dialplan::Dialplan;
use crate::engine::Office;
use crate::ids::AttemptId;
use crate::moment::Wall;
use crate::outcome::Disposition;
use crate::report::Report;
use crate::store::{AttemptRecord, KeyRecord, Reader};

/// The figures of one demo.
#[derive(Debug, Serialize)]
pub(super) struct Proof {
    patients: u32,
    attempts: u64,
    invites_sent: u64,
    invites_seen: u64,
    invite_messages: u64,
    answered: u64,
    completed: u64,
    partial: u64,
    dispositions: BTreeMap<Disposition, u64>,
    recordings: u64,
    recording_seconds: u64,
    prompts_expected: u64,
    prompts_heard: u64,
    gap_ms_max: f64,
    keys_sent: u64,
    keys_recorded: u64,
    keys_wrong: u64,
    sip_faults_seen: u64,
    wall_s: f64,
    daemon_cpu_s: f64,
    daemon_max_rss_mb: f64,
}

/// Puts both sides together. `wall` is first INVITE to report.
pub(super) async fn collect(
    office: &Office,
    snapshot: Snapshot,
    seen: &[SeenCall],
    report: &Report,
    patients: u32,
    wall: Duration,
) -> anyhow::Result<Proof> {
    let reader = office.store().reader();
    let attempts = attempts_with_keys(reader, office.clock().wall()).await?;
    let recordings = report.recordings;
    let dialplan = crate::dialplan::parse(super::DIALPLAN)
        .map_err(|faults| anyhow::anyhow!("the built-in dialplan has {} faults", faults.len()))?;
    let questions = questions_by_prompt(&dialplan);
    let mut dispositions = BTreeMap::new();
    for (attempt, _) in &attempts {
        *dispositions
            .entry(attempt.disposition.unwrap_or(Disposition::Unknown))
            .or_insert(0) += 1;
    }
    let count = |disposition| dispositions.get(&disposition).copied().unwrap_or_default();
    let distinct: BTreeSet<&str> = seen.iter().map(|call| call.call_id.as_str()).collect();
    Ok(Proof {
        patients,
        attempts: attempts.len() as u64,
        invites_sent: snapshot.invites_sent,
        invites_seen: distinct.len() as u64,
        invite_messages: seen.iter().map(|call| call.invite_messages).sum(),
        answered: snapshot.answered,
        completed: count(Disposition::Completed),
        partial: count(Disposition::Partial),
        recordings: recordings.n,
        recording_seconds: recordings.seconds,
        prompts_expected: snapshot.prompts_expected,
        prompts_heard: seen.iter().map(|call| prompts_heard(call, &dialplan.lead_ins())).sum(),
        gap_ms_max: seen.iter().map(|call| call.gap_ms_max).fold(0.0, f64::max),
        keys_sent: seen.iter().map(|call| call.keys.len() as u64).sum(),
        keys_recorded: attempts.iter().map(|(_, keys)| keys.len() as u64).sum(),
        keys_wrong: wrong_keys(&attempts, seen, &questions),
        sip_faults_seen: seen.iter().map(|call| call.sip_faults.len() as u64).sum(),
        wall_s: wall.as_secs_f64(),
        daemon_cpu_s: cpu_seconds().unwrap_or_default(),
        daemon_max_rss_mb: max_rss_mb().unwrap_or_default(),
        dispositions,
    })
}

impl Proof {
    /// The same for people.
    pub(super) fn text(&self) -> String {
        format!(
            "proof       {} INVITEs sent, {} seen by the far end; {} answered; {} keys pressed, {} stored, {} wrong;\n            \
             {} of {} prompts heard; longest pause heard {:.0} ms; {} recordings, {} s;\n            \
             {:.1} s from the first INVITE; daemon: {:.1} s of CPU, {:.0} MB at most",
            self.invites_sent,
            self.invites_seen,
            self.answered,
            self.keys_sent,
            self.keys_recorded,
            self.keys_wrong,
            self.prompts_heard,
            self.prompts_expected,
            self.gap_ms_max,
            self.recordings,
            self.recording_seconds,
            self.wall_s,
            self.daemon_cpu_s,
            self.daemon_max_rss_mb,
        )
    }
}

/// The plays of a call that the patient heard and did not cut short with a key; what leads in a question belongs to it.
fn prompts_heard(call: &SeenCall, lead_ins: &[&str]) -> u64 {
    let counts = |prompt: &&SeenPrompt| !prompt.barged && !lead_ins.contains(&prompt.name.as_str());
    call.prompts.iter().filter(counts).count() as u64
}

/// Every attempt of the campaign with its keys, page by page.
async fn attempts_with_keys(reader: &Reader, now: Wall) -> anyhow::Result<Vec<(AttemptRecord, Vec<KeyRecord>)>> {
    const PAGE: u32 = 500;
    let campaign = reader.campaign(super::CAMPAIGN, now).await?.id;
    let mut last = AttemptId(0);
    let mut attempts = Vec::new();
    loop {
        let page = reader.attempts(campaign, last, PAGE).await?;
        let Some(end) = page.last().map(|attempt| attempt.attempt) else {
            return Ok(attempts);
        };
        last = end;
        for attempt in page {
            let keys = reader.keys(attempt.attempt).await?;
            attempts.push((attempt, keys));
        }
    }
}

/// Which question a prompt asks, by the dialplan.
fn questions_by_prompt(dialplan: &Dialplan) -> BTreeMap<String, String> {
    let mut questions = BTreeMap::new();
    for question in dialplan.questions() {
        for prompt in dialplan.question_prompts(&question.id) {
            questions.insert(prompt.to_owned(), question.id.clone());
        }
    }
    questions
}

/// Keys that were stored with another value or question than they were pressed, or not at all, or never pressed.
fn wrong_keys(
    attempts: &[(AttemptRecord, Vec<KeyRecord>)],
    seen: &[SeenCall],
    questions: &BTreeMap<String, String>,
) -> u64 {
    let call_id = |attempt: &AttemptRecord| attempt.facts.as_ref().map(|facts| facts.call_id.clone());
    let stored: BTreeMap<String, &[KeyRecord]> = attempts
        .iter()
        .filter_map(|(attempt, keys)| Some((call_id(attempt)?, keys.as_slice())))
        .collect();
    let mut wrong = 0;
    for call in seen {
        let keys = stored.get(&call.call_id).copied().unwrap_or_default();
        wrong += keys.len().abs_diff(call.keys.len()) as u64;
        for (pressed, kept) in call.keys.iter().zip(keys) {
            let asked = questions.get(&pressed.after_prompt);
            let same_question = asked.is_none() || asked == kept.question.as_ref();
            if pressed.key != kept.key.as_char() || !same_question {
                wrong += 1;
            }
        }
    }
    wrong
}

/// CPU seconds of this process, user and system (proc(5): fields 14 and 15 of stat, in hundredths of a second).
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / 100.0)
}

/// The most memory that this process ever held, in megabytes.
fn max_rss_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes / 1024.0)
}
