//! The home of a database: the machine, the path and the file where it was last at work. One that finds itself
//! elsewhere was restored, copied or moved, and may know less than patients do: it is frozen until somebody says that
//! it may call.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::SqliteConnection;

use super::Error;
use super::folder::private;
use super::job::{Ledger, Write};

/// The name of the file beside the database that knows how far it was.
pub const HOME: &str = "aftercall.home";

/// Where a database stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Home {
    /// A hash of the machine's identity.
    machine: String,
    /// The path without links.
    path: PathBuf,
    inode: u64,
    /// Numbers of devices are given anew at each boot.
    device: u64,
    /// A hash of the boot's identity.
    boot: String,
    /// How often a daemon or a command opened it.
    starts: u64,
}

/// What [`HOME`] holds: how far the database of this folder was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    starts: u64,
    /// The last attempt.
    attempt: i64,
}

/// Why a database is frozen; none while it may call. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Frost(Arc<RwLock<Option<String>>>);

impl Frost {
    pub(super) fn why(&self) -> Option<String> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set(&self, why: Option<String>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = why;
    }

    /// Refuses a new call of a frozen database.
    pub(super) fn refuse(&self) -> Result<(), Error> {
        match self.why() {
            None => Ok(()),
            Some(why) => Err(Error::Frozen { why }),
        }
    }
}

/// Compares a database with its home. At home it counts the start; elsewhere it is frozen, and nothing is written.
pub(super) async fn arrive(db: &mut SqliteConnection, database: &Path) -> Result<Frost, Error> {
    let frost = Frost::default();
    let known = read_home(db).await?;
    let mark = read_mark(database)?;
    let last = last_attempt(db).await?;
    let present = present(database, 0)?;
    match why_not(known.as_ref(), mark, last, &present) {
        Some(why) => frost.set(Some(why)),
        None => {
            let starts = known.map_or(0, |home| home.starts) + 1;
            settle(db, database, Home { starts, ..present }, last).await?;
        }
    }
    Ok(frost)
}

/// Why this database is not at home.
fn why_not(known: Option<&Home>, mark: Option<Mark>, last: i64, present: &Home) -> Option<String> {
    let Some(known) = known else {
        // It is new, or from before there were homes, and so is its folder.
        return mark.map(|_| "this folder had a newer database before".to_owned());
    };
    let mark = mark.unwrap_or_default();
    if known.machine != present.machine {
        Some("it was last at work on another machine".to_owned())
    } else if known.path != present.path {
        Some(format!("it was last at work in {}", known.path.display()))
    } else if known.inode != present.inode || (known.boot == present.boot && known.device != present.device) {
        Some("its file is not the one that was last at work here: it was copied or restored".to_owned())
    } else if last < mark.attempt {
        Some(format!(
            "it knows attempts up to {last}, and this folder has had attempt {}: it is an older copy",
            mark.attempt
        ))
    } else if known.starts != mark.starts && known.starts != mark.starts + 1 {
        Some(format!(
            "it was opened {} times, and the database of this folder {} times: it is another copy",
            known.starts, mark.starts
        ))
    } else {
        None
    }
}

fn present(database: &Path, starts: u64) -> Result<Home, Error> {
    let fault = |error| Error::folder(database, error);
    let found = database.metadata().map_err(fault)?;
    Ok(Home {
        machine: hash_of("/etc/machine-id"),
        path: database.canonicalize().map_err(fault)?,
        inode: found.ino(),
        device: found.dev(),
        boot: hash_of("/proc/sys/kernel/random/boot_id"),
        starts,
    })
}

/// A hash, so that the identity itself does not travel with the database; a machine without one has the empty one.
fn hash_of(file: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let digest = Sha256::digest(format!("aftercall {}", text.trim()));
    digest.iter().take(16).map(|octet| format!("{octet:02x}")).collect()
}

async fn read_home(db: &mut SqliteConnection) -> Result<Option<Home>, Error> {
    let text: Option<String> = sqlx::query_scalar("select value from meta where key = 'home'")
        .fetch_optional(db)
        .await?;
    text.map(|text| serde_json::from_str(&text).map_err(|why| Error::stored("meta.home", why)))
        .transpose()
}

async fn last_attempt(db: &mut SqliteConnection) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("select coalesce(max(id), 0) from attempt")
        .fetch_one(db)
        .await?)
}

/// Writes the home into the database first: after a crash in between, the file is one start behind.
async fn settle(db: &mut SqliteConnection, database: &Path, home: Home, attempt: i64) -> Result<(), Error> {
    let text = serde_json::to_string(&home).map_err(|why| Error::Json {
        what: "meta.home",
        why: why.to_string(),
    })?;
    sqlx::query(
        "insert into meta (key, value) values ('home', $1) on conflict (key) do update set value = excluded.value",
    )
    .bind(text)
    .execute(db)
    .await?;
    let starts = home.starts;
    write_mark(database, Mark { starts, attempt })
}

fn mark_path(database: &Path) -> PathBuf {
    database.with_file_name(HOME)
}

fn read_mark(database: &Path) -> Result<Option<Mark>, Error> {
    let path = mark_path(database);
    match fs::read_to_string(&path) {
        Ok(text) => match serde_json::from_str(&text) {
            Ok(mark) => Ok(Some(mark)),
            Err(why) => Err(Error::stored("aftercall.home", why)),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::folder(path, error)),
    }
}

/// Replaces the file whole or not at all.
fn write_mark(database: &Path, mark: Mark) -> Result<(), Error> {
    let path = mark_path(database);
    let new = path.with_extension("home-new");
    let text = serde_json::to_string(&mark).map_err(|why| Error::Json {
        what: "aftercall.home",
        why: why.to_string(),
    })?;
    let write = || {
        let mut file = private().truncate(true).open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, &path)
    };
    write().map_err(|error| Error::folder(&path, error))
}

/// Keeps the file in step with the attempts of a database at home; a database that is frozen leaves it alone.
pub(super) async fn keep_up(db: &mut SqliteConnection, database: &Path, frost: &Frost) -> Result<(), Error> {
    if frost.why().is_some() {
        return Ok(());
    }
    let attempt = last_attempt(db).await?;
    match read_mark(database)? {
        Some(mark) if mark.attempt < attempt => write_mark(database, Mark { attempt, ..mark }),
        Some(_) | None => Ok(()),
    }
}

/// Says that a database is at home where it stands, and may call.
pub(super) struct Thaw {
    pub(super) database: PathBuf,
}

impl Write for Thaw {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        let known = read_home(ledger.db).await?.map_or(0, |home| home.starts);
        let mark = read_mark(&self.database)?.unwrap_or_default().starts;
        let home = present(&self.database, known.max(mark) + 1)?;
        let last = last_attempt(ledger.db).await?;
        settle(ledger.db, &self.database, home, last).await
    }
}
