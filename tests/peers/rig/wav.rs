//! Two recordings of one voice laid over each other: how far apart, and how alike.

use std::path::Path;

use realfft::RealFftPlanner;

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
    lay_parts_over(reference, other, reach_ms, RATE)
}

/// The same for every part of `length` samples.
pub(crate) fn lay_parts_over(reference: &[i16], other: &[i16], reach_ms: usize, length: usize) -> Vec<Match> {
    let reach = reach_ms * RATE / 1000;
    // A recording that began within the first second of the voice has that second at an earlier place than its own start.
    let led_in = [vec![0; reach].as_slice(), other].concat();
    let mut matches = Vec::new();
    for (number, part) in reference.chunks_exact(length).enumerate() {
        let start = number * length;
        let to = (start + length + 2 * reach).min(led_in.len());
        if energy(part) / (length as f64) < 200.0 * 200.0 || to < start + length {
            continue;
        }
        let best = correlations(part, &led_in[start..to])
            .into_iter()
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((lag, correlation)) = best {
            let offset_ms = (lag as f64 - reach as f64) * 1000.0 / RATE as f64;
            matches.push(Match {
                at: start / RATE,
                offset_ms,
                correlation,
            });
        }
    }
    matches
}

/// How alike two recordings are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Likeness {
    /// Seconds of voice.
    pub(crate) seconds: usize,
    pub(crate) earliest_ms: f64,
    pub(crate) latest_ms: f64,
    /// The least correlation of a second that no key spoilt.
    pub(crate) least: f64,
}

impl Likeness {
    /// Of two pairs together: what is worst of each.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            seconds: self.seconds + other.seconds,
            earliest_ms: self.earliest_ms.min(other.earliest_ms),
            latest_ms: self.latest_ms.max(other.latest_ms),
            least: self.least.min(other.least),
        }
    }
}

/// Seconds at most in which the place of the voice was put right: the first packet of a stream is as late as it is.
const SEAMS: usize = 2;

/// Whether all but one quarter of a second are found, at most 60 ms off: the second was put right somewhere within.
fn holds_a_seam(reference: &[i16], other: &[i16], at: usize) -> bool {
    let quarters = lay_parts_over(&reference[..(at + 1) * RATE], other, 500, RATE / 4);
    let quarters: Vec<_> = quarters.into_iter().filter(|quarter| quarter.at == at).collect();
    let found = |quarter: &&Match| quarter.correlation > 0.9 && (-60.0..=460.0).contains(&quarter.offset_ms);
    quarters.len() > 2 && quarters.iter().filter(found).count() + 1 >= quarters.len()
}

/// When the voice of the reference begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begins {
    /// With the recording of our call, or with the 200.
    AtOnce,
    /// With our ACK, which waits 400 ms at most until the dialog is written down.
    WithAck,
}

/// Fails unless `other` is the same voice as `reference`: every second alike (correlation over 0.9), none more than 60 ms
/// apart. A phone sends a key in the place of voice: each of `keys` may spoil a second, which is still found in its place.
/// A second with a seam is alike when its quarters are.
#[expect(clippy::print_stderr, reason = "figures for whoever runs this with --nocapture")]
pub(crate) fn assert_same_voice(reference: &[i16], other: &[i16], begins: Begins, keys: usize, what: &str) -> Likeness {
    let waits_ms = match begins {
        Begins::AtOnce => 0.0,
        Begins::WithAck => 400.0,
    };
    let mut matches = lay_over(reference, other, 500);
    matches.sort_by(|a, b| a.correlation.total_cmp(&b.correlation));
    let unlike = matches.iter().filter(|m| m.correlation <= 0.9);
    let (mut seams, mut unlike): (Vec<usize>, Vec<usize>) =
        unlike.map(|m| m.at).partition(|&at| holds_a_seam(reference, other, at));
    unlike.extend(seams.drain(seams.len().min(SEAMS)..));
    let spoilt = unlike.len();
    // A second that is not the same sound has no place to compare.
    let offsets = || matches.iter().filter(|m| m.correlation > 0.9).map(|m| m.offset_ms);
    let (earliest, latest) = (offsets().fold(f64::MAX, f64::min), offsets().fold(f64::MIN, f64::max));
    let least = matches.get(spoilt + seams.len()).map_or(0.0, |m| m.correlation);
    eprintln!(
        "{what}: {} seconds of voice, offset {earliest:.1} to {latest:.1} ms, correlation from {least:.4}, seconds \
         {unlike:?} spoilt by keys, {seams:?} with a seam",
        matches.len()
    );
    assert!(
        spoilt < matches.len() && spoilt <= keys,
        "{what}: not the same voice\n{matches:#?}"
    );
    assert!(
        earliest >= -60.0 && latest <= waits_ms + 60.0 && latest - earliest <= 60.0,
        "{what}: more than 60 ms apart\n{matches:#?}"
    );
    Likeness {
        seconds: matches.len(),
        earliest_ms: earliest,
        latest_ms: latest,
        least,
    }
}

/// The normalised correlation of `part` with `whole` at every place where it fits.
fn correlations(part: &[i16], whole: &[i16]) -> Vec<f64> {
    let size = (part.len() + whole.len()).next_power_of_two();
    let mut planner = RealFftPlanner::<f64>::new();
    let (forward, backward) = (planner.plan_fft_forward(size), planner.plan_fft_inverse(size));
    let spectrum = |samples: &[i16]| {
        let mut input = forward.make_input_vec();
        input
            .iter_mut()
            .zip(samples)
            .for_each(|(to, &from)| *to = f64::from(from));
        let mut output = forward.make_output_vec();
        forward.process(&mut input, &mut output).unwrap();
        output
    };
    let mut product: Vec<_> = spectrum(whole)
        .iter()
        .zip(spectrum(part))
        .map(|(w, p)| w * p.conj())
        .collect();
    let mut crossed = backward.make_output_vec();
    // The first and the last bin of a real signal are real; rounding must not say otherwise.
    (product[0].im, product[size / 2].im) = (0.0, 0.0);
    backward.process(&mut product, &mut crossed).unwrap();
    let own = energy(part);
    let mut running = energy(&whole[..part.len()]);
    let mut found = Vec::with_capacity(whole.len() - part.len() + 1);
    for lag in 0..=whole.len() - part.len() {
        found.push(crossed[lag] / size as f64 / (own * running).sqrt().max(1.0));
        if lag + part.len() < whole.len() {
            running += f64::from(whole[lag + part.len()]).powi(2) - f64::from(whole[lag]).powi(2);
        }
    }
    found
}

fn energy(samples: &[i16]) -> f64 {
    samples.iter().map(|&s| f64::from(s).powi(2)).sum()
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

#[test]
fn a_recording_that_began_within_the_voice_is_found_earlier() {
    let voice = super::speech::voice(7, 3, 4);
    let matches = lay_over(&voice, &voice[125..], 60);
    assert!(matches.iter().any(|m| m.at == 0), "{matches:?}");
    assert!(
        matches
            .iter()
            .all(|m| (m.offset_ms + 15.625).abs() < 0.2 && m.correlation > 0.95),
        "{matches:?}"
    );
}

#[test]
fn a_seam_within_a_second_is_told_from_another_sound() {
    let voice = super::speech::voice(7, 3, 4);
    let moved = [&voice[..RATE + 3_000], &voice[RATE + 3_200..]].concat();
    assert!(holds_a_seam(&voice, &moved, 1));
    let mut foreign = voice.clone();
    foreign[RATE + 2_000..RATE + 6_000].fill(0);
    assert!(!holds_a_seam(&voice, &foreign, 1));
}
