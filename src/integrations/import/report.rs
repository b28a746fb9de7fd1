//! The report of an import: what was taken, what changed, what was refused and why. Holds masked values only.

mod print;

use serde::{Deserialize, Serialize};

use super::change::Change;
use super::record::DischargeRow;
use super::{Column, Encoding, Format, Reading, Refusal, Replaced, Scope, Warning};

/// What an import did, for people and programs. `rows_read` = accepted + duplicates + replaced + refused_rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The file's name.
    pub file: String,
    /// What kind of file it is.
    pub format: Format,
    /// Of a text file.
    pub encoding: Option<Encoding>,
    /// Of a workbook: the sheet that was read.
    pub sheet: Option<String>,
    /// The row that holds the header, from 1.
    pub header_row: u32,
    /// Every column of the header row.
    pub columns: Vec<Column>,
    /// Rows below the header that hold anything.
    pub rows_read: u32,
    /// Rows taken, one for each visit: new, updated or unchanged.
    pub accepted: u32,
    /// Visits that the store did not have.
    pub new: u32,
    /// Visits that the store had, word for word.
    pub unchanged: u32,
    /// Rows that repeat an earlier row of the file.
    pub duplicates: u32,
    /// Rows that were not taken.
    pub refused_rows: u32,
    /// Visits that the store had otherwise.
    pub updated: Vec<Updated>,
    /// Rows that a later row of the file overrides.
    pub replaced: Vec<Replaced>,
    /// Rows and numbers that were not taken, each with its reason.
    pub refused: Vec<Refusal>,
    /// What was taken with doubts.
    pub warnings: Vec<Warning>,
}

/// A visit that the store had otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Updated {
    /// Row of the sheet, from 1.
    pub row: u32,
    /// The visit.
    pub visit_no: String,
    /// What changed; masked.
    pub changes: Vec<Change>,
}

/// What the store did with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It did not have the visit.
    New,
    /// It had it otherwise.
    Updated(Vec<Change>),
    /// It had it so.
    Unchanged,
}

impl Report {
    /// The report of a reading, before the store has taken any row.
    pub fn new(reading: &Reading) -> Self {
        let mut refused_rows: Vec<u32> = reading
            .refused
            .iter()
            .filter(|refusal| refusal.scope == Scope::Row)
            .map(|refusal| refusal.row)
            .collect();
        refused_rows.dedup();
        Self {
            file: reading.file_name.clone(),
            format: reading.format,
            encoding: reading.encoding,
            sheet: reading.sheet.clone(),
            header_row: reading.header_row,
            columns: reading.columns.clone(),
            rows_read: reading.rows_read,
            accepted: count(&reading.rows),
            new: 0,
            unchanged: 0,
            duplicates: count(&reading.duplicates),
            refused_rows: count(&refused_rows),
            updated: Vec::new(),
            replaced: reading.replaced.clone(),
            refused: reading.refused.clone(),
            warnings: reading.warnings.clone(),
        }
    }

    /// Notes what the store did with an accepted row.
    pub fn apply(&mut self, row: &DischargeRow, applied: Applied) {
        match applied {
            Applied::New => self.new += 1,
            Applied::Unchanged => self.unchanged += 1,
            Applied::Updated(changes) => {
                self.updated.push(Updated {
                    row: row.row,
                    visit_no: row.encounter.visit_no.clone(),
                    changes,
                });
            }
        }
    }
}

fn count<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).unwrap_or(u32::MAX)
}
