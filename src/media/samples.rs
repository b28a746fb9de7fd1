//! Time in samples: every audio clock here runs at 8 kHz, so one sample is exactly 125 microseconds.

use std::time::Duration;

use crate::moment::Moment;

/// Samples per second.
pub const RATE: u32 = 8_000;

/// Samples per millisecond.
pub const PER_MS: u64 = 8;

const NANOS: u64 = 125_000;

/// Whole samples in `duration`, rounded down.
pub const fn in_duration(duration: Duration) -> u64 {
    (duration.as_nanos() / NANOS as u128) as u64
}

/// How long `samples` last.
pub const fn duration(samples: u64) -> Duration {
    Duration::from_nanos(samples.saturating_mul(NANOS))
}

/// The sample that `moment` falls into, counted from the clock's origin.
pub const fn position(moment: Moment) -> i64 {
    (moment.nanos() / NANOS) as i64
}

/// How long `samples` last in whole milliseconds, rounded down, at most `u32::MAX`.
pub const fn millis(samples: u64) -> u32 {
    let millis = samples / PER_MS;
    if millis > u32::MAX as u64 {
        u32::MAX
    } else {
        millis as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_milliseconds_are_160_samples() {
        assert_eq!(in_duration(Duration::from_millis(20)), 160);
        assert_eq!(duration(160), Duration::from_millis(20));
        assert_eq!(position(Moment::ZERO + Duration::from_micros(1_249)), 9);
        assert_eq!(millis(167), 20);
    }
}
