//! Sessions: a random token that the browser keeps, and of which the database knows only the hash.

use std::sync::PoisonError;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::password::random;
use super::tries::{LOCK, TRIES, Unknown};
use super::{Access, Act, Error, Person, Role};
use crate::moment::Wall;
use crate::pii::Pii;
use crate::store::console::accounts::{AccountRow, Tried};
use crate::store::console::sessions::{ListedSession, NewSession};

/// How long sessions last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A session ends when nobody has used it for this long,
    pub idle: Duration,
    /// and after this time at the latest.
    pub lasts: Duration,
    /// Sessions of an account that are in force at once; a further one ends the oldest.
    pub most: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(30 * 60),
            lasts: Duration::from_secs(12 * 3600),
            most: 10,
        }
    }
}

/// That it is used is written down this often at most, ...
const SEEN_EVERY: Duration = Duration::from_secs(60);
/// ... and at least so often within the time after which it would be over.
const SEEN_WITHIN_IDLE: u32 = 4;
/// Nobody is refused sooner: how long it took must not tell whether a name is somebody's.
const REFUSED_AFTER: Duration = Duration::from_millis(400);
/// Octets of a token: 256 bits.
const TOKEN: usize = 32;
/// What is kept of the name of a browser, in characters.
const AGENT: usize = 200;

/// A person who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub person: Person,
    /// The session's row.
    pub session: i64,
    /// What unsafe requests carry in `x-csrf-token`.
    pub csrf: String,
    /// The password was given by somebody else: nothing else is allowed before it is changed.
    pub password_due: bool,
    /// When the session ends at the latest.
    pub until: Wall,
}

/// Somebody who wants to sign in.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// What is typed as account.
    pub account: String,
    /// What is typed as password.
    pub password: Pii<String>,
    /// Where the request comes from.
    pub address: Option<String>,
    /// What the browser calls itself.
    pub agent: Option<String>,
}

/// A session that has begun.
#[derive(Clone, Debug)]
pub struct Begun {
    /// What the browser keeps; it is told once.
    pub token: Pii<String>,
    /// Who is signed in.
    pub signed_in: SignedIn,
}

impl Access {
    /// Whose session a token is; none: it is unknown, over, revoked, idle for too long, or its account is locked.
    pub async fn who(&self, token: &str, now: Wall) -> Result<Option<SignedIn>, Error> {
        let Some(row) = self
            .store
            .reader()
            .session(&hash_of(token), now, now - self.limits.idle)
            .await?
        else {
            return Ok(None);
        };
        if now.since(Wall::from_millis(row.seen_at)) >= self.seen_every() {
            self.see(row.session, now);
        }
        let role = Role::named(&row.role).ok_or(Error::UnknownRole { role: row.role })?;
        Ok(Some(SignedIn {
            person: Person {
                id: row.account_id,
                account: row.account,
                name: row.name,
                role,
                department: row.department,
            },
            session: row.session,
            csrf: row.csrf,
            password_due: row.password_due,
            until: Wall::from_millis(row.until),
        }))
    }

    /// Whether a session is in force still: for answers that stay open, such as events.
    pub async fn is_in_force(&self, signed_in: &SignedIn, now: Wall) -> Result<bool, Error> {
        Ok(self.store.reader().is_session_in_force(signed_in.session, now).await?)
    }

    /// Notes that a person works without asking for anything: a session that is over by now stays so. It need not be said oftener
    /// than each [`Access::seen_every`].
    pub fn works_on(&self, signed_in: &SignedIn, now: Wall) {
        self.see(signed_in.session, now);
    }

    /// So often it is written down that a session is in use.
    pub fn seen_every(&self) -> Duration {
        SEEN_EVERY.min(self.limits.idle / SEEN_WITHIN_IDLE)
    }

    /// Notes that a session is in use, beside the request: a database that is away must not hold it up.
    fn see(&self, session: i64, now: Wall) {
        let Ok(permit) = self.gate.seen.clone().try_acquire_owned() else {
            return;
        };
        let (store, idle_since) = (self.store.clone(), now - self.limits.idle);
        tokio::spawn(async move {
            // What is not written now is with the next request.
            drop(store.see_session(session, now, idle_since).await);
            drop(permit);
        });
    }

    /// Signs somebody in. A name that nobody has is answered like one that somebody has, and as slowly.
    ///
    /// # Errors
    /// [`Error::WrongPassword`], [`Error::Locked`], [`Error::TooManyTries`], [`Error::Busy`].
    pub async fn sign_in(&self, credentials: Credentials, now: Wall) -> Result<Begun, Error> {
        let refused_at = tokio::time::sleep(REFUSED_AFTER);
        let begun = self.let_in(credentials, now).await;
        if begun.is_err() {
            refused_at.await;
        }
        begun
    }

    async fn let_in(&self, credentials: Credentials, now: Wall) -> Result<Begun, Error> {
        let Credentials {
            account,
            password,
            address,
            agent,
        } = credentials;
        let account = super::people::canonical(&account);
        let from = address.clone().unwrap_or_default();
        self.tries()
            .count_address(&from, now)
            .map_err(|until| Error::TooManyTries { until })?;
        let found = self
            .store
            .reader()
            .account_named(&account, now, now - self.limits.idle)
            .await?;
        // Whoever has left is a name that nobody has.
        let Some(row) = found.filter(|row| row.ended_at.is_none()) else {
            return Err(self.refuse_unknown(&account, password, address, now).await?);
        };
        let left = match self.store.try_account(row.id, TRIES, LOCK, now).await? {
            Tried::Open { left } => left,
            Tried::Locked { until } => {
                self.mill.pretend(password).await?;
                self.note_refused(&row, "refused_while_locked", address, now).await?;
                return Err(Error::Locked { until });
            }
        };
        if !self.mill.is_of(password, row.password.clone()).await? {
            self.note_refused(&row, "refused_sign_in", address, now).await?;
            return Err(wrong(left, now));
        }
        self.tries().was_right(&from);
        let mut octets = [0; TOKEN];
        random(&mut octets)?;
        let token = hexadecimal(&octets);
        random(&mut octets)?;
        let csrf = hexadecimal(&octets);
        let until = now + self.limits.lasts;
        let person = person_of(&row)?;
        let new = NewSession {
            most: self.limits.most,
            token_hash: hash_of(&token),
            account_id: row.id,
            csrf: csrf.clone(),
            address: address.clone(),
            agent: agent.map(|agent| agent.chars().filter(|c| !c.is_control()).take(AGENT).collect()),
            until,
        };
        let act = Act {
            deed: "signed_in",
            object: Some(format!("account:{}", row.id)),
            address,
            ..Act::default()
        };
        let session = self.store.begin_session(new, act.by(&person, now)).await?;
        let Some(session) = session else {
            return Err(wrong(left, now));
        };
        Ok(Begun {
            token: Pii::new(token),
            signed_in: SignedIn {
                person,
                session,
                csrf,
                password_due: row.password_due,
                until,
            },
        })
    }

    /// Whether a password is that of an account, counted like a try to sign in.
    pub(super) async fn confirm(&self, row: &AccountRow, password: Pii<String>, now: Wall) -> Result<(), Error> {
        let left = match self.store.try_account(row.id, TRIES, LOCK, now).await? {
            Tried::Open { left } => left,
            Tried::Locked { until } => return Err(Error::Locked { until }),
        };
        if self.mill.is_of(password, row.password.clone()).await? {
            Ok(())
        } else {
            Err(wrong(left, now))
        }
    }

    async fn refuse_unknown(
        &self,
        account: &str,
        password: Pii<String>,
        address: Option<String>,
        now: Wall,
    ) -> Result<Error, Error> {
        let told = self.tries().of_unknown(account, now);
        self.mill.pretend(password).await?;
        // What was typed as a name may be a password: it is not written down.
        let deed = Act {
            deed: "refused_sign_in",
            object: Some("account:unknown".to_owned()),
            address,
            ..Act::default()
        };
        self.store.note_deed(deed.by_nobody(now)).await?;
        Ok(match told {
            Unknown::Left(left) => Error::WrongPassword { left },
            Unknown::Locked(until) => Error::Locked { until },
        })
    }

    async fn note_refused(
        &self,
        row: &AccountRow,
        deed: &'static str,
        address: Option<String>,
        now: Wall,
    ) -> Result<(), Error> {
        let act = Act {
            deed,
            object: Some(format!("account:{}", row.id)),
            address,
            ..Act::default()
        };
        self.store.note_deed(act.by_nobody(now)).await?;
        Ok(())
    }

    /// Ends the session of whoever asks.
    pub async fn sign_out(&self, signed_in: &SignedIn, address: Option<String>, now: Wall) -> Result<(), Error> {
        let act = Act {
            deed: "signed_out",
            object: Some(format!("account:{}", signed_in.person.id)),
            address,
            ..Act::default()
        };
        let deed = act.by(&signed_in.person, now);
        self.store
            .end_session(signed_in.person.id, signed_in.session, deed)
            .await?;
        Ok(())
    }

    /// The sessions of an account that are in force.
    pub async fn sessions_of(&self, account: i64, now: Wall) -> Result<Vec<ListedSession>, Error> {
        Ok(self
            .store
            .reader()
            .sessions_of(account, now, now - self.limits.idle)
            .await?)
    }

    /// Ends a session of an account; false if there is none that could end.
    pub async fn end_session(
        &self,
        by: &Person,
        account: i64,
        session: i64,
        act: Act,
        now: Wall,
    ) -> Result<bool, Error> {
        Ok(self.store.end_session(account, session, act.by(by, now)).await?)
    }

    pub(super) fn tries(&self) -> std::sync::MutexGuard<'_, super::tries::Tries> {
        self.gate.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wrong(left: u32, now: Wall) -> Error {
    if left == 0 {
        Error::Locked { until: now + LOCK }
    } else {
        Error::WrongPassword { left }
    }
}

pub(super) fn person_of(row: &AccountRow) -> Result<Person, Error> {
    let role = Role::named(&row.role).ok_or_else(|| Error::UnknownRole { role: row.role.clone() })?;
    Ok(Person {
        id: row.id,
        account: row.account.clone(),
        name: row.name.clone(),
        role,
        department: row.department.clone(),
    })
}

/// What the database keeps of a token.
pub(super) fn hash_of(token: &str) -> String {
    hexadecimal(&Sha256::digest(token))
}

fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
