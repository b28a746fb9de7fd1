//! `scripts/bench pages`: how long every page of the console waits for its first data, how long a waveform takes and how
//! long a click into a long recording. docs/performance.md has the figures.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command: figures are its output"
)]

mod browser;
mod daemon;
mod figures;
mod known;
mod routes;
mod site;
mod sound;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, ensure};
use browser::Browser;
use clap::Parser;
use daemon::Daemon;
use figures::{Asked, Figures, Limit, Sound, Waits};
use known::Known;
use routes::Route;
use site::Site;
use tokio::task::JoinSet;

/// How long every page of the console waits for its first data.
///
/// A data folder is filled (`aftercall populate`) and kept below target/tmp for the next time; the daemon runs over it with
/// its console, its campaigns paused. Somebody of each role signs in and asks every GET route from which a page takes its
/// first data, with the filters people use: each `--rounds` times, `--at-once` of them at a time, every time about another
/// patient, call, name, month or page of the list. Before that each is asked `--cold` times with the database out of the
/// memory. Then a call of ten minutes: its waveform computed and kept, and a click at 9:00.
#[derive(Debug, Parser)]
#[command(name = "pages", bin_name = "scripts/bench pages", max_term_width = 110)]
struct Arguments {
    /// Patients.
    #[arg(long, default_value_t = 1_000_000, value_name = "N", value_parser = clap::value_parser!(u64).range(100..=10_000_000))]
    patients: u64,
    /// Attempts; ten for each patient unless said otherwise.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1_000..=100_000_000))]
    attempts: Option<u64>,
    /// Attempts with a recording; as many as patients unless said otherwise.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    recordings: Option<u64>,
    /// What decides every row.
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// How often each route is asked.
    #[arg(long, default_value_t = 40, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=10_000))]
    rounds: u32,
    /// How often each is asked of a database that is not in the memory.
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=100))]
    cold: u32,
    /// How many ask at once.
    #[arg(long, default_value_t = 2, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=32))]
    at_once: u32,
    /// Only routes with this in their name.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// One line of JSON for each route, and one for the sound.
    #[arg(long)]
    json: bool,
    /// What `cargo bench` adds.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Arguments {
    fn attempts(&self) -> u64 {
        self.attempts.unwrap_or(10 * self.patients)
    }

    fn recordings(&self) -> u64 {
        self.recordings.unwrap_or(self.patients)
    }
}

fn main() -> ExitCode {
    match measure(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(all(arguments))
}

async fn all(arguments: &Arguments) -> anyhow::Result<()> {
    let site = Site::of(
        arguments.patients,
        arguments.attempts(),
        arguments.recordings(),
        arguments.seed,
    )
    .await?;
    let known = Arc::new(Known::of(&site).await?);
    let long = sound::put(&site, &known).await?;
    let daemon = Daemon::start(&site).await?;
    let measured = ask(arguments, &site, &known, &daemon, long).await;
    let measured = measured.map_err(|error| anyhow::anyhow!("{error:#}{}", daemon.last_words()));
    daemon.end().await?;
    measured
}

async fn ask(arguments: &Arguments, site: &Site, known: &Arc<Known>, daemon: &Daemon, long: i64) -> anyhow::Result<()> {
    eprintln!(
        "bench: {} patients, {} attempts, {} recordings, {:.0} MB",
        known.patients_in_all,
        known.attempts_in_all,
        known.recordings_in_all,
        site.megabytes()
    );
    let wanted = |route: &Route| {
        arguments
            .only
            .as_ref()
            .is_none_or(|only| route.name.contains(only.as_str()))
    };
    if !arguments.json {
        println!("{}", Figures::head());
    }
    let mut slow = Vec::new();
    let people = routes::people(daemon).await?;
    for route in routes::all(known, &people).await?.into_iter().filter(wanted) {
        let figures = one(arguments, site, route).await?;
        if figures.is_slow() {
            slow.push(figures.route.clone());
        }
        show(arguments, &figures, Figures::row)?;
    }
    if arguments.only.is_none() {
        let sound = sound::measure(site, &people.qa, long).await?;
        slow.extend(sound.slow());
        show(arguments, &sound, Sound::row)?;
    }
    match slow.is_empty() {
        true => eprintln!("bench: everything within {} ms", Limit::PAGE_MS),
        false => eprintln!("bench: slower than asked for: {}", slow.join(", ")),
    }
    Ok(())
}

fn show<T: serde::Serialize>(arguments: &Arguments, figures: &T, row: impl Fn(&T) -> String) -> anyhow::Result<()> {
    match arguments.json {
        true => println!("{}", serde_json::to_string(figures)?),
        false => println!("{}", row(figures)),
    }
    Ok(())
}

/// A route, cold and warm.
async fn one(arguments: &Arguments, site: &Site, route: Route) -> anyhow::Result<Figures> {
    let route = Arc::new(route);
    let mut cold = Waits::default();
    let mut octets = 0;
    for n in 0..arguments.cold {
        site.forget()?;
        let asked = once(&route, &mut route.browser.clone(), n as usize).await?;
        cold.add(asked.wait);
        octets = octets.max(asked.octets);
    }
    let mut warm = Waits::default();
    let mut asking: JoinSet<anyhow::Result<Vec<Asked>>> = JoinSet::new();
    for worker in 0..arguments.at_once {
        let (route, rounds, step) = (Arc::clone(&route), arguments.rounds, arguments.at_once);
        asking.spawn(async move {
            let mut browser = route.browser.clone();
            let mut asked = Vec::new();
            for n in (worker..rounds).step_by(step as usize) {
                asked.push(once(&route, &mut browser, (rounds + n) as usize).await?);
            }
            Ok(asked)
        });
    }
    while let Some(asked) = asking.join_next().await {
        for asked in asked?? {
            warm.add(asked.wait);
            octets = octets.max(asked.octets);
        }
    }
    Ok(Figures {
        route: route.name.clone(),
        role: route.role.to_owned(),
        asked: arguments.rounds,
        first_data_p50_ms: warm.at(500),
        first_data_p95_ms: warm.at(950),
        first_data_max_ms: warm.at(1_000),
        cold_p50_ms: (arguments.cold > 0).then(|| cold.at(500)),
        cold_max_ms: (arguments.cold > 0).then(|| cold.at(1_000)),
        octets,
    })
}

async fn once(route: &Route, browser: &mut Browser, n: usize) -> anyhow::Result<Asked> {
    let place = route
        .place(n)
        .with_context(|| format!("{} has nothing to ask", route.name))?;
    let began = now();
    let answer = browser.get(place).await?;
    let wait = began.elapsed();
    ensure!(answer.status == 200, "{place}: {} {}", answer.status, answer.text());
    Ok(Asked {
        wait,
        octets: answer.body.len(),
    })
}

/// The bench is the one that reads the clock.
#[expect(clippy::disallowed_methods, reason = "a bench measures by the real clock")]
fn now() -> Instant {
    Instant::now()
}
