//! Keys as telephone-event packets, received and sent (RFC 4733 section 2).
//!
//! A key is heard at the first packet that shows it, whichever that is, and never again: what makes a press is its RTP
//! timestamp, not the number of its packets.

use crate::phone::Key;

/// How long a key that we press lasts, in samples: 100 ms, well over the 40 ms of ITU-T Q.24.
const PRESS: u16 = 800;

/// Silence after each key that we press, in samples.
const PAUSE: u16 = 800;

/// The end packet is sent this often (RFC 4733 section 2.5.1.4).
const ENDS: u8 = 3;

/// Longest duration that one packet can say; a longer event goes on in a new segment (section 2.5.1.3).
const SEGMENT: u32 = 0xFFFF;

/// How many past events are remembered, so that their late packets are known.
const REMEMBERED: usize = 8;

/// What an event packet was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A key that was not heard before.
    Pressed(Key),
    /// More of an event that is known.
    Known,
    /// An event that is no key (flash, tones): its code.
    Other(u8),
    /// Shorter than an event.
    Malformed,
}

/// The events received on one leg.
#[derive(Clone, Debug, Default)]
pub struct Receiver {
    remembered: [Option<Name>; REMEMBERED],
    oldest: usize,
    latest: Option<Event>,
}

/// What tells one event from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Name {
    ssrc: u32,
    timestamp: u32,
    code: u8,
}

/// The payload (section 2.3); volume and reserved bit left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Event {
    name: Name,
    is_end: bool,
    duration: u16,
}

impl Event {
    fn read(ssrc: u32, timestamp: u32, payload: &[u8]) -> Option<Self> {
        let [code, flags, high, low, ..] = *payload else {
            return None;
        };
        let name = Name { ssrc, timestamp, code };
        Some(Self {
            name,
            is_end: flags & 0x80 != 0,
            duration: u16::from_be_bytes([high, low]),
        })
    }

    /// A finger cannot press again before it has let go: what begins within or right at the end of the same key's
    /// event is its next segment, or a sender that moves the timestamp with every packet.
    fn goes_on_in(self, next: Self) -> bool {
        let later = next.name.timestamp.wrapping_sub(self.name.timestamp);
        let is_same_key = (self.name.ssrc, self.name.code) == (next.name.ssrc, next.name.code);
        let is_segment = later == SEGMENT && !self.is_end;
        is_same_key && (is_segment || (later > 0 && later <= u32::from(self.duration)))
    }
}

/// How long an event packet says that its event lasts so far, in samples.
pub fn duration(payload: &[u8]) -> u16 {
    Event::read(0, 0, payload).map_or(0, |event| event.duration)
}

impl Receiver {
    /// Takes a packet with the event payload type.
    pub fn take(&mut self, ssrc: u32, timestamp: u32, payload: &[u8]) -> Heard {
        let Some(event) = Event::read(ssrc, timestamp, payload) else {
            return Heard::Malformed;
        };
        let Some(key) = Key::from_event(event.name.code) else {
            return Heard::Other(event.name.code);
        };
        if self.remembered.contains(&Some(event.name)) {
            if let Some(latest) = &mut self.latest
                && latest.name == event.name
            {
                latest.duration = latest.duration.max(event.duration);
                latest.is_end |= event.is_end;
            }
            return Heard::Known;
        }
        self.remember(event.name);
        match self.latest.replace(event) {
            Some(latest) if latest.goes_on_in(event) => Heard::Known,
            Some(_) | None => Heard::Pressed(key),
        }
    }

    fn remember(&mut self, name: Name) {
        if let Some(slot) = self.remembered.get_mut(self.oldest) {
            *slot = Some(name);
        }
        self.oldest = (self.oldest + 1) % REMEMBERED;
    }
}

/// A key that we press: the frames that stand in for audio while it lasts.
#[derive(Clone, Copy, Debug)]
pub struct Press {
    key: Key,
    timestamp: u32,
    duration: u16,
    ends: u8,
    pause: u16,
}

/// What the next frame of a press is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// An event packet: its timestamp and payload; the first one carries the marker.
    Event {
        /// The same for all packets of the event.
        timestamp: u32,
        /// Section 2.3.
        payload: [u8; 4],
        /// Whether it is the first.
        marker: super::rtp::Marker,
    },
    /// Silence between keys.
    Pause,
}

impl Press {
    /// A press that begins at `timestamp`.
    pub const fn new(key: Key, timestamp: u32) -> Self {
        Self {
            key,
            timestamp,
            duration: 0,
            ends: 0,
            pause: 0,
        }
    }

    /// The next frame of `samples` samples; nothing once the key and the pause after it are over.
    pub fn next(&mut self, samples: u16) -> Option<Frame> {
        use super::rtp::Marker;
        if self.ends >= ENDS {
            self.pause = self.pause.saturating_add(samples);
            return (self.pause <= PAUSE).then_some(Frame::Pause);
        }
        let marker = if self.duration == 0 {
            Marker::Begins
        } else {
            Marker::GoesOn
        };
        if self.duration < PRESS {
            self.duration = self.duration.saturating_add(samples);
        }
        let is_end = self.duration >= PRESS;
        if is_end {
            self.ends += 1;
        }
        // -10 dBm0, as most telephones say.
        let flags = if is_end { 0x80 } else { 0 } | 10;
        let [high, low] = self.duration.to_be_bytes();
        Some(Frame::Event {
            timestamp: self.timestamp,
            payload: [self.key.event(), flags, high, low],
            marker,
        })
    }
}

#[cfg(test)]
mod tests;
