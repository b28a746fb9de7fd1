//! What the patient hears as packets: counted, put in order of time, and every irregularity named.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use rtp_rs::RtpReader;

use crate::far_end::g711::Law;
use crate::moment::Moment;

use super::lateness::{Lateness, Schedule};

/// A timestamp further off than this starts a new time line instead of a ten-second silence.
const LARGEST_JUMP: i64 = 80_000;
/// How many sequence numbers back a duplicate is known as one.
const REMEMBERED: u64 = 128;
/// Pauses of one call that are kept with their place.
const MOST_PAUSES: usize = 1_000;

/// The receiving half of a patient's stream.
#[derive(Debug)]
pub(crate) struct Intake {
    offered: SocketAddr,
    law: Law,
    events: Option<u8>,
    stream: Option<Stream>,
    /// Where the caller's timestamps jumped ahead though no packet was lost: the place, and all such samples up to it.
    pauses: Vec<(u64, u64)>,
    /// What was counted.
    pub(crate) counts: Counts,
}

/// Figures for the log.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Packets of the stream, duplicates included.
    pub(crate) received: u64,
    /// Packets that never came, by sequence number.
    pub(crate) lost: u64,
    /// Packets that came twice.
    pub(crate) duplicates: u64,
    /// Packets that came after their successor.
    pub(crate) reordered: u64,
    /// The first and the last arrival.
    pub(crate) first: Option<Moment>,
    /// The last arrival.
    pub(crate) last: Option<Moment>,
    /// Samples by which timestamps ran ahead without a packet: the sender paused.
    pub(crate) paused: u64,
    /// The longest time between two arrivals.
    pub(crate) longest_gap: Duration,
    /// Arrivals minus the stream's own schedule.
    pub(crate) late: Lateness,
    /// What was wrong, and how often.
    pub(crate) faults: BTreeMap<&'static str, u64>,
}

/// Audio at its place on the stream's time line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece<'p> {
    /// Samples since the first packet. Pauses of the sender take no place: its audio goes on after them.
    pub(crate) position: u64,
    /// G.711 octets, one a sample.
    pub(crate) octets: &'p [u8],
}

#[derive(Debug)]
struct Stream {
    ssrc: u32,
    /// The highest sequence number, extended past 16 bits.
    highest: u64,
    /// Bit n: `highest - n` came.
    came: u128,
    timestamp: u32,
    position: u64,
    samples: u64,
    schedule: Schedule,
}

impl Intake {
    /// A stream that the caller offered to send from `offered`.
    pub(crate) fn new(offered: SocketAddr, law: Law, events: Option<u8>) -> Self {
        Self {
            offered,
            law,
            events,
            stream: None,
            pauses: Vec::new(),
            counts: Counts::default(),
        }
    }

    /// Takes one datagram of the RTP port; audio that may be listened to comes out.
    pub(crate) fn take<'p>(&mut self, arrival: Moment, from: SocketAddr, datagram: &'p [u8]) -> Option<Piece<'p>> {
        let Ok(packet) = RtpReader::new(datagram) else {
            self.fault("not RTP");
            return None;
        };
        if (72..=76).contains(&packet.payload_type()) {
            return None;
        }
        if from != self.offered {
            self.fault("from another address than offered");
        }
        let is_audio = packet.payload_type() == self.law.payload();
        if !is_audio && Some(packet.payload_type()) != self.events {
            self.fault("payload that was not agreed");
            return None;
        }
        let octets = if is_audio { packet.payload() } else { &[] };
        if is_audio && (octets.is_empty() || octets.len() % 80 != 0 || octets.len() > 480) {
            self.fault("packet that is not 10 to 60 ms");
            return None;
        }
        self.arrived(arrival);
        let sequence = u16::from(packet.sequence_number());
        let position = self.place(arrival, sequence, &packet, octets.len())?;
        is_audio.then_some(Piece { position, octets })
    }

    /// Samples on the time line up to now: what a listener was given, pauses included.
    pub(crate) fn samples(&self) -> u64 {
        self.stream.as_ref().map_or(0, |s| s.position + s.samples)
    }

    /// When a sample of the time line was heard.
    pub(crate) fn moment(&self, sample: u64) -> Option<Moment> {
        let before = self.pauses.iter().rev().find(|(place, _)| *place <= sample);
        let paused = before.map_or(0, |(_, paused)| *paused);
        let first = self.counts.first?;
        Some(first + Duration::from_micros((sample + paused) * 125))
    }

    fn arrived(&mut self, arrival: Moment) {
        let counts = &mut self.counts;
        counts.received += 1;
        counts.first = counts.first.or(Some(arrival));
        if let Some(last) = counts.last {
            counts.longest_gap = counts.longest_gap.max(arrival.since(last));
        }
        counts.last = counts.last.max(Some(arrival));
    }

    fn place(&mut self, arrival: Moment, sequence: u16, packet: &RtpReader<'_>, samples: usize) -> Option<u64> {
        let (ssrc, timestamp, marked) = (packet.ssrc(), packet.timestamp(), packet.mark());
        let samples = u64::try_from(samples).unwrap_or(0);
        let Some(stream) = self.stream.as_mut().filter(|s| s.ssrc == ssrc) else {
            let mut position = 0;
            if let Some(old) = &self.stream {
                position = old.position + old.samples;
                self.fault("SSRC changed");
            }
            let highest = u64::from(sequence) + 0x1_0000;
            self.stream = Some(Stream {
                ssrc,
                highest,
                came: 1,
                timestamp,
                position,
                samples,
                schedule: Schedule::begin(arrival, position + self.counts.paused),
            });
            self.counts.late.note(Duration::ZERO);
            return Some(position);
        };
        let ahead = i64::from(sequence.wrapping_sub(low_word(stream.highest)).cast_signed());
        if ahead <= 0 {
            let behind = ahead.unsigned_abs();
            let bit = if behind < REMEMBERED { 1u128 << behind } else { 0 };
            if stream.came & bit != 0 {
                self.counts.duplicates += 1;
            } else {
                stream.came |= bit;
                self.counts.reordered += 1;
                self.counts.lost = self.counts.lost.saturating_sub(1);
            }
            return None;
        }
        let ahead = ahead.unsigned_abs();
        stream.highest += ahead;
        stream.came = if ahead < REMEMBERED {
            (stream.came << ahead) | 1
        } else {
            1
        };
        self.counts.lost += ahead - 1;
        let step = i64::from(timestamp.wrapping_sub(stream.timestamp).cast_signed());
        let is_usable = (0..LARGEST_JUMP).contains(&step);
        // An event packet takes no time of its own, so after it the timestamp alone tells how far it goes on.
        let expected = match i64::try_from(stream.samples * ahead).unwrap_or(0) {
            0 if is_usable => step,
            expected => expected,
        };
        let is_regular = step == expected || samples == 0;
        stream.position += expected.unsigned_abs();
        (stream.timestamp, stream.samples) = (timestamp, samples);
        let position = stream.position;
        if is_usable && step > expected {
            self.counts.paused += (step - expected).unsigned_abs();
            if self.pauses.len() < MOST_PAUSES {
                self.pauses.push((position, self.counts.paused));
            }
        }
        // The timestamp of an event is that of its beginning.
        if samples > 0 {
            let late = stream.schedule.lateness(arrival, position + self.counts.paused);
            self.counts.late.note(late);
        }
        if !is_usable {
            self.fault("timestamp jumped");
        } else if !is_regular && !marked {
            self.fault("timestamp out of step with the samples");
        }
        Some(position)
    }

    fn fault(&mut self, what: &'static str) {
        *self.counts.faults.entry(what).or_default() += 1;
    }
}

fn low_word(value: u64) -> u16 {
    u16::try_from(value & 0xFFFF).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use rtp_rs::{RtpPacketBuilder, Seq};

    use super::*;

    fn address() -> SocketAddr {
        "127.0.0.1:20000".parse().unwrap()
    }

    fn packet(sequence: u16, timestamp: u32, payload_type: u8) -> Vec<u8> {
        let payload = [0xD5; 160];
        let builder = RtpPacketBuilder::new()
            .payload_type(payload_type)
            .ssrc(7)
            .sequence(Seq::from(sequence));
        builder.timestamp(timestamp).payload(&payload).build().unwrap()
    }

    fn at(millis: u64) -> Moment {
        Moment::ZERO + Duration::from_millis(millis)
    }

    fn intake() -> Intake {
        Intake::new(address(), Law::Pcma, Some(101))
    }

    #[test]
    fn a_clean_stream_has_no_fault_over_both_wraps() {
        let mut intake = intake();
        for n in 0..100u16 {
            let datagram = packet(
                65_500u16.wrapping_add(n),
                (u32::MAX - 500).wrapping_add(u32::from(n) * 160),
                8,
            );
            let piece = intake.take(at(u64::from(n) * 20), address(), &datagram).unwrap();
            assert_eq!(piece.position, u64::from(n) * 160);
        }
        assert_eq!(
            (intake.counts.received, intake.counts.lost, intake.counts.duplicates),
            (100, 0, 0)
        );
        assert_eq!(intake.counts.longest_gap, Duration::from_millis(20));
        assert!(intake.counts.faults.is_empty(), "{:?}", intake.counts.faults);
    }

    #[test]
    fn lost_doubled_and_late_packets_are_told_apart() {
        let mut intake = intake();
        for n in [1u16, 2, 2, 5, 4] {
            intake.take(at(0), address(), &packet(n, u32::from(n) * 160, 8));
        }
        let counts = &intake.counts;
        assert_eq!((counts.lost, counts.duplicates, counts.reordered), (1, 1, 1));
        assert!(counts.faults.is_empty(), "{:?}", counts.faults);
    }

    #[test]
    fn a_pause_of_the_sender_takes_time_but_no_place() {
        let mut intake = intake();
        let mut positions = Vec::new();
        for (sequence, timestamp) in [(1, 0), (2, 160), (3, 4_320), (4, 4_480)] {
            let mut datagram = packet(sequence, timestamp, 8);
            datagram[1] |= if sequence == 3 { 0x80 } else { 0 };
            positions.extend(
                intake
                    .take(at(u64::from(timestamp) / 8), address(), &datagram)
                    .map(|p| p.position),
            );
        }
        assert_eq!(positions, [0, 160, 320, 480]);
        assert_eq!((intake.counts.paused, intake.counts.lost), (4_000, 0));
        assert_eq!((intake.moment(160), intake.moment(320)), (Some(at(20)), Some(at(540))));
        assert!(intake.counts.faults.is_empty(), "{:?}", intake.counts.faults);
    }

    #[test]
    fn every_irregularity_has_a_name() {
        let mut intake = intake();
        intake.take(at(0), address(), &packet(1, 0, 8));
        intake.take(at(0), "127.0.0.1:9".parse().unwrap(), &packet(2, 160, 8));
        intake.take(at(0), address(), &packet(3, 320, 18));
        intake.take(at(0), address(), &packet(3, 400, 8));
        intake.take(at(0), address(), &packet(4, 4_000_000, 8));
        intake.take(at(0), address(), b"no");
        let names: Vec<_> = intake.counts.faults.iter().map(|(name, n)| (*name, *n)).collect();
        assert_eq!(
            names,
            [
                ("from another address than offered", 1),
                ("not RTP", 1),
                ("payload that was not agreed", 1),
                ("timestamp jumped", 1),
                ("timestamp out of step with the samples", 1),
            ]
        );
    }
}
