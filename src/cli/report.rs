//! `aftercall report`: the figures of a campaign.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::{daemon, runtime, settings, show};
use crate::engine::clock::Clock;
use crate::report::{self, CaseList, Cell, Counted, Success};
use crate::store::Period;

/// Follow-up rate, success, satisfaction, causes, each question.
///
/// Answered by a line (200 OK) and by a human (at least one key) are kept apart. docs/reports.md defines every figure.
#[derive(Debug, Args)]
pub(super) struct Report {
    /// The campaign; without one, all of them.
    #[arg(long, value_name = "NAME")]
    campaign: Option<String>,
    /// The cases behind one figure: `--cases 无人接听`, `--cases not_reached`, `--cases satisfied:attitude`. Names are
    /// masked. docs/reports.md names all figures; one that does not exist is answered with their ids.
    #[arg(long, value_name = "FIGURE")]
    cases: Option<String>,
    /// Write a workbook for Excel or WPS: a sheet for each table, and a sheet with the cases behind each figure.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cases", "format", "json"])]
    xlsx: Option<PathBuf>,
    /// Cases of each figure in the workbook at most.
    #[arg(long, default_value_t = 10_000, value_name = "N", requires = "xlsx", value_parser = clap::value_parser!(u64).range(1..=report::ROWS))]
    rows: u64,
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
            let many = names.len() > 1;
            for name in names {
                let period = Period::until(now);
                let report = report::campaign(&reader, &name, period, Success::default()).await?;
                let campaign = reader.campaign(&name, now).await?.id;
                if let Some(file) = &self.xlsx {
                    let file = if many { beside(file, &name) } else { file.clone() };
                    report::workbook(&reader, campaign, period, &report, self.rows, &file).await?;
                    show::note(&format!("{name}: {}", file.display()));
                    continue;
                }
                if let Some(figure) = &self.cases {
                    let counted = report.figure(figure)?;
                    let list = CaseList::of(&reader, campaign, period, Success::default(), &counted.figure).await?;
                    show_list(&name, &counted, list, format).await?;
                    continue;
                }
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

/// The file of one of several campaigns: `report.xlsx` becomes `report-NAME.xlsx`.
fn beside(file: &Path, campaign: &str) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!("{stem}-{}.xlsx", campaign.replace(['/', '\\'], "_")))
}

/// A list as it comes: a table page by page, CSV, or a line of JSON for each line.
async fn show_list(campaign: &str, counted: &Counted, mut list: CaseList<'_>, format: Format) -> anyhow::Result<()> {
    show::note(&format!("{campaign} · {} {}: {}", counted.zh, counted.id, counted.n));
    if format == Format::Csv {
        list.csv(std::io::stdout().lock()).await?;
        return Ok(());
    }
    let heading = list.heading();
    if format == Format::Table {
        show::table(&[heading.iter().map(|&cell| cell.to_owned()).collect()]);
    }
    while let Some(page) = list.next().await? {
        if format == Format::Table {
            let rows: Vec<Vec<String>> = page.iter().map(|line| line.iter().map(Cell::text).collect()).collect();
            show::table(&rows);
            continue;
        }
        for line in &page {
            show::json(&object(&heading, line))?;
        }
    }
    Ok(())
}

/// A line under the English halves of its heading.
fn object(heading: &[&str], line: &[Cell]) -> serde_json::Map<String, serde_json::Value> {
    let names = heading.iter().filter_map(|name| name.rsplit(' ').next());
    let values = line.iter().map(|cell| match cell {
        Cell::Text(text) => text.as_str().into(),
        Cell::Number(number) => (*number).into(),
    });
    names.map(str::to_owned).zip(values).collect()
}
