//! Where every procedure puts what it wants done: outputs in order, and timers.

use std::collections::VecDeque;

use super::door::{Event, Fault, Output, Path};
use super::timing::Timers;
use crate::ids::LegId;

/// Outputs that wait for `poll`, and the timers.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    pub(crate) outputs: VecDeque<Output>,
    pub(crate) timers: Timers,
}

impl Outbox {
    pub(crate) fn send(&mut self, path: Path, bytes: &[u8]) {
        self.outputs.push_back(Output::Send {
            path,
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
