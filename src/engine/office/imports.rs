//! Lists: read, applied in chunks, reported.

use serde::{Deserialize, Serialize};

use super::{Error, Office};
use crate::control::Order;
use crate::integrations::import;

/// When the cases of a list become due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Discharge plus the campaign's `due_after`.
    ByCampaign,
    /// At once.
    Now,
}

/// What became of a list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Imported {
    /// The report, row by row.
    pub report: import::Report,
    /// Cases made.
    pub cases: u64,
}

impl Office {
    /// Reads a list and makes one case per accepted encounter.
    pub async fn import(&self, campaign: &str, file: &str, bytes: &[u8], due: Due) -> Result<Imported, Error> {
        let row = self.campaign(campaign).await?;
        let (settings, _) = self.read_campaign(campaign, &row.file_text)?;
        let zone = self.settings.place.time_zone;
        let now = self.clock.wall();
        let reading = import::read(bytes, file, now, zone)?;
        let due_of = |discharged| match due {
            Due::ByCampaign => crate::calendar::due(discharged, settings.due_after, zone),
            Due::Now => now,
        };
        let rows = imports::rows(&reading, &due_of, settings.deadline_after);
        let applied = self.store.apply_import(row.id, file, rows, now).await?;
        if let Some(engine) = &self.engine {
            engine.order(Order::Poke)?;
        }
        Ok(Imported { cases: applied.cases_made, report: import::Report::new(reading, applied) })
    }
}
