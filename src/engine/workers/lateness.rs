//! How late the workers wake for their slots: a histogram of fixed buckets that they add to, and what others read of it.

use std::array;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The upper bounds of the buckets, in milliseconds; the last bucket has none.
pub const LATE_MS: [u16; 10] = [1, 2, 5, 10, 20, 40, 80, 160, 320, 1_000];

const BUCKETS: usize = LATE_MS.len() + 1;
/// Nearly all wake-ups are in the first bucket.
const IN_TIME: Duration = Duration::from_millis(LATE_MS[0] as u64);
/// The buckets up to the one that ends here are in time for the ear: no packet is later than the next one is due.
const HEARD_MS: u16 = 20;

/// Counts while they grow.
#[derive(Debug, Default)]
pub(super) struct Lateness {
    buckets: [AtomicU64; BUCKETS],
    sum_us: AtomicU64,
}

impl Lateness {
    /// Counts one wake-up.
    pub(super) fn add(&self, late: Duration) {
        let index = if late <= IN_TIME {
            0
        } else {
            LATE_MS.partition_point(|bound| Duration::from_millis(u64::from(*bound)) < late)
        };
        if let Some(bucket) = self.buckets.get(index) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        let late_us = u64::try_from(late.as_micros()).unwrap_or(u64::MAX);
        self.sum_us.fetch_add(late_us, Ordering::Relaxed);
    }

    /// The counts so far.
    pub(super) fn read(&self) -> Late {
        Late {
            buckets: array::from_fn(|index| self.buckets.get(index).map_or(0, |count| count.load(Ordering::Relaxed))),
            sum_us: self.sum_us.load(Ordering::Relaxed),
        }
    }
}

/// How late wake-ups were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Late {
    /// How many were at most as late as the bound of [`LATE_MS`] at the same index, and later than the one before; in
    /// the end those that were later than all of them.
    pub buckets: [u64; BUCKETS],
    /// All of them together, in microseconds.
    pub sum_us: u64,
}

impl Late {
    /// How many there were.
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// Those that an earlier reading does not have.
    pub fn since(&self, earlier: &Self) -> Self {
        let mut since = self.clone();
        for (count, before) in since.buckets.iter_mut().zip(&earlier.buckets) {
            *count = count.saturating_sub(*before);
        }
        since.sum_us = self.sum_us.saturating_sub(earlier.sum_us);
        since
    }

    /// How many were more than 20 ms late.
    pub fn heard(&self) -> u64 {
        let beyond = LATE_MS.partition_point(|bound| *bound <= HEARD_MS);
        self.buckets.iter().skip(beyond).sum()
    }

    /// Whether the 99th of a hundred was more than 20 ms late.
    pub fn is_heard(&self) -> bool {
        self.heard().saturating_mul(100) > self.count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(lates_us: &[u64]) -> Late {
        let lateness = Lateness::default();
        for late in lates_us {
            lateness.add(Duration::from_micros(*late));
        }
        lateness.read()
    }

    #[test]
    fn a_wake_up_is_counted_in_the_first_bucket_that_holds_it() {
        let late = after(&[0, 1_000, 1_001, 20_000, 20_001, 5_000_000]);
        assert_eq!(late.buckets, [2, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1]);
        assert_eq!((late.count(), late.heard(), late.sum_us), (6, 2, 5_042_002));
    }

    #[test]
    fn one_of_a_hundred_may_be_late_and_not_two() {
        let mut lates = vec![300; 99];
        lates.push(25_000);
        assert!(!after(&lates).is_heard());
        lates[0] = 25_000;
        assert!(after(&lates).is_heard());
        assert!(!Late::default().is_heard());
    }

    #[test]
    fn what_came_since_a_reading_leaves_out_what_was_before() {
        let (before, all) = (after(&[50_000, 300]), after(&[50_000, 300, 3_000]));
        let since = all.since(&before);
        assert_eq!((since.count(), since.heard(), since.sum_us), (1, 0, 3_000));
    }
}
