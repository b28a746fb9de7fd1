//! `aftercall report`: the figures of a campaign.

use std::path::Path;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::{daemon, runtime, settings, show};
use crate::engine::clock::Clock;
use crate::report::{self, Success};
use crate::store::Period;

/// Follow-up rate, success, satisfaction, causes, each question.
///
/// Answered by a line (200 OK) and by a human (at least one key) are kept apart. docs/reports.md defines every figure.
#[derive(Debug, Args)]
pub(super) struct Report {
    /// The campaign; without one, all of them.
    #[arg(long, value_name = "NAME")]
    campaign: Option<String>,
    /// As a table, as CSV for Excel, or as one line of JSON.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// The same as --format json.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Csv,
    Json,
}

impl Report {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let settings = settings(config)?;
        let format = if self.json { Format::Json } else { self.format };
        runtime()?.block_on(async {
            let now = Clock::start().wall();
            let reader = daemon::reader(&settings).await?;
            let names = match self.campaign {
                Some(name) => vec![name],
                None => reader
                    .campaigns(now)
                    .await?
                    .into_iter()
                    .map(|campaign| campaign.name)
                    .collect(),
            };
            if names.is_empty() {
                show::note("there is no campaign yet; `aftercall campaign add FILE` stores one");
            }
            for name in names {
                let report = report::campaign(&reader, &name, Period::until(now), Success::default()).await?;
                match format {
                    Format::Table => show::line(report.text().trim_end()),
                    Format::Csv => report.csv(std::io::stdout().lock())?,
                    Format::Json => show::json(&report)?,
                }
            }
            reader.close().await;
            Ok(ExitCode::SUCCESS)
        })
    }
}
