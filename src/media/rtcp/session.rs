//! The reports of one leg: when ours are due and what they say, and what the far end's say of us.

use std::net::SocketAddr;
use std::time::Duration;

use super::super::samples;
use super::super::stream::Stream;
use super::read::{self, Packet};
use super::write::{Compound, Last};
use super::{Block, CNAME_LENGTH, COMPOUND_MAX, Sent};
use crate::moment::Moment;

/// Between two reports, on average (RFC 3550 section 6.2).
const INTERVAL: Duration = Duration::from_secs(5);

/// Sender reports that are remembered: an answer to an older one tells no round trip.
const REMEMBERED: usize = 4;

/// A round trip beyond this is no measurement.
const ROUND_TRIP_MAX: u32 = 30 << 16;

/// What was learned, as the attempt keeps it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// The mean round trip.
    pub rtt_ms: Option<u32>,
    /// What the far end lost of our packets by its latest report.
    pub remote_lost: Option<u32>,
    /// The mean of the jitter that it reported.
    pub remote_jitter_ms: Option<u32>,
}

/// What we sent, for a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Output {
    /// The timestamp of this moment.
    pub timestamp: u32,
    /// Packets so far.
    pub packets: u32,
    /// Octets of payload so far.
    pub octets: u32,
}

/// The RTCP of one leg.
#[derive(Clone, Debug)]
pub struct Session {
    ssrc: u32,
    cname: [u8; CNAME_LENGTH],
    next: Option<Moment>,
    /// The NTP middles of our latest sender reports.
    sender_reports: [Option<u32>; REMEMBERED],
    /// Packets that were sent at the last report and at the one before.
    packets_before: [u32; 2],
    heard: Option<Heard>,
    rtt: Mean,
    jitter: Mean,
    lost: Option<u32>,
}

/// The far end's latest sender report.
#[derive(Clone, Copy, Debug)]
struct Heard {
    ssrc: u32,
    ntp_middle: u32,
    at: Moment,
}

#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: u64,
    count: u64,
}

impl Mean {
    fn add(&mut self, value: u32) {
        self.sum = self.sum.saturating_add(u64::from(value));
        self.count += 1;
    }

    /// The mean divided by `unit`, rounded.
    fn in_units(self, unit: u64) -> Option<u32> {
        let whole = self.count * unit;
        let mean = (self.sum + whole / 2).checked_div(whole)?;
        Some(u32::try_from(mean).unwrap_or(u32::MAX))
    }
}

impl Session {
    /// Our SSRC, and a name that is random for this call (RFC 7022 section 4.2) and written in ASCII.
    pub const fn new(ssrc: u32, cname: [u8; CNAME_LENGTH]) -> Self {
        Self {
            ssrc,
            cname,
            next: None,
            sender_reports: [None; REMEMBERED],
            packets_before: [0; 2],
            heard: None,
            rtt: Mean { sum: 0, count: 0 },
            jitter: Mean { sum: 0, count: 0 },
            lost: None,
        }
    }

    /// When the next report is due; nothing before [`Session::is_due`] was asked for the first time.
    pub const fn next(&self) -> Option<Moment> {
        self.next
    }

    /// Whether a report is due. `chance` is drawn when the next one is put down: between half and one and a half
    /// intervals ahead, and half of that for the first.
    pub fn is_due(&mut self, now: Moment, chance: impl FnOnce() -> u32) -> bool {
        let (is_due, interval) = match self.next {
            Some(next) if now < next => return false,
            Some(_) => (true, INTERVAL),
            None => (false, INTERVAL / 2),
        };
        let share = interval.as_nanos() as u64 / 256 * (128 + u64::from(chance() >> 24));
        self.next = Some(now + Duration::from_nanos(share));
        is_due
    }

    /// Writes a report.
    pub fn report<'a>(
        &mut self,
        now: Moment,
        output: Output,
        stream: Option<&mut Stream>,
        last: Last,
        datagram: &'a mut [u8; COMPOUND_MAX],
    ) -> &'a [u8] {
        let ntp = ntp(now);
        let [before, long_before] = self.packets_before;
        // A sender is who sent since its report before the last (section 6.4).
        let sent = (output.packets > long_before).then_some(Sent {
            ntp,
            timestamp: output.timestamp,
            packets: output.packets,
            octets: output.octets,
        });
        self.packets_before = [output.packets, before];
        if sent.is_some() {
            self.sender_reports.rotate_right(1);
            self.sender_reports[0] = Some(middle(ntp));
        }
        let block = stream.map(|stream| {
            let heard = self.heard.filter(|heard| heard.ssrc == stream.ssrc());
            Block {
                reception: stream.report(),
                last_report: heard.map_or(0, |heard| heard.ntp_middle),
                delay: heard.map_or(0, |heard| middle(ntp_of(now.since(heard.at)))),
            }
        });
        let compound = Compound {
            ssrc: self.ssrc,
            sent,
            block,
            cname: self.cname,
            last,
        };
        compound.write(datagram)
    }

    /// Takes a datagram of the far end. An error tells that it, or its rest, is no RTCP.
    pub fn take(&mut self, now: Moment, bytes: &[u8]) -> Result<(), read::Error> {
        for packet in read::read(bytes) {
            match packet? {
                Packet::Sender { ssrc, sent, blocks } => {
                    self.heard = Some(Heard {
                        ssrc,
                        ntp_middle: middle(sent.ntp),
                        at: now,
                    });
                    blocks.for_each(|block| self.note(now, &block));
                }
                Packet::Receiver { blocks, .. } => blocks.for_each(|block| self.note(now, &block)),
                Packet::Description { .. } | Packet::Bye { .. } | Packet::Other(_) => {}
            }
        }
        Ok(())
    }

    /// What was learned so far.
    pub fn learned(&self) -> Learned {
        Learned {
            // 2^-16 seconds, and samples of 8 kHz.
            rtt_ms: self.rtt.in_units(65_536),
            remote_lost: self.lost,
            remote_jitter_ms: self.jitter.in_units(samples::PER_MS),
        }
    }

    fn note(&mut self, now: Moment, block: &Block) {
        if block.reception.ssrc != self.ssrc {
            return;
        }
        self.lost = Some(block.reception.lost);
        self.jitter.add(block.reception.jitter);
        if !self.sender_reports.contains(&Some(block.last_report)) {
            return;
        }
        // Section 6.4.1: A - LSR - DLSR; clocks of different steps may make it a little negative.
        let round_trip = middle(ntp(now))
            .wrapping_sub(block.last_report)
            .wrapping_sub(block.delay);
        let round_trip = u32::try_from(round_trip.cast_signed()).unwrap_or(0);
        if round_trip <= ROUND_TRIP_MAX {
            self.rtt.add(round_trip.saturating_mul(1_000));
        }
    }
}

/// Where reports go when the far side named no address for them (RFC 3550 section 11).
pub fn beside(rtp: SocketAddr) -> Option<SocketAddr> {
    let port = rtp.port().checked_add(1)?;
    Some(SocketAddr::new(rtp.ip(), port))
}

/// Our clock knows no date: seconds since its origin stand in (section 6.4.1).
fn ntp(now: Moment) -> u64 {
    ntp_of(now.since(Moment::ZERO))
}

fn ntp_of(duration: Duration) -> u64 {
    let fraction = (u64::from(duration.subsec_nanos()) << 32) / 1_000_000_000;
    duration.as_secs() << 32 | fraction
}

const fn middle(ntp: u64) -> u32 {
    (ntp >> 16) as u32
}
