//! A trunk's own door, and how well it serves; behind all doors is one network of patients.

use std::net::SocketAddr;

use super::{Later, VirtualTrunk};
use crate::night::message::Text;

/// A trunk as the daemon sees it.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) address: SocketAddr,
    /// The daemon's signalling address towards it.
    pub(super) daemon: SocketAddr,
    pub(super) service: Service,
    pub(super) options: usize,
}

/// How a trunk serves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Service {
    /// As it should.
    #[default]
    Serves,
    /// Nothing comes in or out, and nobody says so.
    Dark,
    /// Nobody listens: the sender is told so (ICMP).
    Closed,
    /// Every new call is refused before anything rings; OPTIONS are answered.
    Refuses {
        /// With this status.
        status: u16,
        /// And this Retry-After, in seconds.
        retry_after: Option<u32>,
    },
}

impl VirtualTrunk {
    /// Which door an address is.
    pub(in crate::night) fn gate(&self, address: SocketAddr) -> Option<usize> {
        self.gates.iter().position(|gate| gate.address == address)
    }

    /// How a door serves right now; one that is none does not.
    pub(in crate::night) fn service(&self, gate: usize) -> Service {
        self.gates.get(gate).map_or(Service::Closed, |gate| gate.service)
    }

    pub(in crate::night) fn turns(&mut self, gate: usize, service: Service) {
        if let Some(gate) = self.gates.get_mut(gate) {
            gate.service = service;
        }
    }

    pub(in crate::night) fn address(&self, gate: usize) -> SocketAddr {
        self.gates
            .get(gate)
            .map_or(SocketAddr::from(([127, 0, 0, 1], 9)), |gate| gate.address)
    }

    /// OPTIONS that a door answered.
    pub fn options_answered(&self, gate: usize) -> usize {
        self.gates.get(gate).map_or(0, |gate| gate.options)
    }

    pub(super) fn asked(&mut self, gate: usize, from: SocketAddr, text: &Text) -> Vec<Later> {
        if let Some(gate) = self.gates.get_mut(gate) {
            gate.options += 1;
        }
        let bytes = text.response(200, "OK", "options", "", "");
        vec![Later::Send { gate, to: from, bytes }]
    }

    /// A message that a dark door swallowed: whoever waits for it gives up.
    pub(in crate::night) fn swallow(&mut self, bytes: &[u8]) {
        let Some(text) = Text::read(bytes) else { return };
        let Some(line) = text.call_id().and_then(|call| self.calls.get_mut(call)) else {
            return;
        };
        line.seen.cut = true;
        if text.method() == Some("BYE") {
            // Nothing more is heard; the patient hangs up.
            line.state = super::State::Over;
        }
    }
}
