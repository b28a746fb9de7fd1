//! All cases of a campaign, stretch by stretch, for who counts them: no reading lasts so long that the write-ahead log
//! could not be carried into the database meanwhile, and what is sorted on the way stays small.

use sqlx::pool::PoolConnection;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow, Sqlite};

use super::figures::{ANSWERED, Reported};
use super::{Error, Period, Reader};

/// Cases of a stretch: some tenths of a second.
const STRETCH: i64 = 20_000;
/// What the connection keeps of the database while it counts, in KiB: which attempts have a recording is asked of all
/// places of one index, which is 45 MB long for ten million attempts.
const CACHE_KB: i64 = 65_536;

/// Where the next stretch ends.
const END: &str = "select max(id) from (select id from cases where campaign_id = $1 and id > $2 order by id limit $3)";

/// A walk over the cases of a campaign, by their ids.
pub(super) struct Walk {
    db: PoolConnection<Sqlite>,
    about: Reported,
    after: i64,
}

/// A stretch of it.
pub(super) struct Part<'w> {
    walk: &'w mut Walk,
    after: i64,
    last: i64,
}

impl Walk {
    pub(super) async fn begin(reader: &Reader, about: &Reported) -> Result<Self, Error> {
        let mut db = reader.pool().acquire().await?;
        sqlx::query(AssertSqlSafe(format!("pragma cache_size = -{CACHE_KB}")))
            .execute(&mut *db)
            .await?;
        Ok(Self {
            db,
            about: about.clone(),
            after: 0,
        })
    }

    /// The next stretch; none at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Part<'_>>, Error> {
        let last: Option<i64> = sqlx::query_scalar(END)
            .bind(self.about.campaign.0)
            .bind(self.after)
            .bind(STRETCH)
            .fetch_one(&mut *self.db)
            .await?;
        let Some(last) = last else {
            return Ok(None);
        };
        let after = std::mem::replace(&mut self.after, last);
        let walk = self;
        Ok(Some(Part { walk, after, last }))
    }

    /// Gives the memory back. A walk that is broken off leaves it to the next one.
    pub(super) async fn end(mut self) {
        // SQLite's own default.
        for pragma in ["pragma cache_size = -2000", "pragma shrink_memory"] {
            // It is not needed for anything that was counted.
            let _ = sqlx::query(pragma).execute(&mut *self.db).await;
        }
    }
}

impl Part<'_> {
    /// What `query` counts: `$1` the campaign, `$2` and `$3` the period, `$4` and `$5` the stretch, `$6` the department.
    pub(super) async fn ask<R>(self, query: &'static str, period: Period) -> Result<Vec<R>, Error>
    where
        R: for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
    {
        let (from, to) = period.bounds();
        Ok(sqlx::query_as(query)
            .bind(self.walk.about.campaign.0)
            .bind(from)
            .bind(to)
            .bind(self.after)
            .bind(self.last)
            .bind(&self.walk.about.department)
            .fetch_all(&mut *self.walk.db)
            .await?)
    }

    /// The questions that were answered in it.
    pub(super) async fn answered(&mut self) -> Result<Vec<String>, Error> {
        Ok(sqlx::query_scalar(ANSWERED)
            .bind(self.walk.about.campaign.0)
            .bind(self.after)
            .bind(self.last)
            .fetch_all(&mut *self.walk.db)
            .await?)
    }
}
