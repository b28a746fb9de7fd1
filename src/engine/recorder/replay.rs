//! Finished recordings read again: only inside the folder of recordings, only as they were closed.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};

use super::wav::hash;

/// The folder of the recordings in the data folder.
const RECORDINGS: &str = "recordings";
/// So many recordings are remembered as compared with their hash; then all are forgotten.
const REMEMBERED: usize = 10_000;

/// Why a recording cannot be heard.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The folder of recordings cannot be read at all.
    #[error("the storage of the recordings cannot be reached ({0}); answers and evidence are still there")]
    Offline(io::Error),
    /// The folder is there, the file is not.
    #[error("the file of this recording is not there; answers and evidence still are")]
    Missing,
    /// The row leads out of the folder of recordings.
    #[error("the row of this recording leads out of the folder of recordings; nothing there is read")]
    Outside,
    /// The file is not the one that was closed.
    #[error("the file of this recording is not the one that was written: its SHA-256 differs; it is not played")]
    Differs,
    /// It is no WAV that we have written.
    #[error("the file of this recording cannot be read: {0}")]
    Unreadable(String),
    /// The machine has no thread for it.
    #[error("too many recordings are being read right now; try again")]
    Busy,
}

/// A recording open for reading.
#[derive(Debug)]
pub struct Opened {
    file: File,
    stamp: Stamp,
    /// Octets of the file.
    pub length: u64,
    /// Where its samples begin.
    pub data_from: u64,
    /// Where they end.
    pub data_to: u64,
    /// Octets of one sample of all channels.
    pub frame: u64,
    /// Samples per second.
    pub rate: u64,
    /// Channels.
    pub channels: usize,
}

/// What tells whether a file was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

/// Opens the recording of a row.
///
/// # Errors
/// [`Trouble`], by what is wrong.
pub(in crate::engine) fn open(data: &Path, row: &str) -> Result<Opened, Trouble> {
    let path = inside(data, row)?;
    let mut options = OpenOptions::new();
    // The path has no link left in it; one that comes now is not followed.
    options
        .read(true)
        .custom_flags(nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK);
    let file = options.open(&path).map_err(trouble)?;
    let meta = file.metadata().map_err(trouble)?;
    if !meta.is_file() {
        return Err(Trouble::Unreadable("it is no file".to_owned()));
    }
    let unreadable = |why: hound::Error| Trouble::Unreadable(why.to_string());
    let clone = file.try_clone().map_err(trouble)?;
    let wav = hound::WavReader::new(clone).map_err(unreadable)?;
    let (spec, frames) = (wav.spec(), u64::from(wav.duration()));
    if spec.bits_per_sample != 16 || spec.sample_format != hound::SampleFormat::Int || spec.channels == 0 {
        return Err(Trouble::Unreadable(format!(
            "{} bits a sample are not ours",
            spec.bits_per_sample
        )));
    }
    let mut read = wav.into_inner();
    let data_from = read.stream_position().map_err(trouble)?;
    let frame = 2 * u64::from(spec.channels);
    Ok(Opened {
        stamp: Stamp {
            inode: meta.ino(),
            length: meta.len(),
            modified: (meta.mtime(), meta.mtime_nsec()),
        },
        length: meta.len(),
        data_from,
        data_to: data_from.saturating_add(frames * frame).min(meta.len()),
        frame,
        rate: u64::from(spec.sample_rate.max(1)),
        channels: usize::from(spec.channels),
        file,
    })
}

/// The file that a row names, with no link left in its path.
fn inside(data: &Path, row: &str) -> Result<PathBuf, Trouble> {
    let path = Path::new(row);
    let is_plain = !row.contains('\0') && path.components().all(|part| matches!(part, Component::Normal(_)));
    if !is_plain || !path.starts_with(RECORDINGS) || path.extension().is_none_or(|ending| ending != "wav") {
        return Err(Trouble::Outside);
    }
    let root = fs::canonicalize(data.join(RECORDINGS)).map_err(Trouble::Offline)?;
    let found = fs::canonicalize(data.join(path)).map_err(trouble)?;
    if found.starts_with(&root) {
        Ok(found)
    } else {
        Err(Trouble::Outside)
    }
}

fn trouble(error: io::Error) -> Trouble {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Trouble::Missing,
        _ => Trouble::Offline(error),
    }
}

impl Opened {
    /// Octets from one place to another, or to the end of the file.
    pub(in crate::engine) fn read(&mut self, from: u64, many: usize) -> Result<Vec<u8>, Trouble> {
        let mut octets = Vec::with_capacity(many);
        self.file.seek(SeekFrom::Start(from)).map_err(trouble)?;
        let most = u64::try_from(many).unwrap_or(u64::MAX);
        (&mut self.file).take(most).read_to_end(&mut octets).map_err(trouble)?;
        Ok(octets)
    }

    /// What is heard between two octets of the file, in milliseconds.
    pub fn heard(&self, from: u64, until: u64) -> Option<(u64, u64)> {
        let (from, until) = (from.max(self.data_from), until.min(self.data_to));
        let ms = |octet: u64| (octet - self.data_from) / self.frame * 1_000 / self.rate;
        (from < until).then(|| (ms(from), ms(until)))
    }

    /// The length of the sound in milliseconds.
    pub fn length_ms(&self) -> u64 {
        (self.data_to - self.data_from) / self.frame * 1_000 / self.rate
    }
}

/// Which recordings have been compared with their hash, and how that went.
#[derive(Debug, Default)]
pub(in crate::engine) struct Compared(BTreeMap<String, (Stamp, String, bool)>);

impl Compared {
    /// How it went; none if nobody has looked.
    pub(in crate::engine) fn known(&self, row: &str, sha256: &str) -> Option<bool> {
        let (_, with, is_whole) = self.0.get(row)?;
        (with == sha256).then_some(*is_whole)
    }

    /// The same, unless the file was touched since.
    pub(in crate::engine) fn still(&self, row: &str, sha256: &str, opened: &Opened) -> Option<bool> {
        let (stamp, ..) = self.0.get(row)?;
        self.known(row, sha256).filter(|_| *stamp == opened.stamp)
    }

    pub(in crate::engine) fn note(&mut self, row: &str, sha256: &str, opened: &Opened, is_whole: bool) {
        if self.0.len() >= REMEMBERED {
            self.0.clear();
        }
        self.0
            .insert(row.to_owned(), (opened.stamp, sha256.to_owned(), is_whole));
    }
}

/// Whether the file has this hash.
pub(in crate::engine) fn has_hash(opened: &mut Opened, sha256: &str) -> Result<bool, Trouble> {
    Ok(hash(&mut opened.file).map_err(trouble)? == sha256)
}
