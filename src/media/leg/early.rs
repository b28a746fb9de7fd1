//! Packets that come before their SDP: kept for a moment, and taken when the SDP shows that they are the far end's.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use super::Leg;
use crate::moment::Moment;

/// Packets kept: over half a second of voice.
const KEPT_MAX: usize = 32;

/// The longest that is kept: 60 ms of G.711 and its header.
const LENGTH_MAX: usize = 512;

/// SIP is slower than RTP by no more than this.
const OLD: Duration = Duration::from_secs(1);

/// What came before Connect.
#[derive(Debug, Default)]
pub(super) struct Early {
    kept: VecDeque<Packet>,
    dropped: u32,
}

#[derive(Debug)]
struct Packet {
    at: Moment,
    from: SocketAddr,
    bytes: Vec<u8>,
}

impl Early {
    /// Packets that were not used so far.
    pub(super) fn count(&self) -> u32 {
        self.dropped.saturating_add(self.kept.len() as u32)
    }
}

impl Leg {
    pub(super) fn keep_early(&mut self, now: Moment, from: SocketAddr, bytes: &[u8]) {
        if bytes.len() > LENGTH_MAX {
            self.early.dropped = self.early.dropped.saturating_add(1);
            return;
        }
        if self.early.kept.len() >= KEPT_MAX {
            self.early.kept.pop_front();
            self.early.dropped = self.early.dropped.saturating_add(1);
        }
        let bytes = bytes.to_vec();
        self.early.kept.push_back(Packet { at: now, from, bytes });
    }

    /// Takes what came lately from where the SDP says that the far end is; the rest was nobody's.
    pub(super) fn take_early(&mut self, now: Moment, announced: SocketAddr) {
        for Packet { at, from, bytes } in std::mem::take(&mut self.early.kept) {
            if from == announced && now.since(at) < OLD {
                self.handle_packet(at, from, &bytes);
            } else {
                self.early.dropped = self.early.dropped.saturating_add(1);
            }
        }
    }
}
