//! All calls of this run: agents.json, and the table that scripts/test prints.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde_json::json;

use super::seen::Seen;

/// What all rooms saw so far.
static CALLS: Mutex<Vec<Seen>> = Mutex::new(Vec::new());

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
    let folder = folder();
    fs::create_dir_all(&folder).unwrap();
    let agree = calls.iter().filter(|call| call.wrong().next().is_none()).count();
    let all = json!({ "calls": calls.len(), "agree": agree, "differ": calls.len() - agree, "each": *calls });
    let file = folder.join("agents.json");
    fs::write(&file, serde_json::to_string_pretty(&all).unwrap()).unwrap();
    fs::write(folder.join("agents.txt"), table(&calls, agree, &file)).unwrap();
    drop(calls);
    eprintln!("{count} calls, {} of them differ; {}", faults.len(), file.display());
    assert!(
        faults.is_empty(),
        "peers, record and screen differ:\n{}",
        faults.join("\n")
    );
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
