//! Two recordings of one voice laid over each other: how far apart, and how alike.

use std::path::Path;

use super::speech::RATE;

/// One channel of a WAV; 0 is left.
pub(crate) fn channel(path: &Path, channel: usize) -> Vec<i16> {
    let mut reader = hound::WavReader::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let spec = reader.spec();
    assert_eq!(
        (spec.sample_rate, spec.bits_per_sample),
        (8000, 16),
        "{}",
        path.display()
    );
    let samples: Vec<i16> = reader.samples::<i16>().map(Result::unwrap).collect();
    samples
        .into_iter()
        .skip(channel)
        .step_by(usize::from(spec.channels))
        .collect()
}

/// How a second of voice in `reference` is found again in another recording.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Match {
    /// Where the second begins in the reference, in seconds.
    pub(crate) at: usize,
    /// How much later the other has it, in milliseconds.
    pub(crate) offset_ms: f64,
    /// From -1 to 1; loudness does not matter.
    pub(crate) correlation: f64,
}

/// Every second of the reference that holds voice, looked for in `other` up to `reach_ms` earlier or later.
pub(crate) fn lay_over(reference: &[i16], other: &[i16], reach_ms: usize) -> Vec<Match> {
    let reach = reach_ms * RATE / 1000;
    let other: Vec<f32> = other.iter().map(|&s| f32::from(s)).collect();
    let mut matches = Vec::new();
    for (at, second) in reference.chunks_exact(RATE).enumerate() {
        let second: Vec<f32> = second.iter().map(|&s| f32::from(s)).collect();
        if energy(&second) / (RATE as f64) < 200.0 * 200.0 {
            continue;
        }
        let start = at * RATE;
        let lags = start.saturating_sub(reach)..=(start + reach);
        let best = lags
            .filter(|lag| lag + RATE <= other.len())
            .map(|lag| (lag, correlation(&second, &other[lag..lag + RATE])));
        if let Some((lag, correlation)) = best.max_by(|a, b| a.1.total_cmp(&b.1)) {
            let offset_ms = (lag as f64 - start as f64) * 1000.0 / RATE as f64;
            matches.push(Match {
                at,
                offset_ms,
                correlation,
            });
        }
    }
    matches
}

fn correlation(a: &[f32], b: &[f32]) -> f64 {
    let product: f32 = a.iter().zip(b).map(|(a, b)| a * b).sum();
    f64::from(product) / (energy(a) * energy(b)).sqrt().max(1.0)
}

fn energy(samples: &[f32]) -> f64 {
    f64::from(samples.iter().map(|s| s * s).sum::<f32>())
}

#[test]
fn a_delayed_copy_is_found_where_it_is() {
    let voice = super::speech::voice(7, 3, 4);
    let mut late = vec![0; 240];
    late.extend(voice.iter().map(|s| s / 3));
    let matches = lay_over(&voice, &late, 60);
    assert_eq!(matches.len(), 3, "{matches:?}");
    assert!(
        matches
            .iter()
            .all(|m| (m.offset_ms - 30.0).abs() < 0.2 && m.correlation > 0.99),
        "{matches:?}"
    );
}
