//! What a month of work takes on disk, as far as the database can tell.

use std::time::Duration;

use crate::moment::Wall;

use super::{Error, Reader};

/// What a month is reckoned as.
pub const MONTH: Duration = Duration::from_secs(30 * 24 * 3_600);

/// What the last month was like, and what the next one has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Month {
    /// Recordings of the last 30 days.
    pub recordings: u64,
    /// Their length, in milliseconds.
    pub recorded_ms: u64,
    /// Open cases that are due within 30 days.
    pub due: u64,
    /// The size of the database.
    pub database_bytes: u64,
    /// How long it has been filled, in days; 1 at least.
    pub database_days: u64,
}

impl Reader {
    /// Looks back and ahead from `now`.
    pub async fn month(&self, now: Wall) -> Result<Month, Error> {
        let (recordings, recorded_ms): (u64, u64) = sqlx::query_as(
            "select count(*), coalesce(sum(r.duration_ms), 0)
             from recording r join attempt a on a.id = r.attempt_id where a.begun_at >= $1",
        )
        .bind((now - MONTH).millis())
        .fetch_one(self.pool())
        .await?;
        let due: u64 = sqlx::query_scalar("select count(*) from cases where state = 'open' and due_at < $1")
            .bind((now + MONTH).millis())
            .fetch_one(self.pool())
            .await?;
        let (pages, size): (u64, u64) =
            sqlx::query_as("select page_count, page_size from pragma_page_count(), pragma_page_size()")
                .fetch_one(self.pool())
                .await?;
        let since: Option<i64> = sqlx::query_scalar("select min(kept_at) from dialplan")
            .fetch_one(self.pool())
            .await?;
        let age = since.map_or(Duration::ZERO, |since| now.since(Wall::from_millis(since)));
        Ok(Month {
            recordings,
            recorded_ms,
            due,
            database_bytes: pages.saturating_mul(size),
            database_days: (age.as_secs() / (24 * 3_600)).max(1),
        })
    }
}
