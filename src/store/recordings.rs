//! The rows of recordings, as whoever compares them with the files needs them.

use std::collections::BTreeMap;

use crate::ids::AttemptId;
use crate::moment::Wall;

use super::job::{Ledger, Write};
use super::{Error, Reader, Store};

/// What the database says of the recording of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingRow {
    /// Whether the attempt is under way: its recording may be in the making.
    pub is_under_way: bool,
    /// Its file, relative to the data folder; none if the attempt has no recording.
    pub path: Option<String>,
    /// Since when the file is missing.
    pub missing_since: Option<Wall>,
    /// When it was removed by a rule.
    pub purged_at: Option<Wall>,
}

type Row = (i64, bool, Option<String>, Option<i64>, Option<i64>);

impl Reader {
    /// The attempts of a range of ids, each with what is known of its recording.
    pub async fn recording_rows(
        &self,
        first: AttemptId,
        last: AttemptId,
    ) -> Result<BTreeMap<AttemptId, RecordingRow>, Error> {
        let rows: Vec<Row> = sqlx::query_as(
            "select a.id, a.state = 'begun', r.path, r.missing_since, r.purged_at
             from attempt a left join recording r on r.attempt_id = a.id where a.id between $1 and $2",
        )
        .bind(first.0)
        .bind(last.0)
        .fetch_all(self.pool())
        .await?;
        Ok(rows
            .into_iter()
            .map(|(id, is_under_way, path, missing, purged)| {
                let row = RecordingRow {
                    is_under_way,
                    path,
                    missing_since: missing.map(Wall::from_millis),
                    purged_at: purged.map(Wall::from_millis),
                };
                (AttemptId(id), row)
            })
            .collect())
    }

    /// The latest attempt; none if nobody was called yet.
    pub async fn latest_attempt(&self) -> Result<Option<AttemptId>, Error> {
        let latest: Option<i64> = sqlx::query_scalar("select max(id) from attempt")
            .fetch_one(self.pool())
            .await?;
        Ok(latest.map(AttemptId))
    }

    /// How many recordings have lost their file.
    pub async fn recordings_missing(&self) -> Result<u64, Error> {
        Ok(
            sqlx::query_scalar("select count(*) from recording where missing_since is not null")
                .fetch_one(self.pool())
                .await?,
        )
    }
}

/// Which recordings are there and which are not.
pub(super) struct MarkRecordings {
    pub(super) missing: Vec<AttemptId>,
    pub(super) found: Vec<AttemptId>,
    pub(super) now: Wall,
}

impl Write for MarkRecordings {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        for attempt in &self.missing {
            sqlx::query(
                "update recording set missing_since = coalesce(missing_since, $2)
                 where attempt_id = $1 and purged_at is null",
            )
            .bind(attempt.0)
            .bind(self.now.millis())
            .execute(&mut *ledger.db)
            .await?;
        }
        for attempt in &self.found {
            sqlx::query("update recording set missing_since = null where attempt_id = $1")
                .bind(attempt.0)
                .execute(&mut *ledger.db)
                .await?;
        }
        Ok(())
    }
}

impl Store {
    /// Notes which recordings have lost their file, and which have it again. A thousand at most: one transaction.
    pub async fn mark_recordings(
        &self,
        missing: Vec<AttemptId>,
        found: Vec<AttemptId>,
        now: Wall,
    ) -> Result<(), Error> {
        self.write(MarkRecordings { missing, found, now }).await
    }
}
