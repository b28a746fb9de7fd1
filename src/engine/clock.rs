//! The one place of the daemon that reads a clock; everything else is told what time it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::moment::{Moment, Wall};

/// Gives out moments since it was started. Clones share the origin, so moments of different threads compare.
#[derive(Clone, Debug)]
pub struct Clock {
    steady: Arc<Steady>,
}

impl Clock {
    /// Starts counting.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn start() -> Self {
        Self {
            steady: Arc::new(Steady::from(Instant::now())),
        }
    }

    /// Monotonic time since the start.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn now(&self) -> Moment {
        self.steady.moment(Instant::now)
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

/// Turns what the host's monotonic clock says into moments that never run backwards. A host that is moved or restored may
/// set that clock back, by hours; time then goes on from where it was.
#[derive(Debug)]
struct Steady {
    origin: Instant,
    /// The latest moment that was given out, in nanoseconds.
    latest: AtomicU64,
    /// What the clock has lost so far, in nanoseconds.
    lost: AtomicI64,
}

/// A clock that is set back by less than this stands still instead.
const SET_BACK: i64 = 100_000_000;

impl Steady {
    const fn from(origin: Instant) -> Self {
        Self {
            origin,
            latest: AtomicU64::new(0),
            lost: AtomicI64::new(0),
        }
    }

    fn moment(&self, read: impl FnOnce() -> Instant) -> Moment {
        // The clock is read last: what other threads have told till then lies behind what it says, unless it was set.
        let lost = self.lost.load(Ordering::SeqCst);
        let latest = i64::try_from(self.latest.load(Ordering::SeqCst)).unwrap_or(i64::MAX);
        let instant = read();
        let read = match instant.checked_duration_since(self.origin) {
            Some(since) => nanos(since),
            None => -nanos(self.origin.saturating_duration_since(instant)),
        };
        let mut told = read.saturating_add(lost);
        if told < latest.saturating_sub(SET_BACK) {
            let made_good = latest.saturating_sub(read);
            // Of several threads that see it one makes good the loss; the others tell the same moment.
            let _ = self
                .lost
                .compare_exchange(lost, made_good, Ordering::SeqCst, Ordering::SeqCst);
            told = latest;
        }
        let told = u64::try_from(told).unwrap_or_default();
        Moment::from_nanos(told.max(self.latest.fetch_max(told, Ordering::SeqCst)))
    }
}

fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
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
        assert!(clock.clone().now() >= first);
        assert!(clock.wall() > Wall::from_millis(1_600_000_000_000));
    }

    #[test]
    fn a_clock_that_is_set_back_goes_on_from_where_it_was() {
        let hours = |hours: u64| Duration::from_secs(3600 * hours);
        let ms = Duration::from_millis;
        let origin = Clock::start().steady.origin + hours(10);
        let steady = Steady::from(origin);
        let before = steady.moment(|| origin + ms(500));
        let set = steady.moment(|| origin - hours(2));
        assert_eq!(set, before);
        let on = steady.moment(|| origin - hours(2) + ms(40));
        assert_eq!(on.since(before), ms(40));
        // Put right again it has leapt, as it does after a sleep of the machine.
        let right = steady.moment(|| origin + ms(600));
        assert!(right.since(on) >= hours(2));
        // A thread that read it just before another one tells no earlier moment.
        assert_eq!(steady.moment(|| origin + ms(599)), right);
    }

    #[test]
    fn a_thread_that_was_held_up_while_it_read_is_no_clock_that_was_set() {
        let origin = Clock::start().steady.origin;
        let steady = Steady::from(origin);
        let ms = Duration::from_millis;
        let mut others = Moment::ZERO;
        let held_up = steady.moment(|| {
            others = steady.moment(|| origin + ms(700));
            origin + ms(10)
        });
        assert_eq!(held_up, others);
        assert_eq!(steady.moment(|| origin + ms(701)).since(others), ms(1));
    }
}
