//! The pools of RTP ports: lent in rotation, and rested after use so that a late packet of the last patient never
//! reaches the next one.

use std::collections::{BTreeMap, VecDeque};
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::ids::{LegId, TrunkId};
use crate::moment::Moment;

/// How long a port rests after its call.
const REST: Duration = Duration::from_secs(60);

/// The even ports of one range (RFC 3550 section 11) for all trunks, and of others for the trunks that have their own;
/// each port is lent to one leg at a time.
#[derive(Debug)]
pub struct Ports {
    common: Pool,
    own: Vec<(RangeInclusive<u16>, Pool)>,
    by_trunk: BTreeMap<TrunkId, usize>,
    /// Over which trunk, and which; a phone's over none.
    lent: BTreeMap<LegId, (Option<TrunkId>, u16)>,
}

#[derive(Debug)]
struct Pool {
    free: VecDeque<u16>,
    resting: VecDeque<(Moment, u16)>,
}

impl Ports {
    /// A pool of the even ports in `range`, lent from the `first`-th on: two daemons on one host that share a range by
    /// mistake do not begin with the same ports.
    pub fn new(range: RangeInclusive<u16>, first: usize) -> Self {
        Self {
            common: Pool::new(range, first),
            own: Vec::new(),
            by_trunk: BTreeMap::new(),
            lent: BTreeMap::new(),
        }
    }

    /// Gives a trunk a range of its own, which it shares with the trunks that have the same one.
    pub fn set_apart(&mut self, trunk: TrunkId, range: RangeInclusive<u16>, first: usize) {
        let place = self.own.iter().position(|(own, _)| *own == range).unwrap_or_else(|| {
            self.own.push((range.clone(), Pool::new(range, first)));
            self.own.len() - 1
        });
        self.by_trunk.insert(trunk, place);
    }

    /// A port for `leg` over `trunk`, the one that has rested longest; none if all are lent or resting. A port the leg
    /// already holds is put to rest: it asks again because that one could not be bound.
    pub fn lend(&mut self, now: Moment, leg: LegId, trunk: TrunkId) -> Option<u16> {
        self.give_back(now, leg);
        let port = self.pool(trunk).take(now)?;
        self.lent.insert(leg, (Some(trunk), port));
        Some(port)
    }

    /// The same for a leg over no trunk: a phone's.
    pub fn lend_common(&mut self, now: Moment, leg: LegId) -> Option<u16> {
        self.give_back(now, leg);
        let port = self.common.take(now)?;
        self.lent.insert(leg, (None, port));
        Some(port)
    }

    /// The leg's call is over: its port rests.
    pub fn give_back(&mut self, now: Moment, leg: LegId) {
        if let Some((trunk, port)) = self.lent.remove(&leg) {
            let pool = match trunk {
                Some(trunk) => self.pool(trunk),
                None => &mut self.common,
            };
            pool.resting.push_back((now, port));
        }
    }

    /// A port that a call of an earlier run had rests, too.
    pub fn rest(&mut self, now: Moment, port: u16) {
        let own = self.own.iter_mut().map(|(_, pool)| pool);
        for pool in own.chain([&mut self.common]) {
            pool.rest(now, port);
        }
    }

    /// The port of a leg.
    pub fn of(&self, leg: LegId) -> Option<u16> {
        self.lent.get(&leg).map(|(_, port)| *port)
    }

    /// Ports lent right now.
    pub fn lent(&self) -> impl Iterator<Item = u16> {
        self.lent.values().map(|(_, port)| *port)
    }

    fn pool(&mut self, trunk: TrunkId) -> &mut Pool {
        let own = self.by_trunk.get(&trunk).and_then(|place| self.own.get_mut(*place));
        own.map_or(&mut self.common, |(_, pool)| pool)
    }
}

impl Pool {
    fn new(range: RangeInclusive<u16>, first: usize) -> Self {
        let mut free: VecDeque<u16> = range.filter(|port| port % 2 == 0 && *port > 0).collect();
        let first = first.checked_rem(free.len()).unwrap_or_default();
        free.rotate_left(first);
        Self {
            free,
            resting: VecDeque::new(),
        }
    }

    fn rest(&mut self, now: Moment, port: u16) {
        if let Some(place) = self.free.iter().position(|free| *free == port) {
            self.free.remove(place);
            self.resting.push_back((now, port));
        }
    }

    fn take(&mut self, now: Moment) -> Option<u16> {
        while self.resting.front().is_some_and(|(since, _)| now.since(*since) >= REST) {
            self.free.extend(self.resting.pop_front().map(|(_, port)| port));
        }
        self.free.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::ZERO;
    const TRUNK: TrunkId = TrunkId(0);

    #[test]
    fn a_port_rests_a_minute_after_its_call() {
        let mut ports = Ports::new(30000..=30003, 0);
        assert_eq!(ports.lend(NOW, LegId(1), TRUNK), Some(30000));
        assert_eq!(ports.lend(NOW, LegId(2), TRUNK), Some(30002));
        assert_eq!(ports.lend(NOW, LegId(3), TRUNK), None);
        ports.give_back(NOW, LegId(1));
        assert_eq!(ports.lend(NOW + Duration::from_secs(59), LegId(3), TRUNK), None);
        assert_eq!(ports.lend(NOW + Duration::from_secs(60), LegId(3), TRUNK), Some(30000));
    }

    #[test]
    fn a_port_of_a_call_that_a_crash_left_over_rests_a_minute_too() {
        let mut ports = Ports::new(30000..=30003, 0);
        ports.rest(NOW, 30000);
        assert_eq!(ports.lend(NOW, LegId(1), TRUNK), Some(30002));
        assert_eq!(ports.lend(NOW + Duration::from_secs(59), LegId(2), TRUNK), None);
        assert_eq!(ports.lend(NOW + Duration::from_secs(60), LegId(2), TRUNK), Some(30000));
    }

    #[test]
    fn lending_may_begin_anywhere_in_the_range() {
        assert_eq!(Ports::new(30000..=30003, 3).lend(NOW, LegId(1), TRUNK), Some(30002));
        assert_eq!(Ports::new(30001..=30001, 3).lend(NOW, LegId(1), TRUNK), None);
    }

    #[test]
    fn a_port_that_cannot_be_bound_is_changed_for_another() {
        let mut ports = Ports::new(30000..=30003, 0);
        assert_eq!(ports.lend(NOW, LegId(1), TRUNK), Some(30000));
        assert_eq!(ports.lend(NOW, LegId(1), TRUNK), Some(30002));
        assert_eq!(ports.lent().count(), 1);
    }

    #[test]
    fn a_trunk_with_a_range_of_its_own_lends_from_it_and_shares_it_with_those_that_have_the_same() {
        let mut ports = Ports::new(30000..=30003, 0);
        ports.set_apart(TrunkId(1), 40000..=40003, 0);
        ports.set_apart(TrunkId(2), 40000..=40003, 0);
        assert_eq!(ports.lend(NOW, LegId(1), TrunkId(1)), Some(40000));
        assert_eq!(ports.lend(NOW, LegId(2), TrunkId(2)), Some(40002));
        assert_eq!(ports.lend(NOW, LegId(3), TrunkId(1)), None);
        assert_eq!(ports.lend(NOW, LegId(4), TRUNK), Some(30000));
        ports.give_back(NOW, LegId(2));
        assert_eq!(ports.lend(NOW + REST, LegId(3), TrunkId(1)), Some(40002));
    }
}
