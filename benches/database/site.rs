//! A populated data folder, filled once and kept: its name says the size, the seed and the schema. Before each measurement
//! it is put back to what it was, and out of the memory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aftercall::calendar::{self, DEFAULT_ZONE};
use aftercall::engine::population::{self, Step};
use aftercall::moment::Wall;
use aftercall::store::populate::{self, FORM, Filling, Population};
use aftercall::store::{DATABASE, Store, known_schema};
use anyhow::Context;
use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};
use serde::{Deserialize, Serialize};

/// Attempts for each patient.
const ATTEMPTS: u64 = 10;
/// Files that the recordings share.
const RECORDINGS: u64 = 1_000;
/// Nine in the morning of Sunday, 2026-11-01, in Shanghai: the day as of which every folder is filled.
const DAY: Wall = Wall::from_millis(1_793_494_800_000);
/// What was filled in, beside the database.
const NOTE: &str = "population.json";

#[derive(Debug, Serialize, Deserialize)]
struct Note {
    seconds: f64,
    rows: BTreeMap<String, u64>,
}

pub(crate) struct Site {
    folder: PathBuf,
    note: Note,
}

impl Site {
    /// The folder of a size and a seed, filled if it is not there yet.
    pub(crate) async fn of(patients: u64, seed: u64) -> anyhow::Result<Self> {
        let name = format!("{patients}-seed{seed}-schema{}-form{FORM}", known_schema());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("populated").join(name);
        let note = folder.join(NOTE);
        if !note.exists() {
            if folder.exists() {
                std::fs::remove_dir_all(&folder)?;
            }
            let population = Population {
                patients,
                attempts: ATTEMPTS * patients,
                seed,
                answers_percent: 25,
                morning: population::morning(DAY, DEFAULT_ZONE),
            };
            let began = super::now();
            let populated = population::populate(&folder, population, RECORDINGS, DEFAULT_ZONE, tell).await?;
            let filled = Note {
                seconds: began.elapsed().as_secs_f64(),
                rows: populated
                    .rows
                    .iter()
                    .map(|(table, n)| ((*table).to_owned(), *n))
                    .collect(),
            };
            populate::put_aside(&folder, DAY).await?;
            std::fs::write(&note, serde_json::to_string(&filled)?)?;
        }
        populate::put_back(&folder, DAY).await?;
        forget(&folder.join(DATABASE))?;
        let text = std::fs::read_to_string(&note)?;
        let note = serde_json::from_str(&text).with_context(|| format!("{} is damaged; remove it", note.display()))?;
        Ok(Self { folder, note })
    }

    /// The data folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) async fn open(&self) -> anyhow::Result<Store> {
        let offsets = calendar::offsets(DEFAULT_ZONE, 2016, 2036);
        let store = Store::open(&self.folder, offsets, DAY).await?;
        // Folders that are kept may have been moved.
        store.thaw().await?;
        Ok(store)
    }

    /// When the population is as it is.
    pub(crate) fn morning(&self) -> Wall {
        population::morning(DAY, DEFAULT_ZONE)
    }

    pub(crate) fn rows(&self, table: &str) -> u64 {
        self.note.rows.get(table).copied().unwrap_or_default()
    }

    pub(crate) fn all_rows(&self) -> u64 {
        self.note.rows.values().sum()
    }

    pub(crate) const fn seconds(&self) -> f64 {
        self.note.seconds
    }

    pub(crate) fn megabytes(&self) -> f64 {
        let size = self.folder.join(DATABASE).metadata().map_or(0, |meta| meta.len());
        size as f64 / 1e6
    }
}

/// Puts a file out of the memory, as it is after a start: who filled or measured it before has left it there.
fn forget(file: &Path) -> anyhow::Result<()> {
    let file = std::fs::File::open(file)?;
    file.sync_all()?;
    posix_fadvise(&file, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED)?;
    Ok(())
}

/// On standard error, a line for each tenth.
fn tell(step: Step) {
    let (what, done, of) = match step {
        Step::Recordings { done, of } => ("recordings", done, of),
        Step::Database(Filling::Rows { done, of }) => ("patients and attempts", done, of),
        Step::Database(Filling::Indexes { done, of }) => ("indexes", done, of),
        Step::Database(Filling::Checking) => ("checking", 0, 1),
    };
    if done == of || done % (of / 10).max(1) == 0 {
        eprintln!("bench: {what} {done} of {of}");
    }
}
