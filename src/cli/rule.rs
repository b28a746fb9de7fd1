//! `aftercall rule`: follow-up rules from the draft to the draw.

mod trial;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use chrono_tz::Tz;
use clap::{Args, Subcommand};

use super::daemon::{self, Daemon};
use super::{runtime, settings, show, user};
use crate::calendar;
use crate::config::Settings;
use crate::engine::office::{RuleText, RuleTurn, RulesAdded, Turn};
use crate::moment::Wall;
use crate::rules;
use crate::store::rules::{Drawing, RuleSetRecord};

/// Follow-up rules (回访规则): whom to follow up, when, and which share.
///
/// A rule set is a TOML file; start from one in `rules/`, docs/rules.md explains every key. What it would do, `rule try`
/// tells without writing anything. Then with four eyes: `rule add FILE`, `rule review NAME` by another person, `rule
/// release NAME`. From then on the daemon decides every encounter of every list by it.
#[derive(Debug, Subcommand)]
pub(super) enum Rule {
    /// Store a rule file as a draft; a changed text is a new version.
    Add(Add),
    /// Say that you have looked at the latest version; its author may not.
    Review(Step),
    /// Let the latest version run; it must be reviewed. The version that ran before ends.
    Release(Step),
    /// Let it run no more; its cases stay.
    Stop(Step),
    /// List the sets, their versions and how far each is.
    List(List),
    /// Show the latest version of a set.
    Show(Named),
    /// What a file would choose from the encounters in the database: nothing is written.
    Try(trial::Try),
    /// Draw the samples whose period has ended, now; the daemon does so by itself.
    Draw(Draw),
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// The rule file (TOML).
    file: PathBuf,
    /// Who wrote it; by default the user of the operating system.
    #[arg(long, value_name = "WHO")]
    by: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Step {
    /// The set's name.
    name: String,
    /// Who does it; by default the user of the operating system.
    #[arg(long, value_name = "WHO")]
    by: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Named {
    /// The set's name.
    name: String,
}

#[derive(Debug, Args)]
pub(super) struct Draw {
    /// Periods that end by this date, such as 2026-12-01; by default those that have ended.
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

impl Rule {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let settings = Arc::new(settings(config)?);
        runtime()?.block_on(async {
            match &self {
                Self::List(list) => return list.run(&settings).await,
                Self::Show(named) => return named.run(&settings).await,
                Self::Try(trial) => return trial.run(&settings).await,
                Self::Add(_) | Self::Review(_) | Self::Release(_) | Self::Stop(_) | Self::Draw(_) => {}
            }
            let daemon = daemon::find(&settings).await?;
            match self {
                Self::List(_) | Self::Show(_) | Self::Try(_) => {}
                Self::Add(add) => add.run(&daemon).await?,
                Self::Review(step) => step.run(&daemon, Turn::Review).await?,
                Self::Release(step) => step.run(&daemon, Turn::Release).await?,
                Self::Stop(step) => step.run(&daemon, Turn::Stop).await?,
                Self::Draw(draw) => draw.run(&daemon, &settings).await?,
            }
            if let Daemon::Absent(office) = daemon {
                office.close().await;
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}

impl Add {
    async fn run(self, daemon: &Daemon) -> anyhow::Result<()> {
        let text =
            std::fs::read_to_string(&self.file).with_context(|| format!("cannot read {}", self.file.display()))?;
        let text = RuleText {
            file: self.file.display().to_string(),
            text,
            who: self.by.unwrap_or_else(user::name),
        };
        let added: RulesAdded = match daemon {
            Daemon::Running(client) => client.post("/v1/rules", &text).await?,
            Daemon::Absent(office) => office.add_rules(text).await?,
        };
        added.warnings.iter().for_each(|warning| show::warn(warning));
        show::line(&format!(
            "version {} of the rule set \"{}\" is stored (第{0}版); next: another person runs `aftercall rule review {1}`",
            added.version, added.name
        ));
        Ok(())
    }
}

impl Step {
    async fn run(self, daemon: &Daemon, turn: Turn) -> anyhow::Result<()> {
        let request = RuleTurn {
            name: self.name,
            who: self.by.unwrap_or_else(user::name),
            turn,
        };
        let name = request.name.clone();
        let version: u32 = match daemon {
            Daemon::Running(client) => client.post("/v1/rules/turn", &request).await?,
            Daemon::Absent(office) => office.turn_rules(request).await?,
        };
        show::line(&match turn {
            Turn::Review => {
                format!("version {version} of \"{name}\" is reviewed (已审核); next: `aftercall rule release {name}`")
            }
            Turn::Release => format!("version {version} of \"{name}\" runs (已生效)"),
            Turn::Stop => format!("version {version} of \"{name}\" runs no more (已停用); its cases stay"),
        });
        Ok(())
    }
}

impl List {
    async fn run(&self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let reader = daemon::reader(settings).await?;
        let (sets, undecided) = (reader.rule_sets(None).await?, reader.undecided().await?);
        reader.close().await;
        if self.json {
            show::json(&sets)?;
            return Ok(ExitCode::SUCCESS);
        }
        let head = [
            "规则 rule set",
            "版本 version",
            "状态 state",
            "编写 written",
            "审核 reviewed",
            "发布 released",
            "停用 ended",
        ];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        rows.extend(sets.iter().map(|set| row(set, settings.place.time_zone)));
        show::table(&rows);
        if undecided > 0 {
            show::note(&format!("{undecided} encounters are still to be decided (待判定)"));
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn row(set: &RuleSetRecord, zone: Tz) -> Vec<String> {
    let told = |(who, at): &(String, Wall)| format!("{who} {}", calendar::local(*at, zone).date());
    let optional = |step: &Option<(String, Wall)>| step.as_ref().map(told).unwrap_or_default();
    vec![
        set.name.clone(),
        set.version.to_string(),
        set.state.as_str().to_owned(),
        told(&set.created),
        optional(&set.reviewed),
        optional(&set.released),
        optional(&set.ended),
    ]
}

impl Named {
    async fn run(&self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let reader = daemon::reader(settings).await?;
        let sets = reader.rule_sets(Some(&self.name)).await?;
        reader.close().await;
        let set = sets.first().with_context(|| {
            format!(
                "there is no rule set named \"{}\"; `aftercall rule list` shows them",
                self.name
            )
        })?;
        show::table(&[row(set, settings.place.time_zone)]);
        show::line("");
        show::line(set.text.trim_end());
        Ok(ExitCode::SUCCESS)
    }
}

impl Draw {
    async fn run(&self, daemon: &Daemon, settings: &Settings) -> anyhow::Result<()> {
        let until = self
            .until
            .as_deref()
            .map(|text| time(text, settings.place.time_zone))
            .transpose()?;
        let drawings: Vec<Drawing> = match daemon {
            Daemon::Running(client) => client.post("/v1/rules/draw", &until.map(Wall::millis)).await?,
            Daemon::Absent(office) => office.draw_rules(until).await?,
        };
        if self.json {
            return show::json(&drawings);
        }
        trial::show_drawings(&drawings);
        Ok(())
    }
}

/// A date, with or without a time of day, by the clocks of the settings' zone.
pub(super) fn time(text: &str, zone: Tz) -> anyhow::Result<Wall> {
    let date = rules::date(text)
        .with_context(|| format!("\"{text}\" is no date; expected such as \"2026-12-01\" or \"2026-12-01 17:30\""))?;
    Ok(calendar::wall(date, zone))
}
