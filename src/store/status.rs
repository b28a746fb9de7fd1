//! A glance at the work: campaigns with their counts, endings so far, the last attempts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::{AttemptId, CaseId};
use crate::moment::Wall;
use crate::outcome::Disposition;
use crate::phone::Number;

use super::finish::disposition_of;
use super::{CallBackRecord, Campaign, Error, Reader};

/// A glance at the work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// All campaigns with their counts.
    pub campaigns: Vec<Campaign>,
    /// Attempts under way.
    pub attempts_under_way: u64,
    /// Ended attempts by disposition, test calls left out.
    pub by_disposition: BTreeMap<Disposition, u64>,
    /// The last attempts, newest first.
    pub last_attempts: Vec<LastAttempt>,
    /// The latest calls of others to us, newest first.
    pub call_backs: Vec<CallBackRecord>,
    /// How many called us today.
    pub call_backs_today: u64,
    /// Recordings whose file is missing.
    #[serde(default)]
    pub recordings_missing: u64,
}

/// One of the last attempts. Its number is shown masked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastAttempt {
    /// The attempt.
    pub attempt: AttemptId,
    /// Its case; none for a test call.
    pub case: Option<CaseId>,
    /// The number, masked.
    pub number: String,
    /// Over which trunk.
    pub trunk: String,
    /// When it began.
    pub begun_at: Wall,
    /// When it ended; none while it is under way.
    pub ended_at: Option<Wall>,
    /// How it ended.
    pub disposition: Option<Disposition>,
    /// The rule that said so.
    pub rule: Option<String>,
}

#[derive(sqlx::FromRow)]
struct LastRow {
    id: i64,
    case_id: Option<i64>,
    digits: String,
    trunk: String,
    begun_at: i64,
    ended_at: Option<i64>,
    disposition: Option<String>,
    rule: Option<String>,
}

impl Reader {
    /// A glance at the work, with the last `last` attempts and call backs; `today` began then.
    pub async fn status(&self, now: Wall, today: Wall, last: u32) -> Result<Status, Error> {
        let attempts_under_way = sqlx::query_scalar("select count(*) from attempt where state = 'begun'")
            .fetch_one(self.pool())
            .await?;
        let tally: Vec<(String, u64)> = sqlx::query_as(
            "select disposition, count(*) from attempt where state = 'ended' and is_test = 0
                and direction = 'out' group by disposition",
        )
        .fetch_all(self.pool())
        .await?;
        let mut by_disposition = BTreeMap::new();
        for (id, n) in tally {
            by_disposition.insert(disposition_of(&id)?, n);
        }
        Ok(Status {
            campaigns: self.campaigns(now).await?,
            attempts_under_way,
            by_disposition,
            last_attempts: self.last_attempts(last).await?,
            call_backs: self.call_backs(last).await?,
            call_backs_today: self.call_backs_since(today).await?,
            recordings_missing: self.recordings_missing().await?,
        })
    }

    async fn last_attempts(&self, last: u32) -> Result<Vec<LastAttempt>, Error> {
        let rows: Vec<LastRow> = sqlx::query_as(
            "select id, case_id, digits, trunk, begun_at, ended_at, disposition, rule
             from attempt order by id desc limit $1",
        )
        .bind(last)
        .fetch_all(self.pool())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(LastAttempt {
                    attempt: AttemptId(row.id),
                    case: row.case_id.map(CaseId),
                    number: Number::parse(&row.digits)
                        .map_err(|why| Error::stored("attempt.digits", why))?
                        .masked(),
                    trunk: row.trunk,
                    begun_at: Wall::from_millis(row.begun_at),
                    ended_at: row.ended_at.map(Wall::from_millis),
                    disposition: row.disposition.as_deref().map(disposition_of).transpose()?,
                    rule: row.rule,
                })
            })
            .collect()
    }
}
