//! Whether the files of recordings still are what was recorded: when each was compared, and which differ.

use crate::ids::AttemptId;
use crate::moment::Wall;
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Reader, Store};

/// A recording whose file is to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unverified {
    /// Of which attempt.
    pub attempt: AttemptId,
    /// Its file, relative to the data folder.
    pub path: String,
    /// What its SHA-256 was when the call ended.
    pub sha256: String,
}

/// What came of comparing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// It is what was recorded.
    Whole,
    /// It is something else.
    Altered,
    /// There is no file.
    Missing,
    /// It could not be read; it is tried again when its turn comes.
    Unread,
}

/// How things stand with all recordings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Integrity {
    /// Recordings whose file should be there.
    pub recordings: u64,
    /// Of these, compared at least once.
    pub verified: u64,
    /// When the one that has waited longest was compared; none: some never were.
    pub oldest: Option<Wall>,
    /// Those that differ from what was recorded, the latest first, a hundred at most.
    pub altered: Vec<(AttemptId, Wall)>,
    /// Those whose file is missing, the latest first, a hundred at most.
    pub missing: Vec<(AttemptId, Wall)>,
}

/// How many lists show at most.
const SHOWN: u32 = 100;

impl Reader {
    /// Recordings that were not compared since a time, those that waited longest first.
    pub async fn unverified(&self, before: Wall, limit: u32) -> Result<Vec<Unverified>, Error> {
        let rows: Vec<(i64, String, String)> = sqlx::query_as(
            "select attempt_id, path, sha256 from recording
             where purged_at is null and (verified_at is null or verified_at < $1)
             order by verified_at, attempt_id limit $2",
        )
        .bind(before.millis())
        .bind(limit)
        .fetch_all(self.pool())
        .await?;
        let row = |(attempt, path, sha256)| Unverified {
            attempt: AttemptId(attempt),
            path,
            sha256,
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// How many recordings were not compared since a time.
    pub async fn to_verify(&self, before: Wall) -> Result<u64, Error> {
        let many: i64 = sqlx::query_scalar(
            "select count(*) from recording where purged_at is null and (verified_at is null or verified_at < $1)",
        )
        .bind(before.millis())
        .fetch_one(self.pool())
        .await?;
        Ok(many.unsigned_abs())
    }

    /// How many recordings are known to differ from what was recorded.
    pub async fn altered_recordings(&self) -> Result<u64, Error> {
        let many: i64 = sqlx::query_scalar("select count(*) from recording where altered_at is not null")
            .fetch_one(self.pool())
            .await?;
        Ok(many.unsigned_abs())
    }

    /// How things stand with all recordings.
    pub async fn integrity(&self) -> Result<Integrity, Error> {
        let (recordings, verified): (i64, i64) = sqlx::query_as(
            "select count(*), count(verified_at) from recording indexed by recording_verified where purged_at is null",
        )
        .fetch_one(self.pool())
        .await?;
        let oldest: Option<Option<i64>> = sqlx::query_scalar(
            "select verified_at from recording where purged_at is null order by verified_at, attempt_id limit 1",
        )
        .fetch_optional(self.pool())
        .await?;
        let wall = |(attempt, at)| (AttemptId(attempt), Wall::from_millis(at));
        let altered: Vec<(i64, i64)> = sqlx::query_as(
            "select attempt_id, altered_at from recording where altered_at is not null order by attempt_id desc limit $1",
        )
        .bind(SHOWN)
        .fetch_all(self.pool())
        .await?;
        let missing: Vec<(i64, i64)> = sqlx::query_as(
            "select attempt_id, missing_since from recording where missing_since is not null
             order by attempt_id desc limit $1",
        )
        .bind(SHOWN)
        .fetch_all(self.pool())
        .await?;
        Ok(Integrity {
            recordings: recordings.unsigned_abs(),
            verified: verified.unsigned_abs(),
            oldest: oldest.flatten().map(Wall::from_millis),
            altered: altered.into_iter().map(wall).collect(),
            missing: missing.into_iter().map(wall).collect(),
        })
    }
}

impl Store {
    /// Writes down what comparing found.
    pub async fn note_compared(&self, compared: Vec<(AttemptId, Compared)>, now: Wall) -> Result<(), Error> {
        self.write(Noted { compared, now }).await
    }
}

struct Noted {
    compared: Vec<(AttemptId, Compared)>,
    now: Wall,
}

impl Write for Noted {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        for (attempt, compared) in &self.compared {
            let now = self.now.millis();
            let altered = (*compared == Compared::Altered).then_some(now);
            let missing = (*compared == Compared::Missing).then_some(now);
            sqlx::query(
                "update recording set verified_at = $2, altered_at = case when $3 is null then null else coalesce(altered_at, $3) end,
                     missing_since = case when $4 is null then null else coalesce(missing_since, $4) end
                 where attempt_id = $1",
            )
            .bind(attempt.0)
            .bind(now)
            .bind(altered)
            .bind(missing)
            .execute(&mut *ledger.db)
            .await?;
        }
        Ok(())
    }
}
