//! `aftercall status`: what is due, dialing, talking and done right now.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::daemon::{self, Daemon};
use super::{runtime, settings, show};
use crate::engine::office;
use crate::report::text;
use crate::store::CampaignStatus;

/// What is due, dialing, talking and done right now.
#[derive(Debug, Args)]
pub(super) struct Status {
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

impl Status {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let settings = Arc::new(settings(config)?);
        runtime()?.block_on(async {
            let daemon = daemon::find(&settings).await?;
            let status = ask(&daemon).await?;
            if self.json {
                show::json(&status)?;
            } else {
                match &status.now {
                    Some(now) => show::line(&format!(
                        "now: {} dialing, {} ringing, {} talking, {} ending",
                        now.dialing, now.ringing, now.talking, now.ending
                    )),
                    None => show::line("no daemon runs on this data folder (aftercall run starts one)"),
                }
                table(&status.campaigns);
            }
            if let Daemon::Absent(office) = daemon {
                office.close().await;
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}

/// The status, from whoever holds the data folder.
pub(super) async fn ask(daemon: &Daemon) -> anyhow::Result<office::Status> {
    Ok(match daemon {
        Daemon::Running(client) => client.get("/v1/status").await?,
        Daemon::Absent(office) => office.status().await?,
    })
}

/// Campaigns as a table.
pub(super) fn table(campaigns: &[CampaignStatus]) {
    let mut rows = vec![
        ["campaign", "state", "cases", "due", "in progress", "open", "closed", "attempts"].map(str::to_owned).to_vec(),
    ];
    for campaign in campaigns {
        rows.push(vec![
            campaign.name.clone(),
            campaign.state.clone(),
            campaign.cases.to_string(),
            campaign.due.to_string(),
            campaign.in_progress.to_string(),
            campaign.open.to_string(),
            campaign.closed.to_string(),
            campaign.attempts.to_string(),
        ]);
    }
    show::line(text::table(&rows).trim_end());
}
