//! What was played and when: noted for whoever hears the recording later.

use super::ending::millis;
use super::{Playing, Talk};
use crate::moment::Moment;
use crate::outcome::{MOST_PLAYS, PlayEnd, Played};

impl Talk {
    /// Takes the play that is on off and notes it, if one is on.
    pub(super) fn take_play(&mut self, now: Moment, end: PlayEnd) -> Option<Playing> {
        let playing = self.playing.take()?;
        if self.played.len() < MOST_PLAYS {
            self.played.push(Played {
                prompts: playing.prompts.clone(),
                from_ms: millis(playing.since.since(self.since)),
                to_ms: millis(now.since(self.since)),
                end,
            });
        }
        Some(playing)
    }
}
