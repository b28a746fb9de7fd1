//! `aftercall far-end`: the simulated other side.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::{runtime, show};
use crate::config::list;
use crate::far_end::{self, Script, Settings};

/// Simulate the other side: a trunk full of patients who do what a script says, over real SIP and RTP. They recognise
/// each prompt by ear and press the keys that the script has for it. For every call one line of JSON goes to the log.
#[derive(Debug, Args)]
pub(super) struct FarEnd {
    /// Who is at which number, and what they do (TOML); docs/far-end.md has the format.
    #[arg(long, value_name = "FILE")]
    script: PathBuf,
    /// Where the log goes; it is replaced.
    #[arg(long, value_name = "FILE")]
    log: PathBuf,
    /// Where to take SIP over UDP; port 0 takes any free port.
    #[arg(long, default_value = "127.0.0.1:5070", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// The folder of prompts that the patients know; without it they recognise nothing.
    #[arg(long, value_name = "DIR")]
    prompts: Option<PathBuf>,
}

impl FarEnd {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let text = std::fs::read_to_string(&self.script)
            .with_context(|| format!("cannot read {}", self.script.display()))?;
        let script = match Script::parse(&text) {
            Ok(script) => script,
            Err(faults) => {
                let shown = self.script.display().to_string();
                bail!("{shown} cannot be used:\n{}", list(&shown, &faults));
            }
        };
        let settings = Settings { listen: self.listen, script, log: self.log, prompts: self.prompts };
        runtime()?.block_on(async {
            let mut terminated = signal(SignalKind::terminate())?;
            let mut interrupted = signal(SignalKind::interrupt())?;
            let far_end = far_end::start(settings)?;
            show::line(&format!("listening on {}", far_end.local_addr()));
            tokio::select! {
                _ = terminated.recv() => {}
                _ = interrupted.recv() => {}
            }
            let summary = tokio::task::spawn_blocking(move || far_end.stop()).await??;
            show::note(&serde_json::to_string(&summary)?);
            Ok(ExitCode::SUCCESS)
        })
    }
}
