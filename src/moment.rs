//! Time as an argument: `Moment` for durations and timers, `Wall` for dates and windows.

use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A point in monotonic time, in nanoseconds since an origin that only the maker knows.
///
/// Cores compare and add moments; they never make one. Only `engine/clock.rs` (and the far end's own clock) does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Moment(u64);

impl Moment {
    /// The origin; no clock gives an earlier moment.
    pub const ZERO: Self = Self(0);

    /// The moment `nanos` nanoseconds after the origin.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the origin.
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// The time from `earlier` to this moment; zero if `earlier` is in fact later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(nanos))
    }
}

impl AddAssign<Duration> for Moment {
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

impl Sub<Moment> for Moment {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.since(earlier)
    }
}

/// A point in civil time: milliseconds since 1970-01-01T00:00:00Z, as every time column of the database holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wall(i64);

impl Wall {
    /// The civil time `millis` milliseconds after (or, negative, before) the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// The time from `earlier` to this one; zero if `earlier` is in fact later.
    pub const fn since(self, earlier: Self) -> Duration {
        let millis = self.0.saturating_sub(earlier.0);
        Duration::from_millis(if millis < 0 { 0 } else { millis.unsigned_abs() })
    }
}

impl Add<Duration> for Wall {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)),
        )
    }
}

impl Sub<Duration> for Wall {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)),
        )
    }
}

/// A step of the civil clock against the monotonic one: somebody set it, or the machine was suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jump {
    /// It is later than it should be, by this much.
    Forward(Duration),
    /// It is earlier than it should be.
    Back(Duration),
}

/// A smaller step is what keeping a clock right brings with it.
const STEP: Duration = Duration::from_secs(1);

/// Both clocks as they were last seen together.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clocks {
    seen: Option<(Moment, Wall)>,
}

impl Clocks {
    /// Looks at both clocks; says if the civil one stepped by more than a second since the last look.
    pub fn look(&mut self, now: Moment, wall: Wall) -> Option<Jump> {
        let (then, before) = self.seen.replace((now, wall))?;
        let expected = before + now.since(then);
        let (ahead, behind) = (wall.since(expected), expected.since(wall));
        if ahead > STEP {
            Some(Jump::Forward(ahead))
        } else if behind > STEP {
            Some(Jump::Back(behind))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_jumps_and_one_that_is_kept_right_does_not() {
        let mut clocks = Clocks::default();
        let mut look = |seconds: u64, wall_ms: i64| {
            let now = Moment::ZERO + Duration::from_secs(seconds);
            clocks.look(now, Wall::from_millis(1_000_000 + wall_ms))
        };
        assert_eq!(look(0, 0), None);
        assert_eq!(look(10, 10_900), None);
        assert_eq!(look(20, 20_000), None);
        assert_eq!(look(30, 7_230_000), Some(Jump::Forward(Duration::from_secs(7_200))));
        assert_eq!(look(40, 7_240_000), None);
        assert_eq!(look(50, 50_000), Some(Jump::Back(Duration::from_secs(7_200))));
    }
}
