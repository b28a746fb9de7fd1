//! `aftercall thaw`: lets a database call that was restored, copied or moved.

use std::io::{BufRead, IsTerminal};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;
use chrono_tz::Tz;
use clap::Args;

use super::daemon::{self, Daemon};
use super::{runtime, settings, show};
use crate::calendar;
use crate::engine::Office;
use crate::engine::clock::Clock;
use crate::moment::Wall;
use crate::store::Thawing;

/// Let a database call again that was restored, copied or moved: shows what it would dial, and asks.
///
/// A database that is not where it was last at work may not know whom it has called since. It is frozen: nothing is
/// dialed until this command has been answered with y. Lists may be imported and campaigns started meanwhile.
#[derive(Debug, Args)]
pub(super) struct Thaw {
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

impl Thaw {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let settings = Arc::new(settings(config)?);
        let zone = settings.place.time_zone;
        runtime()?.block_on(async {
            match daemon::find(&settings).await? {
                Daemon::Running(client) => {
                    let thawing: Thawing = client.get("/v1/thaw").await?;
                    if self.is_wanted(&thawing, zone)? {
                        client.post::<()>("/v1/thaw", &()).await?;
                        show::line("the database is at home here; the daemon dials");
                    }
                }
                Daemon::Absent(office) => {
                    let thawed = self.thaw(&office, zone).await;
                    office.close().await;
                    thawed?;
                }
            }
            Ok(ExitCode::SUCCESS)
        })
    }

    async fn thaw(&self, office: &Office, zone: Tz) -> anyhow::Result<()> {
        if self.is_wanted(&office.thawing().await?, zone)? {
            office.thaw().await?;
            show::line("the database is at home here; the next daemon dials");
        }
        Ok(())
    }

    /// Shows what would be dialed; asks.
    fn is_wanted(&self, thawing: &Thawing, zone: Tz) -> anyhow::Result<bool> {
        let Some(why) = &thawing.frozen else {
            show::line("the database is at home; there is nothing to thaw");
            return Ok(false);
        };
        show::line(&format!("the database is frozen: {why}"));
        tell(thawing, Clock::start().wall(), zone);
        if self.yes {
            return Ok(true);
        }
        if !std::io::stdin().is_terminal() {
            bail!("nobody is there to answer; `aftercall thaw --yes` does not ask");
        }
        show::note("may it call? [y/N] ");
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer)?;
        let is_yes = matches!(answer.trim(), "y" | "Y" | "yes");
        if !is_yes {
            show::line("it stays frozen");
        }
        Ok(is_yes)
    }
}

fn tell(thawing: &Thawing, now: Wall, zone: Tz) {
    let shown = |at: Wall| calendar::local(at, zone).format("%Y-%m-%d %H:%M").to_string();
    match thawing.last_attempt {
        Some(at) => show::line(&format!("its last attempt began at {}", shown(at))),
        None => show::line("it has no attempt"),
    }
    if let Some(at) = thawing.knows_until {
        let hours = now.since(at).as_secs() / 3600;
        show::line(&format!(
            "it knows nothing of what happened after {}, {} days and {} hours ago: whoever was called since would be called again",
            shown(at),
            hours / 24,
            hours % 24
        ));
    }
    let head = ["campaign", "state", "due now", "called in the last 24 h"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for campaign in &thawing.campaigns {
        rows.push(vec![
            campaign.name.clone(),
            campaign.state.clone(),
            campaign.due.to_string(),
            campaign.fresh.to_string(),
        ]);
    }
    show::table(&rows);
}
