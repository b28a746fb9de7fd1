//! A populated database as it was before it was measured: what nights change is put aside once, and put back after each,
//! so that every measurement begins with the same rows.

use std::path::Path;

use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::super::{DATABASE, Error, folder, open};
use crate::moment::Wall;

/// Beside the database.
const BEFORE: &str = "night-before.db";

/// Open cases, and up to where attempts and decisions go.
const PUT_ASIDE: [&str; 2] = [
    "create table night.cases_before as
     select id, next_at, state, outcome, closed_at, counted, attempts, last_disposition, appointment_at, why, why_at, why_until
     from cases where state = 'open' order by id",
    "create table night.latest as
     select (select coalesce(max(id), 0) from attempt) as attempt, (select coalesce(max(id), 0) from decision) as decision",
];

const PUT_BACK: [&str; 4] = [
    "delete from attempt where id > (select attempt from night.latest)",
    "delete from decision where id > (select decision from night.latest)",
    "update sqlite_sequence set seq = (select attempt from night.latest) where name = 'attempt'",
    "update cases set next_at = b.next_at, state = b.state, outcome = b.outcome, closed_at = b.closed_at,
        counted = b.counted, attempts = b.attempts, last_disposition = b.last_disposition,
        appointment_at = b.appointment_at, why = b.why, why_at = b.why_at, why_until = b.why_until,
        lease_until = null, lease_holder = null, lease_number_id = null
     from night.cases_before b
     where b.id = cases.id and (cases.lease_until is not null or
        (cases.next_at, cases.state, cases.counted, cases.attempts, cases.appointment_at, cases.why_at)
        is not (b.next_at, b.state, b.counted, b.attempts, b.appointment_at, b.why_at))",
];

/// Puts aside what a night changes: open cases, and how far attempts and decisions go. To be called before the first one.
///
/// # Errors
/// [`Error::Locked`], or what the database says.
pub async fn put_aside(data: &Path, now: Wall) -> Result<(), Error> {
    let file = data.join(BEFORE);
    if file.exists() {
        std::fs::remove_file(&file).map_err(|error| Error::folder(&file, error))?;
    }
    run(data, &PUT_ASIDE, now).await
}

/// Puts it back, and takes what came since away: attempts without keys, answers and recordings. What else calls leave
/// behind stays.
///
/// # Errors
/// As [`put_aside`].
pub async fn put_back(data: &Path, now: Wall) -> Result<(), Error> {
    run(data, &PUT_BACK, now).await
}

async fn run(data: &Path, statements: &[&'static str], now: Wall) -> Result<(), Error> {
    let _hold = folder::hold(data, now)?;
    // What refers to an attempt would be looked for in whole tables.
    let mut db: SqliteConnection = open::options(&data.join(DATABASE))
        .foreign_keys(false)
        .create_if_missing(true)
        .connect()
        .await?;
    sqlx::query("attach database $1 as night")
        .bind(data.join(BEFORE).to_string_lossy().into_owned())
        .execute(&mut db)
        .await?;
    let mut all = db.begin().await?;
    for &statement in statements {
        sqlx::query(statement).execute(&mut *all).await?;
    }
    all.commit().await?;
    db.close().await?;
    Ok(())
}
