//! A time that a patient takes: fixed (`"2s"`), or anywhere in a range (`"1s..3s"`).

use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use crate::document::{parse_duration, show_duration};

/// The longest time that a script may name.
const LONGEST: Duration = Duration::from_secs(3_600);

/// A duration, or a range to draw one from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    low: Duration,
    high: Duration,
}

impl Span {
    /// Exactly this long.
    pub(crate) const fn millis(millis: u64) -> Self {
        let exactly = Duration::from_millis(millis);
        Self {
            low: exactly,
            high: exactly,
        }
    }

    /// Reads `"400ms"` or `"1s..3s"`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let one = |part: &str| {
            let known = parse_duration(part.trim()).filter(|d| *d <= LONGEST);
            let longest = show_duration(LONGEST);
            known.ok_or_else(|| format!("\"{}\" is no duration up to \"{longest}\"", part.trim()))
        };
        let (low, high) = text.split_once("..").unwrap_or((text, text));
        let (low, high) = (one(low)?, one(high)?);
        if low > high {
            return Err(format!("{} is longer than {}", show_duration(low), show_duration(high)));
        }
        Ok(Self { low, high })
    }

    /// A duration from the range, in whole milliseconds.
    pub(crate) fn draw(self, chance: &mut ChaCha8Rng) -> Duration {
        let width = u64::try_from((self.high - self.low).as_millis()).unwrap_or(0);
        match width {
            0 => self.low,
            width => self.low + Duration::from_millis(chance.next_u64() % (width + 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use rand_chacha::rand_core::SeedableRng;

    use super::*;

    #[test]
    fn a_span_is_one_duration_or_a_range() {
        let mut chance = ChaCha8Rng::seed_from_u64(1);
        assert_eq!(
            Span::parse("400ms").unwrap().draw(&mut chance),
            Duration::from_millis(400)
        );
        let range = Span::parse("1s .. 3s").unwrap();
        for _ in 0..100 {
            let drawn = range.draw(&mut chance);
            assert!((Duration::from_secs(1)..=Duration::from_secs(3)).contains(&drawn));
        }
        assert!(Span::parse("3s..1s").unwrap_err().contains("longer"));
        assert!(Span::parse("soon").unwrap_err().contains("no duration"));
        assert!(Span::parse("2h").unwrap_err().contains("up to \"1h\""));
    }
}
