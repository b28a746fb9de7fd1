//! Recordings of nobody, in the recorder's own form: a tone for the prompt, noise with syllables for the voice.

use std::path::Path;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng};

use super::Audio;
use super::wav::Wav;
use crate::media::{Recorded, samples};
use crate::moment::Moment;

/// Samples per channel of a second.
const SECOND: u32 = samples::RATE;

/// Writes specimen `number` into a folder under `name`, two to five seconds long; the same for the same seed.
pub(in crate::engine) fn write(folder: &Path, name: &str, seed: u64, number: u64) -> Result<Recorded, String> {
    let mut chance = ChaCha8Rng::seed_from_u64(seed ^ number.rotate_left(32));
    let length = 2 * SECOND + chance.next_u32() % (3 * SECOND);
    let audio = Audio {
        dropped: 0,
        pcm: (0..length)
            .flat_map(|at| [voice(at, &mut chance), prompt(at, number)])
            .collect(),
    };
    let mut wav = Wav::create(folder.join(name), Moment::ZERO).map_err(|error| error.to_string())?;
    wav.append(Moment::ZERO, &audio).map_err(|error| error.to_string())?;
    wav.finish().map_err(|error| error.to_string())
}

/// Noise that swells and falls four times a second, with a pause after each second: what a voice is to a meter.
fn voice(at: u32, chance: &mut ChaCha8Rng) -> i16 {
    if at / SECOND % 2 == 1 {
        return 0;
    }
    let syllable = SECOND / 4;
    let inside = at % syllable;
    let swell = i32::try_from(inside.min(syllable - inside)).unwrap_or(0);
    let noise = i32::from(chance.next_u32() as u8) - 128;
    i16::try_from(noise * swell / 16).unwrap_or(i16::MAX)
}

/// A triangle of 200 to 455 Hz.
fn prompt(at: u32, number: u64) -> i16 {
    let pitch = 200 + u32::try_from(number % 256).unwrap_or(0);
    let phase = i32::try_from(at * pitch % SECOND).unwrap_or(0);
    let half = i32::try_from(SECOND / 2).unwrap_or(1);
    i16::try_from((phase - half).abs() - half / 2).unwrap_or(0)
}
