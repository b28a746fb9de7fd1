//! `aftercall export`: rows for other programs.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};

use super::{runtime, settings, show};
use crate::report::{self, Names};
use crate::store::Store;

/// Rows for other programs.
#[derive(Debug, Subcommand)]
pub(super) enum Export {
    /// One row per case with its answers and the facts of its attempts, as CSV that Excel opens. Names are masked
    /// unless asked for.
    Answers(Answers),
}

#[derive(Debug, Args)]
pub(super) struct Answers {
    /// The campaign.
    #[arg(long, value_name = "NAME")]
    campaign: String,
    /// Write patients' names and numbers in full: the file is then personal data.
    #[arg(long)]
    with_names: bool,
    /// Write here; without it, to standard output.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Export {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let Self::Answers(answers) = self;
        let settings = settings(config)?;
        let names = if answers.with_names { Names::Shown } else { Names::Masked };
        let csv = runtime()?.block_on(async {
            let store = Store::read_only(&settings.place.data).await?;
            let csv = report::export_answers(&store, &answers.campaign, settings.place.time_zone, names).await?;
            store.close().await;
            anyhow::Ok(csv)
        })?;
        match answers.output {
            Some(file) => {
                std::fs::write(&file, csv).with_context(|| format!("cannot write {}", file.display()))?;
                show::note(&format!("written to {}", file.display()));
            }
            None => std::io::stdout().lock().write_all(csv.as_bytes())?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
