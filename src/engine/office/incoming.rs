//! How calls to us are answered: the dialplans of the settings, kept like those of campaigns, and told to the engine.

use std::path::Path;
use std::sync::Arc;

use super::{Error, Hours, Office};
use crate::calendar::Schedule;
use crate::control::{Incoming, Order};
use crate::dialplan::Dialplan;

impl Office {
    /// Reads the dialplans of `[incoming]` and has calls answered by them from now on; without the section nothing changes.
    pub async fn take_calls(&self) -> Result<(), Error> {
        let (Some(engine), Some(incoming)) = (&self.engine, &self.settings.incoming) else {
            return Ok(());
        };
        let place = &self.settings.place;
        let how = Incoming {
            hours: Schedule {
                windows: incoming.hours.clone(),
                zone: place.time_zone,
                // Agents are there or not, whatever calls may leave.
                hours: Hours::Windows,
                calendar: Arc::clone(&place.work_calendar),
            },
            known: self.menu(&incoming.known).await?,
            unknown: self.menu(&incoming.unknown).await?,
            at_once: usize::from(incoming.at_once),
            longest: incoming.longest,
            completable: incoming.completable,
        };
        engine.order(Order::TakeCalls(Some(Box::new(how))))
    }

    async fn menu(&self, file: &Path) -> Result<Arc<Dialplan>, Error> {
        let shown = file.display().to_string();
        let text = tokio::fs::read_to_string(file).await.map_err(|error| Error::Refused {
            why: format!("calls to us cannot be answered: {shown}: {error}"),
        })?;
        let (dialplan, _) = self.read_dialplan(&shown, &text)?;
        for trunk in &self.settings.trunks {
            self.refuse_demo_greeting(trunk, &dialplan)?;
        }
        self.put_dialplan(&shown, &text, &dialplan).await?;
        Ok(Arc::new(dialplan))
    }
}
