//! What a leg hears of other legs, and what it lets them hear of itself. The worker carries it from one to the other.

use super::super::bridge::{Piece, Queue, Shared, Side, Sound, Tick};
use super::super::rtp::{FRAME_MAX, Packet};
use super::super::{Codec, g711};
use super::{Leg, Link};
use crate::moment::Moment;

/// Whom a leg hears.
#[derive(Debug)]
pub(super) enum Ears {
    /// Nobody.
    Closed,
    /// The far side of another leg.
    Bridged(Option<Queue>),
    /// Both sides of another leg.
    Listening { said: Option<Queue>, told: Option<Queue> },
}

/// Whether others hear what a leg's far side says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// They do.
    Heard,
    /// They hear nothing of it.
    Muted,
}

/// What a leg keeps for others to hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shares {
    /// Nobody hears it.
    Nothing,
    /// What its far side says.
    Said,
    /// That, and what its far side is told.
    Both,
}

impl Link {
    const fn tick(&self) -> Tick {
        Tick {
            at: self.next_frame,
            frame: self.frame,
        }
    }
}

impl Leg {
    /// From now on hears another leg's far side; what plays stops.
    pub fn bridge(&mut self) {
        self.playout = None;
        self.ears = Ears::Bridged(None);
    }

    /// From now on hears both sides of another leg; what plays stops.
    pub fn listen_in(&mut self) {
        self.playout = None;
        self.ears = Ears::Listening { said: None, told: None };
    }

    /// Hears nobody any more.
    pub fn unbridge(&mut self) {
        self.ears = Ears::Closed;
    }

    /// From now on others hear its far side, or do not.
    pub const fn set_voice(&mut self, voice: Voice) {
        self.voice = voice;
    }

    /// From now on keeps so much for others to hear.
    pub fn share(&mut self, shares: Shares) {
        self.shares = shares;
        self.shared.clear();
    }

    /// Swaps what it kept for others against an empty one, which keeps both from asking for room again and again.
    pub const fn swap_shared(&mut self, shared: &mut Shared) {
        std::mem::swap(&mut self.shared, shared);
    }

    /// Hears a piece of another leg.
    pub fn hear(&mut self, side: Side, piece: Piece<'_>) {
        let queue = match (&mut self.ears, side) {
            (Ears::Closed, _) | (Ears::Bridged(_), Side::Told) => return,
            (Ears::Bridged(queue), Side::Said) => queue,
            (Ears::Listening { said, .. }, Side::Said) => said,
            (Ears::Listening { told, .. }, Side::Told) => told,
        };
        match self.link.filter(|link| link.flow.listens()) {
            Some(link) => queue
                .get_or_insert_with(|| Queue::new(link.tick()))
                .put(link.tick(), piece),
            // Nothing is said to whoever does not listen, and nothing old to whoever listens again.
            None => *queue = None,
        }
    }

    /// Fills a frame with what is heard.
    pub(super) fn take_heard(&mut self, link: Link, frame: &mut [u8]) -> Sound {
        let (one, other) = match &mut self.ears {
            Ears::Closed => return Sound::Nothing,
            Ears::Bridged(queue) => (queue.as_mut(), None),
            Ears::Listening { said, told } => (said.as_mut(), told.as_mut()),
        };
        let (mut voices, mut second) = ([0; FRAME_MAX], [0; FRAME_MAX]);
        let voices = voices.get_mut(..frame.len()).unwrap_or_default();
        let second = second.get_mut(..frame.len()).unwrap_or_default();
        let mut sound = one.map_or(Sound::Nothing, |queue| queue.take(link.tick(), voices));
        if let Some(Sound::Heard) = other.map(|queue| queue.take(link.tick(), second)) {
            sound = Sound::Heard;
            for (voice, second) in voices.iter_mut().zip(second) {
                *voice = voice.saturating_add(*second);
            }
        }
        for (byte, voice) in frame.iter_mut().zip(voices) {
            *byte = g711::encoded(link.codec, *voice);
        }
        sound
    }

    /// Keeps what the far side says, if somebody hears it.
    pub(super) fn share_said(&mut self, now: Moment, codec: Codec, packet: &Packet<'_>) {
        match (self.voice, self.shares) {
            (Voice::Muted, _) | (Voice::Heard, Shares::Nothing) => {}
            (Voice::Heard, Shares::Said | Shares::Both) => self.shared.push(
                Side::Said,
                Piece {
                    at: now,
                    ssrc: packet.ssrc,
                    timestamp: packet.timestamp,
                    codec,
                    bytes: packet.payload,
                },
            ),
        }
    }

    /// Keeps the frame that is told to the far side, if somebody hears that.
    pub(super) fn share_told(&mut self, link: Link, frame: &[u8]) {
        match self.shares {
            Shares::Nothing | Shares::Said => {}
            Shares::Both => self.shared.push(
                Side::Told,
                Piece {
                    at: link.next_frame,
                    ssrc: self.outgoing.ssrc,
                    timestamp: self.outgoing.timestamp,
                    codec: link.codec,
                    bytes: frame,
                },
            ),
        }
    }
}
