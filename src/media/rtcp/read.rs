//! A compound of RTCP packets, read tolerantly: what is understood is given, what is not ends the reading or is passed
//! over, as its length allows.

use super::super::stream::Reception;
use super::{BYE, Block, CNAME, DESCRIPTION, RECEIVER_REPORT, SENDER_REPORT, Sent};

const HEADER: usize = 4;
const BLOCK: usize = 24;

/// One packet of a compound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// SR: what it sent, and what it received.
    Sender {
        /// Who reports.
        ssrc: u32,
        /// Its own stream.
        sent: Sent,
        /// The streams of others.
        blocks: Blocks<'a>,
    },
    /// RR: what it received.
    Receiver {
        /// Who reports.
        ssrc: u32,
        /// The streams of others.
        blocks: Blocks<'a>,
    },
    /// SDES: who its first source is.
    Description {
        /// Whose names they are.
        ssrc: u32,
        /// The lasting name.
        cname: Option<&'a [u8]>,
    },
    /// BYE: its first source leaves.
    Bye {
        /// Who, if it says so.
        ssrc: Option<u32>,
    },
    /// APP, feedback, extended reports: the packet type.
    Other(u8),
}

/// Why the rest of a datagram is no RTCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Fewer octets than a header, or a report that is shorter than its fields.
    #[error("an RTCP packet of {found} octets, expected {expected} or more")]
    Short {
        /// How many there are.
        found: usize,
        /// How many its fields take.
        expected: usize,
    },
    /// Another version than 2.
    #[error("RTCP version {0}, expected 2")]
    Version(u8),
    /// More padding than packet.
    #[error("{0} octets of padding in a shorter RTCP packet")]
    Padding(u8),
}

/// The packets of a datagram, in order; after an error there are no more.
#[derive(Clone, Debug)]
pub struct Compound<'a> {
    rest: &'a [u8],
}

/// Reads a datagram. It need not begin with a report (RFC 5506), and a length that points past its end means its end.
pub const fn read(bytes: &[u8]) -> Compound<'_> {
    Compound { rest: bytes }
}

impl<'a> Iterator for Compound<'a> {
    type Item = Result<Packet<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let packet = self.packet();
        if packet.is_err() {
            self.rest = &[];
        }
        Some(packet)
    }
}

impl<'a> Compound<'a> {
    fn packet(&mut self) -> Result<Packet<'a>, Error> {
        let &[first, kind, high, low, ..] = self.rest else {
            return Err(short(self.rest, HEADER));
        };
        if first >> 6 != 2 {
            return Err(Error::Version(first >> 6));
        }
        let length = (usize::from(u16::from_be_bytes([high, low])) + 1) * 4;
        let (packet, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, &[]));
        self.rest = rest;
        let body = packet.get(HEADER..).unwrap_or_default();
        let body = if first & 0x20 != 0 { unpadded(body)? } else { body };
        let count = first & 0x1F;
        match kind {
            SENDER_REPORT => sender(body, count),
            RECEIVER_REPORT => {
                let ssrc = word(body, 0).ok_or_else(|| short(body, 4))?;
                let blocks = Blocks::new(body.get(4..), count);
                Ok(Packet::Receiver { ssrc, blocks })
            }
            DESCRIPTION if count > 0 => {
                let ssrc = word(body, 0).ok_or_else(|| short(body, 4))?;
                let cname = cname(body.get(4..).unwrap_or_default());
                Ok(Packet::Description { ssrc, cname })
            }
            BYE => Ok(Packet::Bye {
                ssrc: word(body, 0).filter(|_| count > 0),
            }),
            other => Ok(Packet::Other(other)),
        }
    }
}

fn sender(body: &[u8], count: u8) -> Result<Packet<'_>, Error> {
    let words = [0, 4, 8, 12, 16, 20].map(|at| word(body, at));
    let [
        Some(ssrc),
        Some(seconds),
        Some(fraction),
        Some(timestamp),
        Some(packets),
        Some(octets),
    ] = words
    else {
        return Err(short(body, 24));
    };
    let sent = Sent {
        ntp: u64::from(seconds) << 32 | u64::from(fraction),
        timestamp,
        packets,
        octets,
    };
    let blocks = Blocks::new(body.get(24..), count);
    Ok(Packet::Sender { ssrc, sent, blocks })
}

/// The last octet of padding counts it.
fn unpadded(body: &[u8]) -> Result<&[u8], Error> {
    let padding = body.last().copied().unwrap_or(0);
    let length = body.len().checked_sub(usize::from(padding));
    length
        .and_then(|length| body.get(..length))
        .ok_or(Error::Padding(padding))
}

/// The CNAME among the items of a chunk: type, length, text, until a type of zero.
fn cname(mut items: &[u8]) -> Option<&[u8]> {
    while let [kind, length, rest @ ..] = items
        && *kind != 0
    {
        let (text, rest) = rest.split_at_checked(usize::from(*length))?;
        if *kind == CNAME {
            return Some(text);
        }
        items = rest;
    }
    None
}

/// The report blocks of a packet, as many as there really are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocks<'a> {
    rest: &'a [u8],
}

impl<'a> Blocks<'a> {
    fn new(bytes: Option<&'a [u8]>, count: u8) -> Self {
        let bytes = bytes.unwrap_or_default();
        let length = bytes.len().min(usize::from(count) * BLOCK);
        Self {
            rest: bytes.get(..length).unwrap_or_default(),
        }
    }
}

impl Iterator for Blocks<'_> {
    type Item = Block;

    fn next(&mut self) -> Option<Block> {
        let (block, rest) = self.rest.split_at_checked(BLOCK)?;
        self.rest = rest;
        let loss = word(block, 4)?;
        // The sum of losses is signed: copies may make it negative.
        let lost = (loss << 8).cast_signed() >> 8;
        Some(Block {
            reception: Reception {
                ssrc: word(block, 0)?,
                fraction: (loss >> 24) as u8,
                lost: u32::try_from(lost).unwrap_or(0),
                highest: word(block, 8)?,
                jitter: word(block, 12)?,
            },
            last_report: word(block, 16)?,
            delay: word(block, 20)?,
        })
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let word = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_be_bytes(word))
}

const fn short(found: &[u8], expected: usize) -> Error {
    Error::Short {
        found: found.len(),
        expected,
    }
}
