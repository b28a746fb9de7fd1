//! Recordings and their rows are made to agree: at start for the latest attempts, on demand for all of them.
//!
//! A file without a row gets one if its attempt is known, else it is put aside in `recordings/lost/`; a row without a file
//! says since when. Only files without any sound are removed, and only by a rule ([`crate::store`]) recordings go.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, DirEntry};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::repair::{Repaired, read, repair};
use super::wav::sync_folder;
use tracing::field::display;

use crate::control::recording_row;
use crate::dialer::Recording;
use crate::ids::AttemptId;
use crate::media::Recorded;
use crate::moment::Wall;
use crate::store::{self, RecordingRow, Store};

/// The folder of the recordings in the data folder.
const RECORDINGS: &str = "recordings";
/// Where files go that belong to no attempt.
const LOST: &str = "lost";
/// Files a folder, as [`recording_row`] names them.
const A_FOLDER: i64 = 1_000;
/// At start the folders of so many attempts are looked through: some nights, and no more work the older the data is.
const LATEST: i64 = 20_000;
/// A `.part` that was written so recently may still be written.
const FRESH: Duration = Duration::from_secs(60);

/// Why it could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Who looked was stopped.
    #[error("looking through the recordings was interrupted; what was found so far is kept")]
    Interrupted,
    /// The folder of recordings.
    #[error("the recordings in {folder} cannot be looked through: {source}")]
    Folder {
        /// Which folder.
        folder: PathBuf,
        /// The system's word.
        source: io::Error,
    },
}

/// Whether calls may be going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calls {
    /// None: the daemon is just starting.
    None,
    /// Perhaps: attempts under way and fresh files are left alone.
    Perhaps,
}

/// What was found and done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciled {
    /// Recordings that a crash had cut off and that are whole now.
    pub repaired: u64,
    /// Whole recordings that had no row and have one now.
    pub added: u64,
    /// Files without any sound that were removed.
    pub empty: u64,
    /// Files that belong to no attempt; they lie in `recordings/lost/`.
    pub lost: u64,
    /// Rows whose file was found to be missing now.
    pub missing: u64,
    /// Rows whose file is back.
    pub back: u64,
    /// Files that could not be read or moved; the log names them.
    pub faults: u64,
}

impl Reconciled {
    /// Adds another folder's.
    pub fn add(&mut self, other: &Self) {
        self.repaired += other.repaired;
        self.added += other.added;
        self.empty += other.empty;
        self.lost += other.lost;
        self.missing += other.missing;
        self.back += other.back;
        self.faults += other.faults;
    }

    /// In words; nothing if all was well.
    pub fn text(&self) -> Option<String> {
        let parts = [
            (self.repaired, "cut off by a crash and repaired"),
            (self.added, "without a row, added"),
            (self.empty, "without any sound, removed"),
            (self.lost, "of no attempt, moved to recordings/lost"),
            (self.missing, "missing"),
            (self.back, "back again"),
            (self.faults, "not to be read or moved, the log says which"),
        ];
        let told: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        (!told.is_empty()).then(|| format!("recordings: {}", told.join("; ")))
    }
}

/// Puts right what a crash has left: the latest recordings, before any call is made.
///
/// # Errors
/// [`Error`]; a file that resists is logged and counted instead.
pub async fn after_crash(store: &Store, now: Wall) -> Result<Reconciled, Error> {
    let mut sum = Reconciled::default();
    let root = store.folder().join(RECORDINGS);
    let fault = |source| Error::Folder {
        folder: root.clone(),
        source,
    };
    if !root.is_dir() {
        return Ok(sum);
    }
    // What an earlier release made may be open to the group.
    fs::set_permissions(&root, fs::Permissions::from_mode(0o700)).map_err(fault)?;
    let latest = store.reader().latest_attempt().await?.map_or(0, |attempt| attempt.0);
    let first = (latest - LATEST).max(0) / A_FOLDER;
    for folder in first..=latest / A_FOLDER {
        sum.add(&one_folder(store, folder, Calls::None, now).await?);
    }
    Ok(sum)
}

/// The last folder there is to look through: that of the latest attempt, or of the last file if that is behind.
pub async fn last_folder(store: &Store) -> Result<i64, Error> {
    let latest = store.reader().latest_attempt().await?.map_or(0, |attempt| attempt.0) / A_FOLDER;
    let root = store.folder().join(RECORDINGS);
    let Ok(entries) = fs::read_dir(&root) else {
        return Ok(latest);
    };
    let numbers = entries
        .flatten()
        .filter_map(|entry| name_of(&entry).parse::<i64>().ok());
    Ok(numbers.filter(|number| *number >= 0).fold(latest, i64::max))
}

/// Makes one folder and its thousand rows agree.
///
/// # Errors
/// [`Error`]; a file that resists is logged and counted instead.
pub async fn one_folder(store: &Store, folder: i64, calls: Calls, now: Wall) -> Result<Reconciled, Error> {
    let first = AttemptId(folder.saturating_mul(A_FOLDER));
    let last = AttemptId(first.0.saturating_add(A_FOLDER - 1));
    let rows = store.reader().recording_rows(first, last).await?;
    let survey = Survey {
        data: store.folder().to_owned(),
        folder: folder.to_string(),
        rows,
        calls,
        now,
    };
    let path = survey.path();
    let fault = |source| Error::Folder { folder: path, source };
    let found = tokio::task::spawn_blocking(move || survey.look());
    let found = found
        .await
        .map_err(io::Error::other)
        .and_then(|found| found)
        .map_err(fault)?;
    for (attempt, recording) in found.new {
        store.add_recording(attempt, recording).await?;
    }
    if !found.missing.is_empty() || !found.back.is_empty() {
        store.mark_recordings(found.missing, found.back, now).await?;
    }
    Ok(found.sum)
}

/// One folder of files beside its rows.
struct Survey {
    data: PathBuf,
    folder: String,
    rows: BTreeMap<AttemptId, RecordingRow>,
    calls: Calls,
    now: Wall,
}

#[derive(Default)]
struct Found {
    sum: Reconciled,
    new: Vec<(AttemptId, Recording)>,
    missing: Vec<AttemptId>,
    back: Vec<AttemptId>,
}

/// What a file's name says.
enum Named {
    Whole(AttemptId),
    Part(AttemptId),
}

impl Survey {
    fn path(&self) -> PathBuf {
        self.data.join(RECORDINGS).join(&self.folder)
    }

    fn look(&self) -> io::Result<Found> {
        let mut found = Found::default();
        let path = self.path();
        if path.is_dir() {
            for entry in fs::read_dir(&path)? {
                let entry = entry?;
                let Some(named) = self.named(&entry) else { continue };
                if let Err(error) = self.file(&entry.path(), &named, &mut found) {
                    crate::events::recording_unread(display(entry.path().display()), display(error));
                    found.sum.faults += 1;
                }
            }
        }
        self.rows_without_files(&mut found);
        Ok(found)
    }

    /// Whose file it is; nothing if the recorder does not name files so.
    fn named(&self, entry: &DirEntry) -> Option<Named> {
        let name = name_of(entry);
        let (stem, is_part) = match name.strip_suffix(".wav.part") {
            Some(stem) => (stem, true),
            None => (name.strip_suffix(".wav")?, false),
        };
        let attempt = AttemptId(stem.parse().ok()?);
        let is_here = recording_row(attempt) == format!("{RECORDINGS}/{}/{stem}.wav", self.folder);
        is_here.then_some(if is_part {
            Named::Part(attempt)
        } else {
            Named::Whole(attempt)
        })
    }

    fn file(&self, file: &Path, named: &Named, found: &mut Found) -> io::Result<()> {
        let (Named::Whole(attempt) | Named::Part(attempt)) = *named;
        // Also one of an attempt that was begun after the rows were read.
        if self.calls == Calls::Perhaps && self.is_fresh(file) {
            return Ok(());
        }
        let Some(row) = self.rows.get(&attempt) else {
            return self.put_aside(file, found);
        };
        if self.calls == Calls::Perhaps && row.is_under_way {
            return Ok(());
        }
        match named {
            Named::Part(_) => self.cut_off(file, attempt, row, found),
            Named::Whole(_) if row.path.is_some() => Ok(()),
            Named::Whole(_) => match read(file)? {
                Some(recorded) => {
                    found.sum.added += 1;
                    found.new.push((attempt, recording(attempt, recorded)));
                    Ok(())
                }
                None => self.put_aside(file, found),
            },
        }
    }

    fn cut_off(&self, part: &Path, attempt: AttemptId, row: &RecordingRow, found: &mut Found) -> io::Result<()> {
        let whole = self.data.join(recording_row(attempt));
        if row.path.is_some() || whole.exists() {
            return self.put_aside(part, found);
        }
        match repair(part, &whole)? {
            Repaired::Whole(recorded) => {
                crate::events::recording_repaired(attempt.0, recorded.duration_ms);
                found.sum.repaired += 1;
                found.new.push((attempt, recording(attempt, recorded)));
                Ok(())
            }
            Repaired::Empty => {
                crate::events::recording_emptied(attempt.0);
                found.sum.empty += 1;
                Ok(())
            }
            Repaired::Foreign => self.put_aside(part, found),
        }
    }

    /// Moves a file where nobody looks for recordings, under a name that is free there.
    fn put_aside(&self, file: &Path, found: &mut Found) -> io::Result<()> {
        const NAMES: u32 = 1_000;
        let lost = self.data.join(RECORDINGS).join(LOST);
        DirBuilder::new().recursive(true).mode(0o700).create(&lost)?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let free = (0..NAMES)
            .map(|n| {
                lost.join(if n == 0 {
                    name.to_string()
                } else {
                    format!("{name}.{n}")
                })
            })
            .find(|path| !path.exists());
        let free = free.ok_or_else(|| io::Error::other("recordings/lost has too many files of this name"))?;
        fs::rename(file, &free)?;
        sync_folder(&free)?;
        crate::events::recording_put_aside(display(file.display()), display(free.display()));
        found.sum.lost += 1;
        Ok(())
    }

    /// The file system's time against ours: a clock that was set makes files old, never young.
    fn is_fresh(&self, file: &Path) -> bool {
        let written = fs::metadata(file).and_then(|meta| meta.modified());
        let written = written
            .ok()
            .and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        let written = written.and_then(|since| i64::try_from(since.as_millis()).ok());
        written.is_some_and(|at| self.now.since(Wall::from_millis(at)) < FRESH)
    }

    fn rows_without_files(&self, found: &mut Found) {
        for (attempt, row) in &self.rows {
            let Some(path) = row.path.as_ref().filter(|_| row.purged_at.is_none()) else {
                continue;
            };
            match (self.data.join(path).exists(), row.missing_since) {
                (false, None) => {
                    crate::events::recording_missed(attempt.0, path.as_str());
                    found.sum.missing += 1;
                    found.missing.push(*attempt);
                }
                (true, Some(_)) => {
                    found.sum.back += 1;
                    found.back.push(*attempt);
                }
                (true, None) | (false, Some(_)) => {}
            }
        }
    }
}

fn name_of(entry: &DirEntry) -> String {
    entry.file_name().to_string_lossy().into_owned()
}

fn recording(attempt: AttemptId, recorded: Recorded) -> Recording {
    Recording {
        path: recording_row(attempt),
        duration_ms: recorded.duration_ms,
        gap_ms: recorded.gap_ms,
        sha256: recorded.sha256,
    }
}
