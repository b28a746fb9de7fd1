//! The log: where it goes, and a level that can change while the daemon runs.

use std::io::IsTerminal;
use std::path::Path;

use anyhow::Context;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::reload::Handle;

use crate::config::Log;

/// Sets another level. One that was given on the command line stays.
pub(super) type Level = Box<dyn Fn(Log) -> anyhow::Result<()> + Send + Sync>;

/// The log goes to standard error. `given` is the level of the command line, `set` that of the settings.
pub(super) fn start(given: Option<&str>, set: Log, json: bool) -> anyhow::Result<Level> {
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter(given.unwrap_or(set.as_str()))?)
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal());
    let is_given = given.is_some();
    Ok(if json {
        let log = log.json().with_filter_reloading();
        let level = level(log.reload_handle(), is_given);
        log.init();
        level
    } else {
        let log = log.with_filter_reloading();
        let level = level(log.reload_handle(), is_given);
        log.init();
        level
    })
}

fn level<S: 'static>(handle: Handle<EnvFilter, S>, is_given: bool) -> Level {
    Box::new(move |level| {
        if is_given {
            return Ok(());
        }
        handle
            .reload(filter(level.as_str())?)
            .context("the log level cannot be changed")
    })
}

/// The log goes to a file, created anew.
pub(in crate::cli) fn start_to(file: &Path) -> anyhow::Result<()> {
    let writer = std::fs::File::create(file).with_context(|| format!("cannot write {}", file.display()))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter("info")?)
        .with_ansi(false)
        .with_target(false);
    log.with_writer(std::sync::Mutex::new(writer)).init();
    Ok(())
}

fn filter(level: &str) -> anyhow::Result<EnvFilter> {
    EnvFilter::try_new(format!("warn,aftercall={level}"))
        .with_context(|| format!("--log {level} is no level; expected error, warn, info, debug or trace"))
}
