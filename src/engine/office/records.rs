//! What is kept and what goes: purges step by step, holds, erasures, and the recordings looked through.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Error, Office};
use crate::engine::recorder::excerpt;
use crate::engine::recorder::peaks;
use crate::engine::recorder::reconcile::{self, Calls, Reconciled};
use crate::moment::Wall;
use crate::store::erase::Erasable;
use crate::store::hold::Held;
use crate::store::retention::{Kind, Old, Run};

/// One step of a purge: the next rows of a kind.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PurgeStep {
    /// Of which kind.
    pub kind: Kind,
    /// Older than this.
    pub before: Wall,
    /// After this id: what the step before answered; at first -1.
    pub after: i64,
    /// Who purges, by which rule.
    pub run: Run,
}

/// What a step did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purged {
    /// Where the next one begins; none: nothing is left.
    pub after: Option<i64>,
    /// Rows that went.
    pub count: u64,
    /// Bytes that went.
    pub bytes: u64,
    /// Files that could not be removed; the log names them, and their rows stay as they are.
    pub faults: u64,
}

/// What an erasure did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// What went.
    pub what: Erasable,
    /// Bytes of audio that went.
    pub bytes: u64,
    /// Whether the write-ahead log no longer holds it either.
    pub is_forgotten: bool,
}

/// A hold that is to begin, or to end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HoldRequest {
    /// On what.
    pub held: Held,
    /// Why; of one that is to end nothing.
    pub reason: String,
    /// The user of the operating system.
    pub who: String,
}

impl Office {
    /// Deletes the next rows of a kind. The file of a recording goes before its row says so.
    pub async fn purge_step(&self, step: PurgeStep) -> Result<Purged, Error> {
        let old = self.store.reader().old(step.kind, step.before, step.after).await?;
        let mut purged = Purged {
            after: old.last().map(|row| row.id),
            ..Purged::default()
        };
        let mut gone = Vec::with_capacity(old.len());
        for row in old {
            match remove(self.store.folder(), &row) {
                Ok(()) => gone.push(row),
                Err(error) => {
                    crate::events::recording_unremoved(row.path.as_deref(), tracing::field::display(error));
                    purged.faults += 1;
                }
            }
        }
        let files = gone.iter().filter_map(|row| row.path.as_deref());
        sync_folders(self.store.folder(), files).map_err(resists)?;
        purged.count = gone.len() as u64;
        purged.bytes = gone.iter().map(|row| row.bytes).sum();
        if !gone.is_empty() {
            self.store.purge(step.kind, gone, step.run).await?;
        }
        Ok(purged)
    }

    /// Erases one patient, known by patient number or by visit number.
    pub async fn erase(&self, known_by: &str, who: String) -> Result<Erased, Error> {
        let now = self.clock.wall();
        let what = self.store.reader().erasable(known_by).await?;
        self.store.withdraw(what.patient, now).await?;
        let mut bytes = 0;
        for path in &what.recordings {
            let file = self.store.folder().join(path);
            bytes += fs::metadata(&file).map_or(0, |meta| meta.len());
            let gone = peaks::remove(self.store.folder(), path).and_then(|()| remove_file(&file));
            gone.map_err(|error| resists((path.clone(), error)))?;
        }
        let files = what.recordings.iter().map(String::as_str);
        sync_folders(self.store.folder(), files).map_err(resists)?;
        let run = Run {
            at: now,
            rule: format!("erase of patient {}", what.patient),
            who,
        };
        self.store.erase(what.patient, bytes, run).await?;
        let is_forgotten = self.store.forget().await?;
        Ok(Erased {
            what,
            bytes,
            is_forgotten,
        })
    }

    /// Puts a legal hold on a patient or a case.
    pub async fn hold(&self, request: HoldRequest) -> Result<i64, Error> {
        let HoldRequest { held, reason, who } = request;
        if reason.trim().is_empty() {
            let why = "a hold needs a reason".to_owned();
            return Err(Error::Refused { why });
        }
        Ok(self.store.hold(held, reason, who, self.clock.wall()).await?)
    }

    /// Ends a legal hold; how many ended.
    pub async fn end_hold(&self, request: HoldRequest) -> Result<u64, Error> {
        Ok(self
            .store
            .end_hold(request.held, request.who, self.clock.wall())
            .await?)
    }

    /// The last folder of recordings there is to look through.
    pub async fn last_recording_folder(&self) -> Result<i64, Error> {
        Ok(reconcile::last_folder(&self.store).await?)
    }

    /// Makes one folder of recordings and its rows agree.
    pub async fn reconcile_recordings(&self, folder: i64) -> Result<Reconciled, Error> {
        let calls = if self.engine.is_some() {
            Calls::Perhaps
        } else {
            Calls::None
        };
        Ok(reconcile::one_folder(&self.store, folder, calls, self.clock.wall()).await?)
    }
}

fn remove(data: &Path, row: &Old) -> io::Result<()> {
    match &row.path {
        Some(path) => {
            peaks::remove(data, path)?;
            remove_file(&data.join(path))
        }
        None => Ok(()),
    }
}

/// Removed files stay removed after a power cut, before a row says that they are gone.
fn sync_folders<'f>(data: &Path, files: impl Iterator<Item = &'f str>) -> Result<(), (String, io::Error)> {
    let folders: BTreeSet<&Path> = files.filter_map(|file| Path::new(file).parent()).collect();
    for folder in folders {
        match fs::File::open(data.join(folder)).and_then(|opened| opened.sync_all()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err((folder.display().to_string(), error)),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

fn resists((path, source): (String, io::Error)) -> Error {
    Error::Resists { path, source }
}

/// A file that is gone already is gone. What was cut out of it goes first.
fn remove_file(file: &Path) -> io::Result<()> {
    excerpt::remove_all(file)?;
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
