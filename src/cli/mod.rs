//! The commands of `aftercall`, one file each: they read arguments, call one part of the daemon and show what came.

mod agent;
mod appointment;
mod audit;
mod backup;
mod call;
mod campaign;
mod check;
mod daemon;
mod demo;
mod dnc;
mod erase;
mod export;
mod far_end;
mod follow_up;
mod hold;
mod import;
mod integrity;
mod interrupt;
mod judge;
mod migrate;
mod openapi;
mod patient;
mod phone;
mod plan;
mod populate;
mod progress;
mod purge;
mod recover;
mod report;
mod restore;
mod rule;
mod run;
mod show;
mod simulate;
mod status;
mod switch;
mod thaw;
mod time;
mod user;
mod verify;
pub mod walk;
mod why;

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
    // What a command is for stands at its arguments: first a line for the list, then what `--help` adds to it.
    Run(run::Run),
    Demo(demo::Demo),
    FarEnd(far_end::FarEnd),
    Call(call::Call),
    #[command(subcommand)]
    Campaign(campaign::Campaign),
    Status(status::Status),
    Check(check::Check),
    Thaw(thaw::Thaw),
    Import(import::Import),
    Why(why::Why),
    #[command(subcommand)]
    Patient(patient::Patient),
    #[command(subcommand)]
    Appointment(appointment::Appointment),
    #[command(subcommand)]
    Dnc(dnc::Dnc),
    #[command(subcommand)]
    Rule(rule::Rule),
    #[command(subcommand)]
    Switch(switch::Switch),
    #[command(subcommand)]
    FollowUp(follow_up::FollowUp),
    Report(report::Report),
    Judge(judge::Judge),
    Verify(verify::Verify),
    Integrity(integrity::Integrity),
    #[command(subcommand)]
    Export(export::Export),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Purge(purge::Purge),
    Hold(hold::Hold),
    Erase(erase::Erase),
    #[command(subcommand)]
    Audit(audit::Audit),
    #[command(subcommand)]
    User(user::UserCommand),
    #[command(subcommand)]
    Agent(agent::AgentCommand),
    #[command(subcommand)]
    Phone(phone::PhoneCommand),
    Openapi(openapi::Openapi),
    Walk(walk::WalkArguments),
    Plan(plan::Plan),
    Simulate(simulate::Simulate),
    Migrate(migrate::Migrate),
    Populate(populate::Populate),
}

/// Parses the command line, does what it says, and tells an error in one paragraph.
pub fn main() -> std::process::ExitCode {
    crate::engine::panics::report();
    match run() {
        Ok(code) => code,
        // A reader that had enough (`| head`) is no fault.
        Err(error) if is_closed_pipe(&error) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            show::note(&format!("aftercall: {}", chain(&error)));
            std::process::ExitCode::FAILURE
        }
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let io = error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>());
    io.is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
}

/// An error and what led to it, each once: many messages name their source already.
fn chain(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for source in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&source) {
            text.push_str(": ");
            text.push_str(&source);
        }
    }
    text
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
        Command::Thaw(command) => command.run(config),
        Command::Import(command) => command.run(config),
        Command::Why(command) => command.run(config),
        Command::Patient(command) => command.run(config),
        Command::Appointment(command) => command.run(config),
        Command::Dnc(command) => command.run(config),
        Command::Rule(command) => command.run(config),
        Command::Switch(command) => command.run(config),
        Command::FollowUp(command) => command.run(config),
        Command::Report(command) => command.run(config),
        Command::Judge(command) => command.run(config),
        Command::Verify(command) => command.run(),
        Command::Integrity(command) => command.run(config),
        Command::Export(command) => command.run(config),
        Command::Backup(command) => command.run(config),
        Command::Restore(command) => command.run(config),
        Command::Purge(command) => command.run(config),
        Command::Hold(command) => command.run(config),
        Command::Erase(command) => command.run(config),
        Command::Audit(command) => command.run(config),
        Command::User(command) => command.run(config),
        Command::Agent(command) => command.run(config),
        Command::Phone(command) => command.run(config),
        Command::Openapi(command) => command.run(),
        Command::Walk(command) => command.run(),
        Command::Plan(command) => command.run(config),
        Command::Simulate(command) => command.run(),
        Command::Migrate(command) => command.run(config),
        Command::Populate(command) => command.run(),
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
