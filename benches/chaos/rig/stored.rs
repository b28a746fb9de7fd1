//! What the daemon stored, read as any other program would read it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

/// An attempt.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Attempt {
    pub(crate) id: i64,
    pub(crate) case_id: i64,
    pub(crate) digits: String,
    mark: String,
    /// What the attempt's end says; none while it is open, or if nobody knows.
    said_call_id: Option<String>,
    pub(crate) begun_at: i64,
    pub(crate) disposition: Option<String>,
    /// All keys in a row.
    pub(crate) keys: String,
    /// Of its recording.
    pub(crate) path: Option<String>,
}

/// A case.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Case {
    pub(crate) id: i64,
    pub(crate) outcome: Option<String>,
}

/// An answer of a case, the latest one last.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Answer {
    pub(crate) case_id: i64,
    pub(crate) question: String,
    pub(crate) keys: String,
}

/// Everything at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stored {
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) cases: Vec<Case>,
    pub(crate) answers: Vec<Answer>,
}

impl Attempt {
    /// The Call-IDs that belong to it: the one that its mark gives (the first 128 bits of a SHA-256), and, if its end
    /// says another one, that too.
    pub(crate) fn call_ids(&self) -> Vec<String> {
        let mark: Option<Vec<u8>> = (0..self.mark.len() / 2)
            .map(|octet| {
                let digits = self.mark.get(octet * 2..octet * 2 + 2)?;
                u8::from_str_radix(digits, 16).ok()
            })
            .collect();
        let derived = mark.filter(|mark| !mark.is_empty()).map(|mark| {
            let digest = Sha256::new()
                .chain_update(mark)
                .chain_update("call-id")
                .chain_update(0_u32.to_be_bytes())
                .finalize();
            digest.iter().take(16).map(|octet| format!("{octet:02x}")).collect()
        });
        let mut call_ids: Vec<String> = derived.into_iter().chain(self.said_call_id.clone()).collect();
        call_ids.dedup();
        call_ids
    }
}

impl Stored {
    /// Reads everything of the campaign.
    pub(crate) async fn read(database: &Path) -> anyhow::Result<Self> {
        let mut db = open(database).await?;
        let attempts = sqlx::query_as(
            "select a.id, a.case_id, a.digits, a.mark, a.begun_at, a.disposition, r.path,
                nullif(json_extract(a.facts, '$.call_id'), '') as said_call_id,
                coalesce((select group_concat(key, '') from
                    (select key from pressed_key where attempt_id = a.id order by seq)), '') as keys
             from attempt a left join recording r on r.attempt_id = a.id
             where a.case_id is not null order by a.id",
        )
        .fetch_all(&mut db)
        .await?;
        let cases = cases(&mut db).await?;
        let answers = sqlx::query_as(
            "select a.case_id, w.question, w.keys from answer w join attempt a on a.id = w.attempt_id
             where a.case_id is not null order by w.attempt_id, w.keep_seq",
        )
        .fetch_all(&mut db)
        .await?;
        db.close().await?;
        Ok(Self {
            attempts,
            cases,
            answers,
        })
    }

    /// The number of each case that was called.
    pub(crate) fn numbers(&self) -> BTreeMap<i64, &str> {
        self.attempts
            .iter()
            .map(|attempt| (attempt.case_id, attempt.digits.as_str()))
            .collect()
    }
}

/// Numbers whose follow-up has a final outcome that is committed.
pub(crate) async fn closed(database: &Path) -> anyhow::Result<Vec<String>> {
    let mut db = open(database).await?;
    let closed: Vec<(String,)> = sqlx::query_as(
        "select distinct a.digits from cases c join attempt a on a.case_id = c.id where c.state = 'closed'",
    )
    .fetch_all(&mut db)
    .await?;
    db.close().await?;
    Ok(closed.into_iter().map(|(digits,)| digits).collect())
}

/// Follow-ups that are due at a moment by the daemon's clock and were never dialed.
pub(crate) async fn never_called(database: &Path, now: i64) -> anyhow::Result<i64> {
    let mut db = open(database).await?;
    let (fresh,): (i64,) = sqlx::query_as(
        "select count(*) from cases c join campaign m on m.id = c.campaign_id
         where c.state = 'open' and m.state = 'running' and c.next_at <= $1 and c.lease_until is null
            and not exists (select 1 from attempt a where a.case_id = c.id)",
    )
    .bind(now)
    .fetch_one(&mut db)
    .await?;
    db.close().await?;
    Ok(fresh)
}

/// What is still to be done in a running campaign.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub(crate) struct Left {
    /// Attempts that are open.
    pub(crate) open: i64,
    /// Cases that may be dialed within the next half minute.
    pub(crate) soon: i64,
    /// Attempts altogether.
    pub(crate) attempts: i64,
    /// Cases that are closed.
    pub(crate) closed: i64,
}

/// What is left at a moment by the daemon's wall clock.
pub(crate) async fn left(database: &Path, now: i64) -> anyhow::Result<Left> {
    let mut db = open(database).await?;
    let left = sqlx::query_as(
        "select (select count(*) from attempt where state = 'begun') as open,
            (select count(*) from attempt) as attempts,
            (select count(*) from cases where state = 'closed') as closed,
            (select count(*) from cases c join campaign m on m.id = c.campaign_id
             where c.state = 'open' and m.state = 'running' and c.next_at <= $1 + 30000) as soon",
    )
    .bind(now)
    .fetch_one(&mut db)
    .await?;
    db.close().await?;
    Ok(left)
}

/// Fails unless the database is whole.
pub(crate) async fn check_integrity(database: &Path) -> anyhow::Result<()> {
    let mut db = open(database).await?;
    let (said,): (String,) = sqlx::query_as("pragma integrity_check").fetch_one(&mut db).await?;
    db.close().await?;
    anyhow::ensure!(said == "ok", "the database is damaged: {said}");
    Ok(())
}

/// Opens the database for writing, as a program that does not belong to the daemon.
pub(crate) async fn open_to_write(database: &Path) -> anyhow::Result<SqliteConnection> {
    let options = SqliteConnectOptions::new().filename(database).create_if_missing(true);
    Ok(options.busy_timeout(Duration::from_secs(20)).connect().await?)
}

async fn cases(db: &mut SqliteConnection) -> anyhow::Result<Vec<Case>> {
    let cases = sqlx::query_as(
        "select id, outcome from cases where exists (select 1 from attempt where case_id = cases.id) order by id",
    );
    Ok(cases.fetch_all(db).await?)
}

async fn open(database: &Path) -> anyhow::Result<SqliteConnection> {
    let options = SqliteConnectOptions::new().filename(database).read_only(true);
    Ok(options.busy_timeout(Duration::from_secs(2)).connect().await?)
}
