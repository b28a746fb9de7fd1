//! The file import: the bytes of a discharge list in, rows out, and a reason for everything that was not taken.
//!
//! A pure reading step. It touches no file and no database: the caller hands in the bytes, and the store applies the rows.
//!
//! - The kind of file and its encoding are judged by its bytes: XLSX, XLSB, ODS, XLS, CSV, TSV; UTF-8, GB18030, UTF-16.
//! - The header is the first of the first ten rows with content that names at least three known fields ([`Field`]). A list
//!   needs a visit number (就诊号, 住院号 or 病案号), a discharge date and a column of telephone numbers.
//! - A row is refused without a visit number, a sound discharge date or a usable number. Anything else that cannot be
//!   understood is left out with a warning. A bad number beside a good one is refused alone ([`Scope::Value`]).
//! - 就诊号 makes the visit; without it 住院号 and the discharge date do. The same row again is a duplicate; a different
//!   row of the same visit replaces the earlier one.
//! - How numbers are read: `number.rs`. How dates are: `date.rs`. A date without a time is 00:00 of that day in the time
//!   zone of the import.

mod barred;
mod change;
mod correction;
mod date;
mod delimited;
mod encoding;
mod fold;
mod format;
mod header;
mod intake;
mod mask;
mod number;
mod person;
mod reason;
mod record;
mod report;
mod row;
mod sheet;
mod visit;
mod workbook;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

pub use self::barred::{NumberList, one_number, read_numbers};
pub use self::change::{Change, changes};
pub use self::correction::Correction;
pub use self::encoding::Encoding;
pub use self::format::Format;
pub use self::header::{Column, Field};
pub use self::reason::{Doubt, Reason};
pub use self::record::{
    Age, AgeUnit, Departure, DischargeRow, EncounterRecord, Kind, NumberRecord, Owner, PatientRecord, Precision, Sex,
};
pub use self::report::{Applied, Report, Updated};
pub use self::visit::{Duplicate, Replaced};

/// A larger file is refused (200 MB).
pub const MOST_BYTES: usize = 200_000_000;
/// A list with more rows is refused.
pub const MOST_ROWS: u32 = 1_000_000;

/// Reads a discharge list. `file_name` is only repeated in the reading; `today` decides what lies in the future;
/// `time_zone` is that of the dates in the list.
///
/// # Errors
/// When the file as a whole cannot be read as a list: too large, empty, not a sheet, or without the columns it needs.
pub fn read(bytes: &[u8], file_name: &str, today: NaiveDate, time_zone: Tz) -> Result<Reading, Error> {
    intake::read(bytes, &[], file_name, today, time_zone)
}

/// The same, with cells that a person put right.
///
/// # Errors
/// As [`read`]; [`Error::NoCell`] if a corrected cell is not below the header of the list.
pub fn read_corrected(
    bytes: &[u8],
    corrections: &[Correction],
    file_name: &str,
    today: NaiveDate,
    time_zone: Tz,
) -> Result<Reading, Error> {
    intake::read(bytes, corrections, file_name, today, time_zone)
}

/// What a file gave. `rows_read` = rows + duplicates + replaced + rows refused.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The name that the caller gave.
    pub file_name: String,
    /// What kind of file it is.
    pub format: Format,
    /// Of a text file.
    pub encoding: Option<Encoding>,
    /// Of a workbook: the sheet that was read.
    pub sheet: Option<String>,
    /// Every column of the header row, also those that are not read.
    pub columns: Vec<Column>,
    /// The row that holds the header, from 1.
    pub header_row: u32,
    /// Rows below the header that hold anything.
    pub rows_read: u32,
    /// The accepted rows, one for each visit, in the order of the file.
    pub rows: Vec<DischargeRow>,
    /// Rows that repeat an earlier row.
    pub duplicates: Vec<Duplicate>,
    /// Rows that a later row overrides.
    pub replaced: Vec<Replaced>,
    /// What was refused, in the order of the file.
    pub refused: Vec<Refusal>,
    /// What was taken with doubts, in the order of the file.
    pub warnings: Vec<Warning>,
}

/// A row, or a number of a row, that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Row of the sheet, from 1.
    pub row: u32,
    /// Letters of the column; empty when it concerns no one column.
    pub column: String,
    /// Header of the column, as the file writes it.
    pub header: String,
    /// The value, masked; empty when there is none.
    pub value: String,
    /// Why.
    pub reason: Reason,
    /// Whether the row went with it.
    pub scope: Scope,
}

/// How much a refusal costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The row was not taken.
    Row,
    /// The row was taken without this value.
    Value,
}

/// Something doubtful that was taken, or something minor that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// Row of the sheet, from 1; 0 for the file as a whole.
    pub row: u32,
    /// Letters of the column; empty when it concerns no one column.
    pub column: String,
    /// Header of the column, as the file writes it.
    pub header: String,
    /// The value, masked; empty when there is none.
    pub value: String,
    /// What is doubtful.
    pub doubt: Doubt,
}

/// Why a file as a whole cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// Over [`MOST_BYTES`].
    #[error("the file has more than {} MB; split it", MOST_BYTES / 1_000_000)]
    TooLarge,
    /// Over [`MOST_ROWS`].
    #[error("the list has more than {MOST_ROWS} rows; split it")]
    TooManyRows,
    /// A web page or XML with the name of a sheet.
    #[error(
        "the file is a web page or XML that only calls itself a sheet; open it in Excel and save it as .xlsx or .csv"
    )]
    Markup,
    /// Protected by a password.
    #[error("the workbook is protected by a password; save it without one")]
    Encrypted,
    /// Not a workbook after all.
    #[error("the workbook cannot be read: {0}")]
    Workbook(String),
    /// Bytes that are no text.
    #[error("the file is neither a workbook nor text")]
    NotText,
    /// No row names enough fields.
    #[error(
        "no header row in the first 10 rows: expected names such as 住院号, 姓名, 联系电话, 出院日期; found: {found}"
    )]
    NoHeader {
        /// What the fullest row holds.
        found: String,
    },
    /// A needed column is not there.
    #[error("row {row} is the header, but it has no column for {missing}; it has: {found}")]
    NoColumn {
        /// The header row.
        row: u32,
        /// The names that would do.
        missing: &'static str,
        /// What it holds.
        found: String,
    },
    /// A correction of a cell that is not there.
    #[error("there is no cell {column}{row} below the header to correct; was another file corrected?")]
    NoCell {
        /// The row.
        row: u32,
        /// The column.
        column: String,
    },
    /// A header and nothing below it.
    #[error("the list has a header in row {row} and no rows below it")]
    NoRows {
        /// The header row.
        row: u32,
    },
}

#[cfg(test)]
mod tests;
