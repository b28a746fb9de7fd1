//! Answers to requests that created something, kept for a day, so that the same request sent again creates nothing twice.

use std::time::Duration;

use crate::moment::Wall;
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Reader, Store};

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

impl Reader {
    /// What a request was answered within the last day.
    pub async fn answered(&self, request: &RequestKey, now: Wall) -> Result<Option<Answered>, Error> {
        Ok(sqlx::query_as(
            "select body_sha256, status, kind, body from answered
             where account_id = $1 and route = $2 and key = $3 and at > $4",
        )
        .bind(request.account_id)
        .bind(&request.route)
        .bind(&request.key)
        .bind((now - KEPT).millis())
        .fetch_optional(self.pool())
        .await?)
    }
}

impl Store {
    /// Keeps the answer to a request.
    pub async fn keep_answer(&self, request: RequestKey, answer: Answered, now: Wall) -> Result<(), Error> {
        self.write(KeepAnswer { request, answer, now }).await
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
            "insert into answered (account_id, route, key, body_sha256, at, status, kind, body)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (account_id, route, key) do update set body_sha256 = excluded.body_sha256, at = excluded.at,
                status = excluded.status, kind = excluded.kind, body = excluded.body",
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
        sqlx::query("delete from answered where rowid in (select rowid from answered where at <= $1 limit 200)")
            .bind((self.now - KEPT).millis())
            .execute(&mut *ledger.db)
            .await?;
        sqlx::query(
            "delete from answered where rowid in (
                select rowid from answered where account_id = $1 order by at desc limit 200 offset $2)",
        )
        .bind(account_id)
        .bind(MOST)
        .execute(&mut *ledger.db)
        .await?;
        Ok(())
    }
}
