//! Chance that is a function of seed, stream and number: row 7,000,000 is known without the rows before it.
//!
//! SplitMix64 (Steele, Lea, Flood 2014) on a counter: two nanoseconds a draw, where the first block of a stream cipher
//! costs more than the row that is made of it. It decides test data and nothing else.

/// What a draw is for: streams of the same number are independent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stream {
    Patient = 1,
    Number = 2,
    Case = 3,
    Attempt = 4,
    Answers = 5,
}

/// A sequence of draws.
pub(super) struct Chance(u64);

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

fn mixed(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

impl Chance {
    /// The draws of one number of one stream.
    pub(super) fn of(seed: u64, stream: Stream, number: u64) -> Self {
        let stream = mixed(seed ^ mixed(stream as u64));
        Self(mixed(stream ^ mixed(number.wrapping_mul(STEP))))
    }

    pub(super) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0)
    }

    /// A number below `limit`; 0 if there is none.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        let wide = u128::from(self.draw()) * u128::from(limit);
        u64::try_from(wide >> 64).unwrap_or_default()
    }

    /// A number below `limit`, for times.
    pub(super) fn span(&mut self, limit: u32) -> i64 {
        i64::try_from(self.below(u64::from(limit))).unwrap_or_default()
    }

    /// True for so many of a hundred.
    pub(super) fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    /// One of a table of weights and values; `otherwise` if the table is empty.
    pub(super) fn weighed<T: Copy>(&mut self, table: &[(u32, T)], otherwise: T) -> T {
        let all = table.iter().map(|(weight, _)| u64::from(*weight)).sum();
        let mut left = self.below(all);
        for (weight, value) in table {
            match left.checked_sub(u64::from(*weight)) {
                Some(rest) => left = rest,
                None => return *value,
            }
        }
        otherwise
    }

    /// One of a list of words; the empty one if there are none.
    pub(super) fn word<'w>(&mut self, words: &[&'w str]) -> &'w str {
        let at = self.below(words.len() as u64);
        usize::try_from(at)
            .ok()
            .and_then(|at| words.get(at))
            .copied()
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_has_the_same_draws_and_another_has_others() {
        let draws = |seed, number| {
            let mut chance = Chance::of(seed, Stream::Case, number);
            [chance.draw(), chance.draw()]
        };
        assert_eq!(draws(1, 7), draws(1, 7));
        assert_ne!(draws(1, 7), draws(1, 8));
        assert_ne!(draws(1, 7), draws(2, 7));
    }

    #[test]
    fn weights_are_kept() {
        let mut counts = [0_u32; 3];
        for number in 0..10_000 {
            let at = Chance::of(5, Stream::Case, number).weighed(&[(70, 0_usize), (30, 1), (0, 2)], 2);
            counts[at] += 1;
        }
        assert!((6_700..7_300).contains(&counts[0]), "{counts:?}");
        assert_eq!(counts[2], 0);
    }
}
