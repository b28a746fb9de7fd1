//! CSV that a spreadsheet opens as it is meant: UTF-8 with a byte order mark, RFC 4180 quoting, no cell ever a formula.

use std::borrow::Cow;
use std::io::{self, Write};

/// Writes rows of cells.
pub(super) struct Sheet<W: Write> {
    rows: csv::Writer<W>,
}

impl<W: Write> Sheet<W> {
    /// Begins a file with its byte order mark: without it Excel takes UTF-8 for the local code page.
    pub(super) fn begin(mut out: W) -> io::Result<Self> {
        out.write_all("\u{feff}".as_bytes())?;
        let rows = csv::WriterBuilder::new()
            .flexible(true)
            .terminator(csv::Terminator::CRLF)
            .from_writer(out);
        Ok(Self { rows })
    }

    /// Writes one row.
    pub(super) fn row<'c>(&mut self, cells: impl IntoIterator<Item = &'c str>) -> io::Result<()> {
        self.rows
            .write_record(cells.into_iter().map(|cell| guard(cell).into_owned()))
            .map_err(io::Error::other)
    }

    /// Writes out what is buffered.
    pub(super) fn end(mut self) -> io::Result<()> {
        self.rows.flush()
    }
}

/// A spreadsheet runs what begins with = + - @ (or a tab or return before them) as a formula; an apostrophe in front
/// makes it text.
fn guard(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(cells: &[&str]) -> String {
        let mut out = Vec::new();
        let mut sheet = Sheet::begin(&mut out).unwrap();
        sheet.row(cells.iter().copied()).unwrap();
        sheet.end().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_cell_never_becomes_a_formula() {
        let row = written(&["=1+1", "+86", "-2", "@SUM(A1)", "\t=1", "\r=1", "3-1", "a=b"]);
        assert_eq!(row, "\u{feff}'=1+1,'+86,'-2,'@SUM(A1),'\t=1,\"'\r=1\",3-1,a=b\r\n");
    }

    #[test]
    fn commas_quotes_and_line_ends_are_quoted() {
        assert_eq!(
            written(&["张,建国", "说\"好\"", "一\n二", ""]),
            "\u{feff}\"张,建国\",\"说\"\"好\"\"\",\"一\n二\",\r\n"
        );
    }
}
