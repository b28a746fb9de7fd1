//! `aftercall report`: the figures of a campaign.

use std::path::Path;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::{runtime, settings, show};
use crate::report;
use crate::store::Store;

/// Follow-up rate, success rate, answered by a line and by a human, satisfaction, causes, each question. Definitions:
/// docs/reports.md.
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
            let store = Store::read_only(&settings.place.data).await?;
            let names = match self.campaign {
                Some(name) => vec![name],
                None => store.campaign_names().await?,
            };
            for name in names {
                let report = report::campaign(&store, &name, settings.place.time_zone).await?;
                match format {
                    Format::Table => show::line(report.text().trim_end()),
                    Format::Csv => show::line(report.csv().trim_end()),
                    Format::Json => show::json(&report)?,
                }
            }
            store.close().await;
            Ok(ExitCode::SUCCESS)
        })
    }
}
