//! Accounts of people, each change with its row in the audit log, in one transaction.

use std::time::Duration;

use crate::moment::Wall;
use crate::store::console::audit::Deed;
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Reader, Store};

/// An account as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AccountRow {
    /// Its row.
    pub id: i64,
    /// What is typed to sign in.
    pub account: String,
    /// The person's name.
    pub name: String,
    /// The role, as it is stored.
    pub role: String,
    /// The department.
    pub department: Option<String>,
    /// Argon2id in the PHC string form.
    pub password: String,
    /// Whether the password must be changed first.
    pub password_due: bool,
    /// Until when nobody may try to sign in, in milliseconds.
    pub locked_until: Option<i64>,
    /// When it was made, in milliseconds.
    pub created_at: i64,
    /// Who made it.
    pub created_by: String,
    /// When the person was last signed in, in milliseconds.
    pub last_seen_at: Option<i64>,
    /// When it was locked for good, in milliseconds.
    pub ended_at: Option<i64>,
    /// By whom.
    pub ended_by: Option<String>,
    /// How many sessions are in force.
    pub sessions: i64,
}

/// A new account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// What is typed to sign in.
    pub account: String,
    /// The person's name.
    pub name: String,
    /// The role, as it is stored.
    pub role: String,
    /// The department.
    pub department: Option<String>,
    /// Argon2id in the PHC string form.
    pub password: String,
    /// Whether the password must be changed first.
    pub password_due: bool,
}

/// What becomes of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountChange {
    /// Another name, role or department.
    Person {
        /// The name.
        name: String,
        /// The role, as it is stored.
        role: String,
        /// The department.
        department: Option<String>,
    },
    /// Locked for good: all sessions end.
    Lock,
    /// Open again, with no wrong password counted.
    Unlock,
    /// Another password; all sessions end but the one named.
    Password {
        /// Argon2id in the PHC string form.
        password: String,
        /// Whether it must be changed at the next sign-in.
        due: Due,
        /// The session in which it was changed.
        but: Option<i64>,
    },
}

/// Whether a password must be changed at the next sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Somebody else gave it.
    Now,
    /// The person has chosen it.
    No,
}

/// How a try to sign in stands before the password is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// It may be looked at; so many more may be tried after it.
    Open {
        /// How many.
        left: u32,
    },
    /// Too many wrong ones: nobody may try before this time.
    Locked {
        /// When.
        until: Wall,
    },
}

const COLUMNS: &str = "
select a.id, a.account, a.name, a.role, a.department, a.password, a.password_due, a.locked_until, a.created_at,
    a.created_by, a.last_seen_at, a.ended_at, a.ended_by,
    (select count(*) from session s where s.account_id = a.id and s.ended_at is null and s.until > $1 and s.seen_at > $2)
        as sessions
from account a ";

impl Reader {
    /// The account of this name.
    pub async fn account_named(&self, account: &str, now: Wall, idle_since: Wall) -> Result<Option<AccountRow>, Error> {
        let query = selected(" where a.account = $3");
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(query))
            .bind(now.millis())
            .bind(idle_since.millis())
            .bind(account)
            .fetch_optional(self.pool())
            .await?)
    }

    /// The account of this row.
    pub async fn account(&self, id: i64, now: Wall, idle_since: Wall) -> Result<Option<AccountRow>, Error> {
        let query = selected(" where a.id = $3");
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(query))
            .bind(now.millis())
            .bind(idle_since.millis())
            .bind(id)
            .fetch_optional(self.pool())
            .await?)
    }

    /// Whether there is any account.
    pub async fn has_accounts(&self) -> Result<bool, Error> {
        Ok(sqlx::query_scalar("select exists (select 1 from account)")
            .fetch_one(self.pool())
            .await?)
    }

    /// Accounts after row `after`, oldest first, at most `limit`.
    pub async fn accounts(
        &self,
        after: i64,
        limit: u32,
        now: Wall,
        idle_since: Wall,
    ) -> Result<Vec<AccountRow>, Error> {
        let query = selected(" where a.id > $3 order by a.id limit $4");
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(query))
            .bind(now.millis())
            .bind(idle_since.millis())
            .bind(after)
            .bind(limit)
            .fetch_all(self.pool())
            .await?)
    }
}

fn selected(condition: &'static str) -> String {
    format!("{COLUMNS}{condition}")
}

impl Store {
    /// Makes an account; none if one of this name is there already.
    pub async fn add_account(&self, new: NewAccount, deed: Deed) -> Result<Option<i64>, Error> {
        self.write(Add { new, deed }).await
    }

    /// Changes an account and writes down who did it; none if there is no such account.
    ///
    /// # Errors
    /// [`Error::LastAdministrator`]: nobody who keeps accounts would be left.
    pub async fn change_account(&self, id: i64, change: AccountChange, deed: Deed) -> Result<Option<()>, Error> {
        self.write(Change { id, change, deed }).await
    }

    /// Takes one of the tries that an account has, before the password is looked at.
    pub async fn try_account(&self, id: i64, tries: u32, lock: Duration, now: Wall) -> Result<Tried, Error> {
        self.write(Try { id, tries, lock, now }).await
    }
}

struct Add {
    new: NewAccount,
    deed: Deed,
}

impl Write for Add {
    type Answer = Option<i64>;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Option<i64>, Error> {
        let NewAccount {
            account,
            name,
            role,
            department,
            password,
            password_due,
        } = &self.new;
        let id: Option<i64> = sqlx::query_scalar(
            "insert into account (account, name, role, department, password, password_due, created_at, created_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (account) do nothing returning id",
        )
        .bind(account)
        .bind(name)
        .bind(role)
        .bind(department)
        .bind(password)
        .bind(password_due)
        .bind(self.deed.at.millis())
        .bind(&self.deed.who)
        .fetch_optional(&mut *ledger.db)
        .await?;
        if id.is_some() {
            self.deed.run(ledger).await?;
        }
        Ok(id)
    }
}

struct Change {
    id: i64,
    change: AccountChange,
    deed: Deed,
}

impl Write for Change {
    type Answer = Option<()>;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Option<()>, Error> {
        let now = self.deed.at.millis();
        let found = match &self.change {
            AccountChange::Person { name, role, department } => {
                sqlx::query("update account set name = $2, role = $3, department = $4 where id = $1")
                    .bind(self.id)
                    .bind(name)
                    .bind(role)
                    .bind(department)
            }
            AccountChange::Lock => sqlx::query(
                "update account set ended_at = coalesce(ended_at, $2), ended_by = coalesce(ended_by, $3) where id = $1",
            )
            .bind(self.id)
            .bind(now)
            .bind(&self.deed.who),
            AccountChange::Unlock => sqlx::query(
                "update account set ended_at = null, ended_by = null, failed = 0, locked_until = null where id = $1",
            )
            .bind(self.id),
            AccountChange::Password { password, due, .. } => sqlx::query(
                "update account set password = $2, password_due = $3, failed = 0, locked_until = null where id = $1",
            )
            .bind(self.id)
            .bind(password)
            .bind(*due == Due::Now),
        }
        .execute(&mut *ledger.db)
        .await?;
        if found.rows_affected() == 0 {
            return Ok(None);
        }
        match &self.change {
            AccountChange::Lock => end_sessions(ledger, self.id, None, now).await?,
            AccountChange::Password { but, .. } => end_sessions(ledger, self.id, *but, now).await?,
            AccountChange::Person { .. } | AccountChange::Unlock => {}
        }
        let administrators: bool = sqlx::query_scalar(
            "select exists (select 1 from account where role = 'administrator' and ended_at is null)",
        )
        .fetch_one(&mut *ledger.db)
        .await?;
        let takes_away = matches!(self.change, AccountChange::Person { .. } | AccountChange::Lock);
        if takes_away && !administrators {
            return Err(Error::LastAdministrator);
        }
        self.deed.run(ledger).await?;
        Ok(Some(()))
    }
}

/// Ends the sessions of an account, but this one.
async fn end_sessions(ledger: &mut Ledger<'_>, account: i64, but: Option<i64>, now: i64) -> Result<(), Error> {
    sqlx::query("update session set ended_at = $3 where account_id = $1 and ended_at is null and id is not $2")
        .bind(account)
        .bind(but)
        .bind(now)
        .execute(&mut *ledger.db)
        .await?;
    Ok(())
}

struct Try {
    id: i64,
    tries: u32,
    lock: Duration,
    now: Wall,
}

impl Write for Try {
    type Answer = Tried;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Tried, Error> {
        let (failed, until): (u32, Option<i64>) =
            sqlx::query_as("select failed, locked_until from account where id = $1")
                .bind(self.id)
                .fetch_one(&mut *ledger.db)
                .await?;
        let failed = match until.map(Wall::from_millis) {
            Some(until) if until > self.now => return Ok(Tried::Locked { until }),
            // The lock is over: all tries are there again.
            Some(_) => 1,
            None => failed.saturating_add(1),
        };
        let until = (failed >= self.tries).then(|| self.now + self.lock);
        sqlx::query("update account set failed = $2, locked_until = $3 where id = $1")
            .bind(self.id)
            .bind(failed)
            .bind(until.map(Wall::millis))
            .execute(&mut *ledger.db)
            .await?;
        Ok(Tried::Open {
            left: self.tries.saturating_sub(failed),
        })
    }
}
