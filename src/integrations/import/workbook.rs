//! XLSX, XLSB, ODS and XLS through calamine, one line at a time.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, DataRef, ExcelDateTime, Reader, Sheets, open_workbook_auto_from_rs};

use super::sheet::{Cell, Line};
use super::{Error, MOST_ROWS};

/// Columns beyond this one are not read.
const MOST_COLUMNS: usize = 512;
/// Rows of a sheet that are looked at to find out whether it holds the list.
const PEEK: usize = 12;

/// An opened workbook.
pub(super) struct Workbook<'b> {
    sheets: Sheets<Cursor<&'b [u8]>>,
}

impl<'b> Workbook<'b> {
    pub(super) fn open(bytes: &'b [u8]) -> Result<Self, Error> {
        match guarded(|| open_workbook_auto_from_rs(Cursor::new(bytes))) {
            Ok(sheets) => Ok(Self { sheets }),
            Err(_) if is_encrypted(bytes) => Err(Error::Encrypted),
            Err(error) => Err(error),
        }
    }

    pub(super) fn sheet_names(&self) -> Vec<String> {
        self.sheets.sheet_names()
    }

    /// The first lines of a sheet.
    pub(super) fn peek(&mut self, sheet: &str) -> Result<Vec<Line>, Error> {
        let mut lines = Vec::new();
        self.each_line(sheet, &mut |line| {
            lines.push(line);
            Ok(lines.len() < PEEK)
        })?;
        Ok(lines)
    }

    /// Hands every line that has a cell to `take`, in order, until it answers `Ok(false)` or an error.
    pub(super) fn each_line(
        &mut self,
        sheet: &str,
        take: &mut dyn FnMut(Line) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let mut gather = Gather {
            line: Line::default(),
            take,
            is_over: false,
        };
        if let Sheets::Xlsx(workbook) = &mut self.sheets {
            // Cell by cell: a lone cell at the far end of a sheet must not make us hold the rectangle up to it.
            let mut cells = guarded(|| workbook.worksheet_cells_reader(sheet))?;
            while let Some(cell) = guarded(|| cells.next_cell())? {
                let (row, column) = cell.get_position();
                gather.cell(row, column, from_ref(cell.get_value()))?;
                if gather.is_over {
                    return Ok(());
                }
            }
        } else {
            let range = guarded(|| self.sheets.worksheet_range(sheet))?;
            let (first_row, first_column) = range.start().unwrap_or_default();
            for (row, column, value) in range.used_cells() {
                let place = |first: u32, offset: usize| first.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
                gather.cell(place(first_row, row), place(first_column, column), from_data(value))?;
                if gather.is_over {
                    return Ok(());
                }
            }
        }
        gather.finish()
    }
}

/// A call into calamine. It panics on some damaged workbooks (a style that is not there); to us that is a damaged file.
fn guarded<T, E: ToString>(call: impl FnOnce() -> Result<T, E>) -> Result<T, Error> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(|error| Error::Workbook(error.to_string())),
        Err(_) => Err(Error::Workbook("its parts do not fit together".to_owned())),
    }
}

/// Cells on their way to becoming lines.
struct Gather<'t> {
    line: Line,
    take: &'t mut dyn FnMut(Line) -> Result<bool, Error>,
    is_over: bool,
}

impl Gather<'_> {
    fn cell(&mut self, row: u32, column: u32, cell: Cell) -> Result<(), Error> {
        let row = row.saturating_add(1);
        if row != self.line.row {
            self.finish()?;
            self.line = Line { row, ..Line::default() };
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if cell.is_blank() || column >= MOST_COLUMNS {
            return Ok(());
        }
        if row > MOST_ROWS {
            return Err(Error::TooManyRows);
        }
        if self.line.cells.len() <= column {
            self.line.cells.resize(column + 1, Cell::Empty);
        }
        if let Some(place) = self.line.cells.get_mut(column) {
            *place = cell;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        if !self.is_over && !self.line.cells.is_empty() {
            self.is_over = !(self.take)(std::mem::take(&mut self.line))?;
        }
        Ok(())
    }
}

fn from_ref(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Int(number) => integer(*number),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::Text(text.clone()),
        DataRef::SharedString(text) => Cell::Text((*text).to_owned()),
        DataRef::Bool(is_set) => Cell::Text(is_set.to_string()),
        DataRef::DateTime(at) => date(*at),
        DataRef::Error(error) => Cell::Text(error.to_string()),
        DataRef::Empty => Cell::Empty,
    }
}

fn from_data(value: &Data) -> Cell {
    match value {
        Data::Int(number) => integer(*number),
        Data::Float(number) => Cell::Number(*number),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => Cell::Text(text.clone()),
        Data::Bool(is_set) => Cell::Text(is_set.to_string()),
        Data::DateTime(at) => date(*at),
        Data::Error(error) => Cell::Text(error.to_string()),
        Data::Empty => Cell::Empty,
    }
}

fn integer(number: i64) -> Cell {
    Cell::Text(number.to_string())
}

fn date(at: ExcelDateTime) -> Cell {
    match at.as_datetime() {
        Some(naive) if at.is_datetime() => Cell::Date(naive),
        Some(_) | None => Cell::Number(at.as_f64()),
    }
}

/// An encrypted workbook is an OLE file that names its package so, in UTF-16.
fn is_encrypted(bytes: &[u8]) -> bool {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.starts_with(super::format::OLE) && bytes.windows(name.len()).any(|window| window == name)
}
