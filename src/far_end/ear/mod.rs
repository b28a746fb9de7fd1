//! The patient's ear: which prompt is heard, from when, and whether to its end, by correlation on decoded audio.
//!
//! A prompt begins where silence ends, or where the prompt before it ends. There the first 200 ms are correlated with
//! the head of every known prompt ([`catalogue`]); each prompt that fits is then followed frame by frame as long as it
//! goes on fitting ([`follow`]), so prompts that begin alike are told apart by what comes after, and a prompt that is
//! cut short is known with the place of the cut ([`listener`]).

pub(super) mod catalogue;
mod follow;
pub(super) mod listener;
#[cfg(test)]
mod tests;
pub(super) mod turns;

pub(super) use catalogue::Catalogue;
pub use catalogue::CatalogueError;
pub(super) use listener::{Event, Heard, Listener};
use turns::Turns;

use std::sync::Arc;

use super::g711::Law;

/// How the patients of a far end tell prompts apart.
#[derive(Clone)]
pub(super) enum Hearing {
    /// They hear nothing and press nothing.
    Deaf,
    /// By their sound.
    Prompts(Arc<Catalogue>),
    /// By the silence between them.
    Turns,
}

/// The ear of one call.
pub(super) enum Ear {
    /// See [`Hearing::Prompts`].
    Prompts(Box<Listener>),
    /// See [`Hearing::Turns`].
    Turns(Turns),
}

impl Hearing {
    /// An ear for a call.
    pub(super) fn ear(&self, law: Law) -> Option<Ear> {
        match self {
            Self::Deaf => None,
            Self::Prompts(catalogue) => Some(Ear::Prompts(Box::new(Listener::new(catalogue.clone(), law)))),
            Self::Turns => Some(Ear::Turns(Turns::new(law))),
        }
    }
}

impl Ear {
    /// Takes audio that belongs at `position`.
    pub(super) fn take(&mut self, position: u64, octets: &[u8], events: &mut Vec<Event>) {
        match self {
            Self::Prompts(listener) => listener.take(position, octets, events),
            Self::Turns(turns) => turns.take(position, octets, events),
        }
    }

    /// The call is over: what is still open is told.
    pub(super) fn finish(&mut self, events: &mut Vec<Event>) {
        match self {
            Self::Prompts(listener) => listener.finish(events),
            Self::Turns(turns) => turns.finish(events),
        }
    }

    /// Frames of sound that was no known prompt.
    pub(super) fn unrecognised(&self) -> u64 {
        match self {
            Self::Prompts(listener) => listener.unrecognised(),
            Self::Turns(_) => 0,
        }
    }

    /// The long silences between sounds: the sample at which each began, and how many samples it lasted.
    pub(super) fn silences(&self) -> Vec<(u64, u64)> {
        match self {
            Self::Prompts(listener) => listener.silences(),
            Self::Turns(_) => Vec::new(),
        }
    }
}

/// Samples of one frame of the listener: 20 ms.
const FRAME: usize = 160;
/// Root mean square of the quietest sound that counts as one; G.711 silence is 8.
const AUDIBLE: f32 = 40.0;

/// Energy of a piece: the sum of its squares.
fn energy(samples: &[i16]) -> f32 {
    samples.iter().map(|&s| f32::from(s) * f32::from(s)).sum()
}

/// Whether a piece of this energy and length is heard at all.
fn is_audible(energy: f32, samples: usize) -> bool {
    energy > AUDIBLE * AUDIBLE * length(samples)
}

fn length(samples: usize) -> f32 {
    f32::from(u16::try_from(samples).unwrap_or(u16::MAX))
}
