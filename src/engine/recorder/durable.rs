//! What has been recorded of calls under way is made durable once a second, by one request for the whole file system.
//!
//! A sync of each file would be a commit of the file system's journal for every call and second, in the way of the keys
//! that have to be durable before the next prompt. One `syncfs` is one commit, however many calls there are.

use std::fs::File;
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use nix::unistd::syncfs;

use crate::moment::Moment;

/// Workers hand over a second at a time, so a power cut costs two.
const EVERY: Duration = Duration::from_secs(1);

/// Asks for it, and never waits for it.
#[derive(Debug)]
pub(super) struct Durable {
    files: SyncSender<File>,
    thread: JoinHandle<()>,
    asked: Moment,
}

impl Durable {
    /// Starts its thread: only that waits for the disk.
    pub(super) fn start(now: Moment) -> io::Result<Self> {
        let (files, inbox) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("recorder-sync".to_owned())
            .spawn(move || sync(&inbox))?;
        Ok(Self {
            files,
            thread,
            asked: now,
        })
    }

    /// Something was written to the file that `handle` opens once more. While an earlier sync takes its time, the next
    /// one waits for the next piece.
    pub(super) fn written(&mut self, now: Moment, handle: impl FnOnce() -> io::Result<File>) {
        if now.since(self.asked) < EVERY {
            return;
        }
        if let Ok(file) = handle()
            && self.files.try_send(file).is_ok()
        {
            self.asked = now;
        }
    }

    pub(super) fn join(self) {
        drop(self.files);
        if self.thread.join().is_err() {
            crate::events::syncer_died();
        }
    }
}

fn sync(inbox: &Receiver<File>) {
    for file in inbox {
        if let Err(error) = syncfs(&file) {
            crate::events::recordings_unsynced(tracing::field::display(error));
        }
    }
}
