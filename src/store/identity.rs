//! Whether the database file is still the one that was opened: SQLite goes on writing into a file that was renamed or
//! removed, and what it writes there nobody finds again.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::Error;

/// The database file as it was when it was opened.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl Identity {
    /// Remembers which file stands at the path.
    pub(super) fn of(path: &Path) -> Result<Self, Error> {
        let found = path.metadata().map_err(|error| Error::folder(path, error))?;
        Ok(Self {
            path: path.to_owned(),
            device: found.dev(),
            inode: found.ino(),
        })
    }

    /// Looks whether the same file is there.
    ///
    /// # Errors
    /// [`Error::Away`] or [`Error::Replaced`].
    pub(super) fn check(&self) -> Result<(), Error> {
        match self.path.metadata() {
            Ok(found) if found.dev() == self.device && found.ino() == self.inode => Ok(()),
            Ok(_) => Err(Error::Replaced {
                path: self.path.clone(),
            }),
            Err(error) => Err(Error::Away {
                path: self.path.clone(),
                why: error.to_string(),
            }),
        }
    }

    /// The file's path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}
