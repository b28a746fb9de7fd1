//! The second process: `aftercall far-end` with the demo's patients.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};
use serde::Deserialize;

/// The running far end; it is ended when this is dropped, however that comes.
pub(super) struct FarSide {
    child: Child,
    log: PathBuf,
    /// Where it listens.
    pub(super) address: String,
}

/// One call as the far end saw it: the fields of its log that the demo judges by.
#[derive(Debug, Deserialize)]
pub(super) struct SeenCall {
    pub(super) call_id: String,
    #[serde(default)]
    pub(super) invite_messages: u64,
    #[serde(default)]
    pub(super) prompts: Vec<SeenPrompt>,
    #[serde(default)]
    pub(super) keys: Vec<SeenKey>,
    #[serde(default)]
    pub(super) gap_ms_max: f64,
    #[serde(default)]
    pub(super) sip_faults: Vec<serde_json::Value>,
}

/// A prompt that a patient heard.
#[derive(Debug, Deserialize)]
pub(super) struct SeenPrompt {
    pub(super) name: String,
    pub(super) barged: bool,
}

/// A key that a patient pressed.
#[derive(Debug, Deserialize)]
pub(super) struct SeenKey {
    pub(super) key: char,
    pub(super) after_prompt: String,
}

impl FarSide {
    pub(super) fn start(dir: &Path, prompts: &Path, script: Option<&Path>) -> anyhow::Result<Self> {
        let log = dir.join("far-end.jsonl");
        let own_script = dir.join("patients.toml");
        let script = match script {
            Some(script) => script,
            None => {
                std::fs::write(&own_script, crate::far_end::DEMO_SCRIPT)?;
                &own_script
            }
        };
        let mut child = Command::new(std::env::current_exe()?)
            .arg("far-end")
            .args(["--listen", "127.0.0.1:0", "--script"])
            .arg(script)
            .arg("--log")
            .arg(&log)
            .arg("--prompts")
            .arg(prompts)
            .stdin(Stdio::null())
            // Ctrl-C in the terminal is for us alone: the far end still has to answer our BYEs.
            .process_group(0)
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the far end")?;
        let stdout = child.stdout.take().context("the far end has no standard output")?;
        let mut far_side = Self {
            child,
            log,
            address: String::new(),
        };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        match line.trim().strip_prefix("listening on ") {
            Some(address) => address.clone_into(&mut far_side.address),
            None => bail!("the far end did not start (its error stands above)"),
        }
        Ok(far_side)
    }

    /// Ends it and reads what it saw.
    pub(super) fn stop(mut self) -> anyhow::Result<Vec<SeenCall>> {
        // SIGTERM has it write its last lines; Child::kill would be SIGKILL.
        let pid = self.child.id().to_string();
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .context("cannot run kill")?;
        self.child.wait()?;
        let text = std::fs::read_to_string(&self.log)?;
        let lines = text.lines().filter(|line| line.contains("\"kind\":\"call\""));
        lines.map(|line| Ok(serde_json::from_str(line)?)).collect()
    }
}

impl Drop for FarSide {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
