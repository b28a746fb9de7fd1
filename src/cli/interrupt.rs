//! How a command is told to stop: Ctrl-C, or SIGTERM from whoever started it.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a command stopped by a person ends with, as shells have it (128 + SIGINT).
pub(super) const STATUS: u8 = 130;

/// Both signals; from its making on none is lost, and none ends the process by itself.
#[derive(Debug)]
pub(super) struct Interrupts {
    terminated: Signal,
    interrupted: Signal,
}

impl Interrupts {
    pub(super) fn new() -> std::io::Result<Self> {
        let (terminated, interrupted) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok(Self {
            terminated,
            interrupted,
        })
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminated.recv() => {}
            _ = self.interrupted.recv() => {}
        }
    }
}
