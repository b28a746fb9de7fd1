//! The built program: started in a site, its words line by line, and a certain end.

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
    lines: Receiver<String>,
    said: Vec<String>,
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
        follow(child.stdout.take().unwrap(), into.clone());
        follow(child.stderr.take().unwrap(), into);
        Program {
            child,
            lines,
            said: Vec::new(),
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
    /// Waits for a line with these words.
    pub(crate) fn wait_for(&mut self, words: &str) -> String {
        self.wait_for_any(&[words])
    }

    /// Waits for two lines in any order: what goes to standard output and what goes to standard error have none.
    pub(crate) fn wait_for_both(&mut self, one: &str, other: &str) {
        let first = self.wait_for_any(&[one, other]);
        self.wait_for(if first.contains(one) { other } else { one });
    }

    fn wait_for_any(&mut self, words: &[&str]) -> String {
        let clock = Clock::start();
        loop {
            let left = PATIENCE.saturating_sub(clock.now().since(aftercall::moment::Moment::ZERO));
            match self.lines.recv_timeout(left) {
                Ok(line) => {
                    self.said.push(line.clone());
                    if words.iter().any(|words| line.contains(words)) {
                        return line;
                    }
                }
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
            text: self.said.join("\n"),
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

fn follow(from: impl Read + Send + 'static, into: SyncSender<String>) {
    std::thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            if into.send(String::from_utf8_lossy(&line).trim_end().to_owned()).is_err() {
                return;
            }
            line.clear();
        }
    });
}
