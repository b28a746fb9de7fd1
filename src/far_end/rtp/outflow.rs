//! What the patient sends: 50 packets a second of noise, speech and keys (RFC 3550, RFC 4733).

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use rtp_rs::{RtpPacketBuilder, Seq};

use crate::far_end::g711::Law;
use crate::moment::Moment;
use crate::phone::Key;

use super::FRAME;
use super::voice::{Clip, dtmf};

/// A key lasts this many packets (120 ms), then its end is sent three times.
const KEY_FRAMES: u16 = 6;
const KEY_ENDS: u16 = 3;
/// Frames of audio between two keys.
const KEY_PAUSE: u16 = 5;
/// Packets that a jittery line may hold back at once.
const MOST_HELD: usize = 64;

/// The sending half of a patient's stream.
#[derive(Debug)]
pub(crate) struct Outflow {
    to: SocketAddr,
    law: Law,
    events: Option<u8>,
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    room: Clip,
    room_at: usize,
    says: Option<Says>,
    key: Option<Pressing>,
    keys: VecDeque<(Key, Way)>,
    loss: u32,
    jitter: Duration,
    held: VecDeque<(Moment, Vec<u8>)>,
    chance: ChaCha8Rng,
    /// Packets that left.
    pub(crate) sent: u64,
    /// Packets that the line lost on purpose.
    pub(crate) dropped: u64,
}

/// How a key travels in RTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// RFC 4733.
    Event,
    /// Tones.
    Tones,
}

#[derive(Debug)]
struct Says {
    clip: Clip,
    at: usize,
    is_endless: bool,
}

#[derive(Debug)]
struct Pressing {
    key: Key,
    way: Way,
    began: u32,
    frames: u16,
    tones: Option<Clip>,
}

impl Outflow {
    /// A stream to `to`; `loss` in 1/1000.
    pub(crate) fn new(to: SocketAddr, law: Law, events: Option<u8>, room: Clip, mut chance: ChaCha8Rng) -> Self {
        let [ssrc, start, timestamp] = [chance.next_u32(), chance.next_u32(), chance.next_u32()];
        Self {
            to,
            law,
            events,
            ssrc,
            sequence: u16::try_from(start & 0xFFFF).unwrap_or(0),
            timestamp,
            room,
            room_at: 0,
            says: None,
            key: None,
            keys: VecDeque::new(),
            loss: 0,
            jitter: Duration::ZERO,
            held: VecDeque::new(),
            chance,
            sent: 0,
            dropped: 0,
        }
    }

    /// Makes the line lose packets (in 1/1000) and hold them back.
    pub(crate) fn worsen(&mut self, loss: u32, jitter: Duration) {
        (self.loss, self.jitter) = (loss, jitter);
    }

    /// Where packets go.
    pub(crate) const fn to(&self) -> SocketAddr {
        self.to
    }

    /// The payload number of telephone-event, if keys may travel that way.
    pub(crate) const fn events(&self) -> Option<u8> {
        self.events
    }

    /// Whether the line loses this packet, in either direction.
    pub(crate) fn loses(&mut self) -> bool {
        let is_lost = self.loss > 0 && self.chance.next_u32() % 1_000 < self.loss;
        self.dropped += u64::from(is_lost);
        is_lost
    }

    /// Says a clip once, then the room again.
    pub(crate) fn say(&mut self, clip: Clip) {
        self.says = Some(Says {
            clip,
            at: 0,
            is_endless: false,
        });
    }

    /// Plays a clip round and round.
    pub(crate) fn play(&mut self, clip: Clip) {
        self.says = Some(Says {
            clip,
            at: 0,
            is_endless: true,
        });
    }

    /// Ends what is said or played.
    pub(crate) fn hush(&mut self) {
        self.says = None;
    }

    /// Presses a key, after those already pressed.
    pub(crate) fn press(&mut self, key: Key, way: Way) {
        self.keys.push_back((key, way));
    }

    /// The packets of this 20 ms.
    pub(crate) fn tick(&mut self, now: Moment) -> Vec<Vec<u8>> {
        let packet = self.next_packet();
        let mut leaving = Vec::new();
        if let Some(packet) = packet.filter(|_| !self.loses()) {
            let late = match u64::try_from(self.jitter.as_millis()).unwrap_or(0) {
                0 => 0,
                most => self.chance.next_u64() % (most + 1),
            };
            self.held.push_back((now + Duration::from_millis(late), packet));
        }
        while self.held.front().is_some_and(|(due, _)| *due <= now) || self.held.len() > MOST_HELD {
            leaving.extend(self.held.pop_front().map(|(_, packet)| packet));
        }
        self.sent += u64::try_from(leaving.len()).unwrap_or(0);
        leaving
    }

    fn next_packet(&mut self) -> Option<Vec<u8>> {
        if self.key.is_none() {
            self.key = self.keys.pop_front().map(|(key, way)| {
                let tones = (way == Way::Tones).then(|| dtmf(key));
                Pressing {
                    key,
                    way,
                    began: self.timestamp,
                    frames: 0,
                    tones,
                }
            });
        }
        let packet = match self.key.take() {
            Some(pressing) => self.pressing(pressing),
            None => self.audio(),
        };
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(160);
        packet
    }

    fn pressing(&mut self, mut pressing: Pressing) -> Option<Vec<u8>> {
        let frame = pressing.frames;
        pressing.frames += 1;
        let (key, began) = (pressing.key, pressing.began);
        let packet = match (pressing.way, self.events) {
            (Way::Event, Some(payload_type)) if frame < KEY_FRAMES + KEY_ENDS => {
                let is_end = frame >= KEY_FRAMES;
                let lasted = (frame + 1).min(KEY_FRAMES) * 160;
                let [high, low] = lasted.to_be_bytes();
                let flags = if is_end { 0x80 } else { 0 } | 10;
                self.build(payload_type, began, frame == 0, &[key.event(), flags, high, low])
            }
            (Way::Tones, _) if frame < KEY_FRAMES => {
                let octets = pressing
                    .tones
                    .as_ref()
                    .map(|clip| looped(clip.octets(self.law), usize::from(frame) * FRAME));
                octets.and_then(|o| self.build(self.law.payload(), self.timestamp, false, &o))
            }
            _ => self.audio(),
        };
        let over = match pressing.way {
            Way::Event => KEY_FRAMES + KEY_ENDS + KEY_PAUSE,
            Way::Tones => KEY_FRAMES + KEY_PAUSE,
        };
        self.key = (pressing.frames < over).then_some(pressing);
        packet
    }

    fn audio(&mut self) -> Option<Vec<u8>> {
        let law = self.law;
        let said = self.says.as_mut().map(|says| {
            let octets = looped(says.clip.octets(law), says.at);
            says.at += FRAME;
            octets
        });
        self.says = self
            .says
            .take()
            .filter(|s| s.is_endless || s.at < s.clip.octets(law).len());
        let octets = said.unwrap_or_else(|| looped(self.room.octets(law), self.room_at));
        self.room_at += FRAME;
        self.build(law.payload(), self.timestamp, self.sent == 0, &octets)
    }

    fn build(&self, payload_type: u8, timestamp: u32, marked: bool, payload: &[u8]) -> Option<Vec<u8>> {
        RtpPacketBuilder::new()
            .payload_type(payload_type)
            .ssrc(self.ssrc)
            .sequence(Seq::from(self.sequence))
            .timestamp(timestamp)
            .marked(marked)
            .payload(payload)
            .build()
            .ok()
    }
}

fn looped(octets: &[u8], at: usize) -> Vec<u8> {
    let start = at.checked_rem(octets.len()).unwrap_or(0);
    octets.iter().cycle().skip(start).take(FRAME).copied().collect()
}

#[cfg(test)]
mod tests {
    use rand_chacha::rand_core::SeedableRng;
    use rtp_rs::RtpReader;

    use super::super::voice::Voices;
    use super::*;

    fn outflow() -> Outflow {
        let chance = ChaCha8Rng::seed_from_u64(3);
        let to = "127.0.0.1:4000".parse().unwrap();
        Outflow::new(to, Law::Pcma, Some(101), Voices::make().noise, chance)
    }

    fn ticks(outflow: &mut Outflow, count: u64) -> Vec<Vec<u8>> {
        (0..count)
            .flat_map(|n| outflow.tick(Moment::ZERO + Duration::from_millis(n * 20)))
            .collect()
    }

    #[test]
    fn a_key_is_one_event_that_grows_and_ends_three_times() {
        let mut outflow = outflow();
        ticks(&mut outflow, 3);
        outflow.press(Key::from_char('5').unwrap(), Way::Event);
        let packets = ticks(&mut outflow, 12);
        let read: Vec<_> = packets.iter().map(|p| RtpReader::new(p).unwrap()).collect();
        let events: Vec<_> = read.iter().filter(|p| p.payload_type() == 101).collect();
        assert_eq!(events.len(), 9);
        assert!(events[0].mark() && events[1..].iter().all(|p| !p.mark()));
        assert!(events.iter().all(|p| p.timestamp() == events[0].timestamp()));
        let durations: Vec<_> = events
            .iter()
            .map(|p| u16::from_be_bytes([p.payload()[2], p.payload()[3]]))
            .collect();
        assert_eq!(durations, [160, 320, 480, 640, 800, 960, 960, 960, 960]);
        assert_eq!(events.iter().filter(|p| p.payload()[1] & 0x80 != 0).count(), 3);
        assert!(events.iter().all(|p| p.payload()[0] == 5));
        let audio = &read[9];
        assert_eq!(audio.timestamp(), events[0].timestamp().wrapping_add(9 * 160));
    }

    #[test]
    fn two_keys_leave_a_pause_between_them() {
        let mut outflow = outflow();
        for key in ['1', '0'] {
            outflow.press(Key::from_char(key).unwrap(), Way::Event);
        }
        let packets = ticks(&mut outflow, 28);
        let kinds: String = packets
            .iter()
            .map(|p| {
                if RtpReader::new(p).unwrap().payload_type() == 101 {
                    'k'
                } else {
                    '.'
                }
            })
            .collect();
        assert_eq!(kinds, "kkkkkkkkk.....kkkkkkkkk.....");
    }

    #[test]
    fn a_bad_line_loses_its_share_and_keeps_counting() {
        let mut outflow = outflow();
        outflow.worsen(100, Duration::ZERO);
        let packets = ticks(&mut outflow, 1_000);
        assert!((60..140).contains(&(1_000 - packets.len())), "{}", packets.len());
        assert_eq!(outflow.sent + outflow.dropped, 1_000);
    }

    #[test]
    fn a_jittery_line_sends_everything_but_late() {
        let mut outflow = outflow();
        outflow.worsen(0, Duration::from_millis(60));
        let first = ticks(&mut outflow, 100).len();
        assert!((94..=100).contains(&first), "{first}");
    }

    #[test]
    fn tones_of_a_key_are_the_two_of_the_recommendation() {
        let octets = dtmf(Key::from_char('6').unwrap());
        let samples: Vec<f32> = octets
            .octets(Law::Pcmu)
            .iter()
            .map(|&o| f32::from(Law::Pcmu.decode(o)))
            .collect();
        let power = |frequency: f32| {
            let (mut re, mut im) = (0.0f32, 0.0f32);
            for (n, s) in (0u16..).zip(&samples) {
                let angle = std::f32::consts::TAU * frequency * f32::from(n) / 8_000.0;
                re += s * angle.cos();
                im += s * angle.sin();
            }
            re.hypot(im)
        };
        for other in [697.0, 852.0, 941.0, 1_209.0, 1_336.0, 1_633.0] {
            assert!(
                power(770.0) > 10.0 * power(other) && power(1_477.0) > 10.0 * power(other),
                "{other}"
            );
        }
    }
}
