//! A child process: its words, its end, and what the kernel says that it holds.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// How often a file is looked at for words.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A running program. Dropped, it is killed; should this process die, the kernel kills it.
pub(crate) struct Program {
    child: Child,
    name: String,
    said: PathBuf,
    /// What the file held before this start.
    skip: usize,
}

/// What a process holds now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holding {
    pub(crate) rss_kb: u64,
    pub(crate) files: u64,
    pub(crate) threads: u64,
}

impl Program {
    /// Starts a program in a folder; what it says goes on behind what `NAME.out` and `NAME.err` hold there.
    pub(crate) fn start(
        program: &Path,
        folder: &Path,
        name: &str,
        arguments: &[&str],
        environment: &[(String, String)],
    ) -> anyhow::Result<Self> {
        let said = folder.join(format!("{name}.out"));
        let append = |file: &Path| File::options().create(true).append(true).open(file);
        let skip = fs::metadata(&said).map_or(0, |found| found.len());
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--"])
            .arg(program)
            .args(arguments)
            .current_dir(folder)
            .envs(environment.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::null())
            .stdout(append(&said)?)
            .stderr(append(&folder.join(format!("{name}.err")))?)
            // Ctrl-C in the terminal is for us alone: we end our children ourselves.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        Ok(Self {
            child,
            name: name.to_owned(),
            said,
            skip: usize::try_from(skip)?,
        })
    }

    /// Runs a command to its end, which has to be a good one; what it said.
    pub(crate) async fn succeed(
        program: &Path,
        folder: &Path,
        arguments: &[&str],
        patience: Duration,
    ) -> anyhow::Result<String> {
        let running = Command::new(program)
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
        Ok(String::from_utf8_lossy(&said.stdout).into_owned())
    }

    /// Waits for a line with these words since it was started.
    pub(crate) async fn wait_for(&mut self, words: &str, patience: Duration) -> anyhow::Result<String> {
        let waiting = async {
            loop {
                let has_ended = self.child.try_wait()?.is_some();
                if let Some(line) = self.words().lines().find(|line| line.contains(words)) {
                    return Ok(line.to_owned());
                }
                if has_ended {
                    bail!("`{}` ended without saying \"{words}\"", self.name);
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        timeout(patience, waiting)
            .await
            .with_context(|| format!("`{}` did not say \"{words}\" in {patience:?}", self.said.display()))?
    }

    fn words(&self) -> String {
        let said = fs::read(&self.said).unwrap_or_default();
        String::from_utf8_lossy(said.get(self.skip..).unwrap_or_default()).into_owned()
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> anyhow::Result<Option<String>> {
        Ok(self.child.try_wait()?.map(|status| status.to_string()))
    }

    /// Ends it by SIGKILL; nothing of it runs afterwards.
    pub(crate) async fn kill(mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Sends a signal by its name.
    pub(crate) async fn signal(&self, name: &str) -> anyhow::Result<()> {
        let pid = self.pid()?.to_string();
        Command::new("kill").args(["-s", name, &pid]).status().await?;
        Ok(())
    }

    /// Ends it by SIGTERM; how it ended.
    pub(crate) async fn terminate(mut self, patience: Duration) -> anyhow::Result<()> {
        self.signal("TERM").await?;
        let status = timeout(patience, self.child.wait())
            .await
            .with_context(|| format!("`{}` did not end within {patience:?} of SIGTERM", self.name))??;
        ensure!(status.success(), "`{}` ended badly: {status}", self.name);
        Ok(())
    }

    /// What it holds (proc(5)).
    pub(crate) fn holding(&self) -> anyhow::Result<Holding> {
        let pid = self.pid()?;
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let number = |name: &str| -> anyhow::Result<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let value = line.and_then(|line| line.split_whitespace().next());
            Ok(value.with_context(|| format!("{name} of {pid}"))?.parse()?)
        };
        Ok(Holding {
            rss_kb: number("VmRSS:")?,
            threads: number("Threads:")?,
            files: u64::try_from(fs::read_dir(format!("/proc/{pid}/fd"))?.count())?,
        })
    }

    fn pid(&self) -> anyhow::Result<u32> {
        self.child.id().with_context(|| format!("`{}` has ended", self.name))
    }
}
