//! What is taken from each packet: its place in the recording, keys, the proof that somebody is there.

use std::net::SocketAddr;

use super::super::latch::Verdict;
use super::super::rtp::{self, Packet};
use super::super::sequence::Place;
use super::super::telephone_event;
use super::super::track::{Arrival, Order, Spurt};
use super::super::{Codec, Fact, g711, samples};
use super::{Heard, Hearing, Leg, Link};
use crate::moment::Moment;
use crate::phone::Key;

/// RFC 3389, static payload 13.
const COMFORT_NOISE: u8 = 13;

/// A packet with more audio than this is none of ours: 200 ms.
const AUDIO_MAX: usize = 1_600;

/// What a payload type stands for on a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Payload {
    Audio(Codec),
    Event,
    ComfortNoise,
}

impl Link {
    /// Both G.711 flavours were offered, so the far end may switch between them at will (RFC 3264 section 5.1).
    fn payload(&self, number: u8) -> Option<Payload> {
        if self.events == Some(number) {
            return Some(Payload::Event);
        }
        if number == COMFORT_NOISE {
            return Some(Payload::ComfortNoise);
        }
        Codec::from_payload(number).map(Payload::Audio)
    }
}

impl Leg {
    /// Takes a datagram that came to the leg's port.
    pub fn handle_packet(&mut self, now: Moment, from: SocketAddr, bytes: &[u8]) {
        let Some(mut link) = self.link else {
            return count(&mut self.unused.early);
        };
        let packet = match rtp::read(bytes) {
            Ok(packet) => packet,
            Err(rtp::Error::Rtcp) => return count(&mut self.unused.rtcp),
            Err(rtp::Error::NotRtp) => return count(&mut self.unused.malformed),
        };
        let Some(payload) = link.payload(packet.payload_type) else {
            return count(&mut self.unused.unknown);
        };
        if packet.payload.len() > AUDIO_MAX {
            return count(&mut self.unused.malformed);
        }
        let verdict = link.latch.judge(now, from);
        self.link = Some(link);
        if verdict == Verdict::Stranger {
            return count(&mut self.unused.strangers);
        }
        let order = match self.incoming.sequence.take(packet.ssrc, packet.sequence) {
            Place::Newest => Order::Newest,
            Place::Late => Order::Late,
            Place::Copy => return,
            Place::Stray => return count(&mut self.unused.strays),
        };
        self.note_packet(now, link);
        self.give_audio(now);
        match payload {
            Payload::Audio(codec) => self.take_audio(now, packet, codec, order),
            Payload::Event => self.take_event(now, packet),
            Payload::ComfortNoise => {
                let at = self.incoming.track.position(packet.ssrc, packet.timestamp);
                if let Some((mix, at)) = self.mix.as_mut().zip(at) {
                    mix.put_comfort(at);
                }
            }
        }
    }

    fn note_packet(&mut self, now: Moment, link: Link) {
        if let Some(latest) = self.incoming.latest.replace(now) {
            self.incoming.longest_gap = self.incoming.longest_gap.max(now.since(latest));
        }
        self.link = Some(Link {
            hearing: Hearing::Packets { latest: now },
            ..link
        });
        match link.hearing {
            Hearing::Nothing { .. }
            | Hearing::Silence {
                heard_before: Heard::Nothing,
            } => {
                self.tell(Fact::Heard { at: now });
            }
            Hearing::Packets { .. }
            | Hearing::Silence {
                heard_before: Heard::Something,
            } => {}
        }
    }

    fn take_audio(&mut self, now: Moment, packet: Packet<'_>, codec: Codec, order: Order) {
        if packet.payload.is_empty() {
            // A keep-alive (RFC 6263 section 4.6).
            return;
        }
        let spurt = if packet.marker { Spurt::Begins } else { Spurt::GoesOn };
        let at = samples::position(now);
        let arrival = Arrival {
            at,
            ssrc: packet.ssrc,
            timestamp: packet.timestamp,
            spurt,
            order,
        };
        let Some(position) = self.incoming.track.place(arrival) else {
            return count(&mut self.unused.strays);
        };
        if let Some(mix) = &mut self.mix {
            mix.put_patient(position, packet.payload.iter().map(|&byte| g711::decoded(codec, byte)));
        }
    }

    fn take_event(&mut self, now: Moment, packet: Packet<'_>) {
        let at = self.incoming.track.position(packet.ssrc, packet.timestamp);
        if let Some((mix, at)) = self.mix.as_mut().zip(at) {
            mix.put_silence(at, telephone_event::duration(packet.payload));
        }
        match self.incoming.events.take(packet.ssrc, packet.timestamp, packet.payload) {
            telephone_event::Heard::Pressed(key) => self.tell_key(now, key),
            telephone_event::Heard::Known => {}
            telephone_event::Heard::Other(_) => count(&mut self.unused.unknown),
            telephone_event::Heard::Malformed => count(&mut self.unused.malformed),
        }
    }

    fn tell_key(&mut self, now: Moment, key: Key) {
        let since_record = self
            .recording_since
            .map_or(0, |begun| samples::in_duration(now.since(begun)));
        let at_ms = samples::millis(since_record);
        let during = self.playout.as_ref().map(super::Playout::play);
        self.tell(Fact::KeyHeard { key, at_ms, during });
    }
}

fn count(counter: &mut u32) {
    *counter = counter.saturating_add(1);
}
