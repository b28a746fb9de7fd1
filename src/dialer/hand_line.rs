//! A trunk's lines and pace for calls that are made by hand: they take what the night would take, and are counted with it.

use std::time::Duration;

use super::{Campaign, Dialer, Route};
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
    /// that it was tried over. None: there is no such trunk, or it has no line or caller number that may be used now.
    pub fn take_line(&mut self, now: Moment, campaign: &Campaign, tried: &[TrunkId]) -> Option<HandLine> {
        self.now = self.now.max(now);
        let now = self.now;
        let serves = |route: &&Route| {
            let trunk = self.trunks.get(&route.trunk);
            !tried.contains(&route.trunk) && trunk.is_some_and(|trunk| trunk.is_usable(now))
        };
        // As at night a spare is no extension: it is for when the first one does not serve.
        let free = campaign.routes.iter().find(serves).and_then(|route| {
            let trunk = self.trunks.get(&route.trunk)?;
            let line_at = trunk.line_at(now, self.lines_of(route.trunk))?;
            let (caller_at, caller) = trunk.callers.next(now, &campaign.callers)?;
            (line_at <= now && caller_at <= now).then(|| HandLine {
                trunk: route.trunk,
                name: route.name.clone(),
                caller: caller.cloned(),
            })
        });
        let line = free?;
        if let Some(trunk) = self.trunks.get_mut(&line.trunk) {
            trunk.by_hand = trunk.by_hand.saturating_add(1);
            if let Some(caller) = &line.caller {
                trunk.callers.shown(now, caller);
            }
        }
        Some(line)
    }

    /// From when on a call may leave over the trunk of a line that was taken; asked again at that moment. The next place in the
    /// pace is kept for it: an agent with the phone at the ear does not wait until the night leaves one.
    pub fn hand_dial_at(&mut self, now: Moment, line: &HandLine) -> Moment {
        self.now = self.now.max(now);
        let Some(trunk) = self.trunks.get_mut(&line.trunk) else {
            return self.now;
        };
        let at = trunk.dial_at.max(trunk.rests_until);
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
