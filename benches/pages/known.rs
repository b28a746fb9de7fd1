//! What is in the folder to be asked about: calls, patients, names and numbers, drawn evenly over all of it.

use anyhow::Context;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::site::Site;

/// Of each so many.
const MANY: i64 = 200;

/// Examples, and how many of everything there are.
#[derive(Debug)]
pub(crate) struct Known {
    /// Calls with a recording.
    pub(crate) calls: Vec<i64>,
    pub(crate) patients: Vec<i64>,
    pub(crate) names: Vec<String>,
    pub(crate) surnames: Vec<String>,
    pub(crate) patient_nos: Vec<String>,
    pub(crate) visits: Vec<String>,
    pub(crate) numbers: Vec<String>,
    pub(crate) departments: Vec<String>,
    pub(crate) doctors: Vec<String>,
    /// By row and name, the largest first.
    pub(crate) campaigns: Vec<(i64, String)>,
    /// The month before the population's morning, RFC 3339.
    pub(crate) month: (String, String),
    pub(crate) patients_in_all: i64,
    pub(crate) attempts_in_all: i64,
    pub(crate) recordings_in_all: i64,
}

impl Known {
    pub(crate) async fn of(site: &Site) -> anyhow::Result<Self> {
        let options = SqliteConnectOptions::new().filename(site.database()).read_only(true);
        let mut db = options.connect().await?;
        let calls = spread(&mut db, "recording", "attempt_id").await?;
        let patients = spread(&mut db, "patient", "id").await?;
        let numbers = spread(&mut db, "number", "id").await?;
        let encounters = spread(&mut db, "encounter", "id").await?;
        let names = texts(&mut db, "select name from patient where id = $1", &patients).await?;
        let campaigns: Vec<(i64, String)> = sqlx::query_as("select id, name from campaign order by id")
            .fetch_all(&mut db)
            .await?;
        let until = site.morning().millis();
        let day = 86_400_000;
        let at = |millis: i64| {
            let at = chrono::DateTime::from_timestamp_millis(millis).context("a time")?;
            anyhow::Ok(at.format("%Y-%m-%dT%H:%M:%SZ").to_string())
        };
        let known = Self {
            surnames: names.iter().map(|name| name.chars().take(1).collect()).collect(),
            names,
            patient_nos: texts(&mut db, "select patient_no from patient where id = $1", &patients).await?,
            visits: texts(&mut db, "select visit_no from encounter where id = $1", &encounters).await?,
            numbers: texts(&mut db, MOBILE, &numbers).await?,
            departments: distinct(texts(&mut db, "select department from encounter where id = $1", &encounters).await?),
            doctors: distinct(texts(&mut db, "select doctor from encounter where id = $1", &encounters).await?),
            campaigns,
            // Long enough ago that all of its cases had their attempts.
            month: (at(until - 60 * day)?, at(until - 30 * day)?),
            patients_in_all: count(&mut db, "patient", "id").await?,
            attempts_in_all: count(&mut db, "attempt", "id").await?,
            recordings_in_all: sqlx::query_scalar("select count(*) from recording")
                .fetch_one(&mut db)
                .await?,
            calls,
            patients,
        };
        db.close().await?;
        Ok(known)
    }
}

async fn spread(db: &mut SqliteConnection, table: &str, row: &str) -> anyhow::Result<Vec<i64>> {
    let rows: Vec<i64> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
        "with recursive step (n) as (select 1 union all select n + 1 from step where n < $1)
         select distinct (select min({row}) from {table} where {row} >= n * (select max({row}) from {table}) / $1) from step"
    )))
    .bind(MANY)
    .fetch_all(db)
    .await?;
    Ok(rows)
}

async fn texts(db: &mut SqliteConnection, query: &'static str, rows: &[i64]) -> anyhow::Result<Vec<String>> {
    let mut texts = Vec::new();
    for row in rows {
        let text: Option<Option<String>> = sqlx::query_scalar(query).bind(row).fetch_optional(&mut *db).await?;
        texts.extend(text.flatten());
    }
    Ok(texts)
}

fn distinct(mut texts: Vec<String>) -> Vec<String> {
    texts.sort();
    texts.dedup();
    texts
}

/// The next mobile from a row on: the population's landlines begin with a 0 that no exchange has, and are refused.
const MOBILE: &str = "select digits from number where id >= $1 and length(digits) = 11 order by id limit 1";

/// The highest row: rows are numbered without a gap, and counting ten millions would put them into the memory.
async fn count(db: &mut SqliteConnection, table: &str, row: &str) -> anyhow::Result<i64> {
    let count = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
        "select coalesce(max({row}), 0) from {table}"
    )));
    Ok(count.fetch_one(db).await?)
}
