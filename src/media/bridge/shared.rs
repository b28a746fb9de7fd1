//! What others hear of a leg, until the worker passes it on.

use std::ops::Range;

use super::Piece;
use crate::media::Codec;
use crate::moment::Moment;

/// Pieces that may wait: what one reading of a socket gives at most, and a frame of ours.
const PIECES_MAX: usize = 80;

/// A side of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What its far side says.
    Said,
    /// What its far side is told.
    Told,
}

/// Pieces of both sides, in the order they came in.
#[derive(Clone, Debug, Default)]
pub struct Shared {
    pieces: Vec<Kept>,
    bytes: Vec<u8>,
}

#[derive(Clone, Debug)]
struct Kept {
    side: Side,
    at: Moment,
    ssrc: u32,
    timestamp: u32,
    codec: Codec,
    bytes: Range<usize>,
}

impl Shared {
    /// Keeps a piece. One too many is dropped, as a network would.
    pub fn push(&mut self, side: Side, piece: Piece<'_>) {
        if self.pieces.len() >= PIECES_MAX {
            return;
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(piece.bytes);
        self.pieces.push(Kept {
            side,
            at: piece.at,
            ssrc: piece.ssrc,
            timestamp: piece.timestamp,
            codec: piece.codec,
            bytes: start..self.bytes.len(),
        });
    }

    /// What is kept.
    pub fn pieces(&self) -> impl Iterator<Item = (Side, Piece<'_>)> {
        self.pieces.iter().map(|kept| {
            let piece = Piece {
                at: kept.at,
                ssrc: kept.ssrc,
                timestamp: kept.timestamp,
                codec: kept.codec,
                bytes: self.bytes.get(kept.bytes.clone()).unwrap_or_default(),
            };
            (kept.side, piece)
        })
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Lets go of all, and keeps the room.
    pub fn clear(&mut self) {
        self.pieces.clear();
        self.bytes.clear();
    }
}
