//! A child process: its words, its end, and what the kernel says that it used.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// A running `aftercall`. Dropped, it is killed.
pub(crate) struct Program {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    name: String,
}

/// What a process used so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// CPU time in user space.
    pub(crate) user: Duration,
    /// CPU time in the kernel.
    pub(crate) system: Duration,
    /// Resident memory now.
    pub(crate) rss_kb: u64,
    /// The most since [`Program::forget_peak`].
    pub(crate) peak_kb: u64,
}

impl Program {
    pub(crate) fn start(program: &Path, folder: &Path, arguments: &[String]) -> anyhow::Result<Self> {
        let name = arguments.first().cloned().unwrap_or_default();
        let errors = File::create(folder.join(format!("{name}.err")))?;
        let mut child = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            // Ctrl-C in the terminal is for us alone: we end our children ourselves.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let stdout = child.stdout.take().context("a child without standard output")?;
        Ok(Self {
            child,
            lines: BufReader::new(stdout).lines(),
            name,
        })
    }

    /// Runs a command to its end, which has to be a good one.
    pub(crate) async fn succeed(
        program: &Path,
        folder: &Path,
        arguments: &[&str],
        patience: Duration,
    ) -> anyhow::Result<()> {
        let mut command = Command::new(program);
        let running = command
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let said = timeout(patience, running)
            .await
            .with_context(|| format!("{arguments:?}"))??;
        ensure!(
            said.status.success(),
            "{arguments:?}: {}{}",
            String::from_utf8_lossy(&said.stdout),
            String::from_utf8_lossy(&said.stderr)
        );
        Ok(())
    }

    /// Waits for a line with these words.
    pub(crate) async fn wait_for(&mut self, words: &str, patience: Duration) -> anyhow::Result<String> {
        let waiting = async {
            while let Some(line) = self.lines.next_line().await? {
                if line.contains(words) {
                    return Ok(line);
                }
            }
            bail!("`{}` ended without saying \"{words}\"", self.name)
        };
        timeout(patience, waiting)
            .await
            .with_context(|| format!("`{}` did not say \"{words}\" in time", self.name))?
    }

    /// Fails if it has ended by itself.
    pub(crate) fn still_runs(&mut self) -> anyhow::Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("`{}` ended by itself: {status}", self.name),
        }
    }

    /// Ends it by SIGTERM.
    pub(crate) async fn terminate(mut self, patience: Duration) -> anyhow::Result<()> {
        let pid = self.pid()?.to_string();
        Command::new("kill").args(["-TERM", &pid]).status().await?;
        let ended = async {
            // Its last words are read so that it does not wait for a reader.
            while self.lines.next_line().await?.is_some() {}
            self.child.wait().await
        };
        let status = timeout(patience, ended).await.context("did not end in time")??;
        ensure!(status.success(), "ended badly: {status}");
        Ok(())
    }

    /// Begins the peak of its memory anew (proc(5), clear_refs).
    pub(crate) fn forget_peak(&self) -> anyhow::Result<()> {
        let file = format!("/proc/{}/clear_refs", self.pid()?);
        std::fs::write(&file, "5").with_context(|| format!("cannot write {file}"))
    }

    /// What it used so far (proc(5): fields 14 and 15 of stat, in hundredths of a second).
    pub(crate) fn usage(&self) -> anyhow::Result<Usage> {
        let pid = self.pid()?;
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let (_, fields) = stat.rsplit_once(')').context("/proc/PID/stat")?;
        let mut fields = fields.split_whitespace().skip(11);
        let mut ticks = || -> anyhow::Result<Duration> {
            let ticks: u64 = fields.next().context("/proc/PID/stat")?.parse()?;
            Ok(Duration::from_millis(ticks * 10))
        };
        let (user, system) = (ticks()?, ticks()?);
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let kilobytes = |name: &str| -> anyhow::Result<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let value = line.and_then(|line| line.split_whitespace().next()).context("VmRSS")?;
            Ok(value.parse()?)
        };
        Ok(Usage {
            user,
            system,
            rss_kb: kilobytes("VmRSS:")?,
            peak_kb: kilobytes("VmHWM:")?,
        })
    }

    fn pid(&self) -> anyhow::Result<u32> {
        self.child.id().with_context(|| format!("`{}` has ended", self.name))
    }
}
