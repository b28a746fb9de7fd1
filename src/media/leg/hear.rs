//! What is taken from each packet: its place in the recording, keys, the proof that somebody is there.

use std::net::SocketAddr;
use std::time::Duration;

use super::super::latch::{Known, Verdict};
use super::super::rtp::{self, Packet};
use super::super::sequence::Place;
use super::super::stream::Kind;
use super::super::streams::Belongs;
use super::super::telephone_event;
use super::super::{Codec, Fact, samples};
use super::{Heard, Hearing, Leg, Link};
use crate::moment::Moment;
use crate::phone::Key;

/// RFC 3389, static payload 13.
const COMFORT_NOISE: u8 = 13;

/// A packet with more audio than this is none of ours: 200 ms.
const AUDIO_MAX: usize = 1_600;

/// An event as RFC 4733 writes it, and the payload numbers that it may have.
const EVENT: usize = 4;
const DYNAMIC: std::ops::RangeInclusive<u8> = 96..=127;

/// What a payload type stands for on a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Payload {
    Audio(Codec),
    Event,
    ComfortNoise,
}

impl Payload {
    fn kind(self, payload: &[u8]) -> Kind {
        match self {
            Self::Audio(_) => Kind::Audio {
                length: u16::try_from(payload.len()).unwrap_or(u16::MAX),
            },
            Self::Event => Kind::Event {
                length: telephone_event::duration(payload),
            },
            Self::ComfortNoise => Kind::Comfort,
        }
    }
}

impl Link {
    /// Both G.711 flavours were offered, so the far end may switch between them at will (RFC 3264 section 5.1). So may
    /// it send keys under our number for them or under its own, and some take a third: no other dynamic payload is
    /// agreed, and none is as short.
    fn payload(&self, packet: &Packet<'_>) -> Option<Payload> {
        let number = packet.payload_type;
        if self.events == Some(number) || (DYNAMIC.contains(&number) && packet.payload.len() == EVENT) {
            return Some(Payload::Event);
        }
        if number == COMFORT_NOISE {
            return Some(Payload::ComfortNoise);
        }
        Codec::from_payload(number).map(Payload::Audio)
    }
}

impl Leg {
    /// Takes a datagram that came to the leg's RTP port.
    pub fn handle_packet(&mut self, now: Moment, from: SocketAddr, bytes: &[u8]) {
        let Some(link) = &mut self.link else {
            return self.keep_early(now, from, bytes);
        };
        let packet = match rtp::read(bytes) {
            Ok(packet) => packet,
            Err(rtp::Error::Rtcp) => {
                // RFC 5761: both on one port.
                self.take_report(now, from, bytes);
                return;
            }
            Err(rtp::Error::NotRtp) => return count(&mut self.unused.malformed),
        };
        let Some(payload) = link.payload(&packet) else {
            return count(&mut self.unused.unknown);
        };
        if packet.payload.len() > AUDIO_MAX {
            return count(&mut self.unused.malformed);
        }
        let present = self.streams.present();
        let known = if present.is_some_and(|stream| stream.goes_on_in(now, &packet)) {
            Known::GoesOn
        } else {
            Known::Other
        };
        match link.latch.judge(now, from, &packet, known) {
            Verdict::FarEnd => {}
            Verdict::Moved => self.streams.change_source(),
            Verdict::Stranger => return count(&mut self.unused.strangers),
        }
        let kind = payload.kind(packet.payload);
        match self.streams.take(now, &packet, kind) {
            Belongs::Present(place @ (Place::Newest { .. } | Place::Late)) => {
                self.take_packet(now, &packet, place, payload, kind);
            }
            Belongs::Keys(Place::Newest { .. } | Place::Late) => {
                self.note_packet(now, Some(Duration::ZERO));
                self.take_event(now, &packet);
            }
            Belongs::Present(Place::Copy | Place::Stray) | Belongs::Keys(Place::Copy | Place::Stray) => {}
            Belongs::Stray => count(&mut self.unused.strays),
        }
    }

    fn take_packet(&mut self, now: Moment, packet: &Packet<'_>, place: Place, payload: Payload, kind: Kind) {
        self.give_audio(now);
        if packet.payload.is_empty() {
            // A keep-alive (RFC 6263 section 4.6).
            return self.note_packet(now, Some(Duration::ZERO));
        }
        let Some(laid) = self.streams.lay(now, packet, place, kind) else {
            return;
        };
        self.note_packet(now, laid.gap);
        if let (Some(mix), Some((at, length))) = (&mut self.mix, laid.silence) {
            mix.put_silence(at, length);
        }
        match payload {
            Payload::Audio(codec) => {
                self.share_said(now, codec, packet);
                let Some(at) = laid.at else {
                    return count(&mut self.unused.strays);
                };
                if let Some(mix) = &mut self.mix {
                    mix.put_patient(at, codec, packet.payload);
                }
            }
            Payload::Event => {
                if let (Some(mix), Some(at)) = (&mut self.mix, laid.at) {
                    mix.put_silence(at, i64::from(telephone_event::duration(packet.payload)));
                }
                self.take_event(now, packet);
            }
            Payload::ComfortNoise => {
                if let (Some(mix), Some(at)) = (&mut self.mix, laid.at) {
                    mix.put_comfort(at);
                }
            }
        }
    }

    /// Notes that the far end lives, and after what gap.
    fn note_packet(&mut self, now: Moment, gap: Option<Duration>) {
        if let Some(latest) = self.latest.replace(now) {
            let gap = gap.unwrap_or_else(|| now.since(latest));
            self.longest_gap = self.longest_gap.max(gap);
        }
        let Some(link) = &mut self.link else { return };
        let before = std::mem::replace(&mut link.hearing, Hearing::Packets { latest: now });
        match before {
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

    fn take_event(&mut self, now: Moment, packet: &Packet<'_>) {
        match self.events.take(now, packet.ssrc, packet.timestamp, packet.payload) {
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
