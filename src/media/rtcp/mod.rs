//! RTCP of one leg (RFC 3550 section 6): reports and goodbyes, read and written, and what the two ends' reports say of
//! the way between them.

use super::stream::Reception;

pub mod read;
pub mod session;
pub mod write;

/// The longest compound that is sent: a sender report, a name, a goodbye.
pub const COMPOUND_MAX: usize = 128;

/// Characters of our CNAME.
pub const CNAME_LENGTH: usize = 16;

/// Packet types (RFC 3550 section 12.1).
const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const DESCRIPTION: u8 = 202;
const BYE: u8 = 203;

/// The item type of CNAME.
const CNAME: u8 = 1;

/// What a sender says of its stream (section 6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// When, in 2^-32 seconds; of a clock that only the sender knows.
    pub ntp: u64,
    /// The same moment on the clock of its RTP timestamps.
    pub timestamp: u32,
    /// Packets so far.
    pub packets: u32,
    /// Octets of payload so far.
    pub octets: u32,
}

/// What a receiver says of a stream (section 6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Of the stream: whose, what is lost of it, jitter in its own timestamps.
    pub reception: Reception,
    /// The middle of the NTP time of its latest sender report; zero if there was none.
    pub last_report: u32,
    /// How long ago that came, in 2^-16 seconds.
    pub delay: u32,
}

#[cfg(test)]
mod tests;
