//! `aftercall switch`: what changes the times of rules while it is on, such as a disaster (R025).

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};

use super::daemon::{self, Daemon};
use super::rule::time;
use super::{runtime, settings, show, user};
use crate::calendar;
use crate::config::Settings;
use crate::engine::office::SwitchTurn;

/// Turn a switch of the follow-up rules on or off, such as `disaster` (24 h become 48 h).
///
/// It holds for events that happen while it is on. Who turned it and why is kept for good; open cases that nobody has
/// tried get their new times at once.
#[derive(Debug, Subcommand)]
pub(super) enum Switch {
    /// Turn it on.
    On(On),
    /// Turn it off.
    Off(Off),
    /// When which switch was on, who turned it, and why.
    List(List),
}

#[derive(Debug, Args)]
pub(super) struct On {
    /// Its name, as the rules have it.
    name: String,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Only for events of this area.
    #[arg(long, value_name = "NAME")]
    area: Option<String>,
    /// From when, such as "2026-07-10 06:00"; by default now.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Until when; by default until it is turned off.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Who turns it; by default the user of the operating system.
    #[arg(long, value_name = "WHO")]
    by: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Off {
    /// Its name.
    name: String,
    /// Who turns it; by default the user of the operating system.
    #[arg(long, value_name = "WHO")]
    by: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

impl Switch {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let settings = Arc::new(settings(config)?);
        let zone = settings.place.time_zone;
        runtime()?.block_on(async {
            let turn = match self {
                Self::List(list) => return list.run(&settings).await,
                Self::On(on) => SwitchTurn::On {
                    name: on.name,
                    area: on.area,
                    since: on.since.as_deref().map(|text| time(text, zone)).transpose()?,
                    until: on.until.as_deref().map(|text| time(text, zone)).transpose()?,
                    reason: on.reason,
                    who: on.by.unwrap_or_else(user::name),
                },
                Self::Off(off) => SwitchTurn::Off {
                    name: off.name,
                    who: off.by.unwrap_or_else(user::name),
                },
            };
            let told = match &turn {
                SwitchTurn::On { name, .. } => format!("the switch {name} is on (已开启)"),
                SwitchTurn::Off { name, .. } => format!("the switch {name} is off (已关闭)"),
            };
            let daemon = daemon::find(&settings).await?;
            let turned: u64 = match &daemon {
                Daemon::Running(client) => client.post("/v1/switches", &turn).await?,
                Daemon::Absent(office) => office.turn_switch(turn).await?,
            };
            show::line(if turned == 0 {
                "it was not on (本未开启)"
            } else {
                &told
            });
            if let Daemon::Absent(office) = daemon {
                office.close().await;
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}

impl List {
    async fn run(&self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let reader = daemon::reader(settings).await?;
        let records = reader.switch_records().await?;
        reader.close().await;
        if self.json {
            show::json(&records)?;
            return Ok(ExitCode::SUCCESS);
        }
        let minute = |at| {
            calendar::local(at, settings.place.time_zone)
                .format("%Y-%m-%d %H:%M")
                .to_string()
        };
        let head = [
            "开关 switch",
            "区域 area",
            "起 since",
            "止 until",
            "开启人 by",
            "关闭人 ended by",
            "原因 reason",
        ];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        rows.extend(records.into_iter().map(|record| {
            vec![
                record.name,
                record.area.unwrap_or_default(),
                minute(record.since),
                record.until.map(minute).unwrap_or_default(),
                record.who,
                record.ended_by.unwrap_or_default(),
                record.reason,
            ]
        }));
        show::table(&rows);
        Ok(ExitCode::SUCCESS)
    }
}
