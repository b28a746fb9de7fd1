//! `aftercall integrity`: whether recordings still are what was recorded.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::daemon::{self, Daemon};
use super::{progress, runtime, settings, show, time};
use crate::engine::clock::Clock;
use crate::engine::office::IntegrityStep;
use crate::http::IntegrityRequest;

/// Compare the files of recordings with the SHA-256 that was written down when their calls ended.
///
/// The daemon does the same each night from one to six while nobody is called, each recording once in thirty days; this
/// command does it now. It reads every file: about 100 MB a second. Stopping it loses nothing; it goes on where it was.
///
/// Exit status: 0 every recording is what was recorded, 1 one differs, is gone or cannot be read.
#[derive(Debug, Args)]
pub(super) struct Integrity {
    /// Compare those again, too, that were compared within so many days.
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    older_than: u32,
    /// Compare all of them, whenever they were compared before.
    #[arg(long, conflicts_with = "older_than")]
    all: bool,
    /// Compare nothing: show how things stand.
    #[arg(long)]
    list: bool,
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

/// How things stand, as JSON.
#[derive(Debug, Serialize)]
struct Standing {
    compared: u64,
    recordings: u64,
    verified: u64,
    altered: Vec<i64>,
    missing: Vec<i64>,
    faults: u64,
}

impl Integrity {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let settings = Arc::new(settings(config)?);
        runtime()?.block_on(async {
            let now = Clock::start().wall();
            let mut sum = IntegrityStep::default();
            if !self.list {
                let days = if self.all { 0 } else { self.older_than };
                let before = now - Duration::from_secs(u64::from(days) * 86_400);
                let daemon = daemon::find(&settings).await?;
                let left = daemon::reader(&settings).await?;
                let bar = progress::many("recordings", left.to_verify(before).await?);
                left.close().await;
                loop {
                    let step: IntegrityStep = match &daemon {
                        Daemon::Running(client) => client.post("/v1/integrity", &IntegrityRequest { before }).await?,
                        Daemon::Absent(office) => office.compare_recordings(before).await?,
                    };
                    if step.compared == 0 {
                        break;
                    }
                    sum.compared += step.compared;
                    sum.faults += step.faults;
                    bar.inc(step.compared);
                }
                bar.finish_and_clear();
                if let Daemon::Absent(office) = daemon {
                    office.close().await;
                }
            }
            let reader = daemon::reader(&settings).await?;
            let standing = reader.integrity().await?;
            reader.close().await;
            let is_whole = standing.altered.is_empty() && standing.missing.is_empty() && sum.faults == 0;
            if self.json {
                show::json(&Standing {
                    compared: sum.compared,
                    recordings: standing.recordings,
                    verified: standing.verified,
                    altered: standing.altered.iter().map(|(attempt, _)| attempt.0).collect(),
                    missing: standing.missing.iter().map(|(attempt, _)| attempt.0).collect(),
                    faults: sum.faults,
                })?;
            } else {
                let zone = settings.place.time_zone;
                show::line(&format!(
                    "{} compared now; {} of {} recordings compared at least once",
                    sum.compared, standing.verified, standing.recordings
                ));
                for (attempt, since) in &standing.altered {
                    show::line(&format!(
                        "✗ attempt {attempt}: altered, found {}",
                        time::show(*since, zone)
                    ));
                }
                for (attempt, since) in &standing.missing {
                    show::line(&format!(
                        "✗ attempt {attempt}: missing since {}",
                        time::show(*since, zone)
                    ));
                }
                if sum.faults > 0 {
                    show::line(&format!("✗ {} could not be read; the log says why", sum.faults));
                }
            }
            Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        })
    }
}
