//! Restore: a backup becomes the data folder again, after every check; what was there is moved aside, never deleted.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use sqlx::{ConnectOptions, Connection};

use super::file;
use super::{Error, FORMAT, MANIFEST, Manifest, Progress, RECORDINGS_LIST};
use crate::moment::Wall;
use crate::store::folder::{self, DATABASE, LOCK};
use crate::store::open;

/// Where a restore is put together, in the data folder.
const RESTORING: &str = "restoring";
/// What moved-aside folders begin with.
const REPLACED: &str = "replaced-";
/// Attempts since the backup are lost, and with them their ids: so many are never given out again.
const IDS_SPARED: i64 = 100_000;

/// What becomes of a data folder that is not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Present {
    /// The restore is refused.
    Refused,
    /// All of it is moved into a folder of its own inside the data folder.
    MovedAside,
}

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// From what.
    pub manifest: Manifest,
    /// Where the former contents are.
    pub moved_to: Option<PathBuf>,
    /// Recordings that are back.
    pub recordings: u64,
    /// Recordings of the list that the backup does not hold.
    pub absent: u64,
    /// Recordings that are not what they were when they were made; they are back as the backup holds them.
    pub damaged: u64,
}

/// Brings a backup back into the data folder `data`; nobody may hold it.
///
/// # Errors
/// [`Error`] says what to do. Until the last step, renames inside the folder, nothing that was there has changed.
pub async fn restore(
    backup: &Path,
    data: &Path,
    present: Present,
    now: Wall,
    mut told: impl FnMut(Progress) + Send,
) -> Result<Restored, Error> {
    let manifest = read_manifest(backup)?;
    let source = backup.join(DATABASE);
    let (sha256, bytes) = file::digest(&source).await.map_err(Error::file("read", &source))?;
    if (sha256.as_str(), bytes) != (manifest.database_sha256.as_str(), manifest.database_bytes) {
        let why = "its checksum is not the one in the manifest".to_owned();
        return Err(Error::Damaged { why });
    }
    check_integrity(&source).await?;
    let _hold = folder::hold(data, now)?;
    let former = former(data)?;
    if present == Present::Refused && !former.is_empty() {
        return Err(Error::DataNotEmpty {
            folder: data.to_owned(),
        });
    }
    let new = data.join(RESTORING);
    if new.exists() {
        fs::remove_dir_all(&new).map_err(Error::file("remove the half-done restore", &new))?;
    }
    let made = DirBuilder::new().mode(0o700).create(&new);
    made.map_err(Error::file("create", &new))?;
    let copy = new.join(DATABASE);
    told(Progress::Database { bytes: 0, of: bytes });
    file::copy(&source, &copy).await.map_err(Error::file("copy", &source))?;
    told(Progress::Database { bytes, of: bytes });
    spare_ids(&copy).await?;
    let mut restored = Restored {
        manifest,
        moved_to: None,
        recordings: 0,
        absent: 0,
        damaged: 0,
    };
    recordings(backup, &new, &mut restored, &mut told).await?;
    super::note(&new, backup, restored.manifest.at)?;
    if !former.is_empty() {
        restored.moved_to = Some(move_aside(data, &former, now)?);
    }
    bring_up(&new, data)?;
    Ok(restored)
}

/// What a backup says of itself.
///
/// # Errors
/// [`Error::NoBackup`], [`Error::Newer`].
pub fn read_manifest(backup: &Path) -> Result<Manifest, Error> {
    let none = |why: String| Error::NoBackup {
        folder: backup.to_owned(),
        why,
    };
    let text = fs::read_to_string(backup.join(MANIFEST)).map_err(|why| none(format!("{MANIFEST}: {why}")))?;
    let manifest: Manifest = serde_json::from_str(&text).map_err(|why| none(format!("{MANIFEST}: {why}")))?;
    let known = open::known();
    if manifest.format > FORMAT || manifest.schema > known {
        return Err(Error::Newer {
            found: manifest.schema,
            known,
            by: manifest.program,
        });
    }
    Ok(manifest)
}

async fn check_integrity(database: &Path) -> Result<(), Error> {
    let mut db = open::options(database)
        .read_only(true)
        .immutable(true)
        .connect()
        .await?;
    let said: Vec<String> = sqlx::query_scalar("pragma integrity_check(10)")
        .fetch_all(&mut db)
        .await?;
    db.close().await?;
    if said == ["ok"] {
        Ok(())
    } else {
        Err(Error::Damaged { why: said.join("; ") })
    }
}

/// What stands in the data folder, but for what every folder has and what earlier restores moved aside.
fn former(data: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut former = Vec::new();
    for entry in fs::read_dir(data).map_err(Error::file("read", data))? {
        let entry = entry.map_err(Error::file("read", data))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_passing = [LOCK, "aftercall.sock", RESTORING, "lost+found"].contains(&name.as_str());
        if !is_passing && !name.starts_with(REPLACED) {
            former.push(entry.path());
        }
    }
    former.sort();
    Ok(former)
}

async fn spare_ids(database: &Path) -> Result<(), Error> {
    let mut db = open::options(database).connect().await?;
    sqlx::query("update sqlite_sequence set seq = seq + $1 where name = 'attempt'")
        .bind(IDS_SPARED)
        .execute(&mut db)
        .await?;
    db.close().await?;
    file::sync(database).map_err(Error::file("sync", database))
}

async fn recordings(
    backup: &Path,
    new: &Path,
    restored: &mut Restored,
    told: &mut (impl FnMut(Progress) + Send),
) -> Result<(), Error> {
    let path = backup.join(RECORDINGS_LIST);
    let list = fs::read_to_string(&path).map_err(Error::file("read", &path))?;
    let of = restored.manifest.recordings;
    for (done, line) in (1..).zip(list.lines().skip(1)) {
        let mut cells = line.split('\t');
        let (Some(name), _, Some(sha256)) = (cells.next(), cells.next(), cells.next()) else {
            continue;
        };
        // The list is a file that people can change: nothing in it leads out of the folder.
        let is_inside = Path::new(name)
            .components()
            .all(|part| matches!(part, std::path::Component::Normal(_)));
        let from = backup.join(name);
        if !is_inside || !from.is_file() {
            restored.absent += 1;
            continue;
        }
        let (copied, _) = file::copy(&from, &new.join(name))
            .await
            .map_err(Error::file("copy", &from))?;
        restored.recordings += 1;
        restored.damaged += u64::from(copied != sha256);
        told(Progress::Recordings { done, of });
    }
    Ok(())
}

fn move_aside(data: &Path, former: &[PathBuf], now: Wall) -> Result<PathBuf, Error> {
    let stamp = file::utc(now).replace([':', '-'], "");
    let aside = data.join(format!("{REPLACED}{stamp}"));
    let made = DirBuilder::new().mode(0o700).create(&aside);
    made.map_err(Error::file("create", &aside))?;
    for path in former {
        rename_into(path, &aside).map_err(Error::file("move aside", path))?;
    }
    file::sync_folder(&aside).map_err(Error::file("sync", &aside))?;
    Ok(aside)
}

fn bring_up(new: &Path, data: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(new).map_err(Error::file("read", new))? {
        let path = entry.map_err(Error::file("read", new))?.path();
        rename_into(&path, data).map_err(Error::file("move", &path))?;
    }
    fs::remove_dir(new).map_err(Error::file("remove", new))?;
    file::sync_folder(data).map_err(Error::file("sync", data))
}

fn rename_into(path: &Path, folder: &Path) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    fs::rename(path, folder.join(name))
}
