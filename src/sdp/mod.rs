//! Session descriptions: our offer, the far end's answer (RFC 3264, 4566, 4733).

mod answer;
mod offer;

use std::net::{IpAddr, SocketAddr};

pub use answer::{Error, read_answer};
pub use offer::offer;

/// What we offer: PCMA, PCMU and telephone-event at 8 kHz, 20 ms, sendrecv.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Where we want media.
    pub address: IpAddr,
    /// The RTP port.
    pub port: u16,
    /// Session id and version of the o= line.
    pub session: u64,
}

/// What the far end answered, reduced to what media needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Where it wants media. On hold by `c=0.0.0.0` the address is that.
    pub remote: SocketAddr,
    /// 8 PCMA or 0 PCMU: the first of its formats that we offered.
    pub payload: u8,
    /// The payload number of telephone-event/8000, if it takes keys that way.
    pub events: Option<u8>,
    /// What it does with media.
    pub direction: Direction,
    /// Packet time in milliseconds, 10 to 60 (default 20).
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
