//! The built program: started in a site, its words line by line, and a certain end.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};

use aftercall::engine::clock::Clock;

use crate::house::PATIENCE;
use crate::site::Site;

/// Lines that a test may leave unread.
const LINES: usize = 10_000;

/// A running `aftercall`. Dropped, it is killed.
pub(crate) struct Program {
    child: Child,
    lines: Receiver<Line>,
    /// All that it said so far.
    said: Vec<Line>,
    /// How many of `said` each stream has had waited for or passed over.
    read: BTreeMap<Stream, usize>,
}

/// Where a line came from. What two streams say has no order among them; each has its own.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Stream {
    Output,
    Errors,
}

/// A line and its stream.
#[derive(Debug)]
struct Line {
    stream: Stream,
    text: String,
}

/// What a command said before it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: ExitStatus,
    /// Standard output and standard error, line by line.
    pub(crate) text: String,
}

impl Site {
    /// Starts a command of the program in this site.
    pub(crate) fn start(&self, arguments: &[&str]) -> Program {
        self.start_in(&[], arguments)
    }

    /// The same with these variables in its environment.
    pub(crate) fn start_in(&self, environment: &[(&str, &str)], arguments: &[&str]) -> Program {
        let mut child = Command::new(env!("CARGO_BIN_EXE_aftercall"))
            .args(arguments)
            .envs(environment.iter().copied())
            .current_dir(self.folder())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (into, lines) = sync_channel(LINES);
        follow(child.stdout.take().unwrap(), Stream::Output, into.clone());
        follow(child.stderr.take().unwrap(), Stream::Errors, into);
        Program {
            child,
            lines,
            said: Vec::new(),
            read: BTreeMap::new(),
        }
    }

    /// Starts the daemon in test mode and waits until it is ready.
    pub(crate) fn daemon(&self) -> Program {
        let mut daemon = self.start(&["run", "--any-time", "--log", "debug"]);
        daemon.wait_for("aftercall is ready");
        daemon
    }

    /// Runs a command to its end.
    pub(crate) fn command(&self, arguments: &[&str]) -> Said {
        self.start(arguments).finish()
    }

    /// Runs a command that has to succeed.
    pub(crate) fn succeed(&self, arguments: &[&str]) -> String {
        let said = self.command(arguments);
        assert!(said.status.success(), "{arguments:?}: {said:?}");
        said.text
    }

    /// Runs a command that has to fail with status 1.
    pub(crate) fn fail(&self, arguments: &[&str]) -> String {
        let said = self.command(arguments);
        assert_eq!(said.status.code(), Some(1), "{arguments:?}: {said:?}");
        said.text
    }
}

impl Program {
    /// Waits for a line with these words: the first of its stream behind the last one that was waited for there.
    pub(crate) fn wait_for(&mut self, words: &str) -> String {
        let clock = Clock::start();
        let mut at = 0;
        loop {
            while let Some(line) = self.said.get(at) {
                at += 1;
                let read = self.read.entry(line.stream).or_default();
                if *read < at && line.text.contains(words) {
                    *read = at;
                    return line.text.clone();
                }
            }
            let left = PATIENCE.saturating_sub(clock.now().since(aftercall::moment::Moment::ZERO));
            match self.lines.recv_timeout(left) {
                Ok(line) => self.said.push(line),
                Err(RecvTimeoutError::Timeout) => panic!("did not say {words:?} in time: {:#?}", self.said),
                Err(RecvTimeoutError::Disconnected) => panic!("ended without {words:?}: {:#?}", self.said),
            }
        }
    }

    /// Waits until it ends by itself.
    pub(crate) fn finish(mut self) -> Said {
        let clock = Clock::start();
        loop {
            let left = PATIENCE.saturating_sub(clock.now().since(aftercall::moment::Moment::ZERO));
            match self.lines.recv_timeout(left) {
                Ok(line) => self.said.push(line),
                Err(RecvTimeoutError::Timeout) => panic!("did not end in time: {:#?}", self.said),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        let status = self.child.wait().unwrap();
        Said {
            status,
            text: self
                .said
                .iter()
                .map(|line| line.text.as_str())
                .collect::<Vec<_>>()
                .join("\n"),
        }
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal: `TERM`, `INT`, `HUP`.
    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-s", signal, &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Ends it by SIGTERM and waits for it.
    pub(crate) fn terminate(self) -> Said {
        self.signal("TERM");
        self.finish()
    }

    /// Ends it by SIGKILL: it can do nothing any more.
    pub(crate) fn kill(mut self) -> Said {
        self.child.kill().unwrap();
        self.finish()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn follow(from: impl Read + Send + 'static, stream: Stream, into: SyncSender<Line>) {
    std::thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            if into.send(Line { stream, text }).is_err() {
                return;
            }
            line.clear();
        }
    });
}
