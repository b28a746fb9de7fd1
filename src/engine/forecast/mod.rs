//! What a forecast of the coming hours runs with, read from settings and database, and the forecast of tonight.

mod house;
mod people;
mod tonight;

pub use house::{House, WhatIf, prompt_lengths};
pub use people::{behaviours, lengths, population};
pub use tonight::{CampaignTonight, MoreLines, TonightForecast, tonight};

use crate::night::forecast::{Broken, SetupError};
use crate::store;

/// Why there is no forecast.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No campaign dials.
    #[error("no campaign runs; `aftercall plan --campaign NAME` plans one as if it did")]
    Nothing,
    /// What is stored cannot be read by this version.
    #[error("{what} cannot be read any more: {faults} faults")]
    Faulty {
        /// Of what.
        what: String,
        /// How many.
        faults: usize,
    },
    /// A campaign names a trunk that is not there.
    #[error("campaign \"{campaign}\" names the trunk \"{trunk}\", which the settings do not have")]
    NoTrunk {
        /// Which campaign.
        campaign: String,
        /// Which trunk.
        trunk: String,
    },
    /// More lines than a pace can follow.
    #[error("the pace cannot grow so far")]
    Pace,
    /// Another rule of trying again that makes no sense.
    #[error("--retry: {0}")]
    Retry(String),
    /// The parts do not fit together.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The forecast broke a rule of its own.
    #[error("the forecast broke a rule of its own, please report it: {0}")]
    Broken(#[from] Broken),
    /// The computing was cut off.
    #[error("the forecast was cut off")]
    CutOff,
    /// The store said no.
    #[error(transparent)]
    Store(#[from] store::Error),
}
