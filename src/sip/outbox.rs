//! Where every procedure puts what it wants done: outputs in order, and timers.

use std::collections::VecDeque;
use std::net::SocketAddr;

use super::door::{Event, Fault, Output};
use super::timing::Timers;
use crate::ids::LegId;

/// A socket of ours and whom it talks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) local: SocketAddr,
    pub(crate) peer: SocketAddr,
}

/// Outputs that wait for `poll`, and the timers.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    pub(crate) outputs: VecDeque<Output>,
    pub(crate) timers: Timers,
}

impl Outbox {
    pub(crate) fn send(&mut self, path: Path, bytes: &[u8]) {
        self.outputs.push_back(Output::Send {
            local: path.local,
            to: path.peer,
            bytes: bytes.to_vec(),
        });
    }

    pub(crate) fn event(&mut self, leg: LegId, event: Event) {
        self.outputs.push_back(Output::Event { leg, event });
    }

    pub(crate) fn fault(&mut self, fault: Fault) {
        self.outputs.push_back(Output::Fault(fault));
    }
}
