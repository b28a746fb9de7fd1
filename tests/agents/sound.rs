//! Both channels of a recording: the patient's on the left, what the patient heard, thus the agent, on the right.

use std::path::Path;

use crate::rig::speech::RATE;
use crate::rig::wav;

use super::seen::Recorded;

/// A stretch of 10 ms that is louder than this is no silence.
const LOUD: f64 = 60.0;

/// So far into the agent's call the patient answers at the latest.
const REACH_MS: usize = 20_000;

/// Seconds that are looked for so.
const TRIED: usize = 4;

/// So far two parts of one talk may be off from each other.
const NEAR_MS: usize = 200;

/// What is compared: on a busy machine a bridge puts the voice right every now and then, by leaving a piece out or saying one
/// twice, and a part with such a seam is unlike. So parts are short.
const PART: usize = RATE / 4;

/// Two parts of the same voice are at least as alike.
const ALIKE: f64 = 0.85;

/// What a recording holds, if this is what the agent's phone said from its answer on.
pub(crate) fn of(recording: &Path, duration_ms: u64, voice: &[i16]) -> Recorded {
    let (patient, agent) = (wav::channel(recording, 0), wav::channel(recording, 1));
    let (own, all) = share(&agent, voice);
    Recorded {
        duration_ms,
        patient_ms: 10 * patient.chunks(RATE / 100).filter(|part| level(part) > LOUD).count(),
        agent_parts: all,
        agents_own_parts: own,
    }
}

/// Whether so many parts of so many are most of them: 8 of 10. A machine with nothing else to do shows all of them, one that
/// builds beside it at least 9 of 10 (27 calls in two runs); a voice that is not bridged, or is bridged in pieces, shows half.
pub(crate) const fn is_mostly(own: usize, all: usize) -> bool {
    own * 10 >= all * 8
}

/// How many quarters of a second of what was heard are this voice, and how many there are at all. The voice began earlier.
pub(crate) fn share(heard: &[i16], voice: &[i16]) -> (usize, usize) {
    // Looked for far and wide by the second that is most alike, as any of the first may have a seam; then each in its place.
    let reach = &voice[..voice.len().min((REACH_MS / 1000 + 30) * RATE)];
    let found = heard
        .chunks_exact(RATE)
        .take(TRIED)
        .enumerate()
        .filter_map(|(second, part)| {
            let found = wav::lay_over(part, reach, REACH_MS + second * 1000).pop()?;
            let begins =
                (found.offset_ms / 1000.0 * RATE as f64) as i64 - i64::try_from(second * RATE).unwrap_or_default();
            Some((found.correlation, begins))
        });
    let Some((_, begins)) = found.max_by(|one, other| one.0.total_cmp(&other.0)) else {
        return (0, wav::lay_parts_over(heard, voice, NEAR_MS, PART).len());
    };
    let in_place: Vec<i16> = match usize::try_from(begins) {
        Ok(begins) => voice.get(begins..).unwrap_or_default().to_vec(),
        Err(_) => {
            let silence = vec![0; usize::try_from(-begins).unwrap_or_default()];
            silence.into_iter().chain(voice.iter().copied()).collect()
        }
    };
    let matches = wav::lay_parts_over(heard, &in_place, NEAR_MS, PART);
    (
        matches.iter().filter(|found| found.correlation > ALIKE).count(),
        matches.len(),
    )
}

fn level(samples: &[i16]) -> f64 {
    let energy: f64 = samples.iter().map(|&sample| f64::from(sample).powi(2)).sum();
    (energy / samples.len().max(1) as f64).sqrt()
}
