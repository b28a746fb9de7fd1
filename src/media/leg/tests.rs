//! Legs in virtual time: a bench that ticks one, speaks to it and keeps what it says.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::super::playout::{Prompt, Prompts};
use super::super::rtcp::COMPOUND_MAX;
use super::super::rtp::{self, Marker, Outgoing, PACKET_MAX, Packet};
use super::super::{Codec, Fact, Flow, Remote, g711};
use super::{Ending, Leg, Output, Reports, Setup};
use crate::moment::Moment;

mod bridged;
mod clock;
mod hearing;
mod hold;
mod keys;
mod paused;
mod pauses;
mod recording;
mod reports;
mod speaking;
mod strays;

/// The payload number of telephone-event on the bench.
const EVENTS: u8 = 101;

/// The address in the SDP.
fn announced() -> SocketAddr {
    "192.0.2.1:4000".parse().unwrap()
}

fn ms(millis: u64) -> Moment {
    Moment::ZERO + Duration::from_millis(millis)
}

fn remote(codec: Codec) -> Remote {
    Remote {
        address: announced(),
        rtcp: None,
        codec,
        events: Some(EVENTS),
        ptime_ms: 20,
        flow: Flow::SendRecv,
    }
}

/// A prompt that is loud and nowhere alike.
fn noise(length: usize, seed: u32) -> Arc<Prompt> {
    Arc::new(Prompt::encode(&noise_samples(length, seed)))
}

fn noise_samples(length: usize, seed: u32) -> Vec<i16> {
    let mut state = seed | 1;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state as i16) / 2
        })
        .collect()
}

struct Bench {
    leg: Leg,
    now: Moment,
    /// When, where to, what.
    sent: Vec<(Moment, SocketAddr, Vec<u8>)>,
    reports: Vec<(Moment, SocketAddr, Vec<u8>)>,
    facts: Vec<Fact>,
    pcm: Vec<i16>,
}

impl Bench {
    /// An open leg with the prompts `a` (1 s), `b` (105 ms) and `empty`.
    fn open() -> Self {
        let prompts: Prompts = [("a", noise(8_000, 1)), ("b", noise(840, 2)), ("empty", noise(0, 3))]
            .map(|(name, prompt)| (name.to_owned(), prompt))
            .into();
        let setup = Setup {
            prompts: Arc::new(prompts),
            silence_limit: Duration::from_secs(20),
            slot: Duration::from_millis(7),
            outgoing: Outgoing {
                ssrc: 9,
                sequence: 65_530,
                timestamp: u32::MAX - 1_000,
            },
            cname: *b"0123456789abcdef",
            reports: Reports::Sent,
        };
        Self {
            leg: Leg::new(setup),
            now: ms(1_000),
            sent: Vec::new(),
            reports: Vec::new(),
            facts: Vec::new(),
            pcm: Vec::new(),
        }
    }

    /// A leg connected at one second.
    fn connected(codec: Codec) -> Self {
        let mut bench = Self::open();
        bench.leg.connect(bench.now, remote(codec));
        bench
    }

    /// Ticks at every deadline up to `until`.
    fn run(&mut self, until: Moment) {
        while let Some((at, _)) = self.leg.deadline().filter(|(at, _)| *at <= until) {
            self.now = self.now.max(at);
            self.tick();
        }
        self.now = self.now.max(until);
        self.drain();
    }

    fn tick(&mut self) {
        let mut datagram = [0; PACKET_MAX];
        while let Some((to, bytes)) = self.leg.tick(self.now, &mut datagram) {
            self.sent.push((self.now, to, bytes.to_vec()));
        }
        let mut datagram = [0; COMPOUND_MAX];
        if let Some((to, bytes)) = self.leg.report(self.now, || 1 << 31, &mut datagram) {
            self.reports.push((self.now, to, bytes.to_vec()));
        }
        self.drain();
    }

    fn hear(&mut self, at: Moment, from: SocketAddr, bytes: &[u8]) {
        self.run(at);
        self.leg.handle_packet(at, from, bytes);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.leg.poll() {
            match output {
                Output::Tell(fact) => self.facts.push(fact),
                Output::Record(pcm) => self.pcm.extend(pcm),
            }
        }
    }

    fn close(mut self, at: Moment) -> Closing {
        self.run(at);
        let Ending { closed, tail, unused } = self.leg.close(at);
        let (tail, gap) = tail.map_or_else(Default::default, |tail| (tail.pcm, tail.gap));
        self.pcm.extend(tail);
        let channel = |which| self.pcm.iter().skip(which).step_by(2).copied().collect::<Vec<_>>();
        Closing {
            closed,
            unused,
            gap,
            patient: channel(0),
            us: channel(1),
            facts: self.facts,
        }
    }

    fn packets(&self) -> Vec<Packet<'_>> {
        self.sent
            .iter()
            .map(|(_, _, bytes)| rtp::read(bytes).unwrap())
            .collect()
    }

    fn keys(&self) -> String {
        keys(&self.facts)
    }
}

fn keys(facts: &[Fact]) -> String {
    facts
        .iter()
        .filter_map(|fact| {
            if let Fact::KeyHeard { key, .. } = fact {
                Some(key.as_char())
            } else {
                None
            }
        })
        .collect()
}

struct Closing {
    closed: super::Closed,
    unused: super::Unused,
    gap: u64,
    patient: Vec<i16>,
    us: Vec<i16>,
    facts: Vec<Fact>,
}

/// A far end's stream: audio in 20 ms frames and keys.
#[derive(Clone)]
struct FarEnd {
    outgoing: Outgoing,
    codec: Codec,
}

impl FarEnd {
    fn new(codec: Codec) -> Self {
        Self {
            outgoing: Outgoing {
                ssrc: 77,
                sequence: 65_500,
                timestamp: u32::MAX - 5_000,
            },
            codec,
        }
    }

    fn write(&mut self, payload_type: u8, marker: Marker, timestamp: u32, payload: &[u8]) -> Vec<u8> {
        let mut datagram = [0; PACKET_MAX];
        self.outgoing
            .write(payload_type, marker, timestamp, payload, &mut datagram)
            .unwrap()
            .to_vec()
    }

    fn audio(&mut self, samples: &[i16]) -> Vec<u8> {
        let mut payload = Vec::new();
        g711::encode(self.codec, samples, &mut payload);
        let timestamp = self.outgoing.timestamp;
        self.outgoing.timestamp = timestamp.wrapping_add(samples.len() as u32);
        self.write(self.codec.payload(), Marker::GoesOn, timestamp, &payload)
    }

    /// Another stream from the same place.
    fn other(ssrc: u32, sequence: u16) -> Self {
        let mut other = Self::new(Codec::Pcma);
        other.outgoing = Outgoing {
            ssrc,
            sequence,
            timestamp: 1_000_000,
        };
        other
    }

    /// Sends nothing for so long, because nobody speaks.
    fn pause(&mut self, millis: u32) {
        self.outgoing.timestamp = self.outgoing.timestamp.wrapping_add(millis * 8);
    }

    /// The packets of a key, 20 ms apart, the last three being the end.
    fn key(&mut self, key: char) -> Vec<Vec<u8>> {
        let timestamp = self.outgoing.timestamp;
        let code = crate::phone::Key::from_char(key).unwrap().event();
        let durations = [160, 320, 480, 640, 800, 800, 800_u16];
        let packets = durations.iter().enumerate().map(|(place, duration)| {
            let [high, low] = duration.to_be_bytes();
            let end = if place >= 4 { 0x80 } else { 0 };
            let marker = if place == 0 { Marker::Begins } else { Marker::GoesOn };
            self.write(EVENTS, marker, timestamp, &[code, end | 10, high, low])
        });
        let packets = packets.collect();
        self.outgoing.timestamp = timestamp.wrapping_add(7 * 160);
        packets
    }
}

/// What `samples` sound like after the codec.
fn coded(codec: Codec, samples: &[i16]) -> Vec<i16> {
    samples
        .iter()
        .map(|&sample| g711::decoded(codec, g711::encoded(codec, sample)))
        .collect()
}
