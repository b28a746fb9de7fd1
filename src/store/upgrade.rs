//! Before an upgrade: which schema there is, and a copy of the database as it is.

use std::path::Path;

use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::folder::{self, DATABASE};
use super::{Error, open};
use crate::moment::Wall;

/// The newest migration in a folder's database, and the newest that this program knows. A newer database is an error.
pub async fn schema_of(folder: &Path) -> Result<(i64, i64), Error> {
    let mut db = connect(folder).await?;
    let schema = open::schema(&mut db).await?;
    open::refuse_newer(&mut db).await?;
    db.close().await?;
    Ok(schema)
}

/// Writes a copy of a folder's database into a new file (0600), whatever its schema. It holds the folder meanwhile.
pub async fn copy(folder: &Path, file: &Path, now: Wall) -> Result<(), Error> {
    let _hold = folder::hold(folder, now)?;
    let mut db = connect(folder).await?;
    // SQLite takes an empty file in its place, and the file keeps its mode.
    folder::private()
        .create_new(true)
        .open(file)
        .and_then(|file| file.sync_all())
        .map_err(|error| Error::folder(file, error))?;
    sqlx::query("vacuum into $1")
        .bind(file.to_string_lossy())
        .execute(&mut db)
        .await?;
    db.close().await?;
    let synced = std::fs::File::open(file).and_then(|file| file.sync_all());
    synced.map_err(|error| Error::folder(file, error))
}

async fn connect(folder: &Path) -> Result<SqliteConnection, Error> {
    let path = folder.join(DATABASE);
    if !path.exists() {
        return Err(Error::NoDatabase { path });
    }
    Ok(open::options(&path).connect().await?)
}

/// The newest migration of this program.
pub fn known_schema() -> i64 {
    open::known()
}
