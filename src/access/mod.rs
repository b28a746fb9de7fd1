//! Who may do what, and who did it: accounts, sessions, grants and the audit log.
//!
//! Every route of the console asks here, and only here. What a role may do stands in [`role`]; what was done stands in
//! the audit log, whose rows are chained by hashes and that the database neither changes nor deletes.

mod agents;
mod order;
mod password;
mod people;
mod person;
mod role;
mod session;
#[cfg(test)]
mod tests;
mod tries;

use std::sync::{Arc, Mutex};

use tokio::sync::Semaphore;

pub use agents::AgentOrder;
pub use order::{AccountOrder, AccountTurn};
pub use password::{LONGEST, SHORTEST, weakness};
pub use people::{By, FirstPassword, NewPerson, PersonChange, reason};
pub use person::Person;
pub use role::{ACTIONS, Action, ROLES, Role, Scope, grant};
pub use session::{Begun, Credentials, Limits, SignedIn};
pub use tries::{FROM_ADDRESS, LOCK, TRIES, WINDOW};

use crate::moment::Wall;
use crate::store::console::audit::Deed;
use crate::store::{self, Store};
use password::Mill;
use tries::Tries;

/// Why access says no.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An account has a role that this version does not know.
    #[error("an account has the role \"{role}\", which this version does not know")]
    UnknownRole {
        /// The role as it is stored.
        role: String,
    },
    /// Account or password are not those of anybody.
    #[error("账号或密码不对，还可试 {left} 次 Wrong account or password, {left} tries left")]
    WrongPassword {
        /// Tries that are left before the account is locked.
        left: u32,
    },
    /// Too many wrong passwords.
    #[error(
        "账号因多次输错密码已锁定，请稍后再试或请管理员解锁 The account is locked after wrong passwords; wait, or ask an administrator to unlock it"
    )]
    Locked {
        /// Until when.
        until: Wall,
    },
    /// Too many wrong tries from one address.
    #[error("此电脑尝试次数过多，请稍后再试 Too many wrong tries from this address; wait")]
    TooManyTries {
        /// Until when.
        until: Wall,
    },
    /// More passwords wait to be looked at than are taken.
    #[error("too many people sign in at once; try again in a moment")]
    Busy,
    /// Something that was typed will not do.
    #[error("{what}: {why}")]
    Faulty {
        /// Which field.
        what: &'static str,
        /// What is wrong and what was expected.
        why: String,
    },
    /// An account of this name is there already.
    #[error("there is an account {account} already")]
    AccountExists {
        /// Its name.
        account: String,
    },
    /// No such account.
    #[error("there is no such account")]
    NoPerson,
    /// No such session, or it is over.
    #[error("there is no such session, or it is over")]
    NoSession,
    /// Nobody locks himself out or changes the own role.
    #[error("this is your own account; another administrator has to do it")]
    OwnAccount,
    /// A stored password cannot be read, or none can be made.
    #[error("a password cannot be hashed or read here; `aftercall user password` gives a new one")]
    Hash,
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    Random,
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

impl Act {
    /// As the audit log has it when a person does it.
    pub fn by(self, person: &Person, now: Wall) -> Deed {
        self.deed(Some(person.id), person.account.clone(), now)
    }

    /// As the audit log has it when somebody at the terminal does it.
    pub fn by_terminal(self, name: &str, now: Wall) -> Deed {
        self.deed(None, format!("os:{name}"), now)
    }

    /// As the audit log has it when it is not known who did it.
    pub fn by_nobody(self, now: Wall) -> Deed {
        self.deed(None, "-".to_owned(), now)
    }

    fn deed(self, account_id: Option<i64>, who: String, now: Wall) -> Deed {
        Deed {
            at: now,
            account_id,
            who,
            deed: self.deed.to_owned(),
            object: self.object,
            reason: self.reason,
            detail: self.detail,
            address: self.address,
        }
    }
}

/// What all clones share.
#[derive(Debug)]
struct Gate {
    tries: Mutex<Tries>,
    seen: Arc<Semaphore>,
}

/// Notes of sessions in use that are written at once at most.
const NOTES: usize = 8;

/// The keeper of accounts, sessions and the audit log. Clones share what they count.
#[derive(Clone, Debug)]
pub struct Access {
    store: Store,
    mill: Mill,
    gate: Arc<Gate>,
    limits: Limits,
}

impl Access {
    /// Over a store; sessions last as long as they do where nobody says otherwise.
    pub fn new(store: Store) -> Self {
        Self::with_limits(store, Limits::default())
    }

    /// The same, and how long sessions last.
    pub fn with_limits(store: Store, limits: Limits) -> Self {
        Self {
            store,
            limits,
            mill: Mill::new(),
            gate: Arc::new(Gate {
                tries: Mutex::new(Tries::default()),
                seen: Arc::new(Semaphore::new(NOTES)),
            }),
        }
    }

    /// How long sessions last.
    pub const fn limits(&self) -> Limits {
        self.limits
    }

    /// What it keeps its rows in.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Writes down what a person does, before it is done; gives the row of the audit log.
    pub async fn note(&self, person: &Person, act: Act, now: Wall) -> Result<i64, Error> {
        Ok(self.store.note_deed(act.by(person, now)).await?)
    }
}
