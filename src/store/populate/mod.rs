//! `aftercall populate`: fills a new database with a population as years of follow-up leave it, for measurements.
//!
//! Every row is a function of the seed and its number, so the same seed gives the same rows, and the attempts can be
//! written in the order of their times, as a daemon writes them, without a night being played. One thread makes rows, the
//! connection inserts them.

mod chance;
mod course;
mod ending;
mod load;
mod night_before;
mod person;
mod rows;
mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use tokio::sync::mpsc;

use super::{DATABASE, Error, Question, console, folder};
use crate::ids::CampaignId;
use crate::moment::Wall;
use load::Load;
use table::{Batch, Table};

pub use night_before::{put_aside, put_back};

/// Goes up when the same seed no longer gives the same rows: who keeps populated folders tells them apart by it.
pub const FORM: u32 = 1;

/// Batches on their way to the connection.
const AHEAD: usize = 4;
/// More attempts than that are not read again after they were written: it would take as long as to write them.
const CHECKED: u64 = 1_000_000;
/// While it is filled the database has another name: what a kill leaves behind is no database.
const FILLING: &str = "aftercall.db.filling";

/// Who and what a database is filled with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Population {
    /// Patients, at least one.
    pub patients: u64,
    /// Attempts, below 2^32. There are about two cases for five attempts, and one for each patient at least.
    pub attempts: u64,
    /// What decides every row.
    pub seed: u64,
    /// Of a hundred answered attempts so many have their keys and answers.
    pub answers_percent: u64,
    /// Nine in the morning of the day on which the database is as it will be: all attempts are older.
    pub morning: Wall,
}

/// What must be there before: rows that refer to it are made.
#[derive(Clone, Debug)]
pub struct Material {
    /// Campaigns of the database, the largest first; those without cases are left out.
    pub campaigns: Vec<CampaignId>,
    /// The content hash of their dialplan.
    pub dialplan: String,
    /// Its questions.
    pub questions: Vec<Question>,
    /// Files that the recordings share. Each folder of a thousand attempts leads to all of them, so each is named at
    /// most once a folder.
    pub voices: Vec<Voice>,
}

/// A recording that many attempts share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voice {
    /// The name of its file, which says no attempt's number.
    pub name: String,
    /// Its length in milliseconds.
    pub duration_ms: u32,
    /// SHA-256 of the file.
    pub sha256: String,
}

/// How far the filling is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filling {
    /// Patients, cases and attempts written, of so many.
    Rows {
        /// So far.
        done: u64,
        /// Of about so many.
        of: u64,
    },
    /// Indexes made, of so many.
    Indexes {
        /// So far.
        done: u64,
        /// Of so many.
        of: u64,
    },
    /// The whole is read again.
    Checking,
}

/// What was written: rows by table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Populated {
    /// Rows by table.
    pub rows: BTreeMap<&'static str, u64>,
}

impl Populated {
    /// The rows of a table.
    pub fn of(&self, table: &str) -> u64 {
        self.rows.get(table).copied().unwrap_or_default()
    }
}

/// Fills the database of a folder, which must hold what `material` names and no patients.
///
/// # Errors
/// [`Error::Locked`], or what the database says; the folder then has no database any more.
pub async fn fill(
    folder: &Path,
    population: Population,
    material: Material,
    mut told: impl FnMut(Filling),
) -> Result<Populated, Error> {
    let _hold = folder::hold(folder, population.morning)?;
    let (whole, filling) = (folder.join(DATABASE), folder.join(FILLING));
    std::fs::rename(&whole, &filling).map_err(|error| Error::folder(&whole, error))?;
    let populated = fill_file(&filling, population, material, &mut told).await;
    match populated {
        Ok(_) => std::fs::rename(&filling, &whole).map_err(|error| Error::folder(&whole, error))?,
        Err(_) => {
            // The first error says more than one about what it left.
            drop(std::fs::remove_file(&filling));
        }
    }
    populated
}

async fn fill_file(
    file: &Path,
    population: Population,
    material: Material,
    told: &mut impl FnMut(Filling),
) -> Result<Populated, Error> {
    let mut load = Load::begin(file).await?;
    let attempts = population.attempts;
    let of = population.patients + attempts;
    let (out, mut batches) = mpsc::channel(AHEAD);
    let maker = tokio::task::spawn_blocking(move || rows::make(&population, &material, &out));
    let mut populated = Populated::default();
    let mut done = 0;
    while let Some(batch) = batches.recv().await {
        let (table, rows) = (batch.table(), batch.rows() as u64);
        *populated.rows.entry(table.name()).or_default() += batch.insert(&mut load.db).await?;
        if matches!(table, Table::Patient | Table::Attempt) {
            done += rows;
            told(Filling::Rows { done, of });
        }
    }
    match maker.await {
        Ok(made) => made.map_err(|unfit| Error::from(sqlx::Error::Encode(unfit)))?,
        Err(_) => return Err(Error::Closed),
    }
    console::write(&mut load.db, 0, i64::MAX).await?;
    load.filled().await?;
    let indexes = load.indexes();
    for at in 0..indexes {
        load.index(at).await?;
        told(Filling::Indexes {
            done: at as u64 + 1,
            of: indexes as u64,
        });
    }
    load.count().await?;
    if attempts <= CHECKED {
        told(Filling::Checking);
        load.check().await?;
    }
    load.end().await?;
    Ok(populated)
}

/// Where rows go; the way is bounded, so whoever makes them waits for the connection.
type Out = mpsc::Sender<Batch>;
