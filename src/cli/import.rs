//! `aftercall import`: a discharge list becomes cases.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, ValueEnum};

use super::daemon::{self, Daemon, escape};
use super::{runtime, settings, show};
use crate::engine::office::{self, Imported};

/// Read a discharge list (CSV, TSV, XLSX; UTF-8 or GB18030): one case per accepted encounter.
///
/// The usual Chinese column names are known (姓名, 联系电话, 住院号, 出院日期, 出院科室 …). Every row that cannot be used is told with row, column and reason; the others are taken. Importing the same list again changes nothing.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// The campaign that the cases belong to.
    #[arg(long, value_name = "NAME")]
    campaign: String,
    /// When the cases become due; by default at discharge plus the campaign's `due_after`.
    #[arg(long, value_enum)]
    due: Option<Due>,
    /// The whole report as one line of JSON.
    #[arg(long)]
    json: bool,
    /// Also write every refused and changed row to this CSV file.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// The list.
    file: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Due {
    /// At once.
    Now,
    /// The list makes no cases: the released rules do (`aftercall rule`).
    Rules,
}

impl Import {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let settings = Arc::new(settings(config)?);
        let bytes = std::fs::read(&self.file).with_context(|| format!("cannot read {}", self.file.display()))?;
        let name = self.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let waiting = super::progress::spinner(&format!("importing {name}"));
        let imported: Imported = runtime()?.block_on(async {
            let daemon = daemon::find(&settings).await?;
            match daemon {
                Daemon::Running(client) => {
                    let due = match self.due {
                        None => "",
                        Some(Due::Now) => "&due=now",
                        Some(Due::Rules) => "&due=rules",
                    };
                    let path = format!(
                        "/v1/campaigns/{}/import?file={}{due}",
                        escape(&self.campaign),
                        escape(&name)
                    );
                    anyhow::Ok(client.post_bytes(&path, bytes).await?)
                }
                Daemon::Absent(office) => {
                    let due = match self.due {
                        None => office::Due::ByCampaign,
                        Some(Due::Now) => office::Due::Now,
                        Some(Due::Rules) => office::Due::ByRules,
                    };
                    let imported = office
                        .import(&self.campaign, &name, &bytes.as_slice().into(), due)
                        .await;
                    office.close().await;
                    Ok(imported?)
                }
            }
        })?;
        waiting.finish_and_clear();
        if let Some(file) = &self.report {
            std::fs::write(file, imported.report.csv()?).with_context(|| format!("cannot write {}", file.display()))?;
        }
        if self.json {
            show::json(&imported)?;
        } else {
            show::line(
                imported
                    .report
                    .text(
                        20,
                        self.report.as_ref().map(|file| file.display().to_string()).as_deref(),
                    )
                    .trim_end(),
            );
            show::line(&imported.cases_text());
        }
        Ok(ExitCode::SUCCESS)
    }
}
