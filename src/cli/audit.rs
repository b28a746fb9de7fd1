//! `aftercall audit`: what was done, and whether the log of it is whole.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono_tz::Tz;
use clap::{Args, Subcommand};

use super::{daemon, runtime, settings, show, time};
use crate::config::Settings;
use crate::moment::Wall;
use crate::store::backup::read_manifest;
use crate::store::console::audit::{Anchor, AuditFilter, AuditRow};
use crate::store::{self, Reader};

/// Read the audit log (审计日志): list it, verify it.
#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Show what was done, the latest last.
    List(List),
    /// Verify that no row was changed, deleted or cut off the end.
    ///
    /// It prints the last row's number and hash. Noted elsewhere, they prove later that nothing before them was written anew:
    /// `--noted`. Exit status 1 if the log is not whole.
    Verify(Verify),
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// By this account, or os:NAME.
    #[arg(long)]
    who: Option<String>,
    /// This deed, as signed_in or listened.
    #[arg(long)]
    deed: Option<String>,
    /// To this, as call:17.
    #[arg(long)]
    object: Option<String>,
    /// How many rows.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rows: u32,
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// A row that was noted elsewhere: its number and hash, as an earlier verification printed them. May stand several times.
    #[arg(long, value_name = "ID:HASH", value_parser = noted)]
    noted: Vec<Anchor>,
    /// A backup of this data folder: its manifest has noted the last row of its time. May stand several times.
    #[arg(long, value_name = "FOLDER")]
    backup: Vec<PathBuf>,
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

fn noted(text: &str) -> Result<Anchor, String> {
    let read = text
        .split_once(':')
        .and_then(|(id, hash)| Some((id.parse().ok()?, hash)));
    match read {
        Some((id, hash)) if hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => Ok(Anchor {
            id,
            hash: hash.to_ascii_lowercase(),
        }),
        Some(_) | None => Err("expected a number, a colon and 64 hexadecimal digits".to_owned()),
    }
}

impl Audit {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let settings = settings(config)?;
        runtime()?.block_on(async {
            match self {
                Self::List(list) => list.run(&settings).await,
                Self::Verify(verify) => verify.run(&settings).await,
            }
        })
    }
}

impl List {
    async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let reader = daemon::reader(settings).await?;
        let mut filter = AuditFilter {
            who: self.who,
            deed: self.deed,
            object: self.object,
            ..AuditFilter::default()
        };
        let found = pages(&reader, &mut filter, self.rows).await;
        reader.close().await;
        let mut found = found?;
        found.reverse();
        if self.json {
            show::json(&found)?;
        } else {
            table(&found, settings.place.time_zone);
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The latest rows, at most so many, page by page.
async fn pages(reader: &Reader, filter: &mut AuditFilter, rows: u32) -> Result<Vec<AuditRow>, store::Error> {
    let mut found = Vec::new();
    loop {
        let left = rows.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
        let page = reader.audit(filter, left).await?;
        found.extend(page.rows);
        filter.before = page.next;
        if filter.before.is_none() || found.len() >= usize::try_from(rows).unwrap_or(usize::MAX) {
            return Ok(found);
        }
    }
}

fn table(found: &[AuditRow], zone: Tz) {
    let head = ["row", "at", "who", "deed", "object", "reason", "detail", "address"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for row in found {
        rows.push(vec![
            row.id.to_string(),
            time::show(Wall::from_millis(row.at), zone),
            row.who.clone(),
            row.deed.clone(),
            row.object.clone().unwrap_or_default(),
            row.reason.clone().unwrap_or_default(),
            row.detail.clone().unwrap_or_default(),
            row.address.clone().unwrap_or_default(),
        ]);
    }
    show::table(&rows);
}

impl Verify {
    async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let mut noted = self.noted;
        for folder in &self.backup {
            match read_manifest(folder)?.audit {
                Some(anchor) => noted.push(anchor),
                None => show::warn(&format!("the backup {} has noted no row of the log", folder.display())),
            }
        }
        let reader = daemon::reader(settings).await?;
        let chain = reader.audit_chain(&noted).await;
        reader.close().await;
        let chain = chain?;
        if self.json {
            show::json(&chain)?;
        } else if let (Some(at), why) = (chain.broken_at, chain.why.as_deref().unwrap_or_default()) {
            show::line(&format!(
                "NOT WHOLE 审计日志不完整: row {at}: {why} ({} rows read)",
                chain.rows
            ));
        } else {
            show::line(&format!("whole 审计日志完整: {} rows", chain.rows));
            show::line(&format!("last row {}:{}", chain.last, chain.last_hash));
        }
        Ok(if chain.is_whole() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}
