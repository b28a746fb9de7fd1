//! The data folder: created private, held by one daemon at a time.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::moment::Wall;

use super::Error;

/// The database's file name in the data folder.
pub const DATABASE: &str = "aftercall.db";
/// The lock's file name in the data folder.
pub const LOCK: &str = "aftercall.lock";

/// The exclusive hold on a data folder. It ends when this value is dropped or its process dies, however it dies.
#[derive(Debug)]
pub(super) struct Hold {
    /// Keeps the operating system's lock.
    _file: File,
    /// Who we are, as the next one that tries is told.
    pub(super) holder: String,
}

/// Creates the folder if need be (0700) and takes the exclusive hold on it.
pub(super) fn hold(folder: &Path, now: Wall) -> Result<Hold, Error> {
    create(folder)?;
    let path = folder.join(LOCK);
    let mut file = private().open(&path).map_err(|error| Error::folder(&path, error))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(Error::Locked {
                folder: folder.to_owned(),
                holder: read_holder(&mut file),
            });
        }
        Err(TryLockError::Error(error)) => return Err(Error::folder(&path, error)),
    }
    let holder = format!("process {}, started {}", std::process::id(), utc(now));
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| file.write_all(holder.as_bytes()))
        .and_then(|()| file.sync_all())
        .map_err(|error| Error::folder(&path, error))?;
    Ok(Hold { _file: file, holder })
}

/// Who holds a data folder right now, if anybody does.
pub fn holder_of(folder: &Path) -> Option<String> {
    let mut file = OpenOptions::new().read(true).write(true).open(folder.join(LOCK)).ok()?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Some(read_holder(&mut file)),
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

/// The database file of a folder, created empty (0600) if it is not there: SQLite gives its WAL the same mode.
pub(super) fn database(folder: &Path) -> Result<PathBuf, Error> {
    let path = folder.join(DATABASE);
    match path.metadata() {
        Ok(meta) if meta.permissions().readonly() => return Err(Error::ReadOnly { path }),
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(Error::folder(path, error)),
    }
    match private().open(&path) {
        Ok(_) => Ok(path),
        Err(error) if error.kind() == std::io::ErrorKind::ReadOnlyFilesystem => Err(Error::ReadOnly { path }),
        Err(error) => Err(Error::folder(path, error)),
    }
}

fn create(folder: &Path) -> Result<(), Error> {
    match folder.metadata() {
        Ok(meta) if meta.is_dir() => Ok(()),
        Ok(_) => Err(Error::NotAFolder {
            folder: folder.to_owned(),
        }),
        Err(_) => DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|error| Error::folder(folder, error)),
    }
}

pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options
}

fn read_holder(file: &mut File) -> String {
    let mut text = String::new();
    // The holder may be between its lock and its line: then there is nothing to read yet.
    match file.take(200).read_to_string(&mut text) {
        Ok(_) if !text.trim().is_empty() => text.trim().to_owned(),
        Ok(_) | Err(_) => "a process that has not yet written its name".to_owned(),
    }
}

fn utc(at: Wall) -> String {
    chrono::DateTime::from_timestamp_millis(at.millis()).map_or_else(
        || at.millis().to_string(),
        |time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
    )
}
