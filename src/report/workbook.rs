//! The report as a workbook: a sheet for each table, and behind each figure a sheet of its cases. For Excel and WPS:
//! numbers are numbers, headings stay in sight, a link leads from each figure to its cases.

use std::path::Path;

use rust_xlsxwriter::{Format, FormatAlign, Url, Workbook, Worksheet, XlsxError};
use unicode_width::UnicodeWidthStr;

use crate::ids::CampaignId;
use crate::store::{self, Period, Reader, Reported};

use super::render::Table;
use super::{CaseList, Cell, Counted, Report};

/// Characters of a sheet's name at most.
const NAME: usize = 31;
/// Rows of a sheet at most, below its two headings.
pub const ROWS: u64 = 1_000_000;
/// Columns are no wider, in characters.
const WIDEST: usize = 44;

/// Why there is no workbook.
#[derive(Debug, thiserror::Error)]
pub enum WorkbookError {
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The file.
    #[error("the workbook could not be written: {0}")]
    Write(#[from] XlsxError),
}

/// How cells look.
struct Looks {
    title: Format,
    heading: Format,
}

impl Looks {
    fn new() -> Self {
        Self {
            title: Format::new().set_bold().set_font_size(13),
            heading: Format::new()
                .set_bold()
                .set_align(FormatAlign::Center)
                .set_background_color("#DCE6F1"),
        }
    }
}

/// Writes the workbook of a report into a file; of each figure `rows` cases at most, which then says so.
///
/// # Errors
/// What the database or the file system says.
pub async fn workbook(
    reader: &Reader,
    campaign: CampaignId,
    period: Period,
    report: &Report,
    rows: u64,
    file: &Path,
) -> Result<(), WorkbookError> {
    book(reader, campaign, period, report, rows).await?.save(file)?;
    Ok(())
}

/// The same workbook as bytes.
///
/// # Errors
/// What the database or the temporary files say.
pub async fn workbook_bytes(
    reader: &Reader,
    campaign: CampaignId,
    period: Period,
    report: &Report,
    rows: u64,
) -> Result<Vec<u8>, WorkbookError> {
    Ok(book(reader, campaign, period, report, rows).await?.save_to_buffer()?)
}

async fn book(
    reader: &Reader,
    campaign: CampaignId,
    period: Period,
    report: &Report,
    rows: u64,
) -> Result<Workbook, WorkbookError> {
    let looks = Looks::new();
    let mut book = Workbook::new();
    let figures: Vec<Counted> = report.figures().into_iter().filter(|figure| figure.n > 0).collect();
    let names = names(&figures);
    for (at, table) in report.tables().iter().enumerate() {
        let sheet = book.add_worksheet_with_constant_memory();
        sheet.set_name(name(at + 1, &table.title))?;
        write_table(sheet, &looks, table)?;
    }
    write_index(book.add_worksheet_with_constant_memory(), &looks, &figures, &names)?;
    for (figure, name) in figures.iter().zip(&names) {
        let about = Reported {
            campaign,
            department: report.department.clone(),
        };
        let list = CaseList::of(reader, about, period, report.success, &figure.figure).await?;
        let sheet = book.add_worksheet_with_constant_memory();
        sheet.set_name(name)?;
        write_list(sheet, &looks, figure, list, rows.min(ROWS)).await?;
    }
    Ok(book)
}

/// A name that a sheet may have: numbered, so that no two are the same.
fn name(number: usize, title: &str) -> String {
    let plain: String = title
        .chars()
        .map(|c| if "[]:*?/\\'".contains(c) { ' ' } else { c })
        .collect();
    format!("{number} {}", plain.trim()).chars().take(NAME).collect()
}

fn names(figures: &[Counted]) -> Vec<String> {
    let numbered = figures.iter().zip(1..);
    numbered
        .map(|(figure, number)| name(number + 100, &figure.zh))
        .collect()
}

/// Adds a sheet with a table, as the report's own.
pub(super) fn plain(book: &mut Workbook, table: &Table) -> Result<(), XlsxError> {
    let number = book.worksheets().len() + 1;
    let sheet = book.add_worksheet();
    sheet.set_name(name(number, &table.title))?;
    write_table(sheet, &Looks::new(), table)
}

fn write_table(sheet: &mut Worksheet, looks: &Looks, table: &Table) -> Result<(), XlsxError> {
    sheet.set_freeze_panes(2, 0)?;
    widths(sheet, table.rows.iter().map(|row| row.iter().map(String::as_str)))?;
    sheet.write_string_with_format(0, 0, &table.title, &looks.title)?;
    for (at, row) in (1..).zip(&table.rows) {
        for (column, cell) in (0..).zip(row) {
            match number(cell).filter(|_| at > 1 && column > 0) {
                Some((number, None)) => sheet.write_number(at, column, number)?,
                Some((number, Some(form))) => {
                    sheet.write_number_with_format(at, column, number, &Format::new().set_num_format(form))?
                }
                None if at == 1 => sheet.write_string_with_format(at, column, cell, &looks.heading)?,
                None => sheet.write_string(at, column, cell)?,
            };
        }
    }
    Ok(())
}

/// A figure as a number, and how it is shown: `12`, `90.36%`, `87.50`.
fn number(cell: &str) -> Option<(f64, Option<&'static str>)> {
    let (digits, percent) = match cell.strip_suffix('%') {
        Some(digits) => (digits, true),
        None => (cell, false),
    };
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit() || c == '-')
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '-');
    let value: f64 = digits.parse().ok().filter(|_| is_number)?;
    Some(match percent {
        true => (value / 100.0, Some("0.00%")),
        false => (value, digits.contains('.').then_some("0.00")),
    })
}

fn write_index(sheet: &mut Worksheet, looks: &Looks, figures: &[Counted], names: &[String]) -> Result<(), XlsxError> {
    sheet.set_name("名单 lists")?;
    sheet.set_freeze_panes(2, 0)?;
    for (column, width) in [(0, 36), (1, 34), (2, 12), (3, 36)] {
        sheet.set_column_width(column, width)?;
    }
    sheet.write_string_with_format(0, 0, "每个数字背后的名单 the cases behind each figure", &looks.title)?;
    for (column, heading) in (0..).zip(["指标 figure", "标识 id", "数量 n", "名单 list"]) {
        sheet.write_string_with_format(1, column, heading, &looks.heading)?;
    }
    for (row, (figure, name)) in (2..).zip(figures.iter().zip(names)) {
        sheet.write_string(row, 0, &figure.zh)?;
        sheet.write_string(row, 1, &figure.id)?;
        sheet.write_number(row, 2, figure.n as f64)?;
        sheet.write_url_with_text(row, 3, Url::new(format!("internal:'{name}'!A1")), name)?;
    }
    Ok(())
}

async fn write_list(
    sheet: &mut Worksheet,
    looks: &Looks,
    figure: &Counted,
    mut list: CaseList<'_>,
    rows: u64,
) -> Result<(), WorkbookError> {
    let heading = list.heading();
    sheet.set_freeze_panes(2, 0)?;
    let shown = match figure.n > rows {
        true => format!(
            "{} {}: {}，此处只列前 {rows} 条 only the first {rows}",
            figure.zh, figure.id, figure.n
        ),
        false => format!("{} {}: {}", figure.zh, figure.id, figure.n),
    };
    let mut at = 2_u32;
    let mut page = list.next().await?;
    let first: Vec<Vec<String>> = page
        .iter()
        .flatten()
        .map(|line| line.iter().map(Cell::text).collect())
        .collect();
    let headed = std::iter::once(heading.clone());
    let sample = first
        .iter()
        .map(|line| line.iter().map(String::as_str).collect::<Vec<_>>());
    widths(sheet, headed.chain(sample).map(Vec::into_iter))?;
    sheet.write_string_with_format(0, 0, shown, &looks.title)?;
    for (column, heading) in (0..).zip(heading) {
        sheet.write_string_with_format(1, column, heading, &looks.heading)?;
    }
    while let Some(lines) = page {
        for line in lines {
            if u64::from(at) >= rows + 2 {
                return Ok(());
            }
            for (column, cell) in (0..).zip(line) {
                match cell {
                    Cell::Text(text) => sheet.write_string(at, column, text)?,
                    Cell::Number(number) => sheet.write_number(at, column, number as f64)?,
                };
            }
            at += 1;
        }
        page = list.next().await?;
    }
    Ok(())
}

/// Columns as wide as their cells; a Chinese character takes two places.
fn widths<'c>(
    sheet: &mut Worksheet,
    rows: impl Iterator<Item = impl Iterator<Item = &'c str>>,
) -> Result<(), XlsxError> {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        for (at, cell) in row.enumerate() {
            match widths.get_mut(at) {
                Some(width) => *width = (*width).max(cell.width()),
                None => widths.push(cell.width()),
            }
        }
    }
    for (column, width) in (0..).zip(widths) {
        sheet.set_column_width(column, (width.min(WIDEST) + 2) as f64)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_numbers_and_words_are_words() {
        assert_eq!(number("12"), Some((12.0, None)));
        assert_eq!(number("87.50"), Some((87.5, Some("0.00"))));
        assert_eq!(number("25.00%"), Some((0.25, Some("0.00%"))));
        assert_eq!([number("—"), number(""), number("2026-11-01 09:00:00")], [None; 3]);
    }

    #[test]
    fn a_sheet_has_a_name_that_excel_takes() {
        let name = name(3, "失访构成 causes of failure (A−C) [x]: a/b and more and more");
        assert!(name.chars().count() <= 31 && name.starts_with("3 失访构成"), "{name}");
        assert!(!name.contains(['[', ']', ':', '/']));
    }
}
