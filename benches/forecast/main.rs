//! `scripts/bench forecast`: a real night against its forecast. docs/performance.md describes the work and the figures.
//!
//! Two nights on loopback: the first makes history, the second is planned from it and then dialed, with other patients,
//! another seed and other rates. Real sockets, the shipped questionnaire and prompts, the shipped daemon and far end.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command: figures are its output"
)]

mod site;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use serde::Serialize;
use serde_json::Value;
use site::{Rates, Site};
use tokio::process::Child;

/// Forecast: how far `aftercall plan` is from the night that follows.
///
/// A first night is dialed over many lines, so that there is history. Then `plan` says when a second night will be over, and
/// that night is dialed: other patients, another seed, and everybody answers more seldom or more often than in the first by
/// --shift. Both run at the real time of calls, some ten minutes each.
#[derive(Debug, Parser)]
#[command(name = "forecast", bin_name = "scripts/bench forecast", max_term_width = 110)]
struct Arguments {
    /// Patients of the second night.
    #[arg(long, default_value_t = 160, value_parser = clap::value_parser!(u32).range(10..=2000))]
    patients: u32,
    /// Patients of the first night. A hospital that has called for a month has ten times as many behind it.
    #[arg(long, default_value_t = 480, value_parser = clap::value_parser!(u32).range(10..=2000))]
    history: u32,
    /// Lines of the second night; the first has three times as many.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=100))]
    lines: u16,
    /// By how many percent the share of patients who answer differs in the second night.
    #[arg(long, default_value_t = -20, allow_negative_numbers = true, value_parser = clap::value_parser!(i32).range(-50..=50))]
    shift: i32,
    /// Seed of the second night's patients.
    #[arg(long, default_value_t = 2)]
    seed: u64,
    /// One line of JSON instead of the table.
    #[arg(long)]
    json: bool,
    /// Keep the folder of the run.
    #[arg(long)]
    keep: bool,
    /// Another build of the daemon.
    #[arg(long, value_name = "FILE", hide_default_value = true, default_value = env!("CARGO_BIN_EXE_aftercall"))]
    program: PathBuf,
    /// What `cargo bench` adds.
    #[arg(long, hide = true)]
    bench: bool,
}

/// The figures, as the last line of `--json`.
#[derive(Debug, Serialize)]
struct Figures {
    history: u32,
    patients: u32,
    lines: u16,
    shift_percent: i32,
    forecast_finish_s: f64,
    earliest_finish_s: f64,
    latest_finish_s: f64,
    finish_s: f64,
    off_percent: f64,
    forecast_attempts: u64,
    attempts: u64,
    plan_s: f64,
}

/// No night of this bench is longer.
const LONGEST: Duration = Duration::from_secs(2_400);
/// The night that makes history has so many times the lines, so that it does not last as much longer.
const MORE_LINES: u16 = 3;
const LOOK_EVERY: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let measured = runtime
        .context("no runtime")
        .and_then(|runtime| runtime.block_on(measure(&arguments)));
    match measured {
        Ok(figures) => {
            show(&figures, arguments.json);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(arguments: &Arguments) -> Result<Figures> {
    let (lines, history) = (arguments.lines, arguments.history);
    let site = Site::make(lines * MORE_LINES, arguments.keep)?;
    let rates = Rates::default();
    eprintln!("bench: the first night, {history} patients: it makes history");
    site.add(&arguments.program, "first", 1, history, lines * MORE_LINES)
        .await?;
    night(&site, arguments, "first", rates, 1).await?;

    site.add(&arguments.program, "second", arguments.seed, arguments.patients, lines)
        .await?;
    let began = now();
    let said = site
        .succeed(&arguments.program, &["plan", "--campaign", "second", "--json"])
        .await?;
    let plan_s = began.elapsed().as_secs_f64();
    let plan: Value = serde_json::from_str(said.lines().last().unwrap_or_default()).context("the plan is no JSON")?;
    let finish = |which: &str| {
        let seconds = plan.pointer(&format!("/finish/{which}_in_s")).and_then(Value::as_f64);
        seconds.with_context(|| format!("the plan has no finish: {plan}"))
    };
    let forecast = finish("median")?;
    eprintln!("bench: the forecast says {forecast:.0} s; now the second night");
    let (finish_s, attempts) = night(
        &site,
        arguments,
        "second",
        rates.shifted(arguments.shift),
        arguments.seed,
    )
    .await?;
    Ok(Figures {
        history,
        patients: arguments.patients,
        lines: arguments.lines,
        shift_percent: arguments.shift,
        forecast_finish_s: forecast,
        earliest_finish_s: finish("earliest")?,
        latest_finish_s: finish("latest")?,
        finish_s,
        off_percent: (forecast - finish_s) / finish_s * 100.0,
        forecast_attempts: plan
            .pointer("/attempts/median")
            .and_then(Value::as_u64)
            .unwrap_or_default(),
        attempts,
        plan_s,
    })
}

/// Dials a campaign to its end: after how many seconds the last case was closed, and with how many attempts.
async fn night(site: &Site, arguments: &Arguments, campaign: &str, rates: Rates, seed: u64) -> Result<(f64, u64)> {
    let program = &arguments.program;
    site.write_patients(rates, seed)?;
    let mut far_end: Child = site.start(program, "far-end", &site.far_end())?;
    let mut daemon = site.start(program, "run", &["run", "--log", "warn"].map(str::to_owned))?;
    site.wait_for("run", "aftercall is ready").await?;
    site.succeed(program, &["campaign", "start", campaign]).await?;
    let began = now();
    let done = loop {
        tokio::time::sleep(LOOK_EVERY).await;
        if let Some(status) = daemon.try_wait()? {
            bail!("the daemon ended by itself: {status}{}", site.last_words());
        }
        let said = site.succeed(program, &["campaign", "list", "--json"]).await?;
        let campaigns: Value = serde_json::from_str(said.trim()).context("campaign list is no JSON")?;
        let rows = campaigns.as_array().context("campaign list is no list")?;
        let row = rows
            .iter()
            .find(|row| row.get("name").and_then(Value::as_str) == Some(campaign));
        let count = |name: &str| {
            row.and_then(|row| row.pointer(&format!("/counts/{name}")))
                .and_then(Value::as_u64)
        };
        if count("cases").is_some() && count("cases") == count("closed") {
            break began.elapsed();
        }
        ensure!(
            began.elapsed() < LONGEST,
            "the night is not over after {LONGEST:?}{}",
            site.last_words()
        );
    };
    site.terminate(&mut daemon).await?;
    site.terminate(&mut far_end).await?;
    let report = site
        .succeed(program, &["report", "--campaign", campaign, "--json"])
        .await?;
    let report: Value = serde_json::from_str(report.trim()).context("the report is no JSON")?;
    let attempts = report
        .pointer("/attempts/ended")
        .and_then(Value::as_u64)
        .unwrap_or_default();
    Ok((done.as_secs_f64(), attempts))
}

/// The bench is the one that reads the clock.
#[expect(clippy::disallowed_methods, reason = "a bench measures by the real clock")]
fn now() -> Instant {
    Instant::now()
}

fn show(figures: &Figures, as_json: bool) {
    if as_json {
        println!("{}", serde_json::to_string(figures).unwrap_or_default());
        return;
    }
    let rows = [
        ("history", figures.history.to_string()),
        ("patients", figures.patients.to_string()),
        ("lines", figures.lines.to_string()),
        ("answered more or less by", format!("{} %", figures.shift_percent)),
        (
            "finish, forecast",
            format!(
                "{:.0} s ({:.0} – {:.0})",
                figures.forecast_finish_s, figures.earliest_finish_s, figures.latest_finish_s
            ),
        ),
        ("finish", format!("{:.0} s", figures.finish_s)),
        ("off by", format!("{:.1} %", figures.off_percent)),
        ("attempts, forecast", figures.forecast_attempts.to_string()),
        ("attempts", figures.attempts.to_string()),
        ("plan took", format!("{:.1} s", figures.plan_s)),
    ];
    for (name, value) in rows {
        println!("{name:28} {value}");
    }
}
