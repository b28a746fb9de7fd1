//! Over which trunk: the first of a campaign's that is up and does not rest; the ones after it are its spares.

use super::run::{HOLD, Run};
use super::trunk::{Standing, Trunk};
use super::{Dialer, Route};
use crate::ids::TrunkId;
use crate::moment::Moment;

impl Dialer {
    /// The routes that the next attempt may go over, each with the moment from which state and pace allow it. A trunk
    /// that serves ends the list even while its lines are busy: a spare is no extension.
    fn open_routes<'a>(&'a self, run: &'a Run) -> impl Iterator<Item = (Moment, &'a Route, &'a Trunk)> {
        let mut served = false;
        run.campaign
            .routes
            .iter()
            .filter_map(|route| Some((route, self.trunks.get(&route.trunk)?)))
            .filter(|(_, trunk)| trunk.standing == Standing::Up)
            .take_while(move |(_, trunk)| !std::mem::replace(&mut served, trunk.is_usable(self.now)))
            .filter_map(|(route, trunk)| {
                let (caller_at, _) = trunk.callers.next(self.now, &run.campaign.callers)?;
                let at = run.begin_at.max(trunk.begin_at).max(trunk.rests_until);
                Some((if caller_at > self.now { at.max(caller_at) } else { at }, route, trunk))
            })
    }

    /// The route of the next attempt as far as state and pace go; none while every trunk is down.
    pub(super) fn next_route<'a>(&'a self, run: &'a Run) -> Option<(Moment, &'a Route, &'a Trunk)> {
        self.open_routes(run).min_by_key(|(at, ..)| *at)
    }

    /// The same among the trunks with a free line.
    pub(super) fn next_free_route<'a>(&'a self, run: &'a Run) -> Option<(Moment, &'a Route)> {
        self.open_routes(run)
            .filter_map(|(at, route, trunk)| {
                let line_at = trunk.line_at(self.now, self.lines_of(route.trunk))?;
                Some((if line_at > self.now { at.max(line_at) } else { at }, route))
            })
            .min_by_key(|(at, _)| *at)
    }

    /// Another trunk for an attempt that these could not carry: one that is up, does not rest, and has a free line and
    /// a place in its pace within the time that an attempt on disk may wait.
    pub(super) fn other_trunk(&self, run: &Run, tried: &[TrunkId]) -> Option<TrunkId> {
        run.campaign
            .routes
            .iter()
            .map(|route| route.trunk)
            .filter(|id| !tried.contains(id))
            .find(|id| {
                self.trunks.get(id).is_some_and(|trunk| {
                    let line = trunk.line_at(self.now, self.lines_of(*id));
                    let caller = trunk.callers.next(self.now, &run.campaign.callers);
                    trunk.is_usable(self.now)
                        && trunk.dial_at <= self.now + HOLD
                        && line.is_some_and(|at| at <= self.now)
                        && caller.is_some_and(|(at, _)| at <= self.now)
                })
            })
    }

    /// The lines of a trunk that no call of ours can have: in use, or left to those who call us.
    pub(super) fn lines_of(&self, trunk: TrunkId) -> usize {
        let theirs = self
            .trunks
            .get(&trunk)
            .map_or(0, |trunk| trunk.taken.max(trunk.caps.kept_free));
        self.ours_on(trunk) + usize::from(theirs)
    }

    fn ours_on(&self, trunk: TrunkId) -> usize {
        let by_hand = self.trunks.get(&trunk).map_or(0, |trunk| usize::from(trunk.by_hand));
        self.runs.values().map(|run| run.lines_on(trunk)).sum::<usize>() + by_hand
    }

    /// Whether a trunk has a line for one more who calls us.
    pub fn may_be_called(&self, id: TrunkId) -> bool {
        self.trunks
            .get(&id)
            .is_some_and(|trunk| usize::from(trunk.caps.lines) > self.ours_on(id) + usize::from(trunk.taken))
    }
}
