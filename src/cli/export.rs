//! `aftercall export`: rows for other programs.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};

use super::{daemon, runtime, settings, show};
use crate::engine::clock::Clock;
use crate::report::{self, Names};

/// Write rows for other programs.
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
    /// Write patients' names in full: the file is then personal data.
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
        let names = if answers.with_names {
            Names::Shown
        } else {
            Names::Masked
        };
        runtime()?.block_on(async {
            let reader = daemon::reader(&settings).await?;
            let campaign = reader.campaign(&answers.campaign, Clock::start().wall()).await?.id;
            match &answers.output {
                Some(file) => {
                    let out =
                        std::fs::File::create(file).with_context(|| format!("cannot write {}", file.display()))?;
                    let out = std::io::BufWriter::new(out);
                    let rows = report::export_answers(&reader, campaign, names, out).await?;
                    show::note(&format!("{rows} cases written to {}", file.display()));
                }
                None => {
                    report::export_answers(&reader, campaign, names, std::io::stdout()).await?;
                }
            }
            reader.close().await;
            Ok(ExitCode::SUCCESS)
        })
    }
}
