//! How full the disk of the data folder is.

use std::path::Path;

use nix::sys::statvfs::statvfs;

/// Below this nothing more should be written.
const FULL: u64 = 200 * 1024 * 1024;
/// Below this somebody should know.
const NEARLY_FULL: u64 = 2 * 1024 * 1024 * 1024;

/// A disk, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Disk {
    /// What this process may still write.
    pub(crate) free: u64,
    /// Its size.
    pub(crate) size: u64,
}

/// How full a disk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fill {
    /// Enough is free.
    Fine,
    /// Somebody should know.
    NearlyFull,
    /// Nothing more should be written.
    Full,
}

impl Disk {
    /// Whether nothing more should be written.
    pub(crate) fn is_full(self) -> bool {
        self.fill() == Fill::Full
    }

    /// How full it is.
    pub(crate) const fn fill(self) -> Fill {
        match self.free {
            free if free < FULL => Fill::Full,
            free if free < NEARLY_FULL => Fill::NearlyFull,
            _ => Fill::Fine,
        }
    }
}

/// The disk of a folder.
pub(crate) fn measure(folder: &Path) -> std::io::Result<Disk> {
    let found = statvfs(folder)?;
    let piece = found.fragment_size();
    Ok(Disk {
        free: found.blocks_available().saturating_mul(piece),
        size: found.blocks().saturating_mul(piece),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_full_before_its_last_byte_is_written() {
        let fill = |free| Disk { free, size: u64::MAX }.fill();
        assert_eq!(fill(FULL - 1), Fill::Full);
        assert_eq!(fill(FULL), Fill::NearlyFull);
        assert_eq!(fill(NEARLY_FULL), Fill::Fine);
        assert!(measure(Path::new("/")).unwrap().size > 0);
    }
}
