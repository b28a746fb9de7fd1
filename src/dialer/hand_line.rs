//! A trunk's lines and pace for calls that are made by hand: they take what the night would take, and are counted with it.

use std::time::Duration;

use super::trunk::Standing;
use super::{Campaign, Dialer, Refusal, Route};
use crate::ids::TrunkId;
use crate::moment::{Moment, Wall};
use crate::outcome::Disposition;
use crate::phone::Number;

/// So long a place in the pace is kept beyond its moment for a call by hand that does not come for it.
const KEPT: Duration = Duration::from_millis(100);

/// A line that a call by hand holds until [`Dialer::free_line`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandLine {
    /// Of which trunk.
    pub trunk: TrunkId,
    /// Its name, for the attempt row.
    pub name: String,
    /// The number that the call shows, where the trunk has several.
    pub caller: Option<Number>,
}

impl Dialer {
    /// Takes a line for a call by hand: on the first of the campaign's trunks that is up, does not rest and is none of those
    /// that it was tried over.
    ///
    /// # Errors
    /// Why there is none: no trunk is up, all that are up rest, or the first that serves has no line or caller number that
    /// may be used now.
    pub fn take_line(
        &mut self,
        now: Moment,
        wall: Wall,
        campaign: &Campaign,
        tried: &[TrunkId],
    ) -> Result<HandLine, Refusal> {
        self.now = self.now.max(now);
        let now = self.now;
        let serves = |route: &&Route| {
            let trunk = self.trunks.get(&route.trunk);
            !tried.contains(&route.trunk) && trunk.is_some_and(|trunk| trunk.is_usable(now))
        };
        // As at night a spare is no extension: it is for when the first one does not serve.
        let Some(route) = campaign.routes.iter().find(serves) else {
            return Err(self.why_none_serves(wall, campaign, tried));
        };
        let free = self.trunks.get(&route.trunk).and_then(|trunk| {
            let line_at = trunk.line_at(now, self.lines_of(route.trunk))?;
            let (caller_at, caller) = trunk.callers.next(now, &campaign.callers)?;
            (line_at <= now && caller_at <= now).then(|| HandLine {
                trunk: route.trunk,
                name: route.name.clone(),
                caller: caller.cloned(),
            })
        });
        let line = free.ok_or(Refusal::NoLine)?;
        if let Some(trunk) = self.trunks.get_mut(&line.trunk) {
            trunk.by_hand = trunk.by_hand.saturating_add(1);
            if let Some(caller) = &line.caller {
                trunk.callers.shown(now, caller);
            }
        }
        Ok(line)
    }

    fn why_none_serves(&self, wall: Wall, campaign: &Campaign, tried: &[TrunkId]) -> Refusal {
        let routes = campaign.routes.iter().filter(|route| !tried.contains(&route.trunk));
        let trunks = routes.filter_map(|route| self.trunks.get(&route.trunk));
        let up = trunks.filter(|trunk| trunk.standing == Standing::Up);
        match up.map(|trunk| trunk.rests_until).min() {
            Some(at) => Refusal::TrunkRests {
                until: Some(wall + at.since(self.now)),
            },
            None => Refusal::TrunkDown,
        }
    }

    /// The line itself while its trunk serves. Where that has gone down or begun to rest since the line was taken, it is given
    /// back, and one of the next trunk is taken in its place.
    ///
    /// # Errors
    /// As [`take_line`](Self::take_line).
    pub fn line_that_serves(
        &mut self,
        now: Moment,
        wall: Wall,
        line: HandLine,
        campaign: &Campaign,
        tried: &[TrunkId],
    ) -> Result<HandLine, Refusal> {
        self.now = self.now.max(now);
        let trunk = self.trunks.get(&line.trunk);
        if trunk.is_some_and(|trunk| trunk.is_usable(self.now)) {
            return Ok(line);
        }
        let other = self.take_line(now, wall, campaign, tried);
        self.free_line(now, wall, &line, None);
        other
    }

    /// From when on the pace lets a call leave over the trunk of a line that was taken; asked again at that moment, with whether
    /// the trunk still serves. The next place in the pace is kept for it: an agent with the phone at the ear does not wait until
    /// the night leaves one.
    pub fn hand_dial_at(&mut self, now: Moment, line: &HandLine) -> Moment {
        self.now = self.now.max(now);
        let Some(trunk) = self.trunks.get_mut(&line.trunk) else {
            return self.now;
        };
        let at = trunk.dial_at;
        if at > self.now {
            trunk.kept_until = at + KEPT;
        }
        at
    }

    /// The call over a line that was taken leaves now.
    pub fn hand_dialed(&mut self, now: Moment, line: &HandLine) {
        self.now = self.now.max(now);
        if let Some(trunk) = self.trunks.get_mut(&line.trunk) {
            trunk.dialed(self.now);
            trunk.kept_until = Moment::ZERO;
        }
    }

    /// Gives a line back. `ended`: how the call ended that was made over it, with what a refusal asked for.
    pub fn free_line(
        &mut self,
        now: Moment,
        wall: Wall,
        line: &HandLine,
        ended: Option<(Disposition, Option<Duration>)>,
    ) {
        self.now = self.now.max(now);
        self.wall = wall;
        let Some(trunk) = self.trunks.get_mut(&line.trunk) else {
            return;
        };
        trunk.by_hand = trunk.by_hand.saturating_sub(1);
        if let Some((disposition, retry_after)) = ended {
            self.note_end(line.trunk, line.caller.as_ref(), disposition, retry_after);
        }
        self.advance();
    }
}
