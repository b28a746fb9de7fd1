//! Interarrival jitter of one stream (RFC 3550 section 6.4.1 and A.8), in samples.

use super::samples;

/// A change of transit beyond this is a jump of the sender's clock, not jitter.
const JUMP: i64 = 500 * samples::PER_MS as i64;

/// The running estimate, and its mean over the stream.
#[derive(Clone, Copy, Debug, Default)]
pub struct Jitter {
    /// Arrival minus timestamp of the packet before.
    transit: Option<u32>,
    /// Sixteen times the estimate, as in A.8.
    scaled: u32,
    sum: u64,
    packets: u32,
}

impl Jitter {
    /// Takes the next packet of the sender's clock: its arrival as a sample position, and its timestamp.
    pub fn take(&mut self, at: i64, timestamp: u32) {
        let transit = (at as u32).wrapping_sub(timestamp);
        let Some(before) = self.transit.replace(transit) else {
            return;
        };
        let change = transit.wrapping_sub(before).cast_signed().unsigned_abs();
        if i64::from(change) > JUMP {
            return;
        }
        self.scaled = self.scaled + change - ((self.scaled + 8) >> 4);
        self.sum += u64::from(self.now());
        self.packets = self.packets.saturating_add(1);
    }

    /// The estimate now, as RTCP reports it.
    pub const fn now(&self) -> u32 {
        self.scaled >> 4
    }

    /// The sum of all estimates and their number, for a mean over several streams.
    pub const fn sum(&self) -> (u64, u32) {
        (self.sum, self.packets)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_even_stream_has_none_and_pauses_and_jumps_add_none() {
        let mut jitter = Jitter::default();
        for n in 0..100_u32 {
            // A pause in the middle, and a clock that starts anew.
            let pause = if n >= 50 { 40_000 } else { 0 };
            let base = if n >= 80 { 77_777 } else { 0 };
            jitter.take(i64::from(n * 160 + pause), (n * 160 + pause).wrapping_add(base));
        }
        assert_eq!((jitter.now(), jitter.sum().0), (0, 0));
    }

    #[test]
    fn packets_that_swing_by_10_ms_have_a_jitter_of_10_ms() {
        let mut jitter = Jitter::default();
        for n in 0..1_000_u32 {
            jitter.take(i64::from(n * 160 + n % 2 * 80), n * 160);
        }
        assert!((79..=80).contains(&jitter.now()), "{}", jitter.now());
    }

    proptest! {
        #[test]
        fn any_stream_is_taken(packets in proptest::collection::vec((0..i64::MAX, any::<u32>()), 0..200)) {
            let mut jitter = Jitter::default();
            for (at, timestamp) in packets {
                jitter.take(at, timestamp);
            }
            prop_assert!(i64::from(jitter.now()) <= JUMP);
        }
    }
}
