//! The order of one stream's packets: lost, late and doubled ones by their sequence numbers (RFC 3550 A.1 and A.3).

use std::time::Duration;

/// A jump forward up to this is loss; a longer one is another stream (RFC 3550 A.1).
const DROPOUT_MAX: i64 = 3_000;

/// Packets that may come at once, whatever the time: repeated ends of keys, a burst after a stall of the network.
const BURST: i64 = 100;

/// No sender of voice is faster than this, so no more can have been lost while it was not heard.
const FASTEST_MS: i64 = 5;

/// How far back a packet may come and still be told from a copy; one from further back is of another stream.
const WINDOW: i64 = 128;

/// No network holds a packet back for so long: an old number after such a pause is a sender that began anew.
const LATE_MAX: Duration = Duration::from_secs(1);

/// Where a packet stands in its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The newest so far.
    Newest {
        /// Packets that should have come between the newest before it and this one.
        skipped: u16,
    },
    /// Overtaken by others, and not here before.
    Late,
    /// A copy of one that is here.
    Copy,
    /// Not of this stream.
    Stray,
}

/// What was received of one stream. The low 16 bits of the numbers here are those on the wire.
#[derive(Clone, Copy, Debug)]
pub struct Sequence {
    first: i64,
    newest: i64,
    received: i64,
    /// Bit n: the packet n before the newest is here.
    seen: u128,
}

impl Sequence {
    /// A stream that begins with this number.
    pub const fn begin(number: u16) -> Self {
        Self {
            first: number as i64,
            newest: number as i64,
            received: 1,
            seen: 1,
        }
    }

    /// Where a number stands, after the stream was not heard for `quiet`.
    pub fn judge(&self, quiet: Duration, number: u16) -> Place {
        let ahead = self.ahead(number);
        let plausible = BURST + i64::try_from(quiet.as_millis()).unwrap_or(i64::MAX) / FASTEST_MS;
        if ahead > 0 {
            return if ahead <= plausible.min(DROPOUT_MAX) {
                let skipped = u16::try_from(ahead - 1).unwrap_or(u16::MAX);
                Place::Newest { skipped }
            } else {
                Place::Stray
            };
        }
        if ahead <= -WINDOW || quiet >= LATE_MAX {
            Place::Stray
        } else if self.seen & (1 << -ahead) != 0 {
            Place::Copy
        } else {
            Place::Late
        }
    }

    /// Judges a number and takes note of it.
    pub fn take(&mut self, quiet: Duration, number: u16) -> Place {
        let place = self.judge(quiet, number);
        let ahead = self.ahead(number);
        match place {
            Place::Newest { .. } => {
                self.seen = u32::try_from(ahead)
                    .ok()
                    .and_then(|by| self.seen.checked_shl(by))
                    .unwrap_or(0)
                    | 1;
                self.newest += ahead;
                self.received += 1;
            }
            Place::Late => {
                self.seen |= 1 << -ahead;
                self.first = self.first.min(self.newest + ahead);
                self.received += 1;
            }
            Place::Copy | Place::Stray => {}
        }
        place
    }

    /// Packets that came, copies left out.
    pub fn received(&self) -> u32 {
        u32::try_from(self.received).unwrap_or(u32::MAX)
    }

    /// Packets that should have come so far.
    pub fn expected(&self) -> u32 {
        u32::try_from(self.newest - self.first + 1).unwrap_or(u32::MAX)
    }

    /// Packets expected and never received, so far.
    pub fn lost(&self) -> u32 {
        self.expected().saturating_sub(self.received())
    }

    /// The highest number with the count of its wraps above it, as RTCP tells it (RFC 3550 section 6.4.1).
    pub const fn highest(&self) -> u32 {
        self.newest as u32
    }

    fn ahead(&self, number: u16) -> i64 {
        i64::from(number.wrapping_sub(self.newest as u16).cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FRAME: Duration = Duration::from_millis(20);

    fn after(numbers: &[u16]) -> (Vec<Place>, u32) {
        let mut sequence = Sequence::begin(numbers[0]);
        let places = numbers[1..].iter().map(|&n| sequence.take(FRAME, n)).collect();
        (places, sequence.lost())
    }

    fn next(skipped: u16) -> Place {
        Place::Newest { skipped }
    }

    #[test]
    fn a_gap_is_loss_until_the_late_packet_comes() {
        assert_eq!(after(&[5, 7]), (vec![next(1)], 1));
        assert_eq!(after(&[5, 7, 6]), (vec![next(1), Place::Late], 0));
    }

    #[test]
    fn a_packet_overtaken_at_the_very_start_is_not_minus_one_lost() {
        assert_eq!(after(&[5, 4, 6]), (vec![Place::Late, next(0)], 0));
    }

    #[test]
    fn numbers_wrap_and_the_highest_counts_it() {
        let mut sequence = Sequence::begin(65_534);
        for number in [65_535, 0, 2] {
            sequence.take(FRAME, number);
        }
        assert_eq!((sequence.lost(), sequence.highest()), (1, 0x1_0002));
    }

    #[test]
    fn a_copy_is_counted_once() {
        assert_eq!(after(&[5, 5, 6, 5]), (vec![Place::Copy, next(0), Place::Copy], 0));
    }

    #[test]
    fn numbers_far_off_are_of_another_stream_and_change_nothing() {
        assert_eq!(
            after(&[5_000, 30_000, 5_001, 4_000, 5_002, 5_900, 5_003]),
            (
                vec![Place::Stray, next(0), Place::Stray, next(0), Place::Stray, next(0)],
                0
            )
        );
    }

    #[test]
    fn the_longer_the_silence_the_more_may_have_been_lost() {
        let sequence = Sequence::begin(0);
        assert_eq!(sequence.judge(FRAME, 500), Place::Stray);
        assert_eq!(sequence.judge(Duration::from_secs(10), 500), next(499));
        assert_eq!(sequence.judge(Duration::from_secs(10_000), 3_001), Place::Stray);
    }

    #[test]
    fn an_old_number_after_a_long_silence_is_a_sender_that_began_anew() {
        let mut sequence = Sequence::begin(7);
        sequence.take(FRAME, 8);
        assert_eq!(sequence.judge(Duration::from_millis(999), 7), Place::Copy);
        assert_eq!(sequence.judge(LATE_MAX, 7), Place::Stray);
    }

    proptest! {
        #[test]
        fn loss_copies_and_disorder_are_counted_exactly(
            start: u16,
            fates in proptest::collection::vec((0_u8..4, 0_usize..10), 1..400),
        ) {
            // Each packet is lost, sent once or twice, and delayed by a few places.
            let mut arrivals = Vec::new();
            for (index, &(copies, delay)) in fates.iter().enumerate() {
                for copy in 0..copies.min(2) {
                    arrivals.push((index + delay + usize::from(copy), start.wrapping_add(index as u16)));
                }
            }
            arrivals.sort_by_key(|&(at, _)| at);
            let Some(&(_, first)) = arrivals.first() else { return Ok(()) };
            let mut sequence = Sequence::begin(first);
            for &(_, number) in &arrivals[1..] {
                sequence.take(FRAME, number);
            }
            let alive: Vec<usize> = (0..fates.len()).filter(|&i| fates[i].0 > 0).collect();
            let span = alive.last().map_or(0, |last| last - alive[0] + 1);
            prop_assert_eq!(sequence.received() as usize, alive.len());
            prop_assert_eq!(sequence.lost() as usize, span - alive.len());
        }

        #[test]
        fn any_numbers_at_any_pace_are_taken(first: u16, packets in proptest::collection::vec((any::<u16>(), any::<u32>()), 0..200)) {
            let mut sequence = Sequence::begin(first);
            for (number, quiet_ms) in packets {
                sequence.take(Duration::from_millis(u64::from(quiet_ms)), number);
                prop_assert!(sequence.received() <= sequence.expected());
            }
        }
    }
}
