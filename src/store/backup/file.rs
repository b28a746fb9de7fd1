//! Files of a backup: private, durable, and known by their checksums.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::moment::Wall;

/// A new file that only its owner may read; one that is there is refused.
pub(super) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// A new file with these contents, on disk.
pub(super) fn write(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut file = create(path)?;
    file.write_all(contents)?;
    file.sync_all()
}

/// Brings a file to disk.
pub(super) fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Brings the names in a folder to disk.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// SHA-256 in lower-case hex, and the length.
pub(super) async fn digest(path: &Path) -> io::Result<(String, u64)> {
    let path = path.to_owned();
    blocking(move || through(File::open(path)?, &mut io::sink())).await
}

/// Links a file, or copies it where that cannot be.
pub(super) async fn take(from: &Path, to: &Path) -> io::Result<()> {
    private_parent(to)?;
    if fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    copy(from, to).await.map(drop)
}

/// Copies a file; gives its SHA-256 and length.
pub(super) async fn copy(from: &Path, to: &Path) -> io::Result<(String, u64)> {
    private_parent(to)?;
    let (from, to) = (from.to_owned(), to.to_owned());
    blocking(move || {
        let mut target = create(&to)?;
        let copied = through(File::open(from)?, &mut target)?;
        target.set_permissions(Permissions::from_mode(0o600))?;
        target.sync_all()?;
        Ok(copied)
    })
    .await
}

fn private_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) => DirBuilder::new().recursive(true).mode(0o700).create(folder),
        None => Ok(()),
    }
}

fn through(mut from: File, to: &mut impl Write) -> io::Result<(String, u64)> {
    let (mut hasher, mut length) = (Sha256::new(), 0);
    let mut chunk = vec![0; 256 * 1_024];
    loop {
        let count = from.read(&mut chunk)?;
        let read = chunk.get(..count).unwrap_or_default();
        if read.is_empty() {
            let sum = hasher.finalize().iter().map(|octet| format!("{octet:02x}")).collect();
            return Ok((sum, length));
        }
        hasher.update(read);
        to.write_all(read)?;
        length += count as u64;
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

/// A time as people and file names have it.
pub(super) fn utc(at: Wall) -> String {
    chrono::DateTime::from_timestamp_millis(at.millis()).map_or_else(
        || at.millis().to_string(),
        |time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
    )
}
