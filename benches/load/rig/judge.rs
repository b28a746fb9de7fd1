//! What the daemon stored, read as any other program would read it.

use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

/// A reader of the database.
pub(crate) struct Judge(SqliteConnection);

/// An attempt that has ended.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Stored {
    pub(crate) call_id: Option<String>,
    pub(crate) disposition: Option<String>,
    pub(crate) packets_received: i64,
    pub(crate) packets_lost: i64,
    /// All keys in a row.
    pub(crate) keys: String,
    /// Of the recording.
    pub(crate) duration_ms: Option<i64>,
}

impl Judge {
    pub(crate) async fn open(database: &Path) -> anyhow::Result<Self> {
        let options = SqliteConnectOptions::new().filename(database).read_only(true);
        Ok(Self(options.connect().await?))
    }

    /// How many attempts are over.
    pub(crate) async fn ended(&mut self) -> anyhow::Result<u32> {
        let (ended,): (u32,) = sqlx::query_as("select count(*) from attempt where state = 'ended'")
            .fetch_one(&mut self.0)
            .await?;
        Ok(ended)
    }

    pub(crate) async fn stored(&mut self) -> anyhow::Result<Vec<Stored>> {
        let rows = sqlx::query_as(
            "select json_extract(a.facts, '$.call_id') as call_id, a.disposition, a.packets_received, a.packets_lost,
                coalesce((select group_concat(key, '') from
                    (select key from pressed_key where attempt_id = a.id order by seq)), '') as keys,
                r.duration_ms
             from attempt a left join recording r on r.attempt_id = a.id",
        );
        Ok(rows.fetch_all(&mut self.0).await?)
    }

    pub(crate) async fn close(self) -> anyhow::Result<()> {
        Ok(self.0.close().await?)
    }
}
