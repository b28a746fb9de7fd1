//! The one place of the daemon that reads a clock; everything else is told what time it is.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::moment::{Moment, Wall};

/// Gives out moments since it was started. Copies share the origin, so moments of different threads compare.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: Instant,
}

impl Clock {
    /// Starts counting.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn start() -> Self {
        Self { origin: Instant::now() }
    }

    /// Monotonic time since the start.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn now(&self) -> Moment {
        Moment::ZERO + Instant::now().saturating_duration_since(self.origin)
    }

    /// Civil time by the host's clock; a clock before 1970 reads as 1970.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn wall(&self) -> Wall {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Wall::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    /// Both clocks at once.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn reading(&self) -> Reading {
        Reading {
            now: self.now(),
            civil: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
        }
    }
}

/// Both clocks, read at one moment: the kernel stamps packets by the civil one.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// Monotonic time since the start.
    pub now: Moment,
    civil: Duration,
}

/// An older stamp is not believed, nor one of the future: the civil clock was set.
const OLDEST: Duration = Duration::from_secs(1);

impl Reading {
    /// The moment of a stamp in civil time since 1970; `now` if the clocks do not agree.
    pub fn moment_of(&self, stamp: Duration) -> Moment {
        let ago = self.civil.checked_sub(stamp).filter(|ago| *ago <= OLDEST);
        let nanos = ago.map_or(0, |ago| u64::try_from(ago.as_nanos()).unwrap_or_default());
        Moment::from_nanos(self.now.nanos().saturating_sub(nanos))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_of_the_last_second_is_believed_and_no_other() {
        let now = Moment::from_nanos(5_000_000_000);
        let civil = Duration::from_secs(1_800_000_000);
        let reading = Reading { now, civil };
        let ago = |millis| now.since(reading.moment_of(civil - Duration::from_millis(millis)));
        assert_eq!(ago(20), Duration::from_millis(20));
        assert_eq!(ago(1_500), Duration::ZERO);
        assert_eq!(reading.moment_of(civil + Duration::from_millis(1)), now);
    }

    #[test]
    fn moments_of_copies_never_run_backwards() {
        let clock = Clock::start();
        let first = clock.now();
        let copy = clock;
        assert!(copy.now() >= first);
        assert!(clock.wall() > Wall::from_millis(1_600_000_000_000));
    }
}
