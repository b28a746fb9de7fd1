//! The way between daemon and trunk: delay, jitter, loss, duplication, each by the world's chance.

use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

/// How datagrams travel.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    /// The least time a datagram takes.
    pub delay: Duration,
    /// What chance adds at most: datagrams may overtake each other within it.
    pub jitter: Duration,
    /// Of a thousand datagrams, this many are lost.
    pub lost_per_mille: u32,
    /// Of a thousand datagrams, this many arrive twice.
    pub doubled_per_mille: u32,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            delay: Duration::from_millis(5),
            jitter: Duration::from_millis(2),
            lost_per_mille: 0,
            doubled_per_mille: 0,
        }
    }
}

impl Network {
    /// When copies of one datagram arrive: none, one or two times.
    pub(super) fn carry(&self, chance: &mut ChaCha8Rng) -> Vec<Duration> {
        if below(chance, 1000) < self.lost_per_mille {
            return Vec::new();
        }
        let copies = if below(chance, 1000) < self.doubled_per_mille {
            2
        } else {
            1
        };
        let jitter = u32::try_from(self.jitter.as_micros()).unwrap_or(u32::MAX).max(1);
        (0..copies)
            .map(|_| self.delay + Duration::from_micros(u64::from(below(chance, jitter))))
            .collect()
    }
}

/// A number below `limit`.
pub(super) fn below(chance: &mut ChaCha8Rng, limit: u32) -> u32 {
    u32::try_from((u64::from(chance.next_u32()) * u64::from(limit)) >> 32).unwrap_or_default()
}
