//! Counting ahead for reports: what changed since is counted again while little else is to be written.

use std::convert::Infallible;
use std::time::Duration;

use super::Office;

/// How often somebody looks whether cases are to be counted. In a night so much changes in this time that a report counts the
/// rest in some milliseconds.
const LOOK_EVERY: Duration = Duration::from_secs(20);
/// What comes between two steps: a database from before the tallies takes many, and the disk is for others, too.
const BREATH: Duration = Duration::from_millis(5);

impl Office {
    /// Counts cases for reports as they change. Never ends.
    pub async fn keep_tallies(&self) -> Infallible {
        loop {
            match self.store.count_ahead().await {
                Ok(true) => {
                    tokio::time::sleep(BREATH).await;
                    continue;
                }
                Ok(false) => {}
                Err(error) => crate::events::counting_failed(tracing::field::display(error)),
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}
