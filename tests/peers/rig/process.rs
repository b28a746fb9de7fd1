//! A peer's process: its output line by line, and a certain end.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use super::journal::Journal;

const END: Duration = Duration::from_secs(8);

/// A running program. Dropped, it is told to end (SIGTERM), and killed when it does not; should the whole test die, the
/// kernel tells it.
#[derive(Debug)]
pub(crate) struct Process {
    name: String,
    child: Child,
    /// Standard output and standard error.
    pub(crate) lines: Journal<String>,
    log: PathBuf,
}

impl Process {
    /// Starts a program in a folder; what it says goes to `NAME.log` there as well.
    pub(crate) fn start(folder: &Path, name: &str, program: &Path, arguments: &[String]) -> Self {
        let log = folder.join(format!("{name}.log"));
        let mut child = Command::new("setpriv")
            .args(["--pdeathsig", "TERM", "--"])
            .arg(program)
            .args(arguments)
            .current_dir(folder)
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let lines = Journal::new();
        let out = follow(
            child.stdout.take().expect("a pipe"),
            lines.clone(),
            File::create(&log).unwrap(),
        );
        let err = follow(
            child.stderr.take().expect("a pipe"),
            lines.clone(),
            File::options().append(true).open(&log).unwrap(),
        );
        let ended = lines.clone();
        thread::spawn(move || {
            let _ = (out.join(), err.join());
            ended.end();
        });
        Self {
            name: name.to_owned(),
            child,
            lines,
            log,
        }
    }

    /// Waits for a line that contains `text`; fails with the tail of the log when the limit passes or the process ends.
    pub(crate) fn wait_for(&self, text: &str, limit: Duration) -> String {
        let found = self.lines.wait(0, limit, |line| line.contains(text));
        found
            .unwrap_or_else(|| panic!("{} did not say {text:?} within {limit:?}\n{}", self.name, self.tail()))
            .0
    }

    /// Whether it still runs.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends SIGTERM and waits for the end; killed when it takes too long (`None`).
    pub(crate) fn stop(&mut self) -> Option<ExitStatus> {
        self.signal("TERM");
        if self.lines.wait_for_end(END) {
            return self.child.wait().ok();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        None
    }

    /// Waits until it ends by itself; `None` when the limit passes first.
    pub(crate) fn wait_for_end(&mut self, limit: Duration) -> Option<ExitStatus> {
        self.lines.wait_for_end(limit).then(|| self.child.wait().unwrap())
    }

    pub(crate) fn signal(&mut self, signal: &str) {
        // A process that was waited for has no pid any more.
        if self.is_running() {
            let _ = Command::new("sh")
                .args(["-c", "kill -s \"$0\" \"$1\"", signal, &self.pid().to_string()])
                .status();
        }
    }

    /// The last lines that it said.
    pub(crate) fn tail(&self) -> String {
        let said = fs::read(&self.log).unwrap_or_default();
        let said = String::from_utf8_lossy(&said);
        let lines: Vec<&str> = said.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

fn follow(from: impl Read + Send + 'static, lines: Journal<String>, mut log: File) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let _ = log.write_all(&line);
            lines.push(String::from_utf8_lossy(&line).trim_end().to_owned());
            line.clear();
        }
    })
}

/// Where a peer's program is; fails with what installs it.
pub(crate) fn installed(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/bin".into()]);
    let found = places.map(|place| place.join(program)).find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("{program} is not installed; install the peers with: scripts/setup test"))
}
