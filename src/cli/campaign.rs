//! `aftercall campaign`: add, list, show, start, pause, resume, stop.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, Subcommand};

use super::daemon::{self, Daemon, escape};
use super::{runtime, settings, show};
use crate::config::{CampaignFile, Settings, list};
use crate::engine::clock::Clock;
use crate::engine::office::{Added, CampaignText, HowStop, Started};
use crate::store;

/// Add, list, show, start, pause, resume and stop campaigns.
///
/// A campaign (回访任务) says whom to follow up, with which dialplan, when, how often, over which trunk. It is a TOML file:
/// start from `campaigns/inpatient.toml`. Then: campaign add FILE, import --campaign NAME LIST, campaign start NAME.
#[derive(Debug, Subcommand)]
pub(super) enum Campaign {
    /// Check a campaign file and its dialplan and store both. The file says name, dialplan, trunk, windows, retries;
    /// `campaigns/inpatient.toml` is one to start from.
    Add(Add),
    /// List the campaigns and how far each is.
    List(List),
    /// Show one campaign: its file and its counts.
    Show(Named),
    /// Dial what is due in it, inside its calling windows.
    Start(Named),
    /// Dial nothing of it until it is resumed, also after a restart; talks and ringing calls go on to their end.
    Pause(Halt),
    /// Let a paused one go on.
    Resume(Named),
    /// Dial nothing more of it; running calls go on. Its cases stay open: `start` goes on with them.
    Stop(Halt),
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// The campaign file (TOML).
    file: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Named {
    /// The campaign's name.
    name: String,
}

#[derive(Debug, Args)]
pub(super) struct Halt {
    /// The campaign's name.
    name: String,
    /// End its calls: who talks hears a goodbye and keeps the answers given, what rings is cancelled.
    #[arg(long)]
    now: bool,
}

impl Campaign {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let settings = Arc::new(settings(config)?);
        runtime()?.block_on(async {
            match &self {
                Self::List(list) => return list.run(&settings).await,
                Self::Show(named) => return named.show(&settings).await,
                Self::Add(_) | Self::Start(_) | Self::Pause(_) | Self::Resume(_) | Self::Stop(_) => {}
            }
            let daemon = daemon::find(&settings).await?;
            match self {
                Self::List(_) | Self::Show(_) => {}
                Self::Add(add) => add.run(&daemon).await?,
                Self::Start(named) => named.start(&daemon).await?,
                Self::Pause(halt) => halt.pause(&daemon).await?,
                Self::Resume(named) => named.resume(&daemon).await?,
                Self::Stop(halt) => halt.stop(&daemon).await?,
            }
            if let Daemon::Absent(office) = daemon {
                office.close().await;
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}

/// The texts of a campaign file and of the dialplan that it names, which stands relative to it.
pub(super) fn read_texts(file: &Path) -> anyhow::Result<CampaignText> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let shown = file.display().to_string();
    let (campaign, _) = CampaignFile::parse(&text)
        .map_err(|faults| anyhow::anyhow!("{shown} cannot be used:\n{}", list(&shown, &faults)))?;
    let dialplan = file.parent().unwrap_or(Path::new(".")).join(&campaign.dialplan);
    let dialplan_text = std::fs::read_to_string(&dialplan)
        .with_context(|| format!("cannot read the dialplan {} that {shown} names", dialplan.display()))?;
    Ok(CampaignText {
        file: shown,
        text,
        dialplan_file: dialplan.display().to_string(),
        dialplan_text,
    })
}

impl Add {
    async fn run(&self, daemon: &Daemon) -> anyhow::Result<()> {
        let text = read_texts(&self.file)?;
        let added: Added = match daemon {
            Daemon::Running(client) => client.post("/v1/campaigns", &text).await?,
            Daemon::Absent(office) => office.add_campaign(text).await?,
        };
        for warning in &added.warnings {
            show::warn(warning);
        }
        show::line(&format!(
            "campaign \"{}\" is stored; next: aftercall import --campaign \"{0}\" LIST",
            added.name
        ));
        Ok(())
    }
}

impl List {
    async fn run(&self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let campaigns = campaigns(settings).await?;
        if self.json {
            show::json(&campaigns)?
        } else {
            super::status::table(&campaigns, settings.place.time_zone)
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn campaigns(settings: &Settings) -> anyhow::Result<Vec<store::Campaign>> {
    let reader = daemon::reader(settings).await?;
    let campaigns = reader.campaigns(Clock::start().wall()).await?;
    reader.close().await;
    Ok(campaigns)
}

impl Named {
    async fn show(&self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let campaigns = campaigns(settings).await?;
        let campaign = campaigns.iter().find(|campaign| campaign.name == self.name);
        let campaign = campaign.with_context(|| {
            format!(
                "there is no campaign named \"{}\"; `aftercall campaign list` shows them",
                self.name
            )
        })?;
        super::status::table(std::slice::from_ref(campaign), settings.place.time_zone);
        show::line("");
        show::line(campaign.file.trim_end());
        Ok(ExitCode::SUCCESS)
    }

    async fn start(&self, daemon: &Daemon) -> anyhow::Result<()> {
        let path = format!("/v1/campaigns/{}/start", escape(&self.name));
        let started: Started = match daemon {
            Daemon::Running(client) => client.post(&path, &()).await?,
            Daemon::Absent(office) => office.start_campaign(&self.name).await?,
        };
        tell(&started);
        Ok(())
    }

    async fn resume(&self, daemon: &Daemon) -> anyhow::Result<()> {
        let path = format!("/v1/campaigns/{}/resume", escape(&self.name));
        let started: Started = match daemon {
            Daemon::Running(client) => client.post(&path, &()).await?,
            Daemon::Absent(office) => office.resume_campaign(&self.name).await?,
        };
        tell(&started);
        Ok(())
    }
}

fn tell(started: &Started) {
    for note in &started.notes {
        show::note(note);
    }
    show::line(&format!(
        "campaign \"{}\" is running, {} open cases",
        started.name, started.open
    ));
}

impl Halt {
    async fn pause(&self, daemon: &Daemon) -> anyhow::Result<()> {
        match daemon {
            Daemon::Running(client) => client.post::<()>(&self.path("pause"), &()).await?,
            Daemon::Absent(office) => office.pause_campaign(&self.name, self.how()).await?,
        }
        show::line(&format!(
            "campaign \"{}\" is paused; {}; `aftercall campaign resume` lets it go on",
            self.name,
            self.calls()
        ));
        Ok(())
    }

    async fn stop(&self, daemon: &Daemon) -> anyhow::Result<()> {
        match daemon {
            Daemon::Running(client) => client.post::<()>(&self.path("stop"), &()).await?,
            Daemon::Absent(office) => office.stop_campaign(&self.name, self.how()).await?,
        }
        show::line(&format!("campaign \"{}\" is stopped; {}", self.name, self.calls()));
        Ok(())
    }

    fn path(&self, what: &str) -> String {
        let now = if self.now { "?now=true" } else { "" };
        format!("/v1/campaigns/{}/{what}{now}", escape(&self.name))
    }

    fn how(&self) -> HowStop {
        if self.now { HowStop::Now } else { HowStop::Drain }
    }

    fn calls(&self) -> &'static str {
        match self.how() {
            HowStop::Drain => "running calls go on to their end",
            HowStop::Now => "who talks hears a goodbye, what rings is cancelled",
        }
    }
}
