//! The two clocks: what follows when the civil one is set, and the rests that it must not cut short.

use std::time::Duration;

use super::{Control, Output, Told};
use crate::dialer::{self, Claimed, Next, claim};
use crate::moment::{Jump, Wall};
use crate::outcome::Facts;

impl Control {
    pub(super) fn clock_jumped(&mut self, jump: Jump) {
        for remembered in self.remembered.values_mut() {
            remembered.clock_jumped(jump);
        }
        self.outputs.push_back(Output::Told(Told::ClockJumped(jump)));
        self.dialer.handle(self.now, self.wall, dialer::Input::ClockJumped);
    }

    /// The number of a call that ended rests as long as the store has it rest, but by the monotonic clock.
    pub(super) fn let_rest(&mut self, wall: Wall, claimed: Option<&Claimed>, facts: &Facts, next: Next) {
        let Some(claimed) = claimed else { return };
        let again = match next {
            Next::Again { at, .. } => at.since(wall),
            Next::Close { .. } => Duration::ZERO,
        };
        // A longer lock is lifted by the store when the call is taken down.
        let locked =
            claim::locked_until(facts, wall).map_or(Duration::ZERO, |until| until.since(wall).min(claim::LOCK));
        let pause = again.max(locked);
        if !pause.is_zero() {
            let number = claimed.number.clone();
            self.dialer
                .handle(self.now, wall, dialer::Input::NumberRests { number, pause });
        }
    }
}
