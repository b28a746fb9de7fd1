//! `aftercall follow-up`: the next follow-up of one patient (R022).

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};

use super::daemon::{self, Daemon};
use super::rule::time;
use super::{runtime, settings, show};
use crate::engine::clock::Clock;
use crate::pii::Pii;
use crate::store::rules::NextFollowUp;

/// Set the next follow-up of one patient, beyond what rules and lists make.
#[derive(Debug, Subcommand)]
pub(super) enum FollowUp {
    /// Add a case of the next round, due at a time.
    Set(Set),
}

#[derive(Debug, Args)]
pub(super) struct Set {
    /// The patient number, or the number of a visit.
    #[arg(long, value_name = "NO")]
    patient: String,
    /// The campaign that calls.
    #[arg(long, value_name = "NAME")]
    campaign: String,
    /// When it is due, such as 2026-12-24 or "2026-12-24 17:30".
    #[arg(long, value_name = "TIME")]
    at: String,
    /// Until when it has to be done.
    #[arg(long, value_name = "TIME")]
    deadline: Option<String>,
}

impl FollowUp {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let Self::Set(set) = self;
        let settings = Arc::new(settings(config)?);
        let zone = settings.place.time_zone;
        let next = NextFollowUp {
            patient: Pii::new(set.patient),
            campaign: set.campaign,
            due: time(&set.at, zone)?,
            deadline: set.deadline.as_deref().map(|text| time(text, zone)).transpose()?,
            now: Clock::start().wall(),
        };
        runtime()?.block_on(async {
            let daemon = daemon::find(&settings).await?;
            let case: i64 = match &daemon {
                Daemon::Running(client) => client.post("/v1/follow-ups", &next).await?,
                Daemon::Absent(office) => office.set_follow_up(next).await?.0,
            };
            show::line(&format!("case {case} is due then (已设置下次回访)"));
            if let Daemon::Absent(office) = daemon {
                office.close().await;
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}
