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

pub(super) use catalogue::Catalogue;
pub use catalogue::CatalogueError;
pub(super) use listener::{Event, Heard, Listener};

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
