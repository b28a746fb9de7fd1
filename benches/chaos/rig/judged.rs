//! The last word of a run: `aftercall judge` over all its nights, with what every far end wrote down.

use std::process::Stdio;

use anyhow::{Context, ensure};
use serde::Deserialize;
use tokio::process::Command;

use super::scene::Scene;

/// A night in the judge's own words.
#[derive(Debug, Deserialize)]
struct Night {
    night: String,
    rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
struct Rule {
    rule: String,
    broken: Vec<Breach>,
}

#[derive(Debug, Deserialize)]
struct Breach {
    en: String,
    attempts: Vec<i64>,
    #[serde(default)]
    call_id: Option<String>,
}

/// Each breach that the judge found, in words. The judge is this build's own, whatever daemon was broken.
pub(crate) async fn breaches(scene: &Scene) -> anyhow::Result<Vec<String>> {
    let mut arguments = vec!["judge".to_owned(), "all".to_owned(), "--json".to_owned()];
    for far in 0..scene.evidence.len() {
        arguments.extend(["--trunk-log".to_owned(), format!("far-end{far}.evidence")]);
    }
    let said = Command::new(env!("CARGO_BIN_EXE_aftercall"))
        .args(&arguments)
        .current_dir(scene.site.folder())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await?;
    let errors = String::from_utf8_lossy(&said.stderr);
    ensure!(
        matches!(said.status.code(), Some(0 | 1)),
        "the judge could not judge: {errors}"
    );
    let mut breaches = Vec::new();
    for line in String::from_utf8_lossy(&said.stdout).lines() {
        let night: Night = serde_json::from_str(line).with_context(|| format!("the judge said {line}"))?;
        for rule in night.rules {
            for breach in rule.broken {
                let about = breach
                    .call_id
                    .unwrap_or_else(|| format!("attempts {:?}", breach.attempts));
                breaches.push(format!("judge, {}, {}: {}: {about}", night.night, rule.rule, breach.en));
            }
        }
    }
    Ok(breaches)
}
