//! The do-not-call list: entered, taken off, lists of it taken in.

use serde::{Deserialize, Serialize};

use super::{Error, Office};
use crate::calendar;
use crate::integrations::import;
use crate::moment::Wall;
use crate::phone::Number;
use crate::pii::Pii;
use crate::store::dnc::{Barred, DNC_CHUNK, Level, Listed, Listing, Unlisted};

/// Whom people name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Named {
    /// A telephone number as they write it.
    Number(Pii<String>),
    /// A patient, by patient number or by the number of a visit.
    Patient(Pii<String>),
}

/// Who goes on the list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DncAdd {
    /// Who.
    pub named: Named,
    /// From what, until when, why, by whom.
    pub listing: Listing,
}

/// Who comes off it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DncRemove {
    /// Who.
    pub named: Named,
    /// At which level.
    pub level: Level,
    /// The user of the operating system.
    pub who: String,
}

/// The next numbers of a list, read by whoever has the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DncPart {
    /// At most [`DNC_PART`].
    pub numbers: Vec<Number>,
    /// From what, until when, why, by whom.
    pub listing: Listing,
}

/// Numbers of a list that go to the daemon together: some transactions, so that progress shows.
pub const DNC_PART: usize = DNC_CHUNK * 5;

impl Office {
    /// Puts a number or a patient on the do-not-call list. The next claim sees it.
    pub async fn add_dnc(&self, add: DncAdd) -> Result<Listed, Error> {
        self.checked(&add.listing)?;
        if add
            .listing
            .reason
            .as_deref()
            .is_none_or(|reason| reason.trim().is_empty())
        {
            return Err(refused("an entry of the do-not-call list needs a reason"));
        }
        let barred = barred(add.named)?;
        Ok(self
            .store
            .list_do_not_call(vec![barred], add.listing, self.clock.wall())
            .await?)
    }

    /// Takes a number or a patient off the do-not-call list at one level.
    pub async fn remove_dnc(&self, remove: DncRemove) -> Result<Unlisted, Error> {
        let DncRemove { named, level, who } = remove;
        let barred = barred(named)?;
        Ok(self
            .store
            .unlist_do_not_call(barred, level, who, self.clock.wall())
            .await?)
    }

    /// Puts the next numbers of a list on the do-not-call list.
    pub async fn import_dnc(&self, part: DncPart) -> Result<Listed, Error> {
        self.checked(&part.listing)?;
        if part.numbers.len() > DNC_PART {
            return Err(refused(&format!("more than {DNC_PART} numbers at a time")));
        }
        let barred = part.numbers.into_iter().map(Barred::Number).collect();
        Ok(self
            .store
            .list_do_not_call(barred, part.listing, self.clock.wall())
            .await?)
    }

    fn checked(&self, listing: &Listing) -> Result<(), Error> {
        self.need_future("the end of the entry", listing.until)?;
        match &listing.level {
            Level::Purpose(purpose) if purpose.trim().is_empty() => Err(refused("the purpose is empty")),
            Level::Purpose(_) | Level::Campaign(_) | Level::Always => Ok(()),
        }
    }

    /// Refuses a time that has passed.
    pub(super) fn need_future(&self, what: &str, at: Option<Wall>) -> Result<(), Error> {
        match at.filter(|at| *at <= self.clock.wall()) {
            None => Ok(()),
            Some(at) => {
                let zone = self.settings.place.time_zone;
                let shown = calendar::local(at, zone).format("%Y-%m-%d %H:%M");
                Err(refused(&format!("{what}, {shown} ({zone}), has passed already")))
            }
        }
    }
}

/// A number is read as imports read it.
fn barred(named: Named) -> Result<Barred, Error> {
    match named {
        Named::Patient(known_by) => Ok(Barred::Patient(known_by)),
        Named::Number(text) => import::one_number(text.reveal())
            .map(Barred::Number)
            .map_err(|reason| refused(&format!("this is no number that can be entered: {reason}"))),
    }
}

pub(super) fn refused(why: &str) -> Error {
    let why = why.to_owned();
    Error::Refused { why }
}
