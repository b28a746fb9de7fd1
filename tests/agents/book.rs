//! All calls of this run: agents.json, and the table that scripts/test prints.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::seen::Seen;

/// What all rooms saw so far.
static CALLS: Mutex<Vec<Seen>> = Mutex::new(Vec::new());

/// What the nightly run saw.
static NIGHT: Mutex<Option<Value>> = Mutex::new(None);

/// Those who called us, by when they did.
static CALLERS: Mutex<BTreeMap<&str, Value>> = Mutex::new(BTreeMap::new());

/// Adds what became of calls to us at such a time.
pub(crate) fn keep_callers(when: &'static str, callers: &Value) {
    let mut all = CALLERS.lock().unwrap_or_else(PoisonError::into_inner);
    all.insert(when, callers.clone());
    drop(all);
    write(&CALLS.lock().unwrap_or_else(PoisonError::into_inner));
}

/// Adds what the nightly run saw.
pub(crate) fn keep_night(night: &Value) {
    *NIGHT.lock().unwrap_or_else(PoisonError::into_inner) = Some(night.clone());
    write(&CALLS.lock().unwrap_or_else(PoisonError::into_inner));
}

/// Adds what a room saw and writes everything anew. Fails when anything does not agree.
#[expect(clippy::print_stderr, reason = "figures for whoever runs this with --nocapture")]
pub(crate) fn keep(seen: Vec<Seen>) {
    let faults: Vec<String> = seen
        .iter()
        .filter(|call| call.wrong().next().is_some())
        .map(|call| {
            format!(
                "{}: {}",
                call.scene,
                call.wrong().cloned().collect::<Vec<_>>().join("; ")
            )
        })
        .collect();
    let count = seen.len();
    let mut calls = CALLS.lock().unwrap_or_else(PoisonError::into_inner);
    calls.extend(seen);
    let file = write(&calls);
    drop(calls);
    eprintln!("{count} calls, {} of them differ; {}", faults.len(), file.display());
    assert!(
        faults.is_empty(),
        "peers, record and screen differ:\n{}",
        faults.join("\n")
    );
}

/// Writes everything anew; where.
fn write(calls: &[Seen]) -> PathBuf {
    let folder = folder();
    fs::create_dir_all(&folder).unwrap();
    let agree = calls.iter().filter(|call| call.wrong().next().is_none()).count();
    let night = NIGHT.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let callers = CALLERS.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let all = json!({
        "calls": calls.len(), "agree": agree, "differ": calls.len() - agree, "each": calls, "night": night,
        "callers": callers,
    });
    let file = folder.join("agents.json");
    fs::write(&file, serde_json::to_string_pretty(&all).unwrap()).unwrap();
    let night = night.as_ref().map(of_night).unwrap_or_default();
    let callers: String = callers
        .iter()
        .map(|(when, callers)| of_callers(when, callers))
        .collect();
    fs::write(
        folder.join("agents.txt"),
        night + &callers + &table(calls, agree, &file),
    )
    .unwrap();
    file
}

/// The patients who wanted a person.
fn of_night(night: &Value) -> String {
    let mut text = format!(
        "by night {} of {} patients want a person, {} agents\n",
        night["asked"], night["patients"], night["agents"]
    );
    for wait in night["each"].as_array().into_iter().flatten() {
        text += &format!(
            "  {}  {:8}  waited {:>6} ms, first word after {:>5} ms, longest silence {:>5} ms\n",
            wait["number"].as_str().unwrap_or_default(),
            wait["came"].as_str().unwrap_or_default(),
            wait["waited_ms"],
            wait["first_word_ms"],
            wait["longest_silence_ms"],
        );
    }
    text + "\n"
}

/// Who called us, and what came of it.
fn of_callers(when: &str, callers: &Value) -> String {
    let mut text = format!("calls to us {when}\n");
    for line in callers["lines"].as_array().into_iter().flatten() {
        text += &format!("  {}\n", line.as_str().unwrap_or_default());
    }
    text + "\n"
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("agents")
}

fn table(calls: &[Seen], agree: usize, file: &Path) -> String {
    let rows = calls.iter().map(|call| {
        let verdict = if call.wrong().next().is_none() {
            "agree"
        } else {
            "DIFFER"
        };
        [call.scene.as_str(), &call.got, verdict].map(str::to_owned)
    });
    let rows: Vec<[String; 3]> =
        [["ending", "agent's leg, patient's leg, result", "peers, record, screen"].map(str::to_owned)]
            .into_iter()
            .chain(rows)
            .collect();
    let wide = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or_default()
    };
    let (first, second) = (wide(0), wide(1));
    let mut text = String::new();
    for [ending, got, verdict] in &rows {
        text += &format!("{ending:first$}  {got:second$}  {verdict}\n");
    }
    text + &format!("{} calls by hand, {agree} agree; {}\n", calls.len(), file.display())
}
