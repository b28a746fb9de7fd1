//! The journal: a preallocated file beside the database that takes what calls must not lose while the database is
//! locked, away or failing.
//!
//! All its room is written with zeros when it is made, so that adding to it needs no new space on the disk. Entries
//! stand one after the other; what was carried into the database is given up all at once, by a new generation.

mod entry;
mod fill;
mod record;

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

pub(super) use entry::Entry;
use record::Header;
pub(super) use record::Place;

use super::Error;

/// The journal's file name in the data folder.
pub const JOURNAL: &str = "aftercall.journal";
/// Its size where nobody says otherwise: some forty thousand keys, a whole night of a full house.
pub const JOURNAL_BYTES: u64 = 64 * 1024 * 1024;

/// Two headers stand in front, so that a torn write leaves the other one.
const HEADERS: u64 = 2;
const HEADER_ROOM: u64 = 4096;
const START: u64 = HEADERS * HEADER_ROOM;

/// The open journal.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    size: u64,
    generation: u64,
    /// Where the next entry goes.
    tail: Place,
    /// The first entry that is not in the database yet.
    next: Place,
    /// Entries encoded since the last [`Journal::sync`].
    added: Vec<u8>,
    /// Where the last of them ends.
    added_to: Place,
    torn: bool,
    /// Beyond this nothing but zeros stands.
    used: u64,
}

impl Journal {
    /// Opens the journal of a data folder; makes it, `size` octets large and private, if it is not there.
    pub(super) fn open(folder: &Path, size: u64) -> Result<Self, Error> {
        let path = folder.join(JOURNAL);
        let fault = |error| Error::folder(&path, error);
        let file = super::folder::private().open(&path).map_err(fault)?;
        let size = size.max(START + HEADER_ROOM);
        let found = Header::newest(&file).map_err(fault)?;
        let present = file.metadata().map_err(fault)?.len();
        let (generation, used) = match found {
            Some(header) => {
                if present < size {
                    fill::extend(&file, present, size).map_err(fault)?;
                }
                // An earlier run may have been killed before it had overwritten what it carried over.
                (header.generation, present)
            }
            None => {
                fill::extend(&file, 0, size.max(present)).map_err(fault)?;
                Header { generation: 1 }.write(&file).map_err(fault)?;
                (1, START)
            }
        };
        let mut journal = Self {
            path: path.clone(),
            file,
            size: size.max(present),
            generation,
            tail: Place::FIRST,
            next: Place::FIRST,
            added: Vec::new(),
            added_to: Place::FIRST,
            torn: false,
            used,
        };
        journal.find_tail().map_err(fault)?;
        Ok(journal)
    }

    /// Reads through what is there, up to the first entry that is not whole.
    fn find_tail(&mut self) -> io::Result<()> {
        loop {
            match record::read(&self.file, self.size, self.generation, self.tail)? {
                record::Read::Entry { after, .. } => self.tail = after,
                record::Read::End => break,
                record::Read::Torn => {
                    self.torn = true;
                    break;
                }
            }
        }
        self.added_to = self.tail;
        Ok(())
    }

    /// Whether the last entry found at the start had not reached the disk whole: nobody had been answered for it.
    pub(super) const fn is_torn(&self) -> bool {
        self.torn
    }

    /// Whether everything in it is in the database.
    pub(super) fn is_empty(&self) -> bool {
        self.next == self.tail
    }

    /// Octets of entries, and of all the room for them.
    pub(super) const fn room(&self) -> (u64, u64) {
        (self.tail.at - START, self.size - START)
    }

    /// Takes an entry; it is on the disk after [`Journal::sync`].
    ///
    /// # Errors
    /// [`Error::JournalFull`]; then nothing of it is there.
    pub(super) fn add(&mut self, entry: &Entry) -> Result<(), Error> {
        let payload = entry.encode()?;
        let after = self.added_to.after(payload.len());
        if after.at > self.size {
            return Err(Error::JournalFull);
        }
        record::write(&mut self.added, self.generation, self.added_to.seq, &payload);
        self.added_to = after;
        Ok(())
    }

    /// Brings what was added onto the disk.
    pub(super) fn sync(&mut self) -> Result<(), Error> {
        self.used = self.used.max(self.added_to.at);
        let written = self
            .file
            .write_all_at(&self.added, self.tail.at)
            .and_then(|()| self.file.sync_data());
        self.added.clear();
        match written {
            Ok(()) => {
                self.tail = self.added_to;
                Ok(())
            }
            Err(error) => {
                self.added_to = self.tail;
                Err(Error::folder(&self.path, error))
            }
        }
    }

    /// The first entry at or after `place` with its number and the place after it; none at the end.
    pub(super) fn read(&self, place: Place) -> Result<Option<(u64, Vec<u8>, Place)>, Error> {
        if place == self.tail {
            return Ok(None);
        }
        match record::read(&self.file, self.size, self.generation, place) {
            Ok(record::Read::Entry { payload, after }) => Ok(Some((place.seq, payload, after))),
            Ok(record::Read::End | record::Read::Torn) => Err(Error::folder(
                &self.path,
                io::Error::new(
                    io::ErrorKind::InvalidData,
                    "an entry that was written cannot be read back",
                ),
            )),
            Err(error) => Err(Error::folder(&self.path, error)),
        }
    }

    /// Where the first entry stands that is not in the database yet.
    pub(super) const fn next(&self) -> Place {
        self.next
    }

    /// Which generation of entries this is; with an entry's number it names the entry for ever.
    pub(super) const fn generation(&self) -> u64 {
        self.generation
    }

    /// All entries before `place` are committed.
    pub(super) const fn carried(&mut self, place: Place) {
        self.next = place;
    }

    /// Gives up all entries; they are in the database.
    pub(super) fn reset(&mut self) -> Result<(), Error> {
        if self.tail != Place::FIRST || self.torn {
            let generation = self.generation + 1;
            Header { generation }
                .write(&self.file)
                .map_err(|error| Error::folder(&self.path, error))?;
            self.generation = generation;
            self.torn = false;
            self.tail = Place::FIRST;
            self.next = Place::FIRST;
            self.added_to = Place::FIRST;
        }
        self.wipe();
        Ok(())
    }

    /// Overwrites what was given up: what patients said does not lie about in a file that nobody looks into. What
    /// cannot be overwritten now is when this is called again.
    pub(super) fn wipe(&mut self) {
        if self.tail != Place::FIRST || self.is_wiped() {
            return;
        }
        match fill::wipe(&self.file, START, self.used) {
            Ok(()) => self.used = START,
            Err(error) => crate::events::journal_unwiped(tracing::field::display(error)),
        }
    }

    /// Whether nothing stands in it that was given up.
    pub(super) const fn is_wiped(&self) -> bool {
        self.used <= START
    }
}
