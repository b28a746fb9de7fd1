//! One measurement: a site, a far end, a daemon, 2N calls, and what both sides say afterwards.

mod figures;
mod judge;
mod process;
mod site;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};

pub(crate) use figures::{Figures, machine};
use judge::Judge;
use process::Program;
use site::Site;

/// What is to be measured.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    /// Calls at once.
    pub(crate) calls: u32,
    /// Calls that are started for each of these.
    pub(crate) rounds: u32,
    /// The two questions and the goodbye.
    pub(crate) prompts: [Duration; 3],
    /// How long a call takes: a call starts every so long divided by the calls at once.
    pub(crate) call_takes: Duration,
    /// Whether the daemon records.
    pub(crate) record: Recorded,
    /// The daemon.
    pub(crate) program: PathBuf,
    /// The program that is the far end.
    pub(crate) far_end: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recorded {
    Yes,
    No,
}

impl Default for Work {
    fn default() -> Self {
        Self {
            calls: 100,
            rounds: 2,
            prompts: [4_500, 4_500, 2_000].map(Duration::from_millis),
            call_takes: Duration::from_millis(12_400),
            record: Recorded::Yes,
            program: PathBuf::new(),
            far_end: PathBuf::new(),
        }
    }
}

impl Work {
    /// Calls altogether.
    const fn total(&self) -> u32 {
        self.calls * self.rounds
    }
}

/// The name of the campaign.
const CAMPAIGN: &str = "load";

/// What a daemon that fell behind gets to catch up.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often is looked whether all calls are over.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A daemon at rest: what starting up needed is given back by then.
const REST: Duration = Duration::from_secs(1);

/// Carries out the work.
pub(crate) async fn run(work: &Work) -> anyhow::Result<Figures> {
    let site = Site::make(work)?;
    let measured = measure(work, &site).await;
    measured.map_err(|error| anyhow!("{error:#}{}", site.last_words()))
}

async fn measure(work: &Work, site: &Site) -> anyhow::Result<Figures> {
    let mut far_end = Program::start(&work.far_end, site.folder(), &site.far_end_arguments())?;
    let line = far_end.wait_for("listening on ", PATIENCE).await?;
    let address = line.trim().trim_start_matches("listening on ");
    site.write_settings(work, address)?;
    let mut daemon = Program::start(
        &work.program,
        site.folder(),
        &["run", "--any-time", "--log", "error"].map(str::to_owned),
    )?;
    daemon.wait_for("aftercall is ready", PATIENCE).await?;
    for command in [
        &["campaign", "add", "campaign.toml"][..],
        &["import", "--campaign", CAMPAIGN, "--due", "now", "discharged.csv"],
    ] {
        Program::succeed(&work.program, site.folder(), command, PATIENCE).await?;
    }
    tokio::time::sleep(REST).await;
    daemon.forget_peak()?;
    let before = daemon.usage()?;
    Program::succeed(&work.program, site.folder(), &["campaign", "start", CAMPAIGN], PATIENCE).await?;
    let mut judge = Judge::open(&site.database()).await?;
    let expected = work.call_takes * (work.rounds + 1);
    let mut left = expected + PATIENCE;
    while judge.ended().await? < work.total() {
        daemon.still_runs()?;
        far_end.still_runs()?;
        if left.is_zero() {
            let (ended, total) = (judge.ended().await?, work.total());
            bail!("only {ended} of {total} calls were over in time");
        }
        tokio::time::sleep(LOOK_EVERY).await;
        left = left.saturating_sub(LOOK_EVERY);
    }
    let after = daemon.usage()?;
    let stored = judge.stored().await?;
    judge.close().await?;
    daemon.terminate(PATIENCE).await.context("the daemon")?;
    far_end.terminate(PATIENCE).await.context("the far end")?;
    let seen = site.seen()?;
    Ok(Figures::of(work, &before, &after, &seen, &stored))
}
