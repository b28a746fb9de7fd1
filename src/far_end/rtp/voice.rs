//! The sounds of the far end, made once: noise of a quiet room, a hello, tones of Chinese exchanges, DTMF.

use std::f32::consts::TAU;
use std::sync::Arc;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::far_end::g711::Law;
use crate::far_end::script::EarlySound;
use crate::phone::Key;

/// Samples a second.
const RATE: f32 = 8_000.0;

/// A piece of audio in both laws; played round and round, or once.
#[derive(Clone, Debug)]
pub(crate) struct Clip {
    pcma: Arc<[u8]>,
    pcmu: Arc<[u8]>,
}

/// Every clip that patients share.
#[derive(Debug)]
pub(crate) struct Voices {
    /// A quiet room, one second.
    pub(crate) noise: Clip,
    /// A short answer such as people give when they lift the handset.
    pub(crate) hello: Clip,
    /// Something like speech, six seconds.
    announcement: Clip,
    ringback: Clip,
    busy: Clip,
    congestion: Clip,
    unobtainable: Clip,
}

impl Clip {
    fn new(samples: &[i16]) -> Self {
        let encode = |law: Law| samples.iter().map(|&s| law.encode(s)).collect();
        Self {
            pcma: encode(Law::Pcma),
            pcmu: encode(Law::Pcmu),
        }
    }

    /// Its octets in one law.
    pub(crate) fn octets(&self, law: Law) -> &[u8] {
        match law {
            Law::Pcma => &self.pcma,
            Law::Pcmu => &self.pcmu,
        }
    }
}

impl Voices {
    /// Makes them all.
    pub(crate) fn make() -> Self {
        Self {
            noise: Clip::new(&noise(8_000, 12.0)),
            hello: Clip::new(&speech(11, 5_600)),
            announcement: Clip::new(&speech(12, 48_000)),
            ringback: Clip::new(&cadence(&[(1.0, true), (4.0, false)])),
            busy: Clip::new(&cadence(&[(0.35, true), (0.35, false)])),
            congestion: Clip::new(&cadence(&[(0.7, true), (0.7, false)])),
            unobtainable: Clip::new(&cadence(&[
                (0.1, true),
                (0.1, false),
                (0.1, true),
                (0.1, false),
                (0.1, true),
                (0.1, false),
                (0.4, true),
                (0.4, false),
            ])),
        }
    }

    /// What is played before the answer.
    pub(crate) fn early(&self, sound: EarlySound) -> &Clip {
        match sound {
            EarlySound::Ringback => &self.ringback,
            EarlySound::Busy => &self.busy,
            EarlySound::Congestion => &self.congestion,
            EarlySound::Unobtainable => &self.unobtainable,
            EarlySound::Announcement => &self.announcement,
        }
    }
}

/// A key as a pair of tones (ITU-T Q.23), ready to be looped: 100 ms hold a whole number of periods of 10 Hz.
pub(crate) fn dtmf(key: Key) -> Clip {
    const ROWS: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
    const COLUMNS: [f32; 4] = [1_209.0, 1_336.0, 1_477.0, 1_633.0];
    let (row, column) = match key.event() {
        0 => (3, 1),
        10 => (3, 0),
        11 => (3, 2),
        letter @ 12..=15 => (usize::from(letter - 12), 3),
        digit => (usize::from((digit - 1) / 3), usize::from((digit - 1) % 3)),
    };
    let low = ROWS.get(row).copied().unwrap_or_default();
    let high = COLUMNS.get(column).copied().unwrap_or_default();
    let tones = |n: u16| 5_000.0 * (wave(low, n) + wave(high, n));
    Clip::new(&(0..1_600).map(|n| sample(tones(n))).collect::<Vec<_>>())
}

fn cadence(steps: &[(f32, bool)]) -> Vec<i16> {
    let mut samples = Vec::new();
    for &(seconds, is_on) in steps {
        let count = (0..u16::MAX).take_while(|&n| f32::from(n) < seconds * RATE);
        samples.extend(count.map(|n| if is_on { sample(3_700.0 * wave(450.0, n)) } else { 0 }));
    }
    samples
}

fn noise(length: usize, level: f32) -> Vec<i16> {
    let mut chance = ChaCha8Rng::seed_from_u64(1);
    (0..length).map(|_| sample(level * uniform(&mut chance))).collect()
}

/// Syllables: a buzz with formants that move, swelling and fading, with pauses between words.
fn speech(seed: u64, length: usize) -> Vec<i16> {
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let mut samples = Vec::with_capacity(length);
    while samples.len() < length {
        let pitch = 180.0 + 60.0 * uniform(&mut chance);
        let formants = [
            500.0 + 250.0 * uniform(&mut chance),
            1_500.0 + 600.0 * uniform(&mut chance),
        ];
        let long = 1_400 + u16::try_from(chance.next_u32() % 800).unwrap_or(0);
        for n in 0..long {
            let swell = (f32::from(n) / f32::from(long) * TAU / 2.0).sin();
            let buzz: f32 = (1..16u8)
                .map(|h| {
                    let frequency = pitch * f32::from(h);
                    let near = formants.iter().map(|f| 1.0 / (1.0 + ((frequency - f) / 160.0).powi(2)));
                    near.sum::<f32>() * wave(frequency, n)
                })
                .sum();
            samples.push(sample(swell * (3_000.0 * buzz + 80.0 * uniform(&mut chance))));
        }
        let pause = if chance.next_u32().is_multiple_of(4) {
            1_200
        } else {
            240
        };
        samples.resize(samples.len() + pause, 0);
    }
    samples.truncate(length);
    samples
}

fn wave(frequency: f32, n: u16) -> f32 {
    (TAU * frequency * f32::from(n) / RATE).sin()
}

/// From -1 to 1.
fn uniform(chance: &mut ChaCha8Rng) -> f32 {
    f32::from(u16::try_from(chance.next_u32() >> 16).unwrap_or(0)) / 32_767.5 - 1.0
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a float saturates when it becomes an integer"
)]
fn sample(value: f32) -> i16 {
    value as i16
}
