//! `aftercall populate`: a data folder of any size, for measurements.

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::Args;
use indicatif::ProgressBar;
use serde::Serialize;

use super::{progress, runtime, show};
use crate::calendar::DEFAULT_ZONE;
use crate::engine::clock::Clock;
use crate::engine::population::{self, Step};
use crate::store::populate::{Filling, Populated, Population};

/// Fill a new data folder with fictitious patients, cases and calls, for measurements.
///
/// A million patients with ten million attempts take minutes and 12 GB. The rows are those that months of calls leave:
/// three campaigns, households, cases open and closed, attempts with their facts, keys and answers. The same seed and day
/// give the same rows. The recordings are real files, a few seconds long, that the attempts share. The campaigns are
/// stopped: nothing is dialed before somebody starts one, and nobody should, for the numbers may be somebody's.
#[derive(Debug, Args)]
pub(super) struct Populate {
    /// Patients.
    #[arg(long, default_value_t = 10_000, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=50_000_000))]
    patients: u64,
    /// Attempts; ten for each patient unless said otherwise.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(0..=500_000_000))]
    attempts: Option<u64>,
    /// Recordings: files that the answered attempts share.
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u64).range(0..=1_000))]
    recordings: u64,
    /// What decides every row.
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// The new data folder.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Of a hundred answered attempts so many have their keys and answers.
    #[arg(long, default_value_t = 25, value_name = "PERCENT", value_parser = clap::value_parser!(u64).range(0..=100))]
    answers: u64,
    /// The day on whose morning the database is as it will be; without it, today.
    #[arg(long, value_name = "YYYY-MM-DD")]
    day: Option<NaiveDate>,
    /// One line of JSON at the end.
    #[arg(long)]
    json: bool,
}

/// The line at the end.
#[derive(Serialize)]
struct Line<'l> {
    dir: &'l std::path::Path,
    seed: u64,
    #[serde(flatten)]
    populated: &'l Populated,
    seconds: f64,
    db_mb: f64,
}

impl Populate {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let clock = Clock::start();
        let began = clock.now();
        let now = match self.day {
            Some(day) => crate::calendar::wall(day.and_time(chrono::NaiveTime::MIN), DEFAULT_ZONE),
            None => clock.wall(),
        };
        let population = Population {
            patients: self.patients,
            attempts: self.attempts.unwrap_or(10 * self.patients),
            seed: self.seed,
            answers_percent: self.answers,
            morning: population::morning(now, DEFAULT_ZONE),
        };
        let mut bar = Bar::default();
        let populated = runtime()?.block_on(population::populate(
            &self.dir,
            population,
            self.recordings,
            DEFAULT_ZONE,
            |step| bar.tell(step),
        ))?;
        bar.end();
        let size = self.dir.join(crate::store::DATABASE).metadata()?.len();
        let line = Line {
            dir: &self.dir,
            seed: self.seed,
            populated: &populated,
            seconds: clock.now().since(began).as_secs_f64(),
            db_mb: size as f64 / 1e6,
        };
        if self.json {
            show::json(&line)?;
        } else {
            for (table, rows) in &populated.rows {
                show::line(&format!("{table:12} {rows:>12}"));
            }
            show::line(&format!("{} in {:.0} s", show::bytes(size), line.seconds));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The bar of the present step.
#[derive(Default)]
struct Bar(Option<(&'static str, ProgressBar)>);

impl Bar {
    fn tell(&mut self, step: Step) {
        let (what, done, of) = match step {
            Step::Recordings { done, of } => ("recordings", done, of),
            Step::Database(Filling::Rows { done, of }) => ("patients and attempts", done, of),
            Step::Database(Filling::Indexes { done, of }) => ("indexes", done, of),
            Step::Database(Filling::Checking) => ("checking", 0, 1),
        };
        if self.0.as_ref().is_none_or(|(shown, _)| *shown != what) {
            self.end();
            self.0 = Some((what, progress::many(what, of)));
        }
        if let Some((_, bar)) = &self.0 {
            bar.set_position(done);
        }
    }

    fn end(&mut self) {
        if let Some((_, bar)) = self.0.take() {
            bar.finish_and_clear();
        }
    }
}
