//! The clocks of the virtual world: the civil one is set, the machine is suspended.

use std::time::Duration;

use super::{Happening, World};
use crate::moment::{Jump, Moment, Wall};

/// How far the civil clock is off, and until when the machine sleeps.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clocks {
    ahead_ms: i64,
    pub(super) asleep_until: Moment,
}

impl Clocks {
    pub(super) fn wall(self, right: Wall) -> Wall {
        Wall::from_millis(right.millis().saturating_add(self.ahead_ms))
    }

    pub(super) fn set(&mut self, jump: Jump) {
        let millis = |by: Duration| i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.ahead_ms = match jump {
            Jump::Forward(by) => self.ahead_ms.saturating_add(millis(by)),
            Jump::Back(by) => self.ahead_ms.saturating_sub(millis(by)),
        };
    }
}

impl World {
    /// Somebody sets the civil clock, `after` this long.
    pub fn set_clock(&mut self, after: Duration, jump: Jump) {
        self.schedule(after, Happening::ClockSet(jump));
    }

    /// The machine is suspended for a while, `after` this long: both clocks go on, and nothing reaches it.
    pub fn suspend(&mut self, after: Duration, lasts: Duration) {
        self.schedule(after, Happening::Suspended { lasts });
    }

    /// What a suspended machine gets of it: what came from outside is lost, what is its own waits.
    pub(super) fn while_asleep(&mut self, happening: Happening) -> Option<Happening> {
        let left = self.clocks.asleep_until.since(self.now);
        if left.is_zero() {
            return Some(happening);
        }
        match happening {
            Happening::ToDaemon { .. } | Happening::Unreachable { .. } => None,
            Happening::Fact { .. } | Happening::Commit(_) | Happening::Order(_) => {
                self.schedule(left, happening);
                None
            }
            Happening::ToTrunk { .. }
            | Happening::Turn { .. }
            | Happening::CallIn { .. }
            | Happening::Trunk(_)
            | Happening::ClockSet(_)
            | Happening::Killed
            | Happening::Begins
            | Happening::Suspended { .. } => Some(happening),
        }
    }
}
