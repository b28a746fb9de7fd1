//! The disk that holds the data folder: how much is free, and a reserve file that is given up so that running calls can
//! be written to their end.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::folder::private;

/// The reserve's file name in the data folder.
pub const RESERVE: &str = "aftercall.reserve";
/// Its size where nobody says otherwise.
pub const RESERVE_BYTES: u64 = 64 * 1024 * 1024;

/// Somebody should know while less is free than so many times what new calls need.
pub const SCARCE: u64 = 4;

/// Whether new calls may begin, by the room on the disk; from the most room to the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Room {
    /// There is enough.
    Enough,
    /// Less than [`SCARCE`] times what new calls need is free: somebody should know.
    Scarce,
    /// Too little is free: running calls go on, no new one begins.
    Low,
}

/// A disk as it was last seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Octets that we may still write.
    pub free: u64,
    /// Its size in octets.
    pub size: u64,
    /// What that means for calls.
    pub room: Room,
}

/// What the database said of the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// Writing succeeds, or fails for other reasons.
    Works,
    /// It found no room.
    Full,
}

/// The watch over one data folder's disk. It reads no clock: look as often as once a second.
#[derive(Debug)]
pub struct Disk {
    folder: PathBuf,
    keep_free: u64,
    reserve_bytes: u64,
    room: Room,
}

impl Disk {
    /// Of a data folder: new calls need `keep_free` octets; the reserve is made as soon as there is room for it.
    pub fn new(folder: &Path, keep_free: u64, reserve_bytes: u64) -> Self {
        Self {
            folder: folder.to_owned(),
            keep_free,
            reserve_bytes,
            room: Room::Enough,
        }
    }

    /// Looks at the disk: makes the reserve, or gives it up. A disk that came to its end is believed to have room again
    /// only when a tenth more than the limit is free, with the reserve made.
    ///
    /// # Errors
    /// What the system says when it is asked for the free room.
    pub fn look(&mut self, writing: Writing) -> io::Result<Seen> {
        let (free, size) = measure(&self.folder)?;
        self.room = self.room_of(free, writing)?;
        Ok(Seen {
            free,
            size,
            room: self.room,
        })
    }

    fn room_of(&self, free: u64, writing: Writing) -> io::Result<Room> {
        let is_tight = writing == Writing::Full || free < self.keep_free / 5;
        if is_tight {
            self.give_up_reserve()?;
            return Ok(Room::Low);
        }
        let has_reserve = self.reserve().exists();
        let enough = match self.room {
            Room::Enough | Room::Scarce => self.keep_free,
            Room::Low => self.keep_free.saturating_add(self.keep_free / 10),
        };
        let wanted = if has_reserve {
            enough
        } else {
            enough + self.reserve_bytes
        };
        if free < wanted || !self.make_reserve(has_reserve) {
            Ok(Room::Low)
        } else if free < self.keep_free.saturating_mul(SCARCE) {
            Ok(Room::Scarce)
        } else {
            Ok(Room::Enough)
        }
    }

    fn reserve(&self) -> PathBuf {
        self.folder.join(RESERVE)
    }

    /// Whether the reserve is there in the end. One that could not be made whole is taken away again.
    fn make_reserve(&self, is_there: bool) -> bool {
        if is_there || self.reserve_bytes == 0 {
            return true;
        }
        let made = private()
            .open(self.reserve())
            .and_then(|file| allocate(&file, self.reserve_bytes));
        if made.is_err() {
            // What cannot be removed is looked at again in a second.
            drop(self.give_up_reserve());
        }
        made.is_ok()
    }

    fn give_up_reserve(&self) -> io::Result<()> {
        match std::fs::remove_file(self.reserve()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

fn allocate(file: &File, octets: u64) -> io::Result<()> {
    let octets = i64::try_from(octets).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
    Ok(nix::fcntl::posix_fallocate(file, 0, octets)?)
}

/// Octets that we may still write on the disk of a folder.
pub fn free(folder: &Path) -> io::Result<u64> {
    measure(folder).map(|(free, _)| free)
}

/// What we may still write on the disk of a folder, and its size.
fn measure(folder: &Path) -> io::Result<(u64, u64)> {
    let found = nix::sys::statvfs::statvfs(folder)?;
    let octets = |blocks: u64| blocks.saturating_mul(found.fragment_size());
    Ok((octets(found.blocks_available()), octets(found.blocks())))
}
