//! The write-ahead log of the database: carried into it by the writer when no call waits, so that it stays small.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::SqliteConnection;
use tokio::time::Instant;

/// How large the log grows before it is carried into the database, and what it is cut to afterwards.
pub(super) const LIMIT: u64 = 4 * 1024 * 1024;
/// Where a reader stands in the way, the next try comes no sooner.
const AGAIN: Duration = Duration::from_secs(1);

/// The log beside the database.
#[derive(Clone, Debug)]
pub(super) struct Wal {
    path: PathBuf,
    next: Instant,
}

impl Wal {
    /// Of the database at the path.
    pub(super) fn of(database: &Path) -> Self {
        Self {
            path: path_of(database),
            next: Instant::now(),
        }
    }

    /// Carries the log into the database if it has grown; waits for no reader.
    pub(super) async fn checkpoint(&mut self, db: &mut SqliteConnection) {
        if size(&self.path) <= LIMIT || Instant::now() < self.next {
            return;
        }
        let done: Result<(i64, i64, i64), sqlx::Error> =
            sqlx::query_as("pragma wal_checkpoint(passive)").fetch_one(db).await;
        match done {
            // The next commit begins the log anew, and cuts the file.
            Ok((0, pages, carried)) if pages == carried => {}
            Ok(_) | Err(_) => self.next = Instant::now() + AGAIN,
        }
    }
}

/// The log of a database file.
pub(super) fn path_of(database: &Path) -> PathBuf {
    let mut name = OsString::from(database);
    name.push("-wal");
    PathBuf::from(name)
}

/// Octets of a log; none that is not there.
pub(super) fn size(path: &Path) -> u64 {
    path.metadata().map_or(0, |found| found.len())
}
