//! Who heard which seconds of a call: what was served is written down before it leaves, neighbours joined.

use std::time::Duration;

use super::audit::Deed;
use crate::ids::AttemptId;
use crate::moment::Wall;
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Reader, Store};

/// After so long without a request of the same person and call a new sitting begins.
pub const SITTING: Duration = Duration::from_secs(30 * 60);
/// Stretches this close to each other are one.
const CLOSE_MS: i64 = 1_000;
/// Stretches of one sitting at most; what comes after is joined to the nearest.
const MANY: usize = 100;

/// A stretch that somebody is about to hear.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// Of which call.
    pub attempt: AttemptId,
    /// Who.
    pub account: i64,
    /// The account as it is called now.
    pub who: String,
    /// Where it begins, in milliseconds of the recording.
    pub from_ms: i64,
    /// Where it ends.
    pub to_ms: i64,
    /// Why, in the person's words.
    pub reason: Option<String>,
    /// Where the request came from.
    pub address: Option<String>,
    /// When.
    pub now: Wall,
}

/// A row of the listen log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListeningRow {
    /// The sitting: its row of the audit log.
    pub sitting: i64,
    /// Who.
    pub account: i64,
    /// The person's name.
    pub name: String,
    /// Where the stretch begins, in milliseconds of the recording.
    pub from_ms: i64,
    /// Where it ends.
    pub to_ms: i64,
    /// How many requests served it.
    pub requests: i64,
    /// When the first came.
    pub first: Wall,
    /// When the last came.
    pub last: Wall,
    /// Why.
    pub reason: Option<String>,
}

type Row = (i64, i64, String, i64, i64, i64, i64, i64, Option<String>);

impl Reader {
    /// Who heard which seconds of a call, the latest first; a thousand rows at most.
    pub async fn listening(&self, attempt: AttemptId) -> Result<Vec<ListeningRow>, Error> {
        let rows: Vec<Row> = sqlx::query_as(
            "select h.audit_id, h.account_id, a.name, h.from_ms, h.to_ms, h.requests, h.first_at, h.last_at, h.reason
             from listening h join account a on a.id = h.account_id
             where h.attempt_id = $1 order by h.first_at desc, h.id desc limit 1000",
        )
        .bind(attempt.0)
        .fetch_all(self.pool())
        .await?;
        Ok(rows
            .into_iter()
            .map(
                |(sitting, account, name, from_ms, to_ms, requests, first, last, reason)| ListeningRow {
                    sitting,
                    account,
                    name,
                    from_ms,
                    to_ms,
                    requests,
                    first: Wall::from_millis(first),
                    last: Wall::from_millis(last),
                    reason,
                },
            )
            .collect())
    }
}

impl Store {
    /// Writes down that somebody is about to hear a stretch. The first one of a sitting goes to the audit log in the same
    /// transaction; gives the sitting.
    pub async fn note_heard(&self, heard: Heard) -> Result<i64, Error> {
        self.write(heard).await
    }
}

/// The sitting that goes on.
const SITTING_OF: &str = "
select audit_id from listening where account_id = $1 and attempt_id = $2 and last_at >= $3 order by last_at desc limit 1";

impl Write for Heard {
    type Answer = i64;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<i64, Error> {
        let sitting: Option<i64> = sqlx::query_scalar(SITTING_OF)
            .bind(self.account)
            .bind(self.attempt.0)
            .bind((self.now - SITTING).millis())
            .fetch_optional(&mut *ledger.db)
            .await?;
        let Some(sitting) = sitting else {
            let sitting = self.deed().run(ledger).await?;
            self.add(ledger, sitting).await?;
            return Ok(sitting);
        };
        let rows: Vec<(i64, i64, i64)> = sqlx::query_as(
            "select id, from_ms, to_ms from listening where account_id = $1 and attempt_id = $2 and audit_id = $3 order by id",
        )
        .bind(self.account)
        .bind(self.attempt.0)
        .bind(sitting)
        .fetch_all(&mut *ledger.db)
        .await?;
        let near = |(_, from, to): &(i64, i64, i64)| apart((*from, *to), (self.from_ms, self.to_ms)) <= CLOSE_MS;
        let mut joined: Vec<_> = rows.iter().copied().filter(near).collect();
        if joined.is_empty() && rows.len() >= MANY {
            joined.extend(
                rows.iter()
                    .copied()
                    .min_by_key(|(_, from, to)| apart((*from, *to), (self.from_ms, self.to_ms))),
            );
        }
        match joined.split_first() {
            None => self.add(ledger, sitting).await?,
            Some((first, others)) => self.join(ledger, *first, others).await?,
        }
        Ok(sitting)
    }
}

/// The time between two stretches; 0 where they touch.
fn apart((from, to): (i64, i64), (other_from, other_to): (i64, i64)) -> i64 {
    (other_from - to).max(from - other_to).max(0)
}

impl Heard {
    fn deed(&self) -> Deed {
        Deed {
            at: self.now,
            account_id: Some(self.account),
            who: self.who.clone(),
            deed: "listened".to_owned(),
            object: Some(format!("call:{}", self.attempt)),
            reason: self.reason.clone(),
            detail: None,
            address: self.address.clone(),
        }
    }

    async fn add(&self, ledger: &mut Ledger<'_>, sitting: i64) -> Result<(), Error> {
        sqlx::query(
            "insert into listening (attempt_id, account_id, audit_id, from_ms, to_ms, first_at, last_at, reason)
             values ($1, $2, $3, $4, $5, $6, $6, $7)",
        )
        .bind(self.attempt.0)
        .bind(self.account)
        .bind(sitting)
        .bind(self.from_ms)
        .bind(self.to_ms)
        .bind(self.now.millis())
        .bind(&self.reason)
        .execute(&mut *ledger.db)
        .await?;
        Ok(())
    }

    /// Makes one row of those that the new stretch connects.
    async fn join(
        &self,
        ledger: &mut Ledger<'_>,
        (id, from, to): (i64, i64, i64),
        others: &[(i64, i64, i64)],
    ) -> Result<(), Error> {
        let from = others
            .iter()
            .map(|(_, from, _)| *from)
            .fold(from.min(self.from_ms), i64::min);
        let to = others.iter().map(|(_, _, to)| *to).fold(to.max(self.to_ms), i64::max);
        let mut requests = 1;
        for (other, ..) in others {
            let of_other: i64 = sqlx::query_scalar("delete from listening where id = $1 returning requests")
                .bind(other)
                .fetch_one(&mut *ledger.db)
                .await?;
            requests += of_other;
        }
        sqlx::query(
            "update listening set from_ms = $2, to_ms = $3, requests = requests + $4, last_at = $5,
                reason = coalesce($6, reason) where id = $1",
        )
        .bind(id)
        .bind(from)
        .bind(to)
        .bind(requests)
        .bind(self.now.millis())
        .bind(&self.reason)
        .execute(&mut *ledger.db)
        .await?;
        Ok(())
    }
}
