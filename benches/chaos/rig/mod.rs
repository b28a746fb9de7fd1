//! One run: a site, far ends, a daemon that is broken on purpose, and what both sides say afterwards.

mod chance;
mod clock;
pub(crate) mod database;
mod disk;
mod evidence;
mod judged;
mod kill;
mod network;
mod partition;
mod power;
mod preload;
mod program;
mod recordings;
mod scene;
mod site;
mod soak;
mod stored;
mod trunk;
mod undo;
mod upgrade;
mod verdict;
mod voice;

use std::path::PathBuf;

use anyhow::anyhow;

pub(crate) use network::isolate;
use scene::Scene;
pub(crate) use verdict::Verdict;

/// What is done to the daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Fault {
    /// SIGKILL at random moments, 100 times, and started again at once (about 21 minutes).
    Kill,
    /// The same 20 times, and what was not synced is gone (about 5 minutes).
    Power,
    /// The disk of the data folder is full, 3 times (about 4 minutes).
    Disk,
    /// The database is locked for 60 s, then gone for 60 s (about 4 minutes).
    Database,
    /// No packet arrives either way for 60 s (about 3 minutes).
    Partition,
    /// The clock jumps two hours forward and back: wall alone, then both clocks (about 6 minutes).
    Clock,
    /// A trunk with a spare flaps, swallows everything, refuses with 503, for 600 s (about 12 minutes).
    Trunk,
    /// Killed 10 times while a new version starts on the data of an older one (about 4 minutes).
    Upgrade,
    /// 10,000 calls at 50 at once: memory, files and threads stay, sums are those of the far end (about 25 minutes).
    Soak,
}

impl Fault {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Power => "power",
            Self::Disk => "disk",
            Self::Database => "database",
            Self::Partition => "partition",
            Self::Clock => "clock",
            Self::Trunk => "trunk",
            Self::Upgrade => "upgrade",
            Self::Soak => "soak",
        }
    }
}

/// What is to be done.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub(crate) fault: Fault,
    /// How often; none for the fault's own number.
    pub(crate) rounds: Option<u32>,
    /// How many patients; none for the fault's own number.
    pub(crate) patients: Option<u32>,
    /// Where the moments of the faults are drawn from.
    pub(crate) seed: u64,
    /// The daemon.
    pub(crate) program: PathBuf,
    /// The program that is the far end.
    pub(crate) far_end: PathBuf,
    /// How much the daemon writes into its log.
    pub(crate) log: String,
    /// Whether the folder stays.
    pub(crate) keep: bool,
    /// Whether faults follow each other as closely as a test needs it.
    pub(crate) brief: bool,
}

/// Carries out the work.
pub(crate) async fn run(work: &Work) -> anyhow::Result<Verdict> {
    let rounds = |usual| work.rounds.unwrap_or(usual);
    let rounds = match work.fault {
        Fault::Kill => rounds(100),
        Fault::Power => rounds(20),
        Fault::Disk => rounds(3),
        Fault::Upgrade => rounds(10),
        Fault::Database | Fault::Partition | Fault::Clock | Fault::Trunk | Fault::Soak => rounds(1),
    };
    let mut scene = Scene::open(work, plan(work, rounds)).await?;
    if work.keep {
        scene::tell(&format!("everything is kept in {}", scene.site.folder().display()));
    }
    let done = match work.fault {
        Fault::Kill => kill::carry_out(&mut scene, work, rounds).await,
        Fault::Power => power::carry_out(&mut scene, work, rounds).await,
        Fault::Disk => disk::carry_out(&mut scene, rounds).await,
        Fault::Database => database::carry_out(&mut scene, rounds).await,
        Fault::Partition => partition::carry_out(&mut scene, rounds).await,
        Fault::Clock => clock::carry_out(&mut scene, rounds).await,
        Fault::Trunk => trunk::carry_out(&mut scene, rounds).await,
        Fault::Upgrade => upgrade::carry_out(&mut scene, rounds).await,
        Fault::Soak => soak::carry_out(&mut scene).await,
    };
    let verdict = match done {
        Ok(()) => verdict::reach(work, rounds, &scene).await,
        Err(error) => Err(error),
    };
    if work.fault == Fault::Disk {
        disk::give_back(&scene)?;
    }
    verdict.map_err(|error| anyhow!("{error:#}{}", scene.site.last_words()))
}

/// Patients enough for the whole of a fault, and no more.
fn plan(work: &Work, rounds: u32) -> site::Plan {
    let usual = match work.fault {
        Fault::Kill | Fault::Trunk => 200,
        Fault::Soak => 10_000,
        Fault::Disk => 40 * rounds,
        Fault::Power => 4 * rounds,
        Fault::Database | Fault::Partition | Fault::Clock => 120 * rounds,
        Fault::Upgrade => 60,
    };
    let patients = work.patients.unwrap_or(usual);
    let seconds = match work.fault {
        Fault::Kill | Fault::Power => f64::from(rounds) * kill::Pauses::of(work).mean_s() / 1.4,
        Fault::Disk => f64::from(rounds) * 60.0,
        Fault::Database => f64::from(rounds) * 180.0,
        Fault::Partition => f64::from(rounds) * 110.0,
        Fault::Clock => f64::from(rounds) * clock::SECONDS,
        Fault::Trunk => f64::from(rounds) * 600.0,
        Fault::Upgrade => 60.0,
        Fault::Soak => f64::from(patients) * soak::CALL_S / soak::AT_ONCE,
    };
    let minutes = match work.fault {
        // Two hours on or back is outside.
        Fault::Clock => 60,
        Fault::Kill
        | Fault::Power
        | Fault::Disk
        | Fault::Database
        | Fault::Partition
        | Fault::Trunk
        | Fault::Upgrade
        | Fault::Soak => 3 * 60,
    };
    site::Plan {
        patients,
        pace: (f64::from(patients) / seconds).clamp(0.02, 50.0),
        lines: if work.fault == Fault::Soak { 100 } else { 20 },
        trunks: if work.fault == Fault::Trunk { 2 } else { 1 },
        window: (minutes, minutes),
        hears: if work.fault == Fault::Soak {
            site::Hears::Turns
        } else {
            site::Hears::Prompts
        },
    }
}
