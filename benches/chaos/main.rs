//! `scripts/chaos FAULT`: the real daemon, broken on purpose while patients answer. docs/chaos.md describes the faults.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command: figures are its output"
)]

mod rig;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::Parser;
use rig::{Fault, Work};
use tokio::signal::unix::{SignalKind, signal};

/// Chaos: break the real daemon on purpose while patients answer and press keys, then count what was lost.
///
/// Two processes beside this one, in a network of their own (as root): `aftercall run` with a data folder of its own,
/// and `aftercall far-end`, which lives on over the daemon's restarts and writes down every INVITE, key and end. A line
/// of progress for each round goes to standard error. At the end both sides are compared: figures, and what was required
/// of them; the exit status is 1 if a requirement is broken. Ctrl-C ends it and its processes.
#[derive(Debug, Parser)]
#[command(name = "chaos", bin_name = "scripts/chaos", max_term_width = 110)]
struct Arguments {
    /// What is done to the daemon.
    #[arg(value_enum)]
    fault: Fault,
    /// How often; each fault has its own number.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: Option<u32>,
    /// How many patients are called; each fault has its own number.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=20000))]
    patients: Option<u32>,
    /// One line of JSON instead of the table.
    #[arg(long)]
    json: bool,
    /// Where the moments of the faults are drawn from.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Another build of the daemon, to compare.
    #[arg(long, value_name = "FILE", hide_default_value = true, default_value = env!("CARGO_BIN_EXE_aftercall"))]
    program: PathBuf,
    /// The build whose `far-end` plays the patients.
    #[arg(long, value_name = "FILE", hide_default_value = true, default_value = env!("CARGO_BIN_EXE_aftercall"))]
    far_end: PathBuf,
    /// How much the daemon writes into its log; all of it is searched for names and numbers.
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    log: String,
    /// Keep the folder of the run, with all logs and the database, and say where it is.
    #[arg(long)]
    keep: bool,
    /// Hold the write lock of a database for a minute: what the fault `database` starts beside the daemon.
    #[arg(long, hide = true, value_name = "FILE")]
    lock: Option<PathBuf>,
    /// What `cargo bench` adds.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match carry_out(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("chaos: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn carry_out(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    // Before any thread is started: all of them, and all processes, live in the same network.
    rig::isolate()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if let Some(database) = &arguments.lock {
        runtime.block_on(rig::database::hold_the_lock(database))?;
        return Ok(ExitCode::SUCCESS);
    }
    let work = Work {
        fault: arguments.fault,
        rounds: arguments.rounds,
        patients: arguments.patients,
        seed: arguments.seed,
        program: arguments.program.clone(),
        far_end: arguments.far_end.clone(),
        log: arguments.log.clone(),
        keep: arguments.keep,
        brief: false,
    };
    let verdict = runtime.block_on(async {
        tokio::select! {
            verdict = rig::run(&work) => verdict,
            interrupted = interrupted() => {
                interrupted?;
                bail!("stopped")
            }
        }
    })?;
    if arguments.json {
        println!("{}", verdict.json());
    } else {
        println!("{}", verdict.table());
    }
    for broken in &verdict.broken {
        eprintln!("chaos: broken: {broken}");
    }
    Ok(if verdict.broken.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Waits for Ctrl-C or SIGTERM.
async fn interrupted() -> std::io::Result<()> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}
