//! Backup: a consistent copy of a live database, a list of its recordings, and a manifest; and the way back.
//!
//! The copy is SQLite's own (`VACUUM INTO`) from one read transaction of a connection that cannot write: the daemon goes
//! on committing meanwhile, and its WAL grows by what it commits until the copy is done.

mod file;
mod noted;
mod restore;

use std::fs::{self, DirBuilder};
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::console::audit::Anchor;
use super::folder::DATABASE;
use super::{Error as StoreError, open};
use crate::moment::Wall;

pub use noted::{NOTED, Noted, note, noted};
pub use restore::{Present, Restored, read_manifest, restore};

/// The list of recordings in a backup: path, bytes, sha256, attempt, separated by tabs.
pub const RECORDINGS_LIST: &str = "recordings.tsv";
/// The manifest: the last file that is written, so that half a backup is none.
pub const MANIFEST: &str = "manifest.json";

/// What this program writes and reads.
const FORMAT: u32 = 1;
/// Rows of recordings read at a time.
const PAGE: i64 = 1_000;
/// How often the progress of the database's copy is told.
const TICK: Duration = Duration::from_millis(200);

/// What a backup is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the backup itself.
    pub format: u32,
    /// The program that made it.
    pub program: String,
    /// The newest migration of the database.
    pub schema: i64,
    /// When, in milliseconds UTC.
    pub at: Wall,
    /// The same for people.
    pub at_utc: String,
    /// On which machine.
    pub host: String,
    /// Of which data folder.
    pub folder: String,
    /// The database's size.
    pub database_bytes: u64,
    /// Its SHA-256, lower-case hex.
    pub database_sha256: String,
    /// Recordings in the list.
    pub recordings: u64,
    /// Their bytes.
    pub recordings_bytes: u64,
    /// Recordings in the list whose file was not there.
    pub recordings_missing: u64,
    /// Whether their files are in the backup.
    pub with_recordings: bool,
    /// The last row of the audit log: `aftercall audit verify --backup` proves by it that nothing before was written anew.
    #[serde(default)]
    pub audit: Option<Anchor>,
}

/// Whether the files of the recordings belong to the backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Files {
    /// Only their list.
    Listed,
    /// They do: linked where the backup is on the same file system, else copied.
    Taken,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The database: bytes so far, of about so many.
    Database {
        /// So far.
        bytes: u64,
        /// Of about.
        of: u64,
    },
    /// The recordings: files so far, of so many.
    Recordings {
        /// So far.
        done: u64,
        /// Of so many.
        of: u64,
    },
}

/// Why there is no backup, or no way back from it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file or folder.
    #[error("cannot {step} {path}: {source}")]
    File {
        /// What was tried.
        step: &'static str,
        /// With what.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// The target is in use.
    #[error("{folder} is not empty; a backup needs a folder of its own")]
    NotEmpty {
        /// The folder.
        folder: PathBuf,
    },
    /// The data folder is in use.
    #[error("the data folder {folder} is not empty; `--replace` moves what it holds aside")]
    DataNotEmpty {
        /// The folder.
        folder: PathBuf,
    },
    /// There is no manifest, or none that can be read.
    #[error("{folder} holds no finished backup: {why}")]
    NoBackup {
        /// The folder.
        folder: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A newer release made it.
    #[error(
        "the backup has schema {found}, this program knows {known}; restore it with the program that made it ({by}), or a newer one"
    )]
    Newer {
        /// The backup's schema.
        found: i64,
        /// Ours.
        known: i64,
        /// Who made it.
        by: String,
    },
    /// The database of the backup is not what was written.
    #[error("the database of the backup is damaged: {why}; take another backup")]
    Damaged {
        /// What is wrong.
        why: String,
    },
}

impl Error {
    fn file(step: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { step, path, source }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Where and when a backup is made.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The machine's name.
    pub host: String,
    /// The present.
    pub now: Wall,
}

/// Copies the database of a data folder, whether or not a daemon runs on it, into `target`, which must be empty or not
/// there. `told` is called with the progress, from this task.
///
/// # Errors
/// [`Error`]; the target then holds no manifest, and no restore takes it for a backup.
pub async fn backup(
    data: &Path,
    target: &Path,
    files: Files,
    origin: Origin,
    mut told: impl FnMut(Progress) + Send,
) -> Result<Manifest, Error> {
    let source = data.join(DATABASE);
    if !source.is_file() {
        return Err(StoreError::NoDatabase { path: source }.into());
    }
    make_empty(target)?;
    let copy = target.join(DATABASE);
    copy_database(&source, &copy, &mut told).await?;
    let mut db = open::options(&copy).read_only(true).immutable(true).connect().await?;
    let (schema, _) = open::schema(&mut db).await?;
    let listed = list_recordings(&mut db, data, target, files, &mut told).await?;
    let audit = last_deed(&mut db).await?;
    db.close().await?;
    let (database_sha256, database_bytes) = file::digest(&copy).await.map_err(Error::file("read", &copy))?;
    let manifest = Manifest {
        format: FORMAT,
        program: concat!("aftercall ", env!("CARGO_PKG_VERSION")).to_owned(),
        schema,
        at: origin.now,
        at_utc: file::utc(origin.now),
        host: origin.host,
        folder: data.display().to_string(),
        database_bytes,
        database_sha256,
        recordings: listed.files,
        recordings_bytes: listed.bytes,
        recordings_missing: listed.missing,
        with_recordings: files == Files::Taken,
        audit,
    };
    let path = target.join(MANIFEST);
    let text = serde_json::to_string_pretty(&manifest).map_err(|why| StoreError::Json {
        what: "the manifest",
        why: why.to_string(),
    })?;
    file::write(&path, text.as_bytes()).map_err(Error::file("write", &path))?;
    file::sync_folder(target).map_err(Error::file("sync", target))?;
    Ok(manifest)
}

fn make_empty(target: &Path) -> Result<(), Error> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(target);
    made.map_err(Error::file("create", target))?;
    let mut entries = fs::read_dir(target).map_err(Error::file("read", target))?;
    if entries.next().is_some() {
        return Err(Error::NotEmpty {
            folder: target.to_owned(),
        });
    }
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    fs::set_permissions(target, private).map_err(Error::file("make private", target))
}

async fn copy_database(source: &Path, copy: &Path, told: &mut (impl FnMut(Progress) + Send)) -> Result<(), Error> {
    // SQLite takes an empty file as it is, with its mode.
    file::write(copy, b"").map_err(Error::file("create", copy))?;
    let mut db = open::options(source).read_only(true).connect().await?;
    let pages: i64 = sqlx::query_scalar("pragma page_count").fetch_one(&mut db).await?;
    let size: i64 = sqlx::query_scalar("pragma page_size").fetch_one(&mut db).await?;
    let of = u64::try_from(pages.saturating_mul(size)).unwrap_or_default();
    let target = copy.display().to_string();
    {
        let vacuum = sqlx::query("vacuum into $1").bind(target).execute(&mut db);
        tokio::pin!(vacuum);
        let mut tick = tokio::time::interval(TICK);
        loop {
            tokio::select! {
                done = &mut vacuum => {
                    done?;
                    break;
                }
                _ = tick.tick() => {
                    let bytes = fs::metadata(copy).map_or(0, |meta| meta.len());
                    told(Progress::Database { bytes, of });
                }
            }
        }
    }
    db.close().await?;
    file::sync(copy).map_err(Error::file("sync", copy))
}

#[derive(Default)]
struct Listed {
    files: u64,
    bytes: u64,
    missing: u64,
}

/// Lists the recordings of the copy, which no daemon changes any more.
async fn list_recordings(
    db: &mut SqliteConnection,
    data: &Path,
    target: &Path,
    files: Files,
    told: &mut (impl FnMut(Progress) + Send),
) -> Result<Listed, Error> {
    let path = target.join(RECORDINGS_LIST);
    let mut list = std::io::BufWriter::new(file::create(&path).map_err(Error::file("create", &path))?);
    let write = |line: String, list: &mut std::io::BufWriter<fs::File>| {
        list.write_all(line.as_bytes()).map_err(Error::file("write", &path))
    };
    write("path\tbytes\tsha256\tattempt\n".to_owned(), &mut list)?;
    let mut listed = Listed::default();
    let kept = if has_purges(db).await? {
        "purged_at is null"
    } else {
        "true"
    };
    let count = sqlx::AssertSqlSafe(format!("select count(*) from recording where {kept}"));
    let of: i64 = sqlx::query_scalar(count).fetch_one(&mut *db).await?;
    let of = u64::try_from(of).unwrap_or_default();
    let page = format!(
        "select attempt_id, path, sha256 from recording where attempt_id > $1 and {kept} order by attempt_id limit $2"
    );
    let mut after = -1;
    loop {
        let rows: Vec<(i64, String, String)> = sqlx::query_as(sqlx::AssertSqlSafe(page.clone()))
            .bind(after)
            .bind(PAGE)
            .fetch_all(&mut *db)
            .await?;
        let Some((last, ..)) = rows.last() else { break };
        after = *last;
        for (attempt, recording, sha256) in rows {
            let from = data.join(&recording);
            let bytes = fs::metadata(&from).map(|meta| meta.len()).ok();
            listed.files += 1;
            listed.bytes += bytes.unwrap_or_default();
            if bytes.is_none() {
                listed.missing += 1;
            } else if files == Files::Taken {
                let to = target.join(&recording);
                file::take(&from, &to).await.map_err(Error::file("copy", &from))?;
            }
            let bytes = bytes.map_or_else(String::new, |bytes| bytes.to_string());
            write(format!("{recording}\t{bytes}\t{sha256}\t{attempt}\n"), &mut list)?;
        }
        told(Progress::Recordings { done: listed.files, of });
    }
    let list = list.into_inner().map_err(|error| error.into_error());
    list.and_then(|list| list.sync_all())
        .map_err(Error::file("write", &path))?;
    Ok(listed)
}

/// The last row of the audit log, where the database has one.
async fn last_deed(db: &mut SqliteConnection) -> Result<Option<Anchor>, Error> {
    let has_audit: bool =
        sqlx::query_scalar("select exists (select 1 from sqlite_master where type = 'table' and name = 'audit')")
            .fetch_one(&mut *db)
            .await?;
    if !has_audit {
        return Ok(None);
    }
    let last: Option<(i64, String)> = sqlx::query_as("select id, hash from audit order by id desc limit 1")
        .fetch_optional(db)
        .await?;
    Ok(last.map(|(id, hash)| Anchor { id, hash }))
}

/// A database of an earlier release knows no purge.
async fn has_purges(db: &mut SqliteConnection) -> Result<bool, Error> {
    Ok(
        sqlx::query_scalar("select exists (select 1 from pragma_table_info('recording') where name = 'purged_at')")
            .fetch_one(db)
            .await?,
    )
}
