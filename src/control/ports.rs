//! The pool of RTP ports: lent in rotation, and rested after use so that a late packet of the last patient never
//! reaches the next one.

use std::collections::{BTreeMap, VecDeque};
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::ids::LegId;
use crate::moment::Moment;

/// How long a port rests after its call.
const REST: Duration = Duration::from_secs(60);

/// The even ports of a range (RFC 3550 section 11), each lent to one leg at a time.
#[derive(Debug)]
pub struct Ports {
    free: VecDeque<u16>,
    lent: BTreeMap<LegId, u16>,
    resting: VecDeque<(Moment, u16)>,
}

impl Ports {
    /// A pool of the even ports in `range`, lent from the `first`-th on: two daemons on one host that share a range by
    /// mistake do not begin with the same ports.
    pub fn new(range: RangeInclusive<u16>, first: usize) -> Self {
        let mut free: VecDeque<u16> = range.filter(|port| port % 2 == 0 && *port > 0).collect();
        let first = first.checked_rem(free.len()).unwrap_or_default();
        free.rotate_left(first);
        Self {
            free,
            lent: BTreeMap::new(),
            resting: VecDeque::new(),
        }
    }

    /// A port for `leg`, the one that has rested longest; none if all are lent or resting. A port the leg already
    /// holds is put to rest: it asks again because that one could not be bound.
    pub fn lend(&mut self, now: Moment, leg: LegId) -> Option<u16> {
        self.give_back(now, leg);
        while self.resting.front().is_some_and(|(since, _)| now.since(*since) >= REST) {
            self.free.extend(self.resting.pop_front().map(|(_, port)| port));
        }
        let port = self.free.pop_front()?;
        self.lent.insert(leg, port);
        Some(port)
    }

    /// The leg's call is over: its port rests.
    pub fn give_back(&mut self, now: Moment, leg: LegId) {
        if let Some(port) = self.lent.remove(&leg) {
            self.resting.push_back((now, port));
        }
    }

    /// Ports lent right now, by leg.
    pub fn lent(&self) -> &BTreeMap<LegId, u16> {
        &self.lent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::ZERO;

    #[test]
    fn a_port_rests_a_minute_after_its_call() {
        let mut ports = Ports::new(30000..=30003, 0);
        assert_eq!(ports.lend(NOW, LegId(1)), Some(30000));
        assert_eq!(ports.lend(NOW, LegId(2)), Some(30002));
        assert_eq!(ports.lend(NOW, LegId(3)), None);
        ports.give_back(NOW, LegId(1));
        assert_eq!(ports.lend(NOW + Duration::from_secs(59), LegId(3)), None);
        assert_eq!(ports.lend(NOW + Duration::from_secs(60), LegId(3)), Some(30000));
    }

    #[test]
    fn lending_may_begin_anywhere_in_the_range() {
        assert_eq!(Ports::new(30000..=30003, 3).lend(NOW, LegId(1)), Some(30002));
        assert_eq!(Ports::new(30001..=30001, 3).lend(NOW, LegId(1)), None);
    }

    #[test]
    fn a_port_that_cannot_be_bound_is_changed_for_another() {
        let mut ports = Ports::new(30000..=30003, 0);
        assert_eq!(ports.lend(NOW, LegId(1)), Some(30000));
        assert_eq!(ports.lend(NOW, LegId(1)), Some(30002));
        assert_eq!(ports.lent().len(), 1);
    }
}
