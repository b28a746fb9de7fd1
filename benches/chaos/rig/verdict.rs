//! Both sides compared: the figures of a run, and what was required of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::evidence::{Call, Evidence};
use super::judged;
use super::recordings;
use super::scene::{Kind, Noticed, Scene, Spell};
use super::site::{QUESTIONS, Site};
use super::stored::{self, Attempt, Stored};
use super::{Fault, Work};

/// What a far end still holds so long after a restart is an orphan.
pub(crate) const ORPHAN_AFTER_MS: i64 = 10_000;

/// A key that was pressed so shortly before a fault may be lost.
const ALLOWED_LOSS_MS: i64 = 1_000;

/// What a clock that has just been moved may still do by the old one.
const CLOCK_GRACE_MS: i64 = 1_500;

/// An INVITE follows its attempt within this.
const MARKLESS_MS: i64 = 3_000;

/// Dialing goes on within this.
const BACK_S: f64 = 10.0;

/// A key is kept within this, in 99 of 100 cases.
const KEPT_MS: f64 = 50.0;

/// Endings after which nobody calls again.
const FINAL: [&str; 7] = [
    "completed",
    "partial",
    "refused",
    "opt_out",
    "deceased",
    "wrong_number",
    "language",
];

/// The line of JSON.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figures {
    pub(crate) fault: &'static str,
    pub(crate) rounds: u32,
    pub(crate) patients: u32,
    pub(crate) attempts: usize,
    pub(crate) invites_seen: usize,
    pub(crate) completed: usize,
    pub(crate) called_twice: usize,
    pub(crate) orphans: usize,
    pub(crate) answers_lost: usize,
    pub(crate) wavs_broken: usize,
    pub(crate) outside_window: usize,
    pub(crate) judge_broken: Option<usize>,
    pub(crate) kept_p99_ms: Option<f64>,
    pub(crate) back_s: Option<f64>,
}

/// The figures, and the requirements that they break.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) figures: Figures,
    pub(crate) broken: Vec<String>,
}

impl Verdict {
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(&self.figures).unwrap_or_default()
    }

    pub(crate) fn table(&self) -> String {
        let value = serde_json::to_value(&self.figures).unwrap_or_default();
        let names = [
            "fault",
            "rounds",
            "patients",
            "attempts",
            "invites_seen",
            "completed",
            "called_twice",
            "orphans",
            "answers_lost",
            "wavs_broken",
            "outside_window",
            "judge_broken",
            "kept_p99_ms",
            "back_s",
        ];
        let shown = |value: Option<&serde_json::Value>| match value {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(serde_json::Value::Null) | None => "not told".to_owned(),
            Some(other) => other.to_string(),
        };
        let rows = names.map(|name| format!("{name:>16}  {}", shown(value.get(name))));
        rows.join("\n")
    }
}

/// Compares, once the daemon has been stopped.
pub(crate) async fn reach(work: &Work, rounds: u32, scene: &Scene) -> anyhow::Result<Verdict> {
    let stored = Stored::read(&scene.site.database()).await?;
    let mut broken = scene.noticed.mishaps.clone();
    if let Err(error) = stored::check_integrity(&scene.site.database()).await {
        broken.push(format!("{error:#}"));
    }
    let judge = Judge {
        site: &scene.site,
        noticed: &scene.noticed,
        stored: &stored,
        calls: scene.evidence.iter().flat_map(|evidence| &evidence.calls).collect(),
        pace: scene.plan.pace,
    };
    let wavs = recordings::broken(&scene.site.data(), &stored)?;
    let judged = judged::breaches(scene).await;
    let figures = Figures {
        fault: work.fault.name(),
        rounds,
        patients: scene.plan.patients,
        attempts: stored.attempts.len(),
        invites_seen: judge.distinct().len(),
        completed: judge.completed(&mut broken),
        called_twice: judge.called_twice(&scene.evidence, &mut broken),
        orphans: judge.orphans(&mut broken),
        answers_lost: judge.answers_lost(&mut broken),
        wavs_broken: wavs.len(),
        outside_window: judge.outside_window(&mut broken),
        judge_broken: judged.as_ref().ok().map(Vec::len),
        kept_p99_ms: scene.noticed.kept_p99_ms(),
        back_s: judge.back_s(),
    };
    broken.extend(wavs);
    match judged {
        Ok(breaches) => broken.extend(breaches),
        Err(error) => broken.push(format!("{error:#}")),
    }
    judge.no_bursts(&mut broken);
    let panics = scene.site.panics();
    if panics > 0 {
        broken.push(format!("the daemon panicked {panics} times"));
    }
    let leaks = scene.site.leaks(&scene.plan);
    if let Some(first) = leaks.first() {
        broken.push(format!("{} lines name a patient, the first in {first}", leaks.len()));
    }
    if work.fault == Fault::Trunk {
        let closed = stored.cases.iter().filter_map(|case| case.outcome.as_deref());
        let given_up = closed.filter(|outcome| *outcome != "completed").count();
        if given_up > 0 {
            broken.push(format!("{given_up} patients were given up because of a trunk"));
        }
    }
    require(work.fault, &figures, &mut broken);
    Ok(Verdict { figures, broken })
}

fn require(fault: Fault, figures: &Figures, broken: &mut Vec<String>) {
    for (name, count) in [
        ("called_twice", figures.called_twice),
        ("orphans", figures.orphans),
        ("answers_lost", figures.answers_lost),
        ("wavs_broken", figures.wavs_broken),
        ("outside_window", figures.outside_window),
    ] {
        if count > 0 {
            broken.push(format!("{name} is {count}, required is 0"));
        }
    }
    if figures.invites_seen > figures.attempts {
        broken.push(format!(
            "{} Call-IDs were seen for {} attempts",
            figures.invites_seen, figures.attempts
        ));
    }
    // In a run that calls nobody nothing can be lost either.
    let wanted = match fault {
        Fault::Kill => figures.patients as usize * 3 / 4,
        Fault::Power
        | Fault::Disk
        | Fault::Database
        | Fault::Partition
        | Fault::Clock
        | Fault::Trunk
        | Fault::Upgrade
        | Fault::Soak => figures.patients as usize / 2,
    };
    if figures.completed < wanted {
        broken.push(format!(
            "completed is {} of {}, required is {wanted}",
            figures.completed, figures.patients
        ));
    }
    if let Some(back_s) = figures.back_s.filter(|back_s| *back_s >= BACK_S) {
        broken.push(format!("back_s is {back_s}, required is less than {BACK_S}"));
    }
    if let Some(p99) = figures.kept_p99_ms.filter(|p99| *p99 >= KEPT_MS) {
        broken.push(format!("kept_p99_ms is {p99}, required is less than {KEPT_MS}"));
    }
}

/// Everything that is compared.
struct Judge<'a> {
    site: &'a Site,
    noticed: &'a Noticed,
    stored: &'a Stored,
    /// Of all far ends.
    calls: Vec<&'a Call>,
    pace: f64,
}

impl Judge<'_> {
    /// Each Call-ID, and when its first INVITE came.
    fn distinct(&self) -> BTreeMap<&str, (i64, &str)> {
        let mut distinct = BTreeMap::new();
        for call in &self.calls {
            let first = distinct.entry(call.call_id.as_str());
            let first = first.or_insert((call.began, call.number.as_str()));
            first.0 = first.0.min(call.began);
        }
        distinct
    }

    fn attempts_by_call_id(&self) -> BTreeMap<String, &Attempt> {
        let attempts = self.stored.attempts.iter();
        let pairs = attempts.flat_map(|attempt| attempt.call_ids().into_iter().map(move |id| (id, attempt)));
        let mut by_call_id: BTreeMap<String, &Attempt> = pairs.collect();
        // A mark that did not outlive an upgrade from before there were marks: the attempt is known by number and time.
        for call in &self.calls {
            let mut attempts = self.stored.attempts.iter();
            let is_its = |attempt: &&Attempt| {
                attempt.digits == call.number && (0..MARKLESS_MS).contains(&(call.began - attempt.begun_at))
            };
            if let (false, Some(attempt)) = (by_call_id.contains_key(&call.call_id), attempts.find(is_its)) {
                by_call_id.insert(call.call_id.clone(), attempt);
            }
        }
        by_call_id
    }

    /// Follow-ups that are completed with the keys that the patient pressed.
    fn completed(&self, broken: &mut Vec<String>) -> usize {
        let mut pressed: BTreeMap<(&str, &str), BTreeSet<char>> = BTreeMap::new();
        for call in &self.calls {
            for key in &call.keys {
                let keys = pressed.entry((call.number.as_str(), question(&key.prompt)));
                keys.or_default().insert(key.key);
            }
        }
        let mut answers: BTreeMap<(i64, &str), &str> = BTreeMap::new();
        for answer in &self.stored.answers {
            answers.insert((answer.case_id, answer.question.as_str()), answer.keys.as_str());
        }
        let numbers = self.stored.numbers();
        let mut completed = 0;
        for case in &self.stored.cases {
            let Some(number) = numbers.get(&case.id) else { continue };
            if case.outcome.as_deref() != Some("completed") {
                continue;
            }
            let differs = QUESTIONS.into_iter().find(|question| {
                let answer = answers.get(&(case.id, *question)).copied().unwrap_or_default();
                let keys: String = pressed.get(&(number, *question)).into_iter().flatten().collect();
                answer.is_empty() || answer != keys
            });
            match differs {
                None => completed += 1,
                Some(question) => broken.push(format!(
                    "case {} is completed, but its answer to \"{question}\" is not the key that was pressed",
                    case.id
                )),
            }
        }
        completed
    }

    /// Patients who were called after a final outcome, and attempts with more than one Call-ID.
    fn called_twice(&self, evidence: &[Evidence], broken: &mut Vec<String>) -> usize {
        let mut twice: BTreeSet<String> = BTreeSet::new();
        let distinct = self.distinct();
        for (call_id, (began, number)) in &distinct {
            if self.noticed.closed.get(*number).is_some_and(|closed| began > closed) {
                broken.push(format!(
                    "{call_id} rang {} ms after the final outcome was committed",
                    began - self.noticed.closed.get(*number).copied().unwrap_or_default()
                ));
                twice.insert((*number).to_owned());
            }
        }
        for attempt in &self.stored.attempts {
            if !attempt
                .disposition
                .as_deref()
                .is_some_and(|ending| FINAL.contains(&ending))
            {
                continue;
            }
            let call_ids = attempt.call_ids();
            let began = call_ids
                .iter()
                .filter_map(|id| distinct.get(id.as_str()))
                .map(|(began, _)| *began)
                .max();
            let later = evidence.iter().flat_map(|evidence| &evidence.calls).find(|call| {
                call.number == attempt.digits && !call_ids.contains(&call.call_id) && Some(call.began) > began
            });
            if let (Some(later), Some(_)) = (later, began) {
                broken.push(format!(
                    "attempt {} was final, and {} followed",
                    attempt.id, later.call_id
                ));
                twice.insert(attempt.digits.clone());
            }
        }
        let doubled = self
            .stored
            .attempts
            .iter()
            .filter(|attempt| attempt.call_ids().len() > 1);
        let doubled = doubled.inspect(|attempt| broken.push(format!("attempt {} has two Call-IDs", attempt.id)));
        twice.len() + doubled.count()
    }

    /// Calls that a far end held ten seconds after a restart, or when the daemon had been stopped.
    fn orphans(&self, broken: &mut Vec<String>) -> usize {
        let is_orphan = |call: &&&Call| match call.over {
            None => true,
            Some(over) => self.noticed.spells.iter().any(|spell| {
                spell.kind == Kind::Dead && call.began < spell.from && over > spell.to.saturating_add(ORPHAN_AFTER_MS)
            }),
        };
        let orphans = self.calls.iter().filter(is_orphan);
        let orphans = orphans.inspect(|call| match call.over {
            None => broken.push(format!("{} is still held by the far end", call.call_id)),
            Some(over) => broken.push(format!("{} was over only after {} ms", call.call_id, over - call.began)),
        });
        orphans.count()
    }

    /// Keys that were pressed in time and are not in the database.
    fn answers_lost(&self, broken: &mut Vec<String>) -> usize {
        let attempts = self.attempts_by_call_id();
        let mut lost = 0;
        for call in &self.calls {
            let kept = attempts.get(&call.call_id).map_or("", |attempt| attempt.keys.as_str());
            let mut kept = kept.chars().peekable();
            for key in &call.keys {
                if kept.next_if_eq(&key.key).is_some() || self.noticed.spells.iter().any(|s| excuses(s, call, key.at)) {
                    continue;
                }
                lost += 1;
                broken.push(format!(
                    "{} pressed {} at {} ms of the call, and it is not stored",
                    call.call_id,
                    key.key,
                    key.at - call.began
                ));
            }
        }
        lost
    }

    /// Calls that began when the daemon's own clock was outside the calling window.
    fn outside_window(&self, broken: &mut Vec<String>) -> usize {
        let (open, close) = self.site.open;
        let is_inside = |at: i64| {
            let offset = |at: i64| {
                let before = self.noticed.offsets.iter().rev().find(|(from, _)| *from <= at);
                before.map_or(0, |(_, offset)| *offset)
            };
            [at, at - CLOCK_GRACE_MS]
                .into_iter()
                .any(|clock| (open..close).contains(&(at + offset(clock))))
        };
        let distinct = self.distinct();
        let outside = distinct.iter().filter(|(_, (began, _))| !is_inside(*began));
        let outside = outside.inspect(|(call_id, _)| broken.push(format!("{call_id} began outside the window")));
        outside.count()
    }

    /// The longest time from a restart, or the end of a fault, to the next new Call-ID.
    fn back_s(&self) -> Option<f64> {
        let mut began: Vec<i64> = self.distinct().values().map(|(began, _)| *began).collect();
        began.sort_unstable();
        let waited = self.noticed.backs.iter().filter_map(|back| {
            let first = began.iter().find(|at| **at >= back.since).copied();
            match (first, back.until) {
                (Some(first), until) if until.is_none_or(|until| first <= until) => Some(first - back.since),
                // The next fault came before it could be known, unless the limit had passed.
                (_, Some(until)) => Some(until - back.since).filter(|waited| *waited as f64 >= BACK_S * 1_000.0),
                (_, None) => None,
            }
        });
        waited.max().map(|millis| millis as f64 / 1_000.0)
    }

    /// The pace holds in any ten seconds, but for a call or two at each restart.
    fn no_bursts(&self, broken: &mut Vec<String>) {
        // By the daemon's own wall clock, two hours away where that was moved: the far end sees repetitions of what was
        // begun while nothing arrived.
        let mut began: Vec<i64> = self.stored.attempts.iter().map(|attempt| attempt.begun_at).collect();
        began.sort_unstable();
        let worst = began.iter().map(|from| {
            let many = began.iter().filter(|at| (*from..from + 10_000).contains(at)).count();
            let restarts = self.noticed.spells.iter();
            let restarts = restarts
                .filter(|spell| (from - 1_000..from + 10_000).contains(&spell.to))
                .count();
            (many as f64 - 10.0 * self.pace - 2.0 * restarts as f64).ceil() as i64
        });
        if let Some(over) = worst.max().filter(|over| *over > 2) {
            broken.push(format!(
                "a burst: in ten seconds {over} more calls than the pace allows"
            ));
        }
    }
}

/// Whether a key at a moment may be lost because of a spell.
fn excuses(spell: &Spell, call: &Call, at: i64) -> bool {
    let is_in_time = at < spell.from - ALLOWED_LOSS_MS;
    match spell.kind {
        Kind::Dead => call.began <= spell.from && !is_in_time,
        Kind::Deaf => !is_in_time && at <= spell.to.saturating_add(ALLOWED_LOSS_MS),
    }
}

/// The question that a prompt asks, where patients only count the prompts.
fn question(prompt: &str) -> &str {
    let turn = prompt.parse::<usize>().ok().and_then(|turn| turn.checked_sub(1));
    turn.and_then(|turn| QUESTIONS.get(turn).copied()).unwrap_or(prompt)
}
