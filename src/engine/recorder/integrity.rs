//! Compares the files of recordings with the hashes that were written down when their calls ended.

use std::fs::File;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tracing::field::display;

use super::reconcile::Error;
use super::wav::hash;
use crate::ids::AttemptId;
use crate::moment::Wall;
use crate::store::Store;
use crate::store::console::integrity::{Compared, Unverified};

/// Recordings a step: some seconds of reading.
const A_STEP: u32 = 64;

/// What comparing found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntegrityStep {
    /// Compared in this step.
    pub compared: u64,
    /// Of these, the ones that differ from what was recorded.
    pub altered: u64,
    /// Of these, the ones whose file is gone.
    pub missing: u64,
    /// Files that could not be read; the log names them.
    pub faults: u64,
}

/// Compares the next recordings that were not compared since a time; nothing compared: there are no more.
///
/// # Errors
/// [`Error::Store`]; a file that resists is logged and counted instead.
pub async fn step(store: &Store, before: Wall, now: Wall) -> Result<IntegrityStep, Error> {
    let rows = store.reader().unverified(before, A_STEP).await?;
    let folder = store.folder().to_owned();
    // Reading takes seconds: not on a thread that others wait for.
    let compared = tokio::task::spawn_blocking(move || compare(&folder, rows))
        .await
        .map_err(|_| Error::Interrupted)?;
    let count = |what| compared.iter().filter(|(_, found)| *found == what).count() as u64;
    let step = IntegrityStep {
        compared: compared.len() as u64,
        altered: count(Compared::Altered),
        missing: count(Compared::Missing),
        faults: count(Compared::Unread),
    };
    store.note_compared(compared, now).await?;
    Ok(step)
}

/// Compares some of them; what is wrong with one is logged.
fn compare(folder: &Path, rows: Vec<Unverified>) -> Vec<(AttemptId, Compared)> {
    rows.into_iter()
        .map(|row| match sha256_of(&folder.join(&row.path)) {
            Ok(found) if found == row.sha256 => (row.attempt, Compared::Whole),
            Ok(_) => {
                crate::events::recording_altered(row.attempt.0, row.path.as_str());
                (row.attempt, Compared::Altered)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                crate::events::recording_missed(row.attempt.0, row.path.as_str());
                (row.attempt, Compared::Missing)
            }
            Err(error) => {
                crate::events::recording_unread(row.path.as_str(), display(error));
                (row.attempt, Compared::Unread)
            }
        })
        .collect()
}

fn sha256_of(path: &Path) -> io::Result<String> {
    hash(&mut File::open(path)?)
}
