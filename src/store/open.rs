//! Opening the database: connection settings, migrations, the tables that the program itself fills.

use std::path::Path;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use crate::dialer::claim::Why;
use crate::moment::Wall;
use crate::outcome::Disposition;

use super::{Error, console, wal};

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// How long opening, and every reader, waits for another program's lock before saying so.
const PATIENT: Duration = Duration::from_secs(5);
/// How long the writer waits for one: a patient who pressed a key waits with it.
pub(super) const BUSY: Duration = Duration::from_millis(200);

/// What every connection has in common.
pub(super) fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(PATIENT)
        .create_if_missing(false)
}

/// The writing connection, with the schema brought to the present.
pub(super) async fn writer(path: &Path, offsets: &[(Wall, i32)], now: Wall) -> Result<SqliteConnection, Error> {
    let mut db = connect(path).await?;
    refuse_newer(&mut db).await?;
    migrate(&mut db).await?;
    fill(&mut db, offsets, now).await?;
    console::bring_forward(&mut db).await?;
    Ok(db)
}

/// Brings the schema forward in one transaction: whatever ends it half-way, a fault or a kill, leaves the old one whole.
async fn migrate(db: &mut SqliteConnection) -> Result<(), Error> {
    let mut all = db.begin_with("begin immediate").await?;
    MIGRATIONS.run(&mut *all).await?;
    all.commit().await?;
    Ok(())
}

/// What the writing connection keeps of the database in memory, in KiB with SQLite's sign for it: the upper levels of all
/// indexes of ten gigabytes, so that a claim reads the leaves alone.
const CACHE_KB: &str = "-32768";

/// A writing connection: every commit waits for the disk; the log is carried into the database by the writer, when it
/// finds the time, and never by a commit that a patient waits for.
pub(super) async fn connect(path: &Path) -> Result<SqliteConnection, Error> {
    Ok(options(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("journal_size_limit", wal::LIMIT.to_string())
        // What is erased is overwritten, not only forgotten.
        .pragma("secure_delete", "on")
        .pragma("wal_autocheckpoint", "0")
        .pragma("cache_size", CACHE_KB)
        .connect()
        .await?)
}

/// How long a connection waits for another program's lock from now on.
pub(super) async fn be_patient(db: &mut SqliteConnection, wait: Duration) -> Result<(), Error> {
    let pragma = format!("pragma busy_timeout = {}", wait.as_millis());
    sqlx::query(sqlx::AssertSqlSafe(pragma)).execute(db).await?;
    Ok(())
}

/// Refuses a database that a newer release has migrated.
pub(super) async fn refuse_newer(db: &mut SqliteConnection) -> Result<(), Error> {
    let (found, known) = schema(db).await?;
    if found > known {
        return Err(Error::NewerSchema { found, known });
    }
    Ok(())
}

/// Refuses a database that has not exactly the schema of this program: a reader cannot bring it forward.
pub(super) async fn need_present(db: &mut SqliteConnection) -> Result<(), Error> {
    refuse_newer(db).await?;
    let (found, known) = schema(db).await?;
    if found < known {
        return Err(Error::OlderSchema { found, known });
    }
    Ok(())
}

/// The newest migration in the database (0 if there is none) and in this program.
pub(super) async fn schema(db: &mut SqliteConnection) -> Result<(i64, i64), Error> {
    let known = known();
    let is_migrated: bool = sqlx::query_scalar(
        "select exists (select 1 from sqlite_master where type = 'table' and name = '_sqlx_migrations')",
    )
    .fetch_one(&mut *db)
    .await?;
    if !is_migrated {
        return Ok((0, known));
    }
    let found: Option<i64> = sqlx::query_scalar("select max(version) from _sqlx_migrations")
        .fetch_one(&mut *db)
        .await?;
    Ok((found.unwrap_or(0), known))
}

/// The newest migration in this program.
pub(super) fn known() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
}

async fn fill(db: &mut SqliteConnection, offsets: &[(Wall, i32)], now: Wall) -> Result<(), Error> {
    sqlx::query("begin immediate").execute(&mut *db).await?;
    let filled = fill_tables(db, offsets, now).await;
    let end = if filled.is_ok() { "commit" } else { "rollback" };
    sqlx::query(end).execute(&mut *db).await?;
    filled
}

async fn fill_tables(db: &mut SqliteConnection, offsets: &[(Wall, i32)], now: Wall) -> Result<(), Error> {
    sqlx::query("delete from utc_offset").execute(&mut *db).await?;
    for (from, seconds) in offsets {
        sqlx::query("insert into utc_offset (from_at, seconds) values ($1, $2) on conflict do nothing")
            .bind(from.millis())
            .bind(seconds)
            .execute(&mut *db)
            .await?;
    }
    for (rank, disposition) in (0_i64..).zip(Disposition::ALL) {
        sqlx::query(
            "insert into disposition (id, cause, answered, ours, rank) values ($1, $2, $3, $4, $5)
             on conflict (id) do update set cause = excluded.cause, answered = excluded.answered,
                ours = excluded.ours, rank = excluded.rank",
        )
        .bind(disposition.as_str())
        .bind(disposition.zh())
        .bind(disposition.is_answered())
        .bind(disposition.is_ours())
        .bind(rank)
        .execute(&mut *db)
        .await?;
    }
    for (rank, why) in (0_i64..).zip(Why::ALL) {
        sqlx::query(
            "insert into reason (id, words, rank) values ($1, $2, $3)
             on conflict (id) do update set words = excluded.words, rank = excluded.rank",
        )
        .bind(why.as_str())
        .bind(why.zh())
        .bind(rank)
        .execute(&mut *db)
        .await?;
    }
    for (key, value) in [
        ("opened_at", now.millis().to_string()),
        ("opened_by", concat!("aftercall ", env!("CARGO_PKG_VERSION")).to_owned()),
    ] {
        sqlx::query(
            "insert into meta (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value",
        )
        .bind(key)
        .bind(value)
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}
