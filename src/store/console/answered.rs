//! Requests that create something, with their answers, kept for a day, so that the same request sent again creates nothing twice.
//! A request is written down before it is carried out: whatever ends the daemon meanwhile, the key is known to have been used.

use std::time::Duration;

use crate::moment::Wall;
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Store};

/// How long an answer is kept.
pub const KEPT: Duration = Duration::from_secs(24 * 3600);
/// Answers that are kept for an account at most; with more, the oldest go.
const MOST: i64 = 1_000;

/// Which request it was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestKey {
    /// Whose.
    pub account_id: i64,
    /// To which route.
    pub route: String,
    /// The client's word for it.
    pub key: String,
}

/// An answer as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Answered {
    /// SHA-256 of what was asked.
    pub body_sha256: String,
    /// The status.
    pub status: u16,
    /// The content type.
    pub kind: String,
    /// The body.
    pub body: Vec<u8>,
}

/// How it stands with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nobody has asked this yet; from now on it is known.
    New,
    /// It was answered.
    Answered(Answered),
    /// Something else was asked under the key.
    Other,
    /// It was begun, and what came of it was never written: the daemon ended meanwhile.
    CutShort,
}

/// The status of a request that has no answer yet.
const BEGUN: u16 = 0;

impl Store {
    /// Writes a request down before it is carried out, unless it is known.
    pub async fn begin_request(&self, request: RequestKey, body_sha256: String, now: Wall) -> Result<Known, Error> {
        self.write(BeginRequest {
            request,
            body_sha256,
            now,
        })
        .await
    }

    /// Keeps the answer to a request that was begun.
    pub async fn keep_answer(&self, request: RequestKey, answer: Answered, now: Wall) -> Result<(), Error> {
        self.write(KeepAnswer { request, answer, now }).await
    }

    /// Forgets a request that created nothing: it may be asked again.
    pub async fn forget_request(&self, request: RequestKey) -> Result<(), Error> {
        self.write(ForgetRequest { request }).await
    }
}

struct BeginRequest {
    request: RequestKey,
    body_sha256: String,
    now: Wall,
}

impl Write for BeginRequest {
    type Answer = Known;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Known, Error> {
        let RequestKey { account_id, route, key } = &self.request;
        let long_ago = (self.now - KEPT).millis();
        sqlx::query("delete from answered where account_id = $1 and route = $2 and key = $3 and at <= $4")
            .bind(account_id)
            .bind(route)
            .bind(key)
            .bind(long_ago)
            .execute(&mut *ledger.db)
            .await?;
        let before: Option<Answered> = sqlx::query_as(
            "select body_sha256, status, kind, body from answered where account_id = $1 and route = $2 and key = $3",
        )
        .bind(account_id)
        .bind(route)
        .bind(key)
        .fetch_optional(&mut *ledger.db)
        .await?;
        if let Some(before) = before {
            return Ok(match before {
                before if before.body_sha256 != self.body_sha256 => Known::Other,
                before if before.status == BEGUN => Known::CutShort,
                before => Known::Answered(before),
            });
        }
        sqlx::query(
            "insert into answered (account_id, route, key, body_sha256, at, status, kind, body)
             values ($1, $2, $3, $4, $5, $6, '', x'')",
        )
        .bind(account_id)
        .bind(route)
        .bind(key)
        .bind(&self.body_sha256)
        .bind(self.now.millis())
        .bind(BEGUN)
        .execute(&mut *ledger.db)
        .await?;
        sqlx::query("delete from answered where rowid in (select rowid from answered where at <= $1 limit 200)")
            .bind(long_ago)
            .execute(&mut *ledger.db)
            .await?;
        sqlx::query(
            "delete from answered where rowid in (
                select rowid from answered where account_id = $1 order by at desc, rowid desc limit 200 offset $2)",
        )
        .bind(account_id)
        .bind(MOST)
        .execute(&mut *ledger.db)
        .await?;
        Ok(Known::New)
    }
}

struct KeepAnswer {
    request: RequestKey,
    answer: Answered,
    now: Wall,
}

impl Write for KeepAnswer {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        let RequestKey { account_id, route, key } = &self.request;
        sqlx::query(
            "update answered set body_sha256 = $4, at = $5, status = $6, kind = $7, body = $8
             where account_id = $1 and route = $2 and key = $3",
        )
        .bind(account_id)
        .bind(route)
        .bind(key)
        .bind(&self.answer.body_sha256)
        .bind(self.now.millis())
        .bind(self.answer.status)
        .bind(&self.answer.kind)
        .bind(&self.answer.body)
        .execute(&mut *ledger.db)
        .await?;
        Ok(())
    }
}

struct ForgetRequest {
    request: RequestKey,
}

impl Write for ForgetRequest {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        let RequestKey { account_id, route, key } = &self.request;
        sqlx::query("delete from answered where account_id = $1 and route = $2 and key = $3 and status = $4")
            .bind(account_id)
            .bind(route)
            .bind(key)
            .bind(BEGUN)
            .execute(&mut *ledger.db)
            .await?;
        Ok(())
    }
}
