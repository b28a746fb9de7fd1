//! What the database holds, read as a user's own tool would read it.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};

use crate::site::Site;

/// An attempt and what hangs on it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Attempt {
    pub(crate) id: i64,
    pub(crate) is_test: bool,
    pub(crate) digits: String,
    pub(crate) state: String,
    pub(crate) disposition: Option<String>,
    pub(crate) rule: Option<String>,
    pub(crate) call_id: Option<String>,
    pub(crate) talk_ms: Option<i64>,
    /// All keys in a row.
    pub(crate) keys: String,
    /// `question=value`, in the order they were given.
    pub(crate) answers: String,
    pub(crate) path: Option<String>,
    pub(crate) duration_ms: Option<i64>,
    pub(crate) sha256: Option<String>,
}

/// A case.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Case {
    pub(crate) state: String,
    pub(crate) outcome: Option<String>,
    pub(crate) counted: i64,
    pub(crate) attempts: i64,
    pub(crate) leased: bool,
}

async fn open(site: &Site) -> SqliteConnection {
    SqliteConnectOptions::new()
        .filename(site.file("data/aftercall.db"))
        .read_only(true)
        .connect()
        .await
        .unwrap()
}

/// All attempts, oldest first.
pub(crate) async fn attempts(site: &Site) -> Vec<Attempt> {
    sqlx::query_as(
        "select a.id, a.is_test, a.digits, a.state, a.disposition, a.rule,
            json_extract(a.facts, '$.call_id') as call_id, json_extract(a.facts, '$.talk_ms') as talk_ms,
            coalesce((select group_concat(key, '') from
                (select key from pressed_key where attempt_id = a.id order by seq)), '') as keys,
            coalesce((select group_concat(question || '=' || coalesce(value, kind), ' ') from
                (select * from answer where attempt_id = a.id order by id)), '') as answers,
            r.path, r.duration_ms, r.sha256
         from attempt a left join recording r on r.attempt_id = a.id order by a.id",
    )
    .fetch_all(&mut open(site).await)
    .await
    .unwrap()
}

/// The caller numbers that attempts showed, oldest attempt first.
pub(crate) async fn callers(site: &Site) -> Vec<String> {
    sqlx::query_scalar("select caller from attempt where caller is not null order by id")
        .fetch_all(&mut open(site).await)
        .await
        .unwrap()
}

/// All cases in the order of the list.
pub(crate) async fn cases(site: &Site) -> Vec<Case> {
    sqlx::query_as(
        "select c.state, c.outcome, c.counted, c.attempts, c.lease_until is not null as leased
         from cases c order by c.id",
    )
    .fetch_all(&mut open(site).await)
    .await
    .unwrap()
}

/// The numbers that nobody dials again.
pub(crate) async fn do_not_call(site: &Site) -> Vec<String> {
    let rows: Vec<(String,)> = sqlx::query_as("select digits from do_not_call order by digits")
        .fetch_all(&mut open(site).await)
        .await
        .unwrap();
    rows.into_iter().map(|(digits,)| digits).collect()
}
