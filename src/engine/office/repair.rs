//! Numbers put right by people, and what `why` has to know of the house.

use std::sync::Arc;

use super::dnc::refused;
use super::{Error, Office};
use crate::config::CampaignFile;
use crate::control::Standing;
use crate::dialer::Terms;
use crate::ids::CaseId;
use crate::integrations::import::{self, NumberList};
use crate::phone::Number;
use crate::store::console::repair::{NewNumber, NumberAdded, Requeued};

/// How the house stands: what the database alone does not tell of the next call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bearing {
    /// The database is not where it was last at work.
    pub is_frozen: bool,
    /// What holds new calls, in words.
    pub held: Vec<String>,
    /// Trunks that can carry no call.
    pub trunks_down: Vec<String>,
}

impl Office {
    /// How the house stands.
    pub fn bearing(&self) -> Bearing {
        let snapshot = self.present().unwrap_or_default();
        let down = snapshot.trunks.iter().filter(|trunk| trunk.standing == Standing::Down);
        Bearing {
            is_frozen: self.store.frozen().is_some(),
            trunks_down: down.map(|trunk| trunk.name.clone()).collect(),
            held: snapshot.holds,
        }
    }

    /// The terms by which a stored campaign file has its cases claimed, and its trunks; none if it cannot be read.
    pub fn terms_of(&self, file: &str) -> Option<(Arc<Terms>, Vec<String>)> {
        let (file, _) = CampaignFile::parse(file).ok()?;
        let place = &self.settings.place;
        let schedule = file.schedule(place.time_zone, self.hours, &place.work_calendar);
        let terms = Arc::new(Terms::new(&schedule, &file.retry, &file.limits));
        Some((terms, file.trunks))
    }

    /// A number as a person writes it, read as lists are read.
    pub fn read_number(&self, text: &str) -> Result<Number, Error> {
        import::one_number(text).map_err(|reason| refused(&format!("this is no number that can be entered: {reason}")))
    }

    /// A list of numbers in a file: what can be read of it, and what cannot.
    pub fn read_numbers(&self, bytes: &[u8]) -> Result<NumberList, Error> {
        Ok(import::read_numbers(bytes)?)
    }

    /// Enters a number of a patient. The next claim sees it.
    pub async fn add_number(&self, number: NewNumber) -> Result<NumberAdded, Error> {
        Ok(self.store.add_number(number).await?)
    }

    /// Has a case called again.
    pub async fn requeue(&self, case: CaseId, who: String) -> Result<Requeued, Error> {
        let requeued = self.store.requeue(case, who, self.clock.wall()).await?;
        self.poke(requeued.campaign)?;
        Ok(requeued)
    }
}
