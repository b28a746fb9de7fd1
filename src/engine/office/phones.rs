//! The phones' accounts: made, changed and taken away at the terminal; told to the engine each time.

use serde::{Deserialize, Serialize};

use super::{Error, Office};
use crate::control::Order;
use crate::events;
use crate::pii::Pii;
use crate::sip;
use crate::store::console::audit::Deed;
use crate::store::phones::{PhoneChange, PhoneChanged, PhoneRow, PhoneSecret};

/// Letters of a phone's password at least and at most: some are typed on a telephone's keys.
const PASSWORD: std::ops::RangeInclusive<usize> = 8..=128;
/// Letters of a phone's name at most.
const USER: usize = 64;

/// An order about a phone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PhoneOrder {
    /// The user of the operating system.
    pub who: String,
    /// The phone: the user of its address and of its credentials.
    pub user: String,
    /// What.
    pub what: PhoneTurn,
}

/// What becomes of a phone.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneTurn {
    /// Its account is made.
    Add {
        /// Its password.
        password: Pii<String>,
        /// By what it can prove it.
        digest: PhoneDigest,
        /// Who sits at it, by what is typed to sign in to the console.
        agent: Option<String>,
    },
    /// It gets another password; until it is told, it is no longer registered.
    Password {
        /// The password.
        password: Pii<String>,
        /// By what it can prove it.
        digest: PhoneDigest,
    },
    /// Somebody else sits at it, or nobody.
    Agent {
        /// Who, by what is typed to sign in to the console.
        agent: Option<String>,
    },
    /// Its account is taken away.
    Remove,
}

/// By what a phone can prove its password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneDigest {
    /// SHA-256, or MD5 where it does not know that.
    #[default]
    Both,
    /// MD5 alone: some that do not know SHA-256 stumble over it.
    Md5,
}

impl PhoneTurn {
    const fn deed(&self) -> &'static str {
        match self {
            Self::Add { .. } => "added_phone",
            Self::Password { .. } => "gave_phone_password",
            Self::Agent { .. } => "moved_phone",
            Self::Remove => "removed_phone",
        }
    }
}

impl Office {
    /// Carries out what was ordered about a phone; a running daemon heeds it at once.
    pub async fn change_phone(&self, order: PhoneOrder) -> Result<(), Error> {
        let PhoneOrder { who, user, what } = order;
        named(&user)?;
        let mut deed = Deed {
            at: self.clock.wall(),
            account_id: None,
            who: format!("os:{who}"),
            deed: what.deed().to_owned(),
            object: Some(format!("phone:{user}")),
            reason: None,
            detail: None,
            address: None,
        };
        let change = match what {
            PhoneTurn::Add {
                password,
                digest,
                agent,
            } => {
                deed.detail = agent.as_ref().map(|agent| serde_json::json!({ "agent": agent }));
                let secret = self.phone_secret(&user, &password, digest)?;
                PhoneChange::Add { secret, agent }
            }
            PhoneTurn::Password { password, digest } => {
                PhoneChange::Secret(self.phone_secret(&user, &password, digest)?)
            }
            PhoneTurn::Agent { agent } => {
                deed.detail = Some(serde_json::json!({ "agent": agent }));
                PhoneChange::Agent(agent)
            }
            PhoneTurn::Remove => PhoneChange::Remove,
        };
        let why = match self.store.change_phone(user.clone(), change, deed).await? {
            PhoneChanged::Done => return self.load_phones().await,
            PhoneChanged::Exists => {
                format!("there is a phone {user} already; `aftercall phone password {user}` gives it another password")
            }
            PhoneChanged::NoPhone => format!("there is no phone {user}; `aftercall phone list` shows them"),
            PhoneChanged::NoAgent => {
                "there is no such account, or it is locked; `aftercall user list` shows them".to_owned()
            }
        };
        Err(Error::Refused { why })
    }

    /// Reads who may register and tells the engine.
    pub async fn load_phones(&self) -> Result<(), Error> {
        let (Some(engine), Some(phones)) = (&self.engine, &self.settings.phones) else {
            return Ok(());
        };
        let (own, others): (Vec<PhoneRow>, Vec<PhoneRow>) = self
            .store
            .reader()
            .phones()
            .await?
            .into_iter()
            .partition(|row| row.realm == phones.realm);
        for row in others {
            events::phone_of_other_realm(row.user, row.realm);
        }
        // Whose account is locked is called by nobody and calls nobody; what is up stays up.
        let own = own.into_iter().filter(|row| !row.is_barred);
        let accounts = own.map(|row| sip::Account {
            user: row.user,
            ha1_sha256: row.ha1_sha256,
            ha1_md5: row.ha1_md5,
        });
        engine.order(Order::Phones(accounts.collect()))
    }

    fn phone_secret(&self, user: &str, password: &Pii<String>, digest: PhoneDigest) -> Result<PhoneSecret, Error> {
        let refused = |why: &str| Error::Refused { why: why.to_owned() };
        let Some(phones) = &self.settings.phones else {
            return Err(refused(
                "the settings have no place where phones register: set `listen` in [phones] first, and its `realm` if another \
                 than \"aftercall\" is wanted, because the password is kept for that realm alone",
            ));
        };
        let letters = password.reveal().chars().count();
        if !PASSWORD.contains(&letters) || password.reveal().chars().any(char::is_control) {
            return Err(refused(
                "the password: expected 8 to 128 letters, none of them a control character",
            ));
        }
        if password.reveal().eq_ignore_ascii_case(user) {
            return Err(refused(
                "the password: expected another word than the phone's name, which is tried first",
            ));
        }
        let account = sip::Account::of(user, &phones.realm, password);
        let missing = || refused("the password cannot be hashed");
        Ok(PhoneSecret {
            realm: phones.realm.clone(),
            ha1_sha256: account.ha1_sha256.filter(|_| digest == PhoneDigest::Both),
            ha1_md5: account.ha1_md5.ok_or_else(missing)?,
        })
    }
}

fn named(user: &str) -> Result<(), Error> {
    let is_sound = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte);
    if !user.is_empty() && user.len() <= USER && user.bytes().all(is_sound) {
        return Ok(());
    }
    Err(Error::Refused {
        why: "the phone's name: expected 1 to 64 letters, digits or `-_.+`, such as 8001".to_owned(),
    })
}
