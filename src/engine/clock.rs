//! The one place of the daemon that reads a clock; everything else is told what time it is.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_copies_never_run_backwards() {
        let clock = Clock::start();
        let first = clock.now();
        let copy = clock;
        assert!(copy.now() >= first);
        assert!(clock.wall() > Wall::from_millis(1_600_000_000_000));
    }
}
