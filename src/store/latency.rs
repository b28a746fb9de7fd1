//! How long keys wait for the disk: a histogram of fixed buckets that any thread may add to.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The upper bounds of the buckets, in milliseconds; close together where the limit of 50 ms stands.
pub const BOUNDS_MS: [u32; 26] = [
    1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 35, 40, 45, 50, 60, 75, 100, 150, 250, 500, 1000, 2000, 5000,
];

/// Counts while they grow. The last bucket has no bound.
#[derive(Debug, Default)]
pub(super) struct Latency {
    buckets: [AtomicU64; BOUNDS_MS.len() + 1],
    sum_us: AtomicU64,
    longest_us: AtomicU64,
}

impl Latency {
    /// Counts one.
    pub(super) fn add(&self, took: Duration) {
        let index = BOUNDS_MS.partition_point(|bound| Duration::from_millis(u64::from(*bound)) < took);
        if let Some(bucket) = self.buckets.get(index) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.sum_us.fetch_add(took_us, Ordering::Relaxed);
        self.longest_us.fetch_max(took_us, Ordering::Relaxed);
    }

    /// The counts so far.
    pub(super) fn read(&self) -> KeptIn {
        KeptIn {
            buckets: self.buckets.iter().map(|count| count.load(Ordering::Relaxed)).collect(),
            sum_us: self.sum_us.load(Ordering::Relaxed),
            longest_us: self.longest_us.load(Ordering::Relaxed),
        }
    }
}

/// How long the keys of calls took from the question to the answer that they are on the disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptIn {
    /// How many took at most the bound of [`BOUNDS_MS`] at the same index, and longer than the one before; in the end
    /// those that took longer than all of them.
    pub buckets: Vec<u64>,
    /// All of them together, in microseconds.
    pub sum_us: u64,
    /// The longest, in microseconds.
    pub longest_us: u64,
}

impl KeptIn {
    /// How many there were.
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// The time in milliseconds within which so many of a thousand were kept: the bound of their bucket, or the longest
    /// where that is less. None as long as nothing was kept.
    pub fn within_ms(&self, per_mille: u64) -> Option<f64> {
        let wanted = (self.count() * per_mille).div_ceil(1000).max(1);
        let longest = self.longest_us as f64 / 1000.0;
        let mut so_far = 0;
        for (index, count) in self.buckets.iter().enumerate() {
            so_far += count;
            if so_far >= wanted {
                let bound = BOUNDS_MS.get(index).map_or(longest, |bound| f64::from(*bound));
                return Some(bound.min(longest));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_of_a_hundred_is_beyond_the_99th() {
        let latency = Latency::default();
        assert_eq!(latency.read().within_ms(990), None);
        (0..99).for_each(|_| latency.add(Duration::from_millis(7)));
        latency.add(Duration::from_millis(70));
        let kept = latency.read();
        assert_eq!((kept.count(), kept.longest_us), (100, 70_000));
        assert_eq!(kept.within_ms(500), Some(8.0));
        assert_eq!(kept.within_ms(990), Some(8.0));
        assert_eq!(kept.within_ms(1000), Some(70.0));
    }

    #[test]
    fn what_took_longer_than_all_bounds_is_counted_too() {
        let latency = Latency::default();
        latency.add(Duration::from_secs(9));
        assert_eq!(latency.read().within_ms(500), Some(9000.0));
    }
}
