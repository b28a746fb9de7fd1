//! Keys as telephone-event packets, received and sent (RFC 4733 section 2).
//!
//! A key is heard at the first packet that shows it, whichever that is, and never again: what makes a press is its RTP
//! timestamp, not the number of its packets. Where a sender gives one press several timestamps (long presses in
//! segments, gateways that move the timestamp with every packet, a change of SSRC in mid-press), time decides: a finger
//! cannot press the same key again before it has let go.

use std::time::Duration;

use super::samples;
use crate::moment::Moment;
use crate::phone::Key;

/// How long a key that we press lasts, in samples: 100 ms, well over the 40 ms of ITU-T Q.24.
const PRESS: u16 = 800;

/// Silence after each key that we press, in samples.
const PAUSE: u16 = 800;

/// The end packet is sent this often (RFC 4733 section 2.5.1.4).
const ENDS: u8 = 3;

/// Longest duration that one packet can say; a longer event goes on in a new segment (section 2.5.1.3).
const SEGMENT: i64 = 0xFFFF;

/// An event that lasted so long may be in segments: 4 s.
const LONG: i64 = 4 * samples::RATE as i64;

/// The next segment of a long event begins where the one before ended; so much of it may have been lost: 500 ms.
const SEGMENT_LOST: i64 = samples::RATE as i64 / 2;

/// The shortest time from one press of a key to its next, in samples: ITU-T Q.24 wants 40 ms of tone and 40 of pause.
const AGAIN: i64 = 80 * samples::PER_MS as i64;

/// The shortest pause after the latest packet of an event whose end was not seen: more of it may have been lost.
const AGAIN_OPEN: i64 = 60 * samples::PER_MS as i64;

/// Timestamps that differ from the wall by more are of another clock: 5 s.
const LEAP: i64 = 5 * samples::RATE as i64;

/// The same by the wall, for streams whose timestamps cannot be compared.
const AGAIN_AFTER: Duration = Duration::from_millis(80);

/// An event under a known name that comes so much later than its own duration explains is a new press: the sender plays
/// the same packets again.
const REPLAY: Duration = Duration::from_secs(1);
const REPLAY_SAMPLES: i64 = samples::RATE as i64;

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
    remembered: [Option<Event>; REMEMBERED],
    oldest: usize,
}

/// What tells one event from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Name {
    ssrc: u32,
    timestamp: u32,
    code: u8,
}

/// An event as far as it was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Event {
    name: Name,
    end: End,
    duration: u16,
    /// How far it may be from the packet before it to the next, if its sender moves the timestamp with every packet:
    /// what such a packet says of its duration means nothing.
    step: Option<i64>,
    /// When its first and its latest packet came.
    begun: Moment,
    heard: Moment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Open,
    Seen,
}

impl Event {
    /// The payload (section 2.3); volume and reserved bit left out.
    fn read(now: Moment, ssrc: u32, timestamp: u32, payload: &[u8]) -> Option<Self> {
        let [code, flags, high, low, ..] = *payload else {
            return None;
        };
        Some(Self {
            name: Name { ssrc, timestamp, code },
            end: if flags & 0x80 != 0 { End::Seen } else { End::Open },
            duration: u16::from_be_bytes([high, low]),
            step: None,
            begun: now,
            heard: now,
        })
    }

    fn is_more_of(&self, known: &Self) -> bool {
        let lasted = samples::duration(u64::from(self.duration));
        self.name == known.name
            && (self.heard.since(known.heard) < REPLAY || self.heard.since(known.begun) < lasted + REPLAY)
    }

    fn note(&mut self, more: &Self) {
        self.duration = self.duration.max(more.duration);
        self.heard = more.heard;
        if more.end == End::Seen {
            self.end = End::Seen;
        }
    }

    /// Where it ends for all that is known, counted from its timestamp. Of a sender that moves its timestamps one packet
    /// may have been lost.
    fn reach(&self) -> i64 {
        let duration = i64::from(self.duration);
        self.step.map_or(duration, |step| 2 * step)
    }

    /// Goes on in a packet with a name of its own: the sender moves its timestamps, unless this is a segment.
    fn step_to(&self, next: &Self) -> Option<i64> {
        let step = i64::from(next.name.timestamp.wrapping_sub(self.name.timestamp).cast_signed()).abs();
        let is_step = self.name.ssrc == next.name.ssrc && step < LONG;
        is_step.then(|| self.step.map_or(step, |before| before.min(step)))
    }

    /// Whether a new name is this very press.
    fn goes_on_in(&self, next: &Self) -> bool {
        if self.name.code != next.name.code || self.name == next.name {
            return false;
        }
        let later = i64::from(next.name.timestamp.wrapping_sub(self.name.timestamp).cast_signed());
        let elapsed = samples::position(next.heard) - samples::position(self.begun);
        if self.name.ssrc != next.name.ssrc || (later - elapsed).abs() > LEAP {
            return next.heard.since(self.heard) < AGAIN_AFTER;
        }
        let (duration, next_duration) = (self.reach(), i64::from(next.duration));
        if elapsed > later + next_duration + REPLAY_SAMPLES {
            return false;
        }
        // The other way round: the network changed the order of two packets.
        if (1 - AGAIN.max(next_duration + 1)..AGAIN.max(duration + 1)).contains(&later) {
            return true;
        }
        let is_long = duration >= LONG && later <= duration + SEGMENT_LOST;
        let is_next = later > 0 && later <= duration + AGAIN_OPEN;
        self.end == End::Open && (later == SEGMENT || is_long || is_next)
    }
}

/// How long an event packet says that its event lasts so far, in samples.
pub fn duration(payload: &[u8]) -> u16 {
    Event::read(Moment::ZERO, 0, 0, payload).map_or(0, |event| event.duration)
}

impl Receiver {
    /// Takes a packet with the event payload type.
    pub fn take(&mut self, now: Moment, ssrc: u32, timestamp: u32, payload: &[u8]) -> Heard {
        let Some(event) = Event::read(now, ssrc, timestamp, payload) else {
            return Heard::Malformed;
        };
        let Some(key) = Key::from_event(event.name.code) else {
            return Heard::Other(event.name.code);
        };
        if let Some(known) = self
            .remembered
            .iter_mut()
            .flatten()
            .find(|known| event.is_more_of(known))
        {
            known.note(&event);
            return Heard::Known;
        }
        let remembered = self.remembered.iter().flatten();
        let mut same = remembered.filter(|known| known.goes_on_in(&event)).peekable();
        let is_known = same.peek().is_some();
        let step = same.filter_map(|known| known.step_to(&event)).min();
        self.remember(Event { step, ..event });
        if is_known { Heard::Known } else { Heard::Pressed(key) }
    }

    fn remember(&mut self, event: Event) {
        // An old press under the same name is over.
        let same = self
            .remembered
            .iter_mut()
            .flatten()
            .find(|known| known.name == event.name);
        if let Some(known) = same {
            *known = event;
            return;
        }
        if let Some(slot) = self.remembered.get_mut(self.oldest) {
            *slot = Some(event);
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
