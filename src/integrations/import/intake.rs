//! From bytes to a reading: which sheet, which delimiter, where the header is, then row by row.

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::correction::{Correction, Corrections};
use super::delimited::Records;
use super::format::Format;
use super::header::{self, Column, Field};
use super::row::{Rows, Source};
use super::sheet::Line;
use super::visit::Visits;
use super::workbook::Workbook;
use super::{Doubt, Error, MOST_BYTES, MOST_ROWS, Reading, Warning, encoding, format};

/// Rows with content among which the header must be.
const HEADER_WITHIN: usize = 10;
/// A header names at least so many known fields.
const LEAST_FIELDS: usize = 3;
/// In the order of preference.
const DELIMITERS: [char; 4] = [',', '\t', ';', '|'];
/// One unreadable character in so many, and the file is no text.
const UNREADABLE_SHARE: usize = 5;

pub(super) fn read(
    bytes: &[u8],
    corrections: &[Correction],
    file_name: &str,
    today: NaiveDate,
    time_zone: Tz,
) -> Result<Reading, Error> {
    if bytes.len() > MOST_BYTES {
        return Err(Error::TooLarge);
    }
    let mut intake = Intake::new(file_name, today, time_zone);
    intake.corrections = Corrections::new(corrections)?;
    match format::workbook(bytes) {
        Some(format) => intake.workbook(bytes, format)?,
        None => intake.text(bytes)?,
    }
    intake.finish()
}

struct Intake {
    reading: Reading,
    today: NaiveDate,
    time_zone: Tz,
    source: Source,
    corrections: Corrections,
    /// Rows with content above the header.
    head: Vec<Line>,
    rows: Option<Rows>,
    visits: Visits,
}

impl Intake {
    fn new(file_name: &str, today: NaiveDate, time_zone: Tz) -> Self {
        let reading = Reading {
            file_name: file_name.to_owned(),
            format: Format::Csv,
            encoding: None,
            sheet: None,
            columns: Vec::new(),
            header_row: 0,
            rows_read: 0,
            rows: Vec::new(),
            duplicates: Vec::new(),
            replaced: Vec::new(),
            refused: Vec::new(),
            warnings: Vec::new(),
        };
        Self {
            reading,
            today,
            time_zone,
            source: Source::Text,
            corrections: Corrections::default(),
            head: Vec::new(),
            rows: None,
            visits: Visits::default(),
        }
    }

    fn text(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let decoded = encoding::decode(bytes);
        let text = readable(&decoded.text)?;
        let delimiter = delimiter(text);
        self.reading.encoding = Some(decoded.encoding);
        self.reading.format = if delimiter == '\t' { Format::Tsv } else { Format::Csv };
        if decoded.nuls > 0 {
            self.warn_file(decoded.nuls.to_string(), Doubt::NulBytes);
        }
        for line in Records::new(text, delimiter) {
            self.line(line)?;
        }
        Ok(())
    }

    fn workbook(&mut self, bytes: &[u8], format: Format) -> Result<(), Error> {
        self.source = Source::Workbook;
        self.reading.format = format;
        let mut workbook = Workbook::open(bytes)?;
        let mut chosen = None;
        let mut first_with_content = None;
        for sheet in workbook.sheet_names() {
            // Sheets without cells (charts, macros) are no lists.
            let Ok(lines) = workbook.peek(&sheet) else { continue };
            if lines.iter().any(|line| !line.is_blank()) {
                first_with_content.get_or_insert_with(|| sheet.clone());
            }
            if lines.iter().any(|line| header::recognised(line) >= LEAST_FIELDS) {
                if chosen.is_some() {
                    self.warn_file(sheet, Doubt::OtherSheet);
                } else {
                    chosen = Some(sheet);
                }
            }
        }
        let sheet = chosen.or(first_with_content).ok_or(Error::Empty)?;
        workbook.each_line(&sheet, &mut |line| self.line(line).map(|()| true))?;
        self.reading.sheet = Some(sheet);
        Ok(())
    }

    fn line(&mut self, mut line: Line) -> Result<(), Error> {
        if line.row > MOST_ROWS {
            return Err(Error::TooManyRows);
        }
        if let Some(rows) = &self.rows {
            self.corrections.apply(&mut line, rows.columns.len())?;
        }
        if line.is_blank() {
            return Ok(());
        }
        let Some(rows) = &self.rows else {
            return self.search_header(line);
        };
        // Some systems repeat the header on every page.
        if header::is_again(&line, &rows.columns) {
            return Ok(());
        }
        let outcome = rows.read(&line);
        self.reading.rows_read += 1;
        self.reading.refused.extend(outcome.refused);
        self.reading.warnings.extend(outcome.warnings);
        if let Some(row) = outcome.row {
            self.visits.add(row, self.time_zone);
        }
        Ok(())
    }

    fn search_header(&mut self, line: Line) -> Result<(), Error> {
        if header::recognised(&line) < LEAST_FIELDS {
            self.head.push(line);
            return if self.head.len() < HEADER_WITHIN {
                Ok(())
            } else {
                Err(self.no_header())
            };
        }
        let mut columns = header::columns(&line);
        while columns.last().is_some_and(|column| column.header.is_empty()) {
            columns.pop();
        }
        check_columns(&columns, line.row)?;
        self.reading.header_row = line.row;
        self.reading.columns.clone_from(&columns);
        self.rows = Some(Rows {
            columns,
            source: self.source,
            today: self.today,
            time_zone: self.time_zone,
        });
        Ok(())
    }

    fn no_header(&self) -> Error {
        let fullest = self
            .head
            .iter()
            .max_by_key(|line| line.cells.iter().filter(|cell| !cell.is_blank()).count());
        Error::NoHeader {
            found: fullest.map(|line| names(&header::columns(line))).unwrap_or_default(),
        }
    }

    fn warn_file(&mut self, value: String, doubt: Doubt) {
        let (column, header) = (String::new(), String::new());
        self.reading.warnings.push(Warning {
            row: 0,
            column,
            header,
            value,
            doubt,
        });
    }

    fn finish(mut self) -> Result<Reading, Error> {
        if self.rows.is_some() {
            self.corrections.finish()?;
        }
        if self.rows.is_none() {
            return Err(if self.head.is_empty() {
                Error::Empty
            } else {
                self.no_header()
            });
        }
        if self.reading.rows_read == 0 {
            return Err(Error::NoRows {
                row: self.reading.header_row,
            });
        }
        self.reading.rows = self.visits.take_rows();
        self.reading.duplicates = self.visits.duplicates;
        self.reading.replaced = self.visits.replaced;
        Ok(self.reading)
    }
}

/// A text that can be a list.
pub(super) fn readable(text: &str) -> Result<&str, Error> {
    if text.trim().is_empty() {
        return Err(Error::Empty);
    }
    if format::is_markup(text) {
        return Err(Error::Markup);
    }
    let start = text.chars().take(4096);
    let unreadable = start.clone().filter(|&c| c == char::REPLACEMENT_CHARACTER).count();
    if unreadable * UNREADABLE_SHARE > start.count() {
        return Err(Error::NotText);
    }
    Ok(text)
}

/// The delimiter with which the first rows name the most fields; with none that does, the one that cuts the most cells.
pub(super) fn delimiter(text: &str) -> char {
    let measure = |&delimiter: &char| {
        let head = || {
            Records::new(text, delimiter)
                .filter(|line| !line.is_blank())
                .take(HEADER_WITHIN)
        };
        let fields = head().map(|line| header::recognised(&line)).max().unwrap_or(0);
        let cells = head().map(|line| line.cells.len()).max().unwrap_or(0);
        (fields, cells)
    };
    // `max_by_key` keeps the last of equals: the preferred come last.
    DELIMITERS.into_iter().rev().max_by_key(measure).unwrap_or(',')
}

fn check_columns(columns: &[Column], row: u32) -> Result<(), Error> {
    let has = |fields: &[Field]| {
        columns
            .iter()
            .any(|column| column.field.is_some_and(|field| fields.contains(&field)))
    };
    let needed: [(&[Field], &'static str); 3] = [
        (
            &[Field::VisitNo, Field::InpatientNo, Field::RecordNo],
            "the visit (就诊号, 住院号 or 病案号)",
        ),
        (&[Field::Discharged, Field::Visited], "the discharge date (出院日期)"),
        (
            &[Field::Mobile, Field::Phone, Field::HomePhone, Field::KinPhone],
            "a telephone number (联系电话, 手机)",
        ),
    ];
    match needed.into_iter().find(|(fields, _)| !has(fields)) {
        Some((_, missing)) => Err(Error::NoColumn {
            row,
            missing,
            found: names(columns),
        }),
        None => Ok(()),
    }
}

/// The headers on one line, not too long. Cells with digits stay out: where there is no header, they may be numbers.
pub(super) fn names(columns: &[Column]) -> String {
    let names = columns.iter().map(|column| column.header.as_str());
    let names: Vec<&str> = names
        .filter(|name| !name.is_empty() && !name.contains(|c: char| c.is_numeric()))
        .collect();
    let line = names.join(", ");
    if line.chars().count() > 200 {
        line.chars().take(199).chain(['…']).collect()
    } else {
        line
    }
}
