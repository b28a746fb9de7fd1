//! `scripts/bench database`: what claims, reports and exports cost as the database grows. docs/performance.md has the
//! figures.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command: figures are its output"
)]

mod asked;
mod figures;
mod night;
mod site;

use std::process::ExitCode;
use std::time::Instant;

use aftercall::engine::population::CAMPAIGNS;
use aftercall::report::{self, Names, Success};
use aftercall::store::Period;
use anyhow::Context;
use asked::Desk;
use clap::Parser;
use figures::Figures;
use site::Site;

/// What claims, reports and exports cost as the database grows.
///
/// For each size N a data folder is filled with N patients and ten attempts for each (`aftercall populate`), kept below
/// target/tmp for the next time, and measured: 2,000 claims as the dialer makes them in a night, each with one attempt
/// begun and ended and the other cases given back, every one of them committed to the disk; the whole report of all three
/// campaigns; the export of the largest one, written nowhere; `aftercall why` (the middle one of 20 patients) and `aftercall plan`
/// of one run over all three campaigns, as commands with their start. A figure that was left out is null.
#[derive(Debug, Parser)]
#[command(name = "database", bin_name = "scripts/bench database", max_term_width = 110)]
struct Arguments {
    /// Patients; several one after another.
    #[arg(long, value_delimiter = ',', default_value = "10000,100000,1000000", value_name = "N,…", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    sizes: Vec<u64>,
    /// What decides every row.
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// Claims that are measured.
    #[arg(long, default_value_t = 2_000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    claims: u32,
    /// Cases of a claim: as the dialer asks over 60 lines, what may be dialed in the second ahead at six calls a second.
    #[arg(long, default_value_t = 6, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=500))]
    cases: u16,
    /// Leave the export out: it takes minutes at a million patients.
    #[arg(long)]
    no_export: bool,
    /// One line of JSON for each size instead of the table.
    #[arg(long)]
    json: bool,
    /// What `cargo bench` adds.
    #[arg(long, hide = true)]
    bench: bool,
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
    if !arguments.json {
        println!("{}", Figures::head());
    }
    for &size in &arguments.sizes {
        let figures = runtime.block_on(one(arguments, size))?;
        if arguments.json {
            println!("{}", serde_json::to_string(&figures)?);
        } else {
            println!("{}", figures.row());
        }
    }
    Ok(())
}

async fn one(arguments: &Arguments, size: u64) -> anyhow::Result<Figures> {
    let site = Site::of(size, arguments.seed).await?;
    let store = site.open().await?;
    let claims = night::claims(&store, &site, arguments.claims, usize::from(arguments.cases)).await?;
    let period = Period::until(site.morning());
    let began = now();
    for name in CAMPAIGNS {
        report::campaign(store.reader(), name, period, Success::default()).await?;
    }
    let report_s = began.elapsed().as_secs_f64();
    let export_s = match arguments.no_export {
        true => None,
        false => {
            let name = CAMPAIGNS.first().context("there are campaigns")?;
            let campaign = store.reader().campaign(name, site.morning()).await?.id;
            let began = now();
            report::export_answers(store.reader(), campaign, Names::Masked, std::io::sink()).await?;
            Some(began.elapsed().as_secs_f64())
        }
    };
    let desk = Desk::at(site.folder())?;
    let why_ms = desk.why(store.reader(), site.rows("cases")).await?;
    store.close().await;
    let plan_s = desk.plan()?;
    Ok(Figures {
        patients: size,
        cases: site.rows("cases"),
        attempts: site.rows("attempt"),
        rows: site.all_rows(),
        populate_s: site.seconds(),
        claim_p50_ms: claims.claim.at(500),
        claim_p99_ms: claims.claim.at(990),
        begin_p99_ms: claims.begin.at(990),
        finish_p99_ms: claims.finish.at(990),
        claimed: claims.claimed,
        plan_s: Some(plan_s),
        why_ms: Some(why_ms),
        report_s,
        export_s,
        db_mb: site.megabytes(),
    })
}

/// The bench is the one that reads the clock.
#[expect(clippy::disallowed_methods, reason = "a bench measures by the real clock")]
fn now() -> Instant {
    Instant::now()
}
