//! The reading half: a small pool of read-only connections, open to other processes while a daemon writes.

use std::path::Path;

use sqlx::SqlitePool;
use sqlx::sqlite::SqlitePoolOptions;

use super::folder::DATABASE;
use super::{Error, open};

/// Connections at most: a report, a status, the console's pages and who looks ahead of the claims, side by side.
const CONNECTIONS: u32 = 5;

/// Reads a database; writes nothing.
#[derive(Clone, Debug)]
pub struct Reader {
    pool: SqlitePool,
}

impl Reader {
    /// Opens the database of a data folder for reading, whether or not a daemon holds the folder.
    ///
    /// # Errors
    /// [`Error::NoDatabase`] if there is none yet; [`Error::NewerSchema`], [`Error::OlderSchema`],
    /// [`Error::NotAFolder`], [`Error::Corrupt`].
    pub async fn open(folder: &Path) -> Result<Self, Error> {
        if folder.exists() && !folder.is_dir() {
            return Err(Error::NotAFolder {
                folder: folder.to_owned(),
            });
        }
        let path = folder.join(DATABASE);
        match path.metadata() {
            Ok(_) => Self::at(&path).await,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Error::NoDatabase { path }),
            Err(error) => Err(Error::folder(path, error)),
        }
    }

    pub(super) async fn at(path: &Path) -> Result<Self, Error> {
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS)
            // A connection that is opened anew costs memory that the allocator does not give back.
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(open::options(path).read_only(true))
            .await?;
        let mut db = pool.acquire().await?;
        open::need_present(&mut db).await?;
        drop(db);
        Ok(Self { pool })
    }

    pub(super) const fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    /// Ends all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
