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

/// Makes sure that nothing but zeros stands from `from` to `to`, also after a power cut. What is zero already is only read.
pub(super) fn wipe(file: &File, from: u64, to: u64) -> io::Result<()> {
    let mut piece = vec![0; usize::try_from(PIECE.min(to.saturating_sub(from))).unwrap_or_default()];
    let mut at = from;
    let mut is_changed = false;
    while at < to {
        let length = usize::try_from((to - at).min(PIECE)).unwrap_or(usize::MAX);
        let read = file.read_at(piece.get_mut(..length).unwrap_or_default(), at)? as u64;
        if read == 0 {
            break;
        }
        let found = piece.iter().take(usize::try_from(read).unwrap_or(usize::MAX));
        if found.into_iter().any(|octet| *octet != 0) {
            blank(file, at, at + read)?;
            is_changed = true;
        }
        at += read;
    }
    if is_changed { file.sync_data() } else { Ok(()) }
}

/// Writes zeros from `from` to `to`.
fn blank(file: &File, from: u64, to: u64) -> io::Result<()> {
    let zeros = vec![0; usize::try_from(PIECE.min(to.saturating_sub(from))).unwrap_or_default()];
    let mut at = from;
    while at < to {
        let piece = usize::try_from((to - at).min(PIECE)).unwrap_or(usize::MAX);
        let written = file.write_at(zeros.get(..piece).unwrap_or(&zeros), at)?;
        at += (written as u64).max(1);
    }
    Ok(())
}
