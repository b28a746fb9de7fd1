//! What a data folder knows of its last backup: a file beside the database, for the daemon that warns when it is old.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Error, file};
use crate::moment::Wall;
use crate::store::folder::private;

/// The name of the file in the data folder.
pub const NOTED: &str = "aftercall.backup";

/// The last backup of a data folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// From when what it holds is.
    pub at: Wall,
    /// Where it was put.
    pub folder: String,
}

impl Noted {
    /// When it was made, for people.
    pub fn at_utc(&self) -> String {
        file::utc(self.at)
    }
}

/// Notes a backup that is whole, in place of the one before.
///
/// # Errors
/// [`Error::File`]; then the one before stands.
pub fn note(data: &Path, backup: &Path, at: Wall) -> Result<(), Error> {
    let path = data.join(NOTED);
    let new = path.with_extension("backup-new");
    let folder = backup.canonicalize().unwrap_or_else(|_| backup.to_owned());
    let noted = Noted {
        at,
        folder: folder.display().to_string(),
    };
    let write = || {
        let mut file = private().truncate(true).open(&new)?;
        file.write_all(&serde_json::to_vec(&noted)?)?;
        file.sync_all()?;
        // Whoever makes backups may be another than the daemon, which has to read this.
        let (owner, maker) = (data.metadata()?, file.metadata()?);
        if (owner.uid(), owner.gid()) != (maker.uid(), maker.gid()) {
            chown(&new, Some(owner.uid()), Some(owner.gid()))?;
        }
        fs::rename(&new, &path)?;
        file::sync_folder(data)
    };
    write().map_err(Error::file("write", &path))
}

/// The last backup that was noted in a data folder; none if there never was one.
///
/// # Errors
/// What the system says; also that the file holds something else.
pub fn noted(data: &Path) -> io::Result<Option<Noted>> {
    match fs::read(data.join(NOTED)) {
        Ok(text) => Ok(Some(serde_json::from_slice(&text)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
