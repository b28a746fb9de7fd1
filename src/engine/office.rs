//! What people may ask of the daemon: add, start, pause and stop campaigns, import lists, call by hand, look.
//!
//! The same office serves the HTTP door of a running daemon and, without an engine, a command that holds the data
//! folder itself because no daemon runs.

use std::sync::Arc;

use super::recorder::reconcile;
use super::{Engine, checks, clock::Clock};
use crate::config::{self, Settings};
use crate::control::Snapshot;
use crate::dialplan::Dialplan;
use crate::integrations::import;
use crate::store::{self, Store};

pub use crate::calendar::Hours;
pub use crate::dialer::HowStop;

mod calls;
mod campaigns;
pub mod desk;
mod dnc;
mod imports;
mod incoming;
mod integrity;
mod outlook;
mod patients;
mod phones;
mod records;
mod repair;
mod replay;
mod rules;
mod tallies;
mod thaw;
mod watching;

pub use super::alarms::{Notice, Severity};
pub use super::forecast::{CampaignTonight, MoreLines, TonightForecast};
pub use super::metrics::CONTENT_TYPE as METRICS_TYPE;
pub use super::recorder::integrity::IntegrityStep;
pub use super::recorder::peaks::Peaks;
pub use super::recorder::reconcile::Reconciled;
pub use super::recorder::replay::{Opened, Trouble};
pub use crate::call::Now;
pub use crate::control::{Line, Standing, TrunkPicture};
pub use crate::integrations::import::{Correction, Report as ListReport, Scope as FaultScope};
pub use calls::{CallLine, HandCallLines, HandCallRequest};
pub(in crate::engine) use campaigns::stored;
pub use campaigns::{Added, CampaignText, Resumed, Started};
pub use dnc::{DNC_PART, DncAdd, DncPart, DncRemove, Named};
pub use imports::{Due, Imported, ListBytes, Preview};
pub use outlook::Stretch;
pub use patients::{AppointmentMade, AppointmentRequest, StateRequest};
pub use phones::{PhoneDigest, PhoneOrder, PhoneTurn};
pub use records::{Erased, HoldRequest, PurgeStep, Purged};
pub use repair::Bearing;
pub use rules::{RuleText, RuleTurn, RulesAdded, SwitchTurn, Turn};
pub use watching::{Check, Readiness};

/// Where people's requests are checked and carried out.
#[derive(Debug)]
pub struct Office {
    settings: Arc<Settings>,
    store: Store,
    clock: Clock,
    engine: Option<Engine>,
    hours: Hours,
    counted: watching::Counted,
    rules_wanted: tokio::sync::Notify,
    replays: replay::Replays,
}

/// Why the office says no.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such campaign.
    #[error("there is no campaign named \"{name}\"; `aftercall campaign list` shows them")]
    NoCampaign {
        /// The name asked for.
        name: String,
    },
    /// No such trunk.
    #[error("there is no trunk named \"{name}\" in the settings; there are: {known}")]
    NoTrunk {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A campaign takes the carriers' caps away although a carrier may be behind its trunk.
    #[error("{0}")]
    CarrierCapsOff(String),
    /// The engine could not start.
    #[error(transparent)]
    Engine(#[from] super::Error),
    /// A file is faulty; all faults are listed.
    #[error("{}", config::list(.file, .faults))]
    Faulty {
        /// Which file.
        file: String,
        /// Its faults.
        faults: Vec<crate::document::Fault>,
    },
    /// Allowed in general, but not here and now.
    #[error("{why}")]
    Refused {
        /// Why, and what to do.
        why: String,
    },
    /// A list cannot be read at all.
    #[error(transparent)]
    Import(#[from] import::Error),
    /// There is no forecast.
    #[error(transparent)]
    Forecast(#[from] super::forecast::Error),
    /// The store said no.
    #[error(transparent)]
    Store(store::Error),
    /// The files of recordings.
    #[error(transparent)]
    Recordings(#[from] reconcile::Error),
    /// A recording resists.
    #[error("the recording {path} cannot be removed: {source}; its row is as it was")]
    Resists {
        /// Which file, relative to the data folder.
        path: String,
        /// The system's word.
        source: std::io::Error,
    },
    /// A campaign keeps to a caller number that its trunks do not have.
    #[error(
        "campaign \"{campaign}\" shows the caller number {caller}, which none of its trunks has under `callers`; give it back \
         to the trunk, or stop the campaign and add its file again with other `callers`"
    )]
    CallerGone {
        /// Which campaign.
        campaign: String,
        /// The number.
        caller: String,
    },
    /// The engine has more orders waiting than it takes.
    #[error("the daemon is too busy to take this order; try again")]
    Busy,
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        if let store::Error::NoCampaign { name } = error {
            Self::NoCampaign { name }
        } else {
            Self::Store(error)
        }
    }
}

impl Office {
    /// An office; with an engine it can also call.
    pub fn new(settings: Arc<Settings>, store: Store, clock: Clock, engine: Option<Engine>, hours: Hours) -> Self {
        Self {
            settings,
            store,
            clock,
            engine,
            hours,
            counted: watching::Counted::default(),
            rules_wanted: tokio::sync::Notify::new(),
            replays: replay::Replays::default(),
        }
    }

    /// What the engine does right now; nothing if none runs here.
    pub fn present(&self) -> Option<Snapshot> {
        self.engine.as_ref().map(|engine| engine.watcher().snapshot())
    }

    /// The same office with an engine of its own, for a command that calls while no daemon runs.
    pub fn with_engine(mut self) -> Result<Self, super::Error> {
        self.engine = Some(Engine::start(&self.settings, &self.store, self.clock.clone())?);
        Ok(self)
    }

    /// Whether calling windows hold here.
    pub const fn hours(&self) -> Hours {
        self.hours
    }

    /// The clock of this office.
    pub fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// The store behind it.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The engine, where one runs.
    pub fn engine(&self) -> Option<&Engine> {
        self.engine.as_ref()
    }

    /// Ends the engine's calls and closes the store: the last thing a command does with it.
    pub async fn close(self) {
        if let Some(engine) = self.engine {
            engine.shut_down().await;
        }
        self.store.close().await;
    }

    fn trunk(&self, name: &str) -> Result<(usize, &config::Trunk), Error> {
        self.settings.trunk(name).ok_or_else(|| Error::NoTrunk {
            name: name.to_owned(),
            known: self
                .settings
                .trunks
                .iter()
                .map(|trunk| trunk.name.as_str())
                .collect::<Vec<_>>()
                .join(", "),
        })
    }

    fn refuse_demo_greeting(&self, trunk: &config::Trunk, dialplan: &Dialplan) -> Result<(), Error> {
        match checks::demo_dialplan(&self.settings, trunk, dialplan) {
            Some(why) => Err(Error::Refused { why }),
            None => Ok(()),
        }
    }
}
