//! Tones and hold music, made from numbers: prompts by fixed names, which every shelf has beside those of the catalogue.
//!
//! No prompt of a catalogue can have one of these names, because those are `language/name` and no language is `tone`.

use std::f32::consts::TAU;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use super::playout::{Prompt, Prompts};
use super::samples;

/// What an agent hears when the phone is taken off the hook: one short high tone.
pub const SHORT: &str = "tone/short";

/// The other side rings: 450 Hz, one second on, four off (GB/T 3380). To be played in a loop.
pub const RINGBACK: &str = "tone/ringback";

/// The other side is busy or gone: 450 Hz, 0.35 s on, 0.35 off (GB/T 3380). To be played in a loop.
pub const BUSY: &str = "tone/busy";

/// Music for whoever is held: quiet plucked chords. To be played in a loop.
pub const HOLD: &str = "tone/hold";

/// Each with its length in milliseconds.
const LENGTHS: [(&str, usize); 4] = [
    (SHORT, 200),
    (RINGBACK, 5_000),
    (BUSY, 700),
    (HOLD, BEAT_MS * MELODY.len()),
];

/// The frequency of every tone of the network.
const NETWORK_HZ: f32 = 450.0;

const SHORT_HZ: f32 = 1_000.0;

/// The tones' loudness: -12 dBFS, well over noise and no pain in a headset.
const LOUD: f32 = 8_192.0;

/// Fades at both ends of a tone, so that it does not click: 5 ms.
const FADE_MS: usize = 5;

/// One note of the melody each: a slow walk.
const BEAT_MS: usize = 750;

/// Semitones over the A of 220 Hz as hexadecimal digits, on a pentatonic scale, which cannot sound wrong; a dot is a rest.
const MELODY: &[u8; 32] = b"3.7ac.a75.753...0.357.535.303...";

/// The bass under each four beats, in the same count.
const BASS: [u32; 8] = [3, 0, 5, 3, 0, 3, 5, 3];

/// A plucked string: its partials, each half as loud as the one before and dying twice as fast.
const PARTIALS: u8 = 3;

/// How long a pluck takes to lose two thirds of its loudness, in seconds.
const RING_S: f32 = 0.9;

/// The loudness of one note: -22 dBFS, because people talk beside it.
const NOTE: f32 = 2_600.0;

/// All of them by name.
pub fn prompts() -> &'static Prompts {
    static PROMPTS: LazyLock<Prompts> = LazyLock::new(|| {
        let made = LENGTHS.map(|(name, millis)| {
            let mut linear = vec![0.0; length(millis)];
            match name {
                SHORT => tone(&mut linear, SHORT_HZ),
                RINGBACK => tone(part(&mut linear, 1_000), NETWORK_HZ),
                BUSY => tone(part(&mut linear, 350), NETWORK_HZ),
                _ => music(&mut linear),
            }
            let linear: Vec<i16> = linear.iter().map(|value| *value as i16).collect();
            (name.to_owned(), Arc::new(Prompt::encode(&linear)))
        });
        made.into()
    });
    &PROMPTS
}

/// How long one of them plays, without its repetitions.
pub fn duration(name: &str) -> Option<Duration> {
    let found = LENGTHS.iter().find(|(known, _)| *known == name);
    found.map(|(_, millis)| Duration::from_millis(*millis as u64))
}

const fn length(millis: usize) -> usize {
    millis * samples::PER_MS as usize
}

fn part(linear: &mut [f32], millis: usize) -> &mut [f32] {
    let end = length(millis).min(linear.len());
    linear.get_mut(..end).unwrap_or_default()
}

fn tone(linear: &mut [f32], hertz: f32) {
    let last = linear.len();
    for (index, value) in linear.iter_mut().enumerate() {
        let edge = (index + 1).min(last - index) as f32 / length(FADE_MS) as f32;
        *value = LOUD * edge.min(1.0) * (TAU * hertz * at(index)).sin();
    }
}

fn music(linear: &mut [f32]) {
    for (beat, note) in MELODY.iter().enumerate() {
        if let Some(semitones) = char::from(*note).to_digit(16) {
            pluck(linear, beat, hertz(semitones), NOTE);
        }
    }
    for (bar, semitones) in BASS.iter().enumerate() {
        pluck(
            linear,
            bar * MELODY.len() / BASS.len(),
            hertz(*semitones) / 2.0,
            NOTE * 0.7,
        );
    }
}

/// Adds a note from its beat on. What rings on after the end rings at the beginning, so that the loop has no seam.
fn pluck(linear: &mut [f32], beat: usize, hertz: f32, loudness: f32) {
    let whole = linear.len();
    let start = beat * length(BEAT_MS);
    for index in 0..length(4 * BEAT_MS) {
        let attack = (index as f32 / length(FADE_MS) as f32).min(1.0);
        let mut value = 0.0;
        for partial in 0..PARTIALS {
            let power = f32::from(1_u8 << partial);
            let decay = (-at(index) * power / RING_S).exp();
            value += decay / power * (TAU * hertz * f32::from(partial + 1) * at(index)).sin();
        }
        if let Some(place) = linear.get_mut((start + index) % whole.max(1)) {
            *place += loudness * attack * value;
        }
    }
}

fn hertz(semitones: u32) -> f32 {
    220.0 * 2.0_f32.powf(semitones as f32 / 12.0)
}

fn at(index: usize) -> f32 {
    index as f32 / samples::RATE as f32
}

#[cfg(test)]
mod tests {
    use super::super::{Codec, g711};
    use super::*;

    fn linear(name: &str) -> Vec<i16> {
        let bytes = prompts()[name].bytes(Codec::Pcma);
        bytes.iter().map(|&byte| g711::decoded(Codec::Pcma, byte)).collect()
    }

    /// How often a signal passes zero upwards in a second.
    fn pitch(linear: &[i16]) -> usize {
        linear.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count() * 8_000 / linear.len()
    }

    fn loudest(linear: &[i16]) -> u16 {
        linear.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or(0)
    }

    #[test]
    fn ringback_is_450_hz_for_a_second_and_silent_for_four() {
        let ringback = linear(RINGBACK);
        assert!((448..=452).contains(&pitch(&ringback[..8_000])));
        assert!((7_000..9_000).contains(&loudest(&ringback[..8_000])));
        assert!(loudest(&ringback[8_000..]) <= 8);
    }

    #[test]
    fn each_is_as_long_as_is_said_and_begins_and_ends_without_a_click() {
        for (name, _) in LENGTHS {
            assert_eq!(duration(name), Some(prompts()[name].duration()));
            let linear = linear(name);
            let seam = i32::from(linear[0]) - i32::from(*linear.last().unwrap());
            assert!(seam.abs() < 700, "{name}: {seam}");
        }
        assert_eq!(duration("zh-CN/greeting"), None);
    }

    #[test]
    fn hold_music_is_quiet_and_never_silent_for_long() {
        let music = linear(HOLD);
        assert!((2_000..13_000).contains(&loudest(&music)), "{}", loudest(&music));
        for second in music.chunks(8_000 * 3) {
            assert!(loudest(second) > 500);
        }
    }
}
