//! Who may do what, and who did it: accounts, sessions, grants and the audit log.
//!
//! Every route of the console asks here, and only here. What a role may do stands in [`role`]; what was done stands in
//! the audit log, whose rows are chained by hashes and that the database neither changes nor deletes.

mod person;
mod role;
mod session;

pub use person::Person;
pub use role::{ACTIONS, Action, ROLES, Role, Scope, grant};
pub use session::SignedIn;

use crate::moment::Wall;
use crate::store::console::audit::Deed;
use crate::store::{self, Store};

/// Why access says no.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An account has a role that this version does not know.
    #[error("an account has the role \"{role}\", which this version does not know")]
    UnknownRole {
        /// The role as it is stored.
        role: String,
    },
    /// The store said no.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Something that a person does and that is written down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Act {
    /// What: a past participle such as `listened`, `revealed`, `signed`.
    pub deed: &'static str,
    /// To what, as `call:17`; it names no patient.
    pub object: Option<String>,
    /// Why, in the person's words.
    pub reason: Option<String>,
    /// More of it; it names no patient.
    pub detail: Option<serde_json::Value>,
    /// Where the request came from.
    pub address: Option<String>,
}

/// The keeper of accounts, sessions and the audit log.
#[derive(Clone, Debug)]
pub struct Access {
    store: Store,
}

impl Access {
    /// Over a store.
    pub const fn new(store: Store) -> Self {
        Self { store }
    }

    /// What it keeps its rows in.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Writes down what a person does, before it is done; gives the row of the audit log.
    pub async fn note(&self, person: &Person, act: Act, now: Wall) -> Result<i64, Error> {
        let deed = Deed {
            at: now,
            account_id: Some(person.id),
            who: person.account.clone(),
            deed: act.deed.to_owned(),
            object: act.object,
            reason: act.reason,
            detail: act.detail,
            address: act.address,
        };
        Ok(self.store.note_deed(deed).await?)
    }
}
