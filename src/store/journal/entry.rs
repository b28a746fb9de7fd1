//! What may stand in the journal: what running calls have to say. A new call never begins there.

use serde::{Deserialize, Serialize};

use crate::dialer::{CallBack, Finish, Keep, Note, TakenDown};
use crate::store::Error;
use crate::store::job::{Ledger, Write};

/// One entry. Each may be carried into the database any number of times with the same result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::store) enum Entry {
    /// A key and its answers.
    Keep(Keep),
    /// The end of an attempt.
    Finish(Box<Finish>),
    /// How far a call is.
    Note(Note),
    /// A left-over call is over.
    TakenDown(TakenDown),
    /// Somebody called us.
    CallBack(CallBack),
}

impl Entry {
    pub(super) fn encode(&self) -> Result<Vec<u8>, Error> {
        serde_json::to_vec(self).map_err(|why| Error::Json {
            what: "an entry of the journal",
            why: why.to_string(),
        })
    }

    /// Reads an entry back.
    pub(in crate::store) fn decode(payload: &[u8]) -> Result<Self, Error> {
        serde_json::from_slice(payload).map_err(|why| Error::stored("an entry of the journal", why))
    }

    /// Carries it into the database.
    pub(in crate::store) async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        match self {
            Self::Keep(keep) => keep.run(ledger).await,
            Self::Finish(finish) => finish.run(ledger).await,
            Self::Note(note) => note.run(ledger).await,
            Self::TakenDown(taken_down) => taken_down.run(ledger).await,
            Self::CallBack(call_back) => call_back.run(ledger).await.map(drop),
        }
    }
}
