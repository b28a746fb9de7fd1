//! What kind of file it is, judged by its first bytes and never by its name.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The kinds of file that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Text with commas, semicolons or bars between the cells.
    Csv,
    /// Text with tabs between the cells.
    Tsv,
    /// A workbook in a zip: XLSX, XLSM, XLSB or ODS.
    Xlsx,
    /// An Excel 97 workbook.
    Xls,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Csv => "CSV",
            Self::Tsv => "TSV",
            Self::Xlsx => "XLSX",
            Self::Xls => "XLS",
        })
    }
}

/// The first bytes of an OLE file: Excel 97, or an encrypted workbook of any age.
pub(super) const OLE: &[u8] = b"\xd0\xcf\x11\xe0";
const ZIP: &[u8] = b"PK\x03\x04";

/// Whether the bytes are a workbook, and which.
pub(super) fn workbook(bytes: &[u8]) -> Option<Format> {
    if bytes.starts_with(ZIP) {
        Some(Format::Xlsx)
    } else if bytes.starts_with(OLE) {
        Some(Format::Xls)
    } else {
        None
    }
}

/// Whether a text is a web page or XML that only calls itself a sheet.
pub(super) fn is_markup(text: &str) -> bool {
    let mut start: String = text.trim_start().chars().take(64).collect();
    start.make_ascii_lowercase();
    [
        "<html",
        "<!doctype",
        "<table",
        "<?xml",
        "<meta",
        "<head",
        "<!--",
        "<style",
        "<workbook",
        "<body",
        "<div",
    ]
    .iter()
    .any(|tag| start.starts_with(tag))
}
