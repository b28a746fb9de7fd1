//! `aftercall simulate`: a made-up population called in virtual time by the shipped dialer.

mod campaign;
mod shown;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use chrono::{NaiveDate, NaiveTime};
use clap::Args;

use super::{progress, show};
use crate::calendar::{DEFAULT_ZONE, wall};
use crate::moment::Wall;
use crate::night::forecast::{
    Behaviours, Broken, Forecast, Outlook, Population, Progress, Setup, Synthetic, WireError, wire,
};

/// Call a made-up population in virtual time: how long it takes, how it ends, whether every rule holds.
///
/// No packet leaves and no database is touched. The dialer, the retry rules, the calendar, the questionnaire and the table
/// of outcomes are the shipped ones; the calls are timed behaviours, drawn by the seed. Every rule is checked after every
/// step; the first broken one ends the run, with what led to it.
#[derive(Debug, Args)]
pub(super) struct Simulate {
    /// How many patients.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=5_000_000))]
    patients: u32,
    /// Lines of the trunk and of the campaign; the pace of the campaign file grows with them.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    lines: u16,
    /// Seed of people and calls: the same seed gives the same trace.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Over how many days the follow-ups become due.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=366))]
    days: u32,
    /// The local date on which it begins.
    #[arg(long, default_value = "2026-11-23", value_name = "DATE")]
    from: NaiveDate,
    /// The campaign file; without it, the shipped one.
    #[arg(long, value_name = "FILE")]
    campaign: Option<PathBuf>,
    /// Follow-up rules instead of the campaign file's `due_after`: each discharge becomes the cases that they make of it, all
    /// in the one campaign.
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// With packets: through our own SIP and calls, each case at its patient's first number. Up to 2000 patients.
    #[arg(long)]
    wire: bool,
    /// One line of JSON at the end.
    #[arg(long)]
    json: bool,
}

/// So long at most after the last follow-up became due: whoever waits longer is never called.
const LONGEST: Duration = Duration::from_secs(120 * 86_400);
const DAY: Duration = Duration::from_secs(86_400);

impl Simulate {
    pub(super) fn run(self) -> Result<ExitCode> {
        let before = cpu_time()?;
        let origin = wall(self.from.and_time(NaiveTime::MIN), DEFAULT_ZONE);
        let house = campaign::House::read(self.campaign.as_deref(), self.lines)?;
        let people = Synthetic {
            patients: self.patients,
            days: self.days,
            origin,
            seed: self.seed,
            schedule: house.campaign.schedule.clone(),
            due: house.due(self.rules.as_deref())?,
        };
        let setup = house.setup(origin, self.seed);
        let until = origin + DAY * self.days + LONGEST;
        let (outlook, broken) = if self.wire {
            on_the_wire(&setup, &people.population(), until)?
        } else {
            watched(Forecast::new(setup, people.population(), Behaviours::default())?, until)
        };
        let figures = shown::Figures {
            patients: self.patients,
            cpu: cpu_time()?.saturating_sub(before),
            broken: broken.as_ref().map_or(0, |broken| broken.rules.len()),
            outlook: &outlook,
        };
        shown::table(&figures);
        if let Some(broken) = &broken {
            tell(broken);
        }
        if self.json {
            show::json(&figures.json())?;
        }
        Ok(if broken.is_some() {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        })
    }
}

/// More patients than this are not called with packets: a call takes a thousand times as long as a timed one.
const MOST_ON_THE_WIRE: usize = 2_000;

fn on_the_wire(setup: &Setup, people: &Population, until: Wall) -> Result<(Outlook, Option<Broken>)> {
    if people.patients.len() > MOST_ON_THE_WIRE {
        bail!(
            "--wire is for {MOST_ON_THE_WIRE} patients at most, got {}",
            people.patients.len()
        );
    }
    match wire(setup, people, &Behaviours::default(), until) {
        Ok(outlook) => Ok((outlook, None)),
        Err(WireError::Broken(broken)) => Ok((Outlook::default(), Some(broken))),
        Err(WireError::Setup(error)) => Err(error.into()),
    }
}

/// Runs it with a bar on standard error.
fn watched(mut forecast: Forecast, until: Wall) -> (Outlook, Option<Broken>) {
    let cases = u64::try_from(forecast.progress().cases).unwrap_or_default();
    let bar = progress::steps("个案", cases);
    let told = |progress: Progress| bar.set_position(u64::try_from(progress.closed).unwrap_or_default());
    let ran = forecast.run_until(until, told);
    bar.finish_and_clear();
    (forecast.outlook(), ran.err())
}

fn tell(broken: &Broken) {
    show::note("规则被破坏；此前的经过：");
    for line in &broken.before {
        show::note(line);
    }
    for rule in &broken.rules {
        show::note(&format!("broken: {rule}"));
    }
}

/// What this process has computed so far.
fn cpu_time() -> Result<Duration> {
    use nix::sys::resource::{UsageWho, getrusage};
    let usage = getrusage(UsageWho::RUSAGE_SELF).context("cannot read the CPU time")?;
    let of = |time: nix::sys::time::TimeVal| {
        let micros = time.tv_sec().saturating_mul(1_000_000).saturating_add(time.tv_usec());
        Duration::from_micros(u64::try_from(micros).unwrap_or_default())
    };
    Ok(of(usage.user_time()) + of(usage.system_time()))
}

/// A file's text.
fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// What is wrong with a file: every fault is told with its place.
fn faulty(path: &Path, faults: &[crate::document::Fault]) -> anyhow::Error {
    for fault in faults {
        show::note(&format!("{}:{fault}", path.display()));
    }
    anyhow!("{} cannot be used: {} faults", path.display(), faults.len())
}
