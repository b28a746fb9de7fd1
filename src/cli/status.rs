//! `aftercall status`: what is due, dialing, talking and done right now.

use std::path::Path;
use std::process::ExitCode;

use clap::Args;

use super::{daemon, runtime, settings, show};
use crate::calendar;
use crate::engine::Snapshot;
use crate::engine::clock::Clock;
use crate::http::Client;
use crate::store;

/// How many of the last attempts are shown.
const LAST: u32 = 10;

/// What is due, dialing, talking and done right now.
#[derive(Debug, Args)]
pub(super) struct Status {
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

impl Status {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let settings = settings(config)?;
        runtime()?.block_on(async {
            let reader = daemon::reader(&settings).await?;
            let status = reader.status(Clock::start().wall(), LAST).await?;
            reader.close().await;
            // Nobody on the socket means that no daemon runs.
            let now: Option<Snapshot> = Client::new(&settings.place.data).get("/v1/status").await.ok();
            if self.json {
                show::json(&Both { now, store: status })?;
                return Ok(ExitCode::SUCCESS);
            }
            match &now {
                Some(now) => {
                    show::line(&format!(
                        "now: {} dialing, {} ringing, {} talking, {} ending",
                        now.dialing, now.ringing, now.talking, now.ending
                    ));
                    for (fault, count) in &now.sip_faults {
                        show::line(&format!("dropped SIP input: {count} times {fault:?}"));
                    }
                }
                None => show::line("no daemon runs on this data folder (aftercall run starts one)"),
            }
            table(&status.campaigns);
            show::line("");
            attempts(&status.last_attempts, settings.place.time_zone);
            Ok(ExitCode::SUCCESS)
        })
    }
}

#[derive(serde::Serialize)]
struct Both {
    now: Option<Snapshot>,
    #[serde(flatten)]
    store: store::Status,
}

/// Campaigns as a table.
pub(super) fn table(campaigns: &[store::Campaign]) {
    let head = ["campaign", "state", "cases", "due", "waiting", "in progress", "closed"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for campaign in campaigns {
        let counts = &campaign.counts;
        let numbers = [
            counts.cases,
            counts.due,
            counts.waiting,
            counts.in_progress,
            counts.closed,
        ];
        let mut row = vec![campaign.name.clone(), campaign.state.as_str().to_owned()];
        row.extend(numbers.map(|number| number.to_string()));
        rows.push(row);
    }
    show::table(&rows);
}

fn attempts(attempts: &[store::LastAttempt], zone: chrono_tz::Tz) {
    let head = ["attempt", "number", "trunk", "begun", "ended as", "rule"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for attempt in attempts {
        let ended = attempt.disposition.map_or_else(
            || "…".to_owned(),
            |disposition| format!("{} {}", disposition.as_str(), disposition.zh()),
        );
        rows.push(vec![
            attempt.attempt.to_string(),
            attempt.number.clone(),
            attempt.trunk.clone(),
            calendar::local(attempt.begun_at, zone)
                .format("%m-%d %H:%M:%S")
                .to_string(),
            ended,
            attempt.rule.clone().unwrap_or_default(),
        ]);
    }
    show::table(&rows);
}
