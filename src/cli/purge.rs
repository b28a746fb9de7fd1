//! `aftercall purge`: what has been kept long enough goes.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::daemon::{self, Daemon};
use super::{progress, runtime, settings, show, user};
use crate::calendar;
use crate::config::{Kept, Retention, Settings};
use crate::engine::clock::Clock;
use crate::engine::office::{PurgeStep, Purged};
use crate::moment::Wall;
use crate::store::retention::{Kind, Purgeable, Run};

/// Delete what is older than `[retention]` allows: it shows what would go, then asks.
///
/// Of a recording the file goes; its row stays, with length and SHA-256, and says when. What is under a legal hold stays
/// and is counted. Every deletion is noted in the table `deletion` (view v_deletion). Works beside a running daemon.
#[derive(Debug, Args)]
pub(super) struct Purge {
    /// Only show what would go.
    #[arg(long)]
    dry_run: bool,
    /// Do not ask.
    #[arg(long, conflicts_with = "dry_run")]
    yes: bool,
    /// What would go, or went, as one line of JSON. Without --yes nothing goes.
    #[arg(long)]
    json: bool,
}

/// A rule with what it would take.
struct Rule {
    kind: Kind,
    kept: Kept,
    before: Wall,
    takes: Purgeable,
}

impl Purge {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let settings = Arc::new(settings(config)?);
        runtime()?.block_on(async {
            let now = Clock::start().wall();
            let rules = rules(&settings, now).await?;
            if !self.json {
                table(&rules, &settings);
            }
            let count: u64 = rules.iter().map(|rule| rule.takes.count).sum();
            let is_wanted = count > 0
                && !self.dry_run
                && (self.yes || (!self.json && show::ask("Delete this? It cannot be brought back.")));
            if !is_wanted {
                if self.json {
                    show::json(&rules.iter().map(|rule| &rule.takes).collect::<Vec<_>>())?;
                }
                return Ok(ExitCode::SUCCESS);
            }
            let purged = carry_out(&settings, &rules, now).await?;
            if self.json {
                show::json(&purged)?;
            } else {
                show::line(&format!(
                    "deleted: {} rows, {} of recordings",
                    purged.count,
                    show::bytes(purged.bytes)
                ));
            }
            if purged.faults > 0 {
                show::warn(&format!(
                    "{} files could not be removed; their rows stay",
                    purged.faults
                ));
                return Ok(ExitCode::FAILURE);
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}

const fn kept(retention: &Retention, kind: Kind) -> Kept {
    match kind {
        Kind::Recordings => retention.recordings,
        Kind::ImportRows => retention.import_rows,
        Kind::CallBacks => retention.call_backs,
        Kind::PutAside => retention.put_aside,
        Kind::Attempts => retention.attempts,
    }
}

async fn rules(settings: &Settings, now: Wall) -> anyhow::Result<Vec<Rule>> {
    let reader = daemon::reader(settings).await?;
    let mut rules = Vec::new();
    for kind in Kind::ALL {
        let kept = kept(&settings.retention, kind);
        let Some(before) = kept.before(now) else { continue };
        let takes = reader.purgeable(kind, before).await?;
        rules.push(Rule {
            kind,
            kept,
            before,
            takes,
        });
    }
    reader.close().await;
    Ok(rules)
}

fn table(rules: &[Rule], settings: &Settings) {
    let head = ["kind", "kept for", "goes", "size", "oldest", "newest", "held"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let day = |at: Option<Wall>| {
        at.map_or_else(String::new, |at| {
            calendar::local(at, settings.place.time_zone).date().to_string()
        })
    };
    for rule in rules {
        rows.push(vec![
            rule.kind.as_str().to_owned(),
            rule.kept.to_string(),
            rule.takes.count.to_string(),
            if rule.takes.bytes > 0 {
                show::bytes(rule.takes.bytes)
            } else {
                String::new()
            },
            day(rule.takes.oldest),
            day(rule.takes.newest),
            rule.takes.held.to_string(),
        ]);
    }
    show::table(&rows);
}

async fn carry_out(settings: &Arc<Settings>, rules: &[Rule], now: Wall) -> anyhow::Result<Purged> {
    let daemon = daemon::find(settings).await?;
    let mut sum = Purged::default();
    for rule in rules.iter().filter(|rule| rule.takes.count > 0) {
        let bar = progress::steps(rule.kind.as_str(), rule.takes.count);
        let mut after = Some(-1);
        while let Some(from) = after {
            let step = PurgeStep {
                kind: rule.kind,
                before: rule.before,
                after: from,
                run: Run {
                    at: now,
                    rule: format!("{} = \"{}\"", rule.kind.as_str(), rule.kept),
                    who: user::name(),
                },
            };
            let done: Purged = match &daemon {
                Daemon::Running(client) => client.post("/v1/purge", &step).await?,
                Daemon::Absent(office) => office.purge_step(step).await?,
            };
            sum.count += done.count;
            sum.bytes += done.bytes;
            sum.faults += done.faults;
            bar.inc(done.count);
            after = done.after;
        }
        bar.finish_and_clear();
    }
    if let Daemon::Absent(office) = daemon {
        office.close().await;
    }
    Ok(sum)
}
