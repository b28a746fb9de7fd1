//! Both channels of a recording: the patient's on the left, what the patient heard, thus the agent, on the right.

use std::path::Path;

use crate::rig::speech::RATE;
use crate::rig::wav;

use super::seen::Recorded;

/// A stretch of 10 ms that is louder than this is no silence.
const LOUD: f64 = 60.0;

/// So far into the agent's call the patient answers at the latest.
const REACH_MS: usize = 40_000;

/// What a recording holds, if this is what the agent's phone said from its answer on.
pub(crate) fn of(recording: &Path, duration_ms: u64, voice: &[i16]) -> Recorded {
    let (patient, agent) = (wav::channel(recording, 0), wav::channel(recording, 1));
    let matches = wav::lay_over(&agent, voice, REACH_MS);
    let own = matches.iter().filter(|found| found.correlation > 0.85).count();
    Recorded {
        duration_ms,
        patient_ms: 10 * patient.chunks(RATE / 100).filter(|part| level(part) > LOUD).count(),
        agent_s: matches.len(),
        agents_own_s: own,
    }
}

fn level(samples: &[i16]) -> f64 {
    let energy: f64 = samples.iter().map(|&sample| f64::from(sample).powi(2)).sum();
    (energy / samples.len().max(1) as f64).sqrt()
}
