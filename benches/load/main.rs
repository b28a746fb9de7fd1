//! `scripts/bench load`: so many calls at once through the real daemon, measured from outside. docs/performance.md
//! describes the work and the figures.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command: figures are its output"
)]

mod floor;
mod rig;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::Parser;
use rig::{Figures, Recorded, Work};
use tokio::signal::unix::{SignalKind, signal};

/// Load: N calls at once through the real daemon, for each N.
///
/// Two processes beside this one, on loopback: `aftercall run` with a data folder of its own, and `aftercall far-end`,
/// which answers at once, speaks all the time (50 packets a second each way, PCMU) and measures. A call: 4.5 s prompt,
/// key, 4.5 s prompt, key, 2 s goodbye, hang-up, about 12.4 s. 2N calls are started, N/12.4 a second, so that N run at
/// once. A run of one N takes 45 s and half a minute more at most; Ctrl-C ends it and its processes.
///
/// cpu: user and system time of the daemon over the seconds of answered call. rss: most resident memory less that
/// before the first call, over N. late: arrival (the kernel's stamp) less the leg's own schedule, frame k at k x 20 ms
/// after its first. keys: pressed keys that stand in the database at their place. lost: packets that never came, both
/// ways, and frames that the daemon left out. Shares are from 0 to 1. floor: the same packets and files by a loop that
/// does nothing else, measured for 10 s right afterwards; days and machines compare by how many times the floor cpu is.
#[derive(Debug, Parser)]
#[command(name = "load", bin_name = "scripts/bench load", max_term_width = 110)]
struct Arguments {
    /// Calls at once; several one after another.
    #[arg(long, value_delimiter = ',', default_value = "100,400", value_name = "N,…", value_parser = clap::value_parser!(u32).range(1..=2000))]
    calls: Vec<u32>,
    /// The daemon records nothing.
    #[arg(long)]
    no_record: bool,
    /// One line of JSON for each N instead of the table.
    #[arg(long)]
    json: bool,
    /// Another build of the daemon, to compare.
    #[arg(long, value_name = "FILE", hide_default_value = true, default_value = env!("CARGO_BIN_EXE_aftercall"))]
    program: PathBuf,
    /// What `cargo bench` adds.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match measure(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if !arguments.json {
        println!("{}", rig::machine());
        println!("{}", Figures::head());
    }
    for &calls in &arguments.calls {
        let work = Work {
            calls,
            record: if arguments.no_record {
                Recorded::No
            } else {
                Recorded::Yes
            },
            program: arguments.program.clone(),
            far_end: PathBuf::from(env!("CARGO_BIN_EXE_aftercall")),
            ..Work::default()
        };
        let figures = runtime.block_on(async {
            tokio::select! {
                figures = rig::run(&work) => figures,
                interrupted = interrupted() => {
                    interrupted?;
                    bail!("stopped")
                }
            }
        })?;
        let floor = floor::measure(calls, work.record)?;
        if arguments.json {
            println!("{}", figures.json(Some(floor)));
        } else {
            println!("{}", figures.row(Some(floor)));
            figures
                .faults()
                .for_each(|fault| println!("      the far end found: {fault}"));
        }
    }
    Ok(())
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
