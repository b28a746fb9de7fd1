//! `aftercall dnc`: who is not called.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use chrono_tz::Tz;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::daemon::{self, Daemon};
use super::{progress, runtime, settings, show, time, user};
use crate::config::Settings;
use crate::engine::clock::Clock;
use crate::engine::office::{DNC_PART, DncAdd, DncPart, DncRemove, Named};
use crate::integrations::import::{self, NumberList};
use crate::pii::Pii;
use crate::store::Reader;
use crate::store::dnc::{DncRecord, Entries, Level, Listed, Listing, Unlisted};

/// Keep the do-not-call list (免打扰): add, list, remove, import.
///
/// An entry is about a number, whoever has it, or about a patient at any number; for every call, for one purpose, or for one
/// campaign. The next claim sees it: open cases that may not be called any more are closed as not eligible. A call that is
/// up goes on to its end. What patients say in a call (the stop-calling-me key) goes on the list by itself.
#[derive(Debug, Subcommand)]
pub(super) enum Dnc {
    /// Put a number or a patient on the list.
    Add(Add),
    /// Show the list, numbers and names masked.
    List(List),
    /// Take a number or a patient off it; the entry stays, ended, with who did it.
    Remove(Remove),
    /// Take in a file of numbers (CSV, TSV, XLSX), with or without a header.
    Import(Import),
}

#[derive(Debug, Args)]
struct Who {
    /// The telephone number.
    #[arg(required_unless_present = "patient")]
    number: Option<String>,
    /// A patient instead, at any number: the patient number, or the number of a visit.
    #[arg(long, value_name = "NO", conflicts_with = "number")]
    patient: Option<String>,
}

impl Who {
    fn named(&self) -> anyhow::Result<Named> {
        match (&self.number, &self.patient) {
            (_, Some(patient)) => Ok(Named::Patient(Pii::new(patient.clone()))),
            (Some(number), None) => Ok(Named::Number(Pii::new(number.clone()))),
            (None, None) => bail!("name a number or --patient NO"),
        }
    }
}

#[derive(Debug, Args)]
struct Against {
    /// Only from this campaign.
    #[arg(long, value_name = "NAME", conflicts_with = "purpose")]
    campaign: Option<String>,
    /// Only from campaigns of this purpose (`purpose` in the campaign file).
    #[arg(long, value_name = "WORD")]
    purpose: Option<String>,
}

impl Against {
    fn level(&self) -> Level {
        match (&self.campaign, &self.purpose) {
            (Some(name), _) => Level::Campaign(name.clone()),
            (None, Some(purpose)) => Level::Purpose(purpose.trim().to_owned()),
            (None, None) => Level::Always,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct Add {
    #[command(flatten)]
    who: Who,
    #[command(flatten)]
    against: Against,
    /// The last day on which it holds (2026-12-31), or a time; without it, for good.
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// Why; it is kept with the entry. Write no name into it.
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Ended entries too.
    #[arg(long)]
    all: bool,
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Remove {
    #[command(flatten)]
    who: Who,
    #[command(flatten)]
    against: Against,
}

#[derive(Debug, Args)]
pub(super) struct Import {
    /// The file. A header names the column of numbers (号码, 联系电话, 手机, number, phone …); without one it is the first
    /// column that holds a number.
    file: PathBuf,
    #[command(flatten)]
    against: Against,
    /// The last day on which the entries hold, or a time; without it, for good.
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// Why; it is kept with each entry. Write no name into it.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// What was taken and refused, as one line of JSON.
    #[arg(long)]
    json: bool,
}

impl Dnc {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let settings = Arc::new(settings(config)?);
        runtime()?.block_on(async {
            match self {
                Self::Add(add) => add.run(&settings).await,
                Self::List(list) => list.run(&settings).await,
                Self::Remove(remove) => remove.run(&settings).await,
                Self::Import(import) => import.run(&settings).await,
            }
        })
    }
}

fn until(text: Option<&str>, zone: Tz) -> anyhow::Result<Option<crate::moment::Wall>> {
    text.map(|text| time::until(text, zone)).transpose()
}

impl Add {
    async fn run(self, settings: &Arc<Settings>) -> anyhow::Result<ExitCode> {
        let add = DncAdd {
            named: self.who.named()?,
            listing: Listing {
                level: self.against.level(),
                until: until(self.until.as_deref(), settings.place.time_zone)?,
                reason: Some(self.reason),
                source: "dnc add".to_owned(),
                who: user::name(),
            },
        };
        let level = add.listing.level.clone();
        let listed: Listed = match daemon::find(settings).await? {
            Daemon::Running(client) => client.post("/v1/dnc", &add).await?,
            Daemon::Absent(office) => {
                let listed = office.add_dnc(add).await;
                office.close().await;
                listed?
            }
        };
        show::line(match listed {
            Listed { added: 1.., .. } => "on the do-not-call list 已加入免打扰名单",
            Listed { extended: 1.., .. } => "on the do-not-call list already; it holds longer now 已延长",
            Listed { .. } => "on the do-not-call list already 已在免打扰名单中",
        });
        effects(listed);
        tell_purpose(settings, &level).await
    }
}

/// What becomes of open cases and of calls that are up.
fn effects(listed: Listed) {
    if listed.open_cases > 0 {
        show::line(&format!(
            "open cases of those concerned: {}; the next claim sees the list",
            listed.open_cases
        ));
    }
    if listed.calls > 0 {
        show::note(&format!(
            "{} of them are being called right now: a call that is up is not torn down",
            listed.calls
        ));
    }
}

/// A purpose that no campaign has may be a slip of the pen.
async fn tell_purpose(settings: &Settings, level: &Level) -> anyhow::Result<ExitCode> {
    if let Level::Purpose(purpose) = level {
        let reader = daemon::reader(settings).await?;
        let known = reader.purposes().await?;
        reader.close().await;
        if !known.contains(purpose) {
            let known = if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            };
            show::warn(&format!(
                "no campaign has the purpose \"{purpose}\"; campaigns have: {known}"
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Remove {
    async fn run(self, settings: &Arc<Settings>) -> anyhow::Result<ExitCode> {
        let remove = DncRemove {
            named: self.who.named()?,
            level: self.against.level(),
            who: user::name(),
        };
        let unlisted: Unlisted = match daemon::find(settings).await? {
            Daemon::Running(client) => client.post("/v1/dnc/remove", &remove).await?,
            Daemon::Absent(office) => {
                let unlisted = office.remove_dnc(remove).await;
                office.close().await;
                unlisted?
            }
        };
        if unlisted.ended == 0 {
            show::line("there was no such entry 没有这样的条目");
        } else {
            show::line("off the do-not-call list; the entry stays in it, ended 已移出免打扰名单");
            show::note("cases that were closed for it stay closed");
        }
        if unlisted.own_word > 0 {
            show::warn("the person had asked in a call not to be called; make sure that this has changed");
        }
        for left in &unlisted.left {
            show::note(&format!("still on the list: {left}"));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Entries that are read and shown at a time.
const PAGE: u32 = 1_000;

impl List {
    async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let reader = daemon::reader(settings).await?;
        let shown = self.show(&reader, settings.place.time_zone).await;
        reader.close().await;
        shown.map(|()| ExitCode::SUCCESS)
    }

    async fn show(&self, reader: &Reader, zone: Tz) -> anyhow::Result<()> {
        let which = if self.all { Entries::All } else { Entries::InForce };
        let now = Clock::start().wall();
        let (mut after, mut all) = (0, Vec::new());
        loop {
            let page = reader.do_not_call(which, after, PAGE, now).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            if self.json {
                all.extend(page);
            } else {
                table(&page, zone);
            }
        }
        if self.json {
            show::json(&all)?;
        } else if after == 0 {
            show::line("nobody is on the do-not-call list");
        }
        Ok(())
    }
}

fn table(page: &[DncRecord], zone: Tz) {
    let head = [
        "entry", "number", "patient", "name", "from", "since", "until", "by", "source", "reason", "ended",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for entry in page {
        let only = entry
            .only
            .as_deref()
            .map_or_else(|| "every call".to_owned(), |only| format!("{} {only}", entry.level));
        let ended = entry.ended_at.map(|at| {
            let by = entry.ended_by.as_deref().unwrap_or_default();
            format!("{} {by}", time::show(at, zone))
        });
        rows.push(vec![
            entry.id.to_string(),
            entry.number.clone().unwrap_or_default(),
            entry.patient_no.clone().unwrap_or_default(),
            entry.name.clone().unwrap_or_default(),
            only,
            time::show(entry.since, zone),
            entry.until.map(|until| time::show(until, zone)).unwrap_or_default(),
            entry.who.clone().unwrap_or_default(),
            entry.source.clone(),
            entry.reason.clone().unwrap_or_default(),
            ended.unwrap_or_default(),
        ]);
    }
    show::table(&rows);
}

/// What an import of numbers did.
#[derive(Serialize)]
struct Taken {
    file: String,
    #[serde(flatten)]
    list: NumberList,
    numbers: usize,
    #[serde(flatten)]
    listed: Listed,
}

impl Import {
    async fn run(self, settings: &Arc<Settings>) -> anyhow::Result<ExitCode> {
        let bytes = std::fs::read(&self.file).with_context(|| format!("cannot read {}", self.file.display()))?;
        let file = self.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let list = import::read_numbers(&bytes)?;
        let listing = Listing {
            level: self.against.level(),
            until: until(self.until.as_deref(), settings.place.time_zone)?,
            reason: self.reason.clone(),
            source: format!("dnc import {file}"),
            who: user::name(),
        };
        let daemon = daemon::find(settings).await?;
        let listed = send(&daemon, &list, &listing).await;
        if let Daemon::Absent(office) = daemon {
            office.close().await;
        }
        let taken = Taken {
            file,
            numbers: list.numbers.len(),
            list,
            listed: listed?,
        };
        if self.json {
            show::json(&taken)?;
        } else {
            taken.tell();
        }
        tell_purpose(settings, &listing.level).await
    }
}

async fn send(daemon: &Daemon, list: &NumberList, listing: &Listing) -> anyhow::Result<Listed> {
    let bar = progress::steps("do-not-call", u64::try_from(list.numbers.len()).unwrap_or(u64::MAX));
    let mut all = Listed::default();
    for numbers in list.numbers.chunks(DNC_PART) {
        let part = DncPart {
            numbers: numbers.to_vec(),
            listing: listing.clone(),
        };
        let listed: Listed = match daemon {
            Daemon::Running(client) => client.post("/v1/dnc/import", &part).await?,
            Daemon::Absent(office) => office.import_dnc(part).await?,
        };
        all.added += listed.added;
        all.extended += listed.extended;
        all.known += listed.known;
        all.open_cases += listed.open_cases;
        all.calls += listed.calls;
        bar.inc(u64::try_from(numbers.len()).unwrap_or(u64::MAX));
    }
    bar.finish_and_clear();
    Ok(all)
}

/// Refusals that are shown one by one.
const SHOWN: usize = 50;

impl Taken {
    fn tell(&self) {
        let Listed {
            added, extended, known, ..
        } = self.listed;
        show::line(&format!(
            "{}: {} rows, {} numbers; new on the list {added}, longer than before {extended}, there already {known}",
            self.file, self.list.rows_read, self.numbers
        ));
        if self.list.duplicates > 0 {
            show::line(&format!("in the file more than once: {}", self.list.duplicates));
        }
        for refusal in self.list.refused.iter().take(SHOWN) {
            show::line(&format!(
                "row {}, column {} {}: {} {}",
                refusal.row, refusal.column, refusal.header, refusal.value, refusal.reason
            ));
        }
        if self.list.refused.len() > SHOWN {
            show::line(&format!(
                "and {} more refused; --json has all",
                self.list.refused.len() - SHOWN
            ));
        }
        effects(self.listed);
    }
}
