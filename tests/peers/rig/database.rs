//! The daemon's database, read with a client of our own.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, Row};

/// All rows of a query whose columns are all text (`cast(… as text)`); null is an empty text.
pub(crate) fn rows<const N: usize>(database: &Path, query: &'static str) -> Vec<[String; N]> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(database).read_only(true);
        let mut connection: SqliteConnection = options.connect().await.unwrap();
        let rows = sqlx::query(query)
            .fetch_all(&mut connection)
            .await
            .unwrap_or_else(|error| panic!("{query}: {error}"));
        let text = |row: &sqlx::sqlite::SqliteRow, at: usize| row.get::<Option<String>, _>(at).unwrap_or_default();
        let rows = rows.iter().map(|row| std::array::from_fn(|at| text(row, at))).collect();
        connection.close().await.unwrap();
        rows
    })
}
