//! Whether recordings still are what was recorded: on demand, and each night while nobody is called.

use std::convert::Infallible;
use std::time::Duration;

use chrono::Timelike as _;

use super::{Error, Office};
use crate::calendar;
use crate::engine::recorder::integrity::{self, IntegrityStep};
use crate::moment::Wall;

/// Each recording is compared once in so long.
const AGAIN_AFTER: Duration = Duration::from_secs(30 * 86_400);
/// The hours, by the clock of the place, in which nobody is called and recordings are compared.
const NIGHT: std::ops::Range<u32> = 1..6;
/// How often somebody looks whether it is time.
const LOOK_EVERY: Duration = Duration::from_secs(60);

impl Office {
    /// Compares the next recordings that were not compared since a time; nothing compared: there are no more.
    pub async fn compare_recordings(&self, before: Wall) -> Result<IntegrityStep, Error> {
        Ok(integrity::step(&self.store, before, self.clock.wall()).await?)
    }

    /// Compares recordings each night while nobody is called, those that waited longest first. Never ends.
    pub async fn keep_integrity(&self) -> Infallible {
        loop {
            if self.is_quiet_night() {
                let before = self.clock.wall() - AGAIN_AFTER;
                match self.compare_recordings(before).await {
                    Ok(step) if step.compared > 0 => continue,
                    Ok(_) => {}
                    Err(error) => crate::events::integrity_failed(tracing::field::display(error)),
                }
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    fn is_quiet_night(&self) -> bool {
        let local = calendar::local(self.clock.wall(), self.settings.place.time_zone);
        let calls = self
            .present()
            .map_or(0, |now| now.dialing + now.ringing + now.talking + now.ending);
        NIGHT.contains(&local.hour()) && calls == 0
    }
}
