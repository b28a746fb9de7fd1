//! The commands of `aftercall`, one file each: they read arguments, call one part of the daemon and show what came.

mod call;
mod campaign;
mod check;
mod daemon;
mod demo;
mod export;
mod far_end;
mod import;
mod interrupt;
mod progress;
mod report;
mod run;
mod show;
mod status;
pub mod walk;

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};

use crate::config::{self, Settings};

/// Aftercall (随访外呼) calls the patients whose follow-up is due, plays the questionnaire, takes their answers by key
/// press, records the call, and says why whoever was not reached was not.
///
/// First steps: `aftercall check --example > aftercall.toml`, set the trunk, `aftercall check`, call your own phone with
/// `aftercall call NUMBER --dialplan dialplans/inpatient-satisfaction.toml`; then `campaign add`, `import`,
/// `campaign start`, and leave `aftercall run` running.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 110, propagate_version = true)]
struct Arguments {
    /// The settings file.
    #[arg(long, global = true, default_value = "aftercall.toml", value_name = "FILE")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the daemon: dial what is due in every running campaign, until it is told to stop.
    Run(run::Run),
    /// Show what it does: 60 simulated patients over 20 lines on this machine, a report at the end.
    Demo(demo::Demo),
    /// Simulate the other side: a trunk full of scripted patients, for tests and for trying out dialplans.
    FarEnd(far_end::FarEnd),
    /// Call one number now and tell what happens, state by state. Never counted in reports.
    Call(call::Call),
    /// Add, list, show, start and stop campaigns.
    #[command(subcommand)]
    Campaign(campaign::Campaign),
    /// What is due, dialing, talking and done right now.
    Status(status::Status),
    /// Find every fault of settings, dialplans, prompts and campaigns before the night does.
    Check(check::Check),
    /// Read a discharge list (CSV, TSV, XLSX; UTF-8 or GB18030): one case per accepted encounter.
    Import(import::Import),
    /// Follow-up rate, success, satisfaction, causes, each question.
    Report(report::Report),
    /// Write rows for other programs.
    #[command(subcommand)]
    Export(export::Export),
    /// Walk through a dialplan in the terminal: keys from the keyboard, no telephone.
    Walk(walk::WalkArguments),
}

/// Parses the command line, does what it says, and tells an error in one paragraph.
pub fn main() -> std::process::ExitCode {
    match run() {
        Ok(code) => code,
        // A reader that had enough (`| head`) is no fault.
        Err(error) if is_closed_pipe(&error) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            show::note(&format!("aftercall: {error:#}"));
            std::process::ExitCode::FAILURE
        }
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let io = error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>());
    io.is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
}

fn run() -> anyhow::Result<std::process::ExitCode> {
    let arguments = Arguments::parse();
    let config = arguments.config.as_path();
    match arguments.command {
        Command::Run(command) => command.run(config),
        Command::Demo(command) => command.run(),
        Command::FarEnd(command) => command.run(),
        Command::Call(command) => command.run(config),
        Command::Campaign(command) => command.run(config),
        Command::Status(command) => command.run(config),
        Command::Check(command) => command.run(config),
        Command::Import(command) => command.run(config),
        Command::Report(command) => command.run(config),
        Command::Export(command) => command.run(config),
        Command::Walk(command) => command.run(),
    }
}

/// Reads the settings; warnings go to standard error.
fn settings(file: &Path) -> anyhow::Result<Settings> {
    let (settings, warnings) = config::load(file)?;
    for warning in warnings {
        show::warn(&format!("{}:{warning}", file.display()));
    }
    Ok(settings)
}

/// A runtime for commands that wait for the store or the daemon.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?)
}
