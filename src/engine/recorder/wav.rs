//! One recording on disk: a WAV that any player opens at any moment, under its final name only when it is whole.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::Audio;
use super::header::{FRAME, HEADER, header_of};
use crate::media::{Recorded, samples};
use crate::moment::Moment;

/// How often the header is made true: with every piece that a call sends, one a second.
const REFRESH: Duration = Duration::from_millis(900);

/// 12 hours, far over any call and far under what a WAV header can say.
const FRAMES_MAX: u64 = 12 * 3_600 * samples::RATE as u64;

/// Octets of silence that are written at once.
const SILENCE: u64 = 32 * 1_024;

/// The file is written by whole pages, so that the system takes many of them at once: two thirds of the work of pieces that begin
/// and end in the midst of one. What is left over waits for the next piece.
const PAGE: u64 = 4_096;

/// Why a recording cannot go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("{step} {path}: {source}")]
    System {
        step: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("write {path}: longer than 12 hours")]
    TooLong { path: PathBuf },
}

pub(super) struct Wav {
    path: PathBuf,
    part: PathBuf,
    file: File,
    /// Octets that stand in the file, by whole pages.
    written: u64,
    /// What comes after them, less than a page.
    rest: Vec<u8>,
    /// Of both.
    frames: u64,
    refreshed: Moment,
}

impl Wav {
    /// Creates the folder if need be, and the file with `.part` appended to its name.
    pub(super) fn create(path: PathBuf, now: Moment) -> Result<Self, Error> {
        let mut part = OsString::from(&path);
        part.push(".part");
        let part = PathBuf::from(part);
        let system = |step| {
            let path = part.clone();
            move |source| Error::System { step, path, source }
        };
        if let Some(folder) = path.parent() {
            let mut private = DirBuilder::new();
            private.recursive(true).mode(0o700);
            private.create(folder).map_err(system("create the folder of"))?;
        }
        // Voices of patients: nobody but the daemon's user.
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true).mode(0o600);
        let file = options.open(&part).map_err(system("create"))?;
        let rest = header_of(0).unwrap_or_default();
        file.write_all_at(&rest, 0).map_err(system("write")).inspect_err(|_| {
            // There is no sound in it. What cannot be removed is removed at the next start.
            drop(fs::remove_file(&part));
        })?;
        Ok(Self {
            path,
            part,
            file,
            written: 0,
            rest,
            frames: 0,
            refreshed: now,
        })
    }

    pub(super) fn append(&mut self, now: Moment, audio: &Audio) -> Result<(), Error> {
        let length = audio.dropped.saturating_add(audio.pcm.len() as u64 / 2);
        if self.frames.saturating_add(length) > FRAMES_MAX {
            return Err(Error::TooLong {
                path: self.part.clone(),
            });
        }
        let mut silence = audio.dropped * FRAME;
        while silence > 0 {
            let octets = silence.min(SILENCE);
            self.put(octets as usize, |silence| silence.fill(0))?;
            silence -= octets;
        }
        self.put(2 * audio.pcm.len(), |octets| {
            let (places, _) = octets.as_chunks_mut();
            for (place, sample) in places.iter_mut().zip(&audio.pcm) {
                *place = sample.to_le_bytes();
            }
        })?;
        self.frames += length;
        if now.since(self.refreshed) >= REFRESH {
            self.write_header(self.written.saturating_sub(HEADER) / FRAME)?;
            self.refreshed = now;
        }
        Ok(())
    }

    /// Appends so many octets, and writes the whole pages that there are then.
    fn put(&mut self, count: usize, fill: impl FnOnce(&mut [u8])) -> Result<(), Error> {
        let mut octets = std::mem::take(&mut self.rest);
        let before = octets.len();
        octets.resize(before + count, 0);
        fill(octets.get_mut(before..).unwrap_or_default());
        let left = octets.len() % PAGE as usize;
        let (pages, rest) = octets.split_at_checked(octets.len() - left).unwrap_or_default();
        if !pages.is_empty() {
            self.file.write_all_at(pages, self.written).map_err(self.unwritten())?;
            self.written += pages.len() as u64;
        }
        self.rest = rest.to_vec();
        Ok(())
    }

    fn write_header(&self, frames: u64) -> Result<(), Error> {
        let Some(header) = header_of(frames) else {
            return Err(Error::TooLong {
                path: self.part.clone(),
            });
        };
        self.file.write_all_at(&header, 0).map_err(self.unwritten())
    }

    fn unwritten(&self) -> impl FnOnce(io::Error) -> Error {
        let path = self.part.clone();
        move |source| Error::System {
            step: "write",
            path,
            source,
        }
    }

    /// Gives it up where it is: its final name, and the one that it has.
    pub(super) fn give_up(&self) -> (PathBuf, PathBuf) {
        // A disk that takes nothing any more does not take this either.
        drop(self.file.write_all_at(&self.rest, self.written));
        (self.path.clone(), self.part.clone())
    }

    /// The open file once more, for whoever makes its file system durable.
    pub(super) fn handle(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Makes it durable and gives it its final name, which is so only once [`sync`] has seen its folder. The gap is the
    /// caller's to fill in.
    pub(super) fn finish(self) -> Result<Recorded, Error> {
        self.file
            .write_all_at(&self.rest, self.written)
            .map_err(self.unwritten())?;
        self.write_header(self.frames)?;
        let Self {
            path,
            part,
            mut file,
            frames,
            ..
        } = self;
        let system = |step: &'static str, path: &Path| {
            let path = path.to_owned();
            move |source| Error::System { step, path, source }
        };
        file.sync_all().map_err(system("sync", &part))?;
        let sha256 = hash(&mut file).map_err(system("read back", &part))?;
        fs::rename(&part, &path).map_err(system("rename", &part))?;
        Ok(Recorded {
            path,
            duration_ms: samples::millis(frames),
            gap_ms: 0,
            excerpts: Vec::new(),
            paused: Vec::new(),
            sha256,
        })
    }
}

/// Where a file is.
pub(super) fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// Makes the name of a file durable.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

/// Makes the names in a folder durable.
pub(super) fn sync(folder: &Path) -> Result<(), Error> {
    let opened = File::open(folder).and_then(|folder| folder.sync_all());
    opened.map_err(|source| Error::System {
        step: "sync",
        path: folder.to_owned(),
        source,
    })
}

/// The header changes until the end, so the file is hashed as it finally is.
pub(super) fn hash(file: &mut File) -> io::Result<String> {
    file.rewind()?;
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; 64 * 1_024];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
            count => hasher.update(chunk.get(..count).unwrap_or_default()),
        }
    }
}
