//! Chance of a forecast: every draw has its own seed, so what one patient does hangs on nobody else's turn.

use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// A stream of chance that is named by its seed and some numbers, and by nothing else.
pub(super) fn stream(seed: u64, names: &[u64]) -> ChaCha8Rng {
    let named = names.iter().fold(seed, |mixed, name| mix(mixed ^ mix(*name)));
    ChaCha8Rng::seed_from_u64(named)
}

/// SplitMix64's finaliser: neighbours become strangers.
const fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// A number below `limit`.
pub(super) fn below(chance: &mut ChaCha8Rng, limit: u32) -> u32 {
    u32::try_from((u64::from(chance.next_u32()) * u64::from(limit)) >> 32).unwrap_or_default()
}

/// True so many times in a thousand.
pub(super) fn per_mille(chance: &mut ChaCha8Rng, times: u32) -> bool {
    below(chance, 1_000) < times
}

/// A time of at least `least` and less than `most` milliseconds.
pub(super) fn between(chance: &mut ChaCha8Rng, least: u32, most: u32) -> Duration {
    let more = below(chance, most.saturating_sub(least).max(1));
    Duration::from_millis(u64::from(least + more))
}

/// One of these, each as often as its weight says; none if all weights are zero.
pub(super) fn weighted<T: Copy>(chance: &mut ChaCha8Rng, weights: impl Iterator<Item = (T, u32)> + Clone) -> Option<T> {
    let total = weights
        .clone()
        .fold(0_u32, |sum, (_, weight)| sum.saturating_add(weight));
    if total == 0 {
        return None;
    }
    let mut left = below(chance, total);
    for (item, weight) in weights {
        if left < weight {
            return Some(item);
        }
        left -= weight;
    }
    None
}
