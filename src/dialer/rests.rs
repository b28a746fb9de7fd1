//! Numbers that rest after a call, by the monotonic clock: a civil clock that is set forward cuts no rest short.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::moment::Moment;
use crate::phone::Number;

/// A longer pause is one of days and windows, which the civil clock measures.
const LONGEST: Duration = Duration::from_secs(6 * 3600);

/// The numbers that this run called and that may not be called yet.
#[derive(Debug, Default)]
pub(super) struct Rests {
    until: BTreeMap<Number, Moment>,
    in_order: BTreeSet<(Moment, Number)>,
}

impl Rests {
    /// Lets a number rest; a longer rest that it has stands.
    pub(super) fn put(&mut self, now: Moment, number: Number, pause: Duration) {
        while let Some((_, rested)) = self.in_order.first().filter(|(until, _)| *until <= now).cloned() {
            self.in_order.pop_first();
            self.until.remove(&rested);
        }
        let until = now + pause.min(LONGEST);
        let before = self.until.get(&number).copied();
        if before.is_none_or(|before| before < until) {
            if let Some(before) = before {
                self.in_order.remove(&(before, number.clone()));
            }
            self.in_order.insert((until, number.clone()));
            self.until.insert(number, until);
        }
    }

    /// How much longer a number has to rest.
    pub(super) fn left(&self, now: Moment, number: &Number) -> Option<Duration> {
        let until = self.until.get(number)?;
        Some(until.since(now)).filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_rests_its_longest_pause_and_is_then_forgotten() {
        let number = |n: u32| Number::parse(&format!("138{n:08}")).unwrap();
        let seconds = Duration::from_secs;
        let mut rests = Rests::default();
        let start = Moment::ZERO + seconds(100);
        rests.put(start, number(1), seconds(60));
        rests.put(start, number(1), seconds(900));
        rests.put(start, number(1), seconds(10));
        assert_eq!(rests.left(start + seconds(60), &number(1)), Some(seconds(840)));
        assert_eq!(rests.left(start + seconds(900), &number(1)), None);
        assert_eq!(rests.left(start, &number(2)), None);
        rests.put(start + seconds(901), number(2), seconds(86_400));
        assert_eq!((rests.until.len(), rests.in_order.len()), (1, 1));
        assert_eq!(rests.left(start + seconds(901), &number(2)), Some(LONGEST));
    }
}
