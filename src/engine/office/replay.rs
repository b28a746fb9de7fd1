//! Recordings for replay: read off the async threads, a few at a time.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::Office;
use crate::engine::recorder::peaks::{self, Peaks};
use crate::engine::recorder::replay::{self, Compared, Opened, Trouble};

/// So many recordings are read at once: the recorder has the disk before anybody.
const AT_ONCE: usize = 2;

/// What the office knows of recordings that were read.
#[derive(Debug)]
pub(super) struct Replays {
    turns: Arc<Semaphore>,
    compared: Arc<Mutex<Compared>>,
}

impl Default for Replays {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            compared: Arc::default(),
        }
    }
}

impl Office {
    /// Whether the file of a recording is the one that its row describes, if anybody has looked.
    pub fn is_recording_whole(&self, row: &str, sha256: &str) -> Option<bool> {
        lock(&self.replays.compared).known(row, sha256)
    }

    /// Opens a recording and compares it with its hash, unless that was done before.
    ///
    /// # Errors
    /// [`Trouble`], by what is wrong.
    pub async fn open_recording(&self, row: &str, sha256: &str) -> Result<Opened, Trouble> {
        let (data, row, sha256) = (self.store.folder().to_owned(), row.to_owned(), sha256.to_owned());
        let compared = Arc::clone(&self.replays.compared);
        self.read(move || {
            let mut opened = replay::open(&data, &row)?;
            compare(&compared, &row, &sha256, &mut opened)?;
            Ok(opened)
        })
        .await
    }

    /// Octets of an open recording.
    ///
    /// # Errors
    /// [`Trouble`], by what is wrong.
    pub async fn read_recording(&self, mut opened: Opened, from: u64, many: usize) -> Result<Vec<u8>, Trouble> {
        self.read(move || opened.read(from, many)).await
    }

    /// The peaks of a recording: kept ones, or computed now and kept.
    ///
    /// # Errors
    /// [`Trouble`], by what is wrong.
    pub async fn peaks(&self, row: &str, sha256: &str) -> Result<Peaks, Trouble> {
        let (data, row, sha256) = (self.store.folder().to_owned(), row.to_owned(), sha256.to_owned());
        let compared = Arc::clone(&self.replays.compared);
        self.read(move || {
            // Peaks that were kept stand for no recording that is gone.
            let mut opened = replay::open(&data, &row)?;
            if let Some(kept) = peaks::kept(&data, &row, &sha256) {
                return Ok(kept);
            }
            compare(&compared, &row, &sha256, &mut opened)?;
            let computed = peaks::compute(&mut opened)?;
            // A full disk costs the next one a second.
            drop(peaks::keep(&data, &row, &sha256, &computed));
            Ok(computed)
        })
        .await
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        let turn = Arc::clone(&self.replays.turns).acquire_owned().await;
        let turn = turn.map_err(|_| Trouble::Busy)?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        done.await.unwrap_or(Err(Trouble::Busy))
    }
}

fn compare(compared: &Mutex<Compared>, row: &str, sha256: &str, opened: &mut Opened) -> Result<(), Trouble> {
    let known = lock(compared).still(row, sha256, opened);
    let is_whole = match known {
        Some(is_whole) => is_whole,
        None => {
            let is_whole = replay::has_hash(opened, sha256)?;
            lock(compared).note(row, sha256, opened, is_whole);
            is_whole
        }
    };
    if is_whole { Ok(()) } else { Err(Trouble::Differs) }
}

fn lock(compared: &Mutex<Compared>) -> std::sync::MutexGuard<'_, Compared> {
    compared.lock().unwrap_or_else(PoisonError::into_inner)
}
