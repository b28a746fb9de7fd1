//! One RTP stream as it comes in: its order, its place in time, its jitter, its pauses.

use std::time::Duration;

use super::jitter::Jitter;
use super::rtp::Packet;
use super::samples;
use super::sequence::{Place, Sequence};
use super::track::{Arrival, Order, Spurt, Track};
use crate::moment::Moment;

/// What a packet is to its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Sound, of this many samples.
    Audio {
        /// How many.
        length: u16,
    },
    /// A telephone-event, lasting so long by now.
    Event {
        /// In samples.
        length: u16,
    },
    /// Comfort noise (RFC 3389): silence from here on.
    Comfort,
}

/// Where a packet belongs, and what the stream says about the time before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Laid {
    /// The position of its first sample; nothing if it cannot be placed.
    pub at: Option<i64>,
    /// Silence that the sender meant, before it: where, and how many samples.
    pub silence: Option<(i64, i64)>,
    /// How long the far end was not heard before it without meaning to be silent; nothing if it is the stream's first.
    pub gap: Option<Duration>,
}

/// What was received under one SSRC with one line of sequence numbers.
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    ssrc: u32,
    sequence: Sequence,
    track: Track,
    jitter: Jitter,
    born: Moment,
    heard: Moment,
    has_audio: bool,
    /// Samples of the latest audio packet.
    length: u16,
    newest: Option<Newest>,
    /// Whether an answer has come since the newest packet: the sender may have begun its timestamps anew.
    is_agreed_anew: bool,
    suppression: Suppression,
    reported: Reported,
}

/// The newest packet.
#[derive(Clone, Copy, Debug)]
struct Newest {
    timestamp: u32,
    heard: Moment,
    /// Where what it says ends.
    end: Option<i64>,
}

/// Whether the sender was seen to send nothing while nobody speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Suppression {
    Unseen,
    Seen,
}

/// What the last report said (RFC 3550 A.3).
#[derive(Clone, Copy, Debug, Default)]
struct Reported {
    expected: u32,
    received: u32,
}

/// A pause that the sender meant is longer than this, in samples; what is shorter is a step of the line.
const PAUSE_MIN: i64 = 10;

/// And one that shows silence suppression is longer than this: 60 ms, well over the pause after the end of a key.
const SUPPRESSED_MIN: i64 = 60 * samples::PER_MS as i64;

/// Reception of a stream since the last report, as RTCP tells it (RFC 3550 section 6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reception {
    /// Whose.
    pub ssrc: u32,
    /// Share lost since the last report, in 256ths.
    pub fraction: u8,
    /// Lost in all.
    pub lost: u32,
    /// The highest sequence number with its wraps.
    pub highest: u32,
    /// Jitter in samples.
    pub jitter: u32,
}

impl Stream {
    /// A stream that begins with this packet.
    pub fn begin(now: Moment, packet: &Packet<'_>) -> Self {
        Self {
            ssrc: packet.ssrc,
            sequence: Sequence::begin(packet.sequence),
            track: Track::default(),
            jitter: Jitter::default(),
            born: now,
            heard: now,
            has_audio: false,
            length: 0,
            newest: None,
            is_agreed_anew: false,
            suppression: Suppression::Unseen,
            reported: Reported::default(),
        }
    }

    /// Whether a packet belongs to it, and where; notes it if it does.
    pub fn take(&mut self, now: Moment, packet: &Packet<'_>) -> Place {
        if packet.ssrc != self.ssrc {
            return Place::Stray;
        }
        let place = self.sequence.take(self.quiet(now), packet.sequence);
        if let Place::Newest { .. } | Place::Late = place {
            self.heard = now;
        }
        place
    }

    /// Whether a packet would go on in it.
    pub fn goes_on_in(&self, now: Moment, packet: &Packet<'_>) -> bool {
        packet.ssrc == self.ssrc
            && matches!(
                self.sequence.judge(self.quiet(now), packet.sequence),
                Place::Newest { .. }
            )
    }

    /// Lays a packet that was taken into its place in time.
    pub fn lay(&mut self, now: Moment, packet: &Packet<'_>, place: Place, kind: Kind) -> Laid {
        let order = match place {
            Place::Newest { .. } => Order::Newest,
            Place::Late | Place::Copy | Place::Stray => Order::Late,
        };
        let is_agreed_anew = std::mem::take(&mut self.is_agreed_anew);
        let spurt = if packet.marker || is_agreed_anew {
            Spurt::Begins
        } else {
            Spurt::GoesOn
        };
        let position = samples::position(now);
        let at = match kind {
            Kind::Audio { .. } => self.track.place(Arrival {
                at: position,
                timestamp: packet.timestamp,
                spurt,
                order,
            }),
            Kind::Event { .. } | Kind::Comfort => self.track.position(packet.timestamp),
        };
        let Place::Newest { skipped } = place else {
            return Laid {
                at,
                silence: None,
                gap: None,
            };
        };
        let (silence, gap) = self.pause(now, packet, skipped, at);
        let length = match kind {
            Kind::Audio { length } => {
                (self.has_audio, self.length) = (true, length);
                self.jitter.take(position, packet.timestamp);
                length
            }
            Kind::Event { length } => length,
            Kind::Comfort => {
                self.suppression = Suppression::Seen;
                0
            }
        };
        if skipped == 0 && silence.is_some_and(|(_, length)| length >= SUPPRESSED_MIN) {
            self.suppression = Suppression::Seen;
        }
        let end_before = self.newest.and_then(|newest| newest.end);
        self.newest = Some(Newest {
            timestamp: packet.timestamp,
            heard: now,
            end: at.map(|at| at + i64::from(length)).max(end_before),
        });
        Laid { at, silence, gap }
    }

    /// What the time between the newest packet and this one was. Sequence numbers that go on while the timestamp leaps
    /// are silence suppression: the sender sent nothing, so nothing was lost (RFC 3550 section 5.1).
    fn pause(
        &self,
        now: Moment,
        packet: &Packet<'_>,
        skipped: u16,
        at: Option<i64>,
    ) -> (Option<(i64, i64)>, Option<Duration>) {
        let Some(newest) = self.newest else {
            return (None, None);
        };
        let lost = i64::from(skipped) * i64::from(self.length);
        let hole = newest.end.zip(at).map(|(end, at)| (end, at - end - lost));
        let silence = hole.filter(|(_, length)| *length >= PAUSE_MIN);
        if packet.marker && skipped == 0 {
            return (silence, Some(Duration::ZERO));
        }
        let unheard = now.since(newest.heard);
        let leap = i64::from(packet.timestamp.wrapping_sub(newest.timestamp).cast_signed());
        let meant = u64::try_from(leap - lost - i64::from(self.length)).unwrap_or(0);
        let gap = unheard.saturating_sub(samples::duration(meant));
        (silence, Some(gap))
    }

    /// Notes that an answer has come.
    pub const fn agree(&mut self) {
        self.is_agreed_anew = true;
    }

    /// Notes that it carries more than keys, though nothing of it is laid.
    pub const fn note_audio(&mut self) {
        self.has_audio = true;
    }

    /// How long it was not heard.
    pub fn quiet(&self, now: Moment) -> Duration {
        now.since(self.heard)
    }

    /// When its latest packet came.
    pub const fn heard(&self) -> Moment {
        self.heard
    }

    /// When its first packet came.
    pub const fn born(&self) -> Moment {
        self.born
    }

    /// Whose it is.
    pub const fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Whether it carried anything but keys.
    pub const fn has_audio(&self) -> bool {
        self.has_audio
    }

    /// The order of its packets.
    pub const fn sequence(&self) -> &Sequence {
        &self.sequence
    }

    /// Its jitter.
    pub const fn jitter(&self) -> &Jitter {
        &self.jitter
    }

    /// Where its latest word ends, if its sender sends nothing while nobody speaks.
    pub fn silent_from(&self) -> Option<i64> {
        match self.suppression {
            Suppression::Seen => self.newest.and_then(|newest| newest.end),
            Suppression::Unseen => None,
        }
    }

    /// What a report says of it; the next report begins where this one ends.
    pub fn report(&mut self) -> Reception {
        let (expected, received) = (self.sequence.expected(), self.sequence.received());
        let due = expected.saturating_sub(self.reported.expected);
        let missing = due.saturating_sub(received.saturating_sub(self.reported.received));
        self.reported = Reported { expected, received };
        let fraction = (u64::from(missing) << 8).checked_div(u64::from(due)).unwrap_or(0);
        Reception {
            ssrc: self.ssrc,
            fraction: u8::try_from(fraction).unwrap_or(u8::MAX),
            lost: self.sequence.lost(),
            highest: self.sequence.highest(),
            jitter: self.jitter.now(),
        }
    }
}
