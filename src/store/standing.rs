//! Whether the database takes what is written, and since when it does not.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Error;

/// How often an absent database is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How it stands between the writer and the database.
#[derive(Debug)]
pub(super) enum Standing {
    /// It takes what is written; the journal is empty.
    Here,
    /// It does not, or the journal has not been carried into it yet.
    Away {
        why: Error,
        since: Instant,
        look_at: Instant,
    },
}

/// The same for those who ask from outside.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown(Arc<Mutex<Option<Absence>>>);

/// The database is not there.
#[derive(Clone, Debug)]
pub struct Absence {
    /// Why, and what to do.
    pub why: Error,
    since: Instant,
}

impl Absence {
    /// For how long.
    pub fn lasts(&self) -> Duration {
        self.since.elapsed()
    }
}

impl Standing {
    pub(super) const fn is_here(&self) -> bool {
        matches!(self, Self::Here)
    }

    /// When to look again; none while it is there.
    pub(super) const fn look_at(&self) -> Option<Instant> {
        match self {
            Self::Here => None,
            Self::Away { look_at, .. } => Some(*look_at),
        }
    }

    /// Why it is away.
    pub(super) fn why(&self) -> Option<Error> {
        match self {
            Self::Here => None,
            Self::Away { why, .. } => Some(why.clone()),
        }
    }

    /// Since when it is away.
    pub(super) const fn since(&self) -> Option<Instant> {
        match self {
            Self::Here => None,
            Self::Away { since, .. } => Some(*since),
        }
    }

    /// It does not take what is written, by its latest word; since when stays.
    pub(super) fn leave(&mut self, why: Error, shown: &Shown) {
        let now = Instant::now();
        let since = self.since().unwrap_or(now);
        let look_at = now + LOOK_EVERY;
        shown.set(Some(Absence {
            why: why.clone(),
            since,
        }));
        *self = Self::Away { why, since, look_at };
    }

    /// It is there again, and more of the journal waits.
    pub(super) fn look_now(&mut self) {
        if let Self::Away { look_at, .. } = self {
            *look_at = Instant::now();
        }
    }

    /// It takes what is written.
    pub(super) fn come_back(&mut self, shown: &Shown) {
        shown.set(None);
        *self = Self::Here;
    }
}

impl Shown {
    fn set(&self, absence: Option<Absence>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = absence;
    }

    pub(super) fn get(&self) -> Option<Absence> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
