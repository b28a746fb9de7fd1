//! Room on the disk that is really there: reserved, then written with zeros.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

const PIECE: u64 = 1024 * 1024;

/// Makes a file `to` octets long and writes zeros from `from` on. A reservation alone would be marked as unwritten,
/// and on a file system that copies on write be no promise at all.
pub(in crate::store) fn extend(file: &File, from: u64, to: u64) -> io::Result<()> {
    let length = |octets: u64| i64::try_from(octets).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge));
    match nix::fcntl::posix_fallocate(file, length(from)?, length(to.saturating_sub(from).max(1))?) {
        Ok(()) | Err(nix::errno::Errno::EOPNOTSUPP | nix::errno::Errno::EINVAL) => {}
        Err(error) => return Err(error.into()),
    }
    blank(file, from, to)?;
    file.sync_all()
}

/// Writes zeros from `from` to `to`.
pub(super) fn blank(file: &File, from: u64, to: u64) -> io::Result<()> {
    let zeros = vec![0; usize::try_from(PIECE.min(to.saturating_sub(from))).unwrap_or_default()];
    let mut at = from;
    while at < to {
        let piece = usize::try_from((to - at).min(PIECE)).unwrap_or(usize::MAX);
        let written = file.write_at(zeros.get(..piece).unwrap_or(&zeros), at)?;
        at += (written as u64).max(1);
    }
    Ok(())
}
