//! Sessions of people who are signed in. Only the hash of a token is kept.

use crate::moment::Wall;
use crate::store::console::audit::Deed;
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Reader, Store};

/// Sessions of an account that are listed at most.
const LISTED: i64 = 100;

/// Whose session it is.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SessionRow {
    /// The session's row.
    pub session: i64,
    /// The account's row.
    pub account_id: i64,
    /// What is typed to sign in.
    pub account: String,
    /// The person's name.
    pub name: String,
    /// The role, as it is stored.
    pub role: String,
    /// The department.
    pub department: Option<String>,
    /// Whether the password must be changed first.
    pub password_due: bool,
    /// What unsafe requests of this session carry.
    pub csrf: String,
    /// When it was last used, in milliseconds.
    pub seen_at: i64,
    /// When it ends at the latest, in milliseconds.
    pub until: i64,
}

/// A session as it is listed.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ListedSession {
    /// The session's row.
    pub id: i64,
    /// Where it was begun from.
    pub address: Option<String>,
    /// What the browser calls itself.
    pub agent: Option<String>,
    /// When it began, in milliseconds.
    pub begun_at: i64,
    /// When it was last used, in milliseconds.
    pub seen_at: i64,
    /// When it ends at the latest, in milliseconds.
    pub until: i64,
}

/// A session that begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSession {
    /// Sessions of the account that are in force at once; a further one ends the oldest.
    pub most: u32,
    /// SHA-256 of the token.
    pub token_hash: String,
    /// The account's row.
    pub account_id: i64,
    /// What unsafe requests of it carry.
    pub csrf: String,
    /// Where it is begun from.
    pub address: Option<String>,
    /// What the browser calls itself.
    pub agent: Option<String>,
    /// When it ends at the latest.
    pub until: Wall,
}

impl Reader {
    /// The session of a token's hash, unless it or its account has ended, or nobody has used it since `idle_since`.
    pub async fn session(&self, token_hash: &str, now: Wall, idle_since: Wall) -> Result<Option<SessionRow>, Error> {
        Ok(sqlx::query_as(
            "select s.id as session, a.id as account_id, a.account, a.name, a.role, a.department, a.password_due, s.csrf,
                s.seen_at, s.until
             from session s join account a on a.id = s.account_id
             where s.token_hash = $1 and s.ended_at is null and s.until > $2 and s.seen_at > $3 and a.ended_at is null",
        )
        .bind(token_hash)
        .bind(now.millis())
        .bind(idle_since.millis())
        .fetch_optional(self.pool())
        .await?)
    }

    /// Whether a session is in force still, for what stays open after its request.
    pub async fn is_session_in_force(&self, session: i64, now: Wall) -> Result<bool, Error> {
        Ok(sqlx::query_scalar(
            "select exists (select 1 from session s join account a on a.id = s.account_id
                where s.id = $1 and s.ended_at is null and s.until > $2 and a.ended_at is null)",
        )
        .bind(session)
        .bind(now.millis())
        .fetch_one(self.pool())
        .await?)
    }

    /// The sessions of an account that are in force, the latest first.
    pub async fn sessions_of(&self, account_id: i64, now: Wall, idle_since: Wall) -> Result<Vec<ListedSession>, Error> {
        Ok(sqlx::query_as(
            "select id, address, agent, begun_at, seen_at, until from session
             where account_id = $1 and ended_at is null and until > $2 and seen_at > $3 order by id desc limit $4",
        )
        .bind(account_id)
        .bind(now.millis())
        .bind(idle_since.millis())
        .bind(LISTED)
        .fetch_all(self.pool())
        .await?)
    }
}

impl Store {
    /// Begins a session: the wrong passwords before it are forgotten, and the account's oldest session ends if there are
    /// too many. None: the account was locked meanwhile.
    pub async fn begin_session(&self, new: NewSession, deed: Deed) -> Result<Option<i64>, Error> {
        self.write(Begin { new, deed }).await
    }

    /// Ends one session of an account; false if it was over already or is not this account's.
    pub async fn end_session(&self, account_id: i64, session: i64, deed: Deed) -> Result<bool, Error> {
        self.write(End {
            account_id,
            session,
            deed,
        })
        .await
    }

    /// Notes that a session is in use, if it was since `idle_since` and is in force still.
    pub async fn see_session(&self, session: i64, now: Wall, idle_since: Wall) -> Result<(), Error> {
        self.write(See {
            session,
            now,
            idle_since,
        })
        .await
    }
}

struct Begin {
    new: NewSession,
    deed: Deed,
}

impl Write for Begin {
    type Answer = Option<i64>;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Option<i64>, Error> {
        let now = self.deed.at.millis();
        let open = sqlx::query(
            "update account set failed = 0, locked_until = null, last_seen_at = $2 where id = $1 and ended_at is null",
        )
        .bind(self.new.account_id)
        .bind(now)
        .execute(&mut *ledger.db)
        .await?;
        if open.rows_affected() == 0 {
            return Ok(None);
        }
        let id: i64 = sqlx::query_scalar(
            "insert into session (token_hash, account_id, csrf, address, agent, begun_at, seen_at, until)
             values ($1, $2, $3, $4, $5, $6, $6, $7) returning id",
        )
        .bind(&self.new.token_hash)
        .bind(self.new.account_id)
        .bind(&self.new.csrf)
        .bind(&self.new.address)
        .bind(&self.new.agent)
        .bind(now)
        .bind(self.new.until.millis())
        .fetch_one(&mut *ledger.db)
        .await?;
        sqlx::query(
            "update session set ended_at = $2 where id in (
                select id from session where account_id = $1 and ended_at is null order by id desc limit -1 offset $3)",
        )
        .bind(self.new.account_id)
        .bind(now)
        .bind(self.new.most)
        .execute(&mut *ledger.db)
        .await?;
        // Who signed in when is in the audit log; the rows themselves are of no use once they are over.
        sqlx::query("delete from session where account_id = $1 and until < $2")
            .bind(self.new.account_id)
            .bind(now)
            .execute(&mut *ledger.db)
            .await?;
        self.deed.run(ledger).await?;
        Ok(Some(id))
    }
}

struct End {
    account_id: i64,
    session: i64,
    deed: Deed,
}

impl Write for End {
    type Answer = bool;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<bool, Error> {
        let ended =
            sqlx::query("update session set ended_at = $3 where id = $1 and account_id = $2 and ended_at is null")
                .bind(self.session)
                .bind(self.account_id)
                .bind(self.deed.at.millis())
                .execute(&mut *ledger.db)
                .await?;
        let has_ended = ended.rows_affected() > 0;
        if has_ended {
            self.deed.run(ledger).await?;
        }
        Ok(has_ended)
    }
}

struct See {
    session: i64,
    now: Wall,
    idle_since: Wall,
}

impl Write for See {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        sqlx::query(
            "update session set seen_at = max(seen_at, $2) where id = $1 and ended_at is null and until > $2 and seen_at > $3",
        )
        .bind(self.session)
        .bind(self.now.millis())
        .bind(self.idle_since.millis())
            .execute(&mut *ledger.db)
            .await?;
        Ok(())
    }
}
