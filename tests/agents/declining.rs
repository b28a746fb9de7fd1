//! A phone on which somebody presses "decline": SIPp registers it, and then answers every call with 603. baresip cannot.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::rig::folder::fill;
use crate::rig::ports;
use crate::rig::process::{Process, installed};

/// The phone.
#[derive(Debug)]
pub(crate) struct Declining {
    process: Process,
    log: PathBuf,
}

impl Declining {
    /// Registers it, and lets it be called.
    pub(crate) fn start(folder: &Path, user: &str, password: &str, registrar: u16) -> Self {
        let sipp = installed("sipp");
        let (port, media) = (ports::free(2), ports::free(4));
        let registers = fill(
            include_str!("sipp/registers.xml"),
            &[("USER", user), ("PASSWORD", password)],
        );
        fs::write(folder.join("registers.xml"), registers).unwrap();
        fs::write(folder.join("declines.xml"), include_str!("sipp/declines.xml")).unwrap();
        let run = |name: &str, more: &str| {
            let arguments = format!("-i 127.0.0.1 -mi 127.0.0.1 -p {port} -mp {media} -nostdin {more}");
            let arguments: Vec<String> = arguments.split_whitespace().map(str::to_owned).collect();
            Process::start(folder, name, &sipp, &arguments)
        };
        let mut registers = run(
            "registers",
            &format!("-sf registers.xml -m 1 -timeout 20s -trace_err 127.0.0.1:{registrar}"),
        );
        let status = registers.wait_for_end(Duration::from_secs(30));
        assert!(
            status.is_some_and(|status| status.success()),
            "SIPp cannot register\n{}",
            registers.tail()
        );
        let process = run("declines", "-sf declines.xml -trace_logs -log_file declines.calls");
        while !ports::is_bound(port) {
            let lines = &process.lines;
            lines.wait(lines.len(), Duration::from_millis(50), |_| true);
        }
        Self {
            process,
            log: folder.join("declines.calls"),
        }
    }

    /// The Call-IDs that it noted in a turn, `invited` or `declined`.
    pub(crate) fn noted(&self, turn: &str) -> Vec<String> {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let words = log.lines().filter_map(|line| line.trim().strip_prefix(turn));
        words.map(|id| id.trim().to_owned()).collect()
    }

    /// Waits a moment.
    pub(crate) fn wait(&self) {
        let lines = &self.process.lines;
        lines.wait(lines.len(), Duration::from_millis(100), |_| true);
    }
}
