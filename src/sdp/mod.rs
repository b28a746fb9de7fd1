//! Session descriptions: what we offer and answer, what the far end does (RFC 3264, 3605, 4566, 4733).
//!
//! `lines.rs` and `answer.rs` read the far end's side, `local.rs` writes ours.

mod answer;
mod lines;
mod local;

use std::net::SocketAddr;

pub use answer::{Error, read_answer};
pub use local::Local;

/// What the far end answered or offered, reduced to what media needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Where it wants media. On hold by `c=0.0.0.0` the address is that.
    pub remote: SocketAddr,
    /// Where it wants RTCP, if not at the next port of `remote`.
    pub rtcp: Option<SocketAddr>,
    /// 8 PCMA or 0 PCMU: the first of its formats that we speak.
    pub payload: u8,
    /// The payload number of telephone-event/8000, if it takes keys that way.
    pub events: Option<u8>,
    /// What it does with media.
    pub direction: Direction,
    /// Packet time in milliseconds, 10 to 60 by tens (default 20).
    pub ptime_ms: u8,
}

/// The direction attribute, seen from the far end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Speaks and listens.
    SendRecv,
    /// Speaks only.
    SendOnly,
    /// Listens only.
    RecvOnly,
    /// Neither: on hold.
    Inactive,
}
