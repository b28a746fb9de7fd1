//! `aftercall demo`: the whole daemon against a simulated trunk full of patients, on loopback.

mod far_side;
mod list;
mod proof;
mod serve;
mod watch;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use clap::Args;

use super::{campaign, run, runtime, settings, show};
use crate::calendar::Hours;
use crate::engine::clock::Clock;
use crate::engine::office::Due;
use crate::report::{self, Success};
use crate::store::{self, Period};
use far_side::FarSide;
use serve::Serving;

/// Show what it does: 60 simulated patients over 20 lines on this machine, a report at the end.
///
/// The daemon on a database of its own calls simulated patients on this machine over real SIP and RTP, plays them the inpatient satisfaction questionnaire, takes their keys, records every call, and reports.
///
/// It rings 10 s and tries three times at most, so that it ends within five minutes; a real campaign rings 45 s and
/// spreads its attempts over days. It ignores calling windows, and it dials nothing but loopback.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// How many patients.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=5000), value_name = "N")]
    patients: u32,
    /// How many calls at one time.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000), value_name = "N")]
    lines: u32,
    /// Where database, recordings and logs go; an earlier demo there is replaced.
    #[arg(long, default_value = "demo-data", value_name = "DIR")]
    dir: PathBuf,
    /// The folder of prompts.
    #[arg(long, default_value = "prompts", value_name = "DIR")]
    prompts: PathBuf,
    /// Another script of patients than the built-in one.
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// End with one line of JSON instead of the report. With --serve it names the console and its accounts.
    #[arg(long)]
    json: bool,
    /// Open the console, make an account for each role, and stay up when the calls are over.
    #[arg(long)]
    serve: bool,
    /// The port of the console, on loopback; 0 takes a free one.
    #[arg(long, requires = "serve", default_value_t = 8080, value_name = "PORT")]
    port: u16,
}

/// The campaign of the demo.
pub(super) const CAMPAIGN: &str = "demo";

const DIALPLAN: &str = include_str!("../../dialplans/inpatient-satisfaction.toml");

impl Demo {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let prompts = self.prompts.canonicalize().with_context(|| {
            format!(
                "no prompts in {}; run the demo from the repository, or give --prompts",
                self.prompts.display()
            )
        })?;
        prepare(&self.dir)?;
        let dir = self.dir.canonicalize()?;
        run::log::start_to(&dir.join("daemon.log"))?;
        let far_side = FarSide::start(&dir, &prompts, self.script.as_deref())?;
        write_files(
            &dir,
            &prompts,
            &far_side.address,
            self.lines,
            self.serve.then_some(self.port),
        )?;
        let outcome = runtime()?.block_on(self.night(&dir, far_side));
        outcome.map(|()| ExitCode::SUCCESS)
    }

    async fn night(&self, dir: &Path, far_side: FarSide) -> anyhow::Result<()> {
        let settings = Arc::new(settings(&dir.join("aftercall.toml"))?);
        let hours = Hours::AnyTime;
        let clock = Clock::start();
        let office = Arc::new(run::open_office(&settings, clock.clone(), hours).await?);
        office
            .add_campaign(campaign::read_texts(&dir.join("campaign.toml"))?)
            .await?;
        let list = list::discharge_list(self.patients, clock.wall(), settings.place.time_zone);
        std::fs::write(dir.join("discharged.csv"), &list)?;
        let imported = office
            .import(CAMPAIGN, "discharged.csv", &list.as_bytes().into(), Due::Now)
            .await?;
        ensure!(
            imported.cases == u64::from(self.patients),
            "the demo's own list was not imported whole"
        );
        show::note(&format!(
            "{} simulated patients over {} lines; rings 10 s, tries three times at most; calling windows are ignored",
            self.patients, self.lines
        ));
        let serving = match self.serve {
            true => Some(Serving::start(&settings, &office).await?),
            false => None,
        };
        if let Some(serving) = &serving {
            serving.tell();
        }
        let began = clock.now();
        office.start_campaign(CAMPAIGN).await?;
        let interrupted = watch::until_done(&office, self.patients).await?;
        let engine = office.engine().context("the demo has an engine")?;
        if let Some(serving) = serving {
            if !interrupted {
                let up = serving.up(&office).await?;
                if self.json {
                    show::json(&up)?;
                }
                serving.stay().await?;
            }
            engine.shut_down().await;
            drop(far_side.stop()?);
            office.store().close().await;
            return Ok(());
        }
        engine.shut_down().await;
        let seen = far_side.stop()?;
        let report = report::campaign(
            office.store().reader(),
            CAMPAIGN,
            Period::until(clock.wall()),
            Success::default(),
        )
        .await?;
        let wall = clock.now().since(began);
        let proof = proof::collect(
            &office,
            engine.watcher().snapshot(),
            &seen,
            &report,
            self.patients,
            wall,
        )
        .await?;
        office.store().close().await;
        if self.json {
            show::json(&proof)?;
        } else {
            show::line(report.text().trim_end());
            show::line("");
            show::line(&proof.text());
            show::line(&format!("database    {}", dir.join("data/aftercall.db").display()));
            show::line(&format!("recordings  {}", dir.join("data/recordings").display()));
            show::line(&format!("far end     {}", dir.join("far-end.jsonl").display()));
            show::line(&format!(
                "look again  aftercall --config {} report",
                dir.join("aftercall.toml").display()
            ));
        }
        ensure!(!interrupted, "stopped before every patient was done");
        Ok(())
    }
}

/// Makes the folder, and removes what an earlier demo left in it, and nothing else.
fn prepare(dir: &Path) -> anyhow::Result<()> {
    let mark = dir.join("campaign.toml");
    if dir.exists() && std::fs::read_dir(dir)?.next().is_some() {
        ensure!(
            mark.is_file(),
            "{} is not empty and no demo folder; give another --dir",
            dir.display()
        );
        if let Some(holder) = store::holder_of(&dir.join("data")) {
            bail!("a demo runs in {} ({holder}); give another --dir", dir.display());
        }
        for name in [
            "data",
            "aftercall.toml",
            "discharged.csv",
            "daemon.log",
            "far-end.jsonl",
            "patients.toml",
        ] {
            let path = dir.join(name);
            if path.is_dir() {
                std::fs::remove_dir_all(&path)?;
            } else if path.exists() {
                std::fs::remove_file(&path)?;
            }
        }
    }
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))
}

fn write_files(dir: &Path, prompts: &Path, far_side: &str, lines: u32, console: Option<u16>) -> anyhow::Result<()> {
    let console = console.map_or_else(String::new, |port| {
        format!("\n[console]\nlisten = \"127.0.0.1:{port}\"\ntls = false\nhospital = \"云溪市人民医院\"\n")
    });
    let settings = format!(
        "# Settings of the demo: a trunk of simulated patients on loopback.\n\
         [place]\nprompts = {prompts:?}\njournal_mb = 4\nreserve_mb = 4\n\n\
         [[trunk]]\nname = \"simulated\"\naddress = \"{far_side}\"\nlocal = \"127.0.0.1:0\"\n\
         user = \"01000000000\"\nlines = {lines}\npace = 5.0\n{console}"
    );
    let campaign = format!(
        "# Campaign of the demo: short rings and quick retries, so that it ends within minutes.\n\
         name = \"{CAMPAIGN}\"\ndialplan = \"inpatient-satisfaction.toml\"\ntrunk = \"simulated\"\n\
         budget = 3\nlines = {lines}\npace = 5.0\nring = \"10s\"\nring_from_invite = \"15s\"\nretry_after = \"5s\"\n\
         # The simulated patients belong to no carrier, whose caps would spread these calls over hours.\n\
         [limits]\ncarrier_caps = \"off\"\n"
    );
    std::fs::write(dir.join("aftercall.toml"), settings)?;
    std::fs::write(dir.join("campaign.toml"), campaign)?;
    std::fs::write(dir.join("inpatient-satisfaction.toml"), DIALPLAN)?;
    Ok(())
}
