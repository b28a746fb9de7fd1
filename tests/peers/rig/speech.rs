//! A voice that is nobody's: gliding harmonics in syllables, the same for the same seed, unlike itself a moment later.

use std::f64::consts::TAU;
use std::path::Path;

/// Samples a second.
pub(crate) const RATE: usize = 8000;

/// So many seconds of voice, then silence up to `total`.
pub(crate) fn voice(seed: u64, seconds: usize, total: usize) -> Vec<i16> {
    let mut chance = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut draw = move |from: f64, to: f64| {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        from + (to - from) * f64::from(u32::try_from(chance >> 40).unwrap_or_default()) / f64::from(1 << 24)
    };
    let mut samples = Vec::with_capacity(total * RATE);
    let mut phase = 0.0;
    while samples.len() < seconds * RATE {
        let length = draw(0.09, 0.32) * RATE as f64;
        let (from, to) = (draw(110.0, 260.0), draw(110.0, 260.0));
        let weights: Vec<f64> = (0..8).map(|_| draw(0.05, 1.0)).collect();
        let sum: f64 = weights.iter().sum();
        let mut at = 0.0;
        while at < length {
            phase += TAU * (from + (to - from) * at / length) / RATE as f64;
            let tone: f64 = weights
                .iter()
                .enumerate()
                .map(|(k, weight)| weight * (phase * (k + 1) as f64).sin())
                .sum();
            samples.push((12_000.0 * tone / sum * (at / length * TAU / 2.0).sin()) as i16);
            at += 1.0;
        }
        samples.extend(std::iter::repeat_n(0, (draw(0.02, 0.15) * RATE as f64) as usize));
    }
    samples.resize(total * RATE, 0);
    samples
}

/// Writes 8 kHz mono 16-bit.
pub(crate) fn write(path: &Path, samples: &[i16]) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    samples.iter().for_each(|&sample| writer.write_sample(sample).unwrap());
    writer.finalize().unwrap();
}
