//! The far end's own clock: the only place in `far_end/` that reads time.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::moment::Moment;

/// A stamp of the kernel that lies further than this from our own reading is not believed (the civil clock was set).
const LARGEST_DIFFERENCE: Duration = Duration::from_secs(1);

/// Monotonic time since the far end was started, and the kernel's receive stamps on the same scale.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    origin: Instant,
    civil_origin: Duration,
}

impl Clock {
    /// A clock whose origin is now.
    #[expect(clippy::disallowed_methods, reason = "this is the far end's clock")]
    pub(super) fn start() -> Self {
        Self {
            origin: Instant::now(),
            civil_origin: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
        }
    }

    /// Time since the start.
    #[expect(clippy::disallowed_methods, reason = "this is the far end's clock")]
    pub(super) fn now(&self) -> Moment {
        Moment::ZERO + Instant::now().duration_since(self.origin)
    }

    /// The civil time of a moment, since 1970, by the clock as it stood at the start.
    pub(super) fn civil(&self, at: Moment) -> Duration {
        self.civil_origin + at.since(Moment::ZERO)
    }

    /// The moment of a kernel receive stamp (civil time); `now` if the two clocks no longer agree.
    pub(super) fn stamped(&self, civil: Duration, now: Moment) -> Moment {
        let moment = Moment::ZERO + civil.saturating_sub(self.civil_origin);
        let apart = now.since(moment).max(moment.since(now));
        if apart > LARGEST_DIFFERENCE {
            now
        } else {
            moment.min(now)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_stamp_is_believed_only_near_our_own_reading() {
        let clock = Clock {
            origin: Clock::start().origin,
            civil_origin: Duration::from_secs(1_000),
        };
        let now = Moment::ZERO + Duration::from_millis(5_000);
        let near = clock.stamped(Duration::from_millis(1_004_980), now);
        assert_eq!(near, Moment::ZERO + Duration::from_millis(4_980));
        assert_eq!(clock.stamped(Duration::from_secs(5_000), now), now);
        assert_eq!(clock.stamped(Duration::ZERO, now), now);
    }
}
