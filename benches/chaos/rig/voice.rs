//! Prompts that are nobody's voice: gliding harmonics in syllables, the same for the same seed, unlike themselves a
//! moment later, so that patients tell them apart by ear.

use std::f64::consts::{PI, TAU};
use std::path::Path;

/// Samples a second.
const RATE: u32 = 8_000;

/// So many milliseconds of voice.
pub(crate) fn voice(seed: u64, millis: u32) -> Vec<i16> {
    let mut chance = seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut draw = move |from: f64, to: f64| {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        from + (to - from) * f64::from((chance >> 40) as u32) / f64::from(1 << 24)
    };
    let wanted = (RATE / 1_000 * millis) as usize;
    let mut samples = Vec::with_capacity(wanted);
    let mut phase = 0.0;
    while samples.len() < wanted {
        let length = draw(0.06, 0.2) * f64::from(RATE);
        let (from, to) = (draw(110.0, 260.0), draw(110.0, 260.0));
        let weights: Vec<f64> = (0..8).map(|_| draw(0.05, 1.0)).collect();
        let sum: f64 = weights.iter().sum();
        let mut at = 0.0;
        while at < length {
            phase += TAU * (from + (to - from) * at / length) / f64::from(RATE);
            let harmonics = (1..).zip(&weights);
            let tone: f64 = harmonics.map(|(k, weight)| weight * (phase * f64::from(k)).sin()).sum();
            samples.push((12_000.0 * tone / sum * (at / length * PI).sin()) as i16);
            at += 1.0;
        }
    }
    samples.truncate(wanted);
    samples
}

/// Writes 8 kHz mono 16-bit.
pub(crate) fn write(path: &Path, samples: &[i16]) -> anyhow::Result<()> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec)?;
    for sample in samples {
        writer.write_sample(*sample)?;
    }
    Ok(writer.finalize()?)
}
