//! A line of a sheet and its cells, whatever file they came from.

use chrono::NaiveDateTime;

/// One row of the sheet, counted as Excel counts it.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// From 1; empty rows and title rows count.
    pub(super) row: u32,
    pub(super) cells: Vec<Cell>,
    /// A quotation mark that never closed was taken as an ordinary character.
    pub(super) has_stray_quote: bool,
}

impl Line {
    pub(super) fn is_blank(&self) -> bool {
        self.cells.iter().all(Cell::is_blank)
    }
}

/// One cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Cell {
    #[default]
    Empty,
    Text(String),
    /// A number as the workbook holds it, not as it is shown.
    Number(f64),
    /// A number that the workbook shows as a date.
    Date(NaiveDateTime),
}

/// From here on a workbook's number no longer holds every digit.
const EXACT_BELOW: f64 = 1e15;

impl Cell {
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::Number(_) | Self::Date(_) => false,
        }
    }

    /// What a person would read. A number that has lost digits comes in scientific notation, so that readers of digits
    /// refuse it.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => without_formula(text.trim()).to_owned(),
            Self::Number(number) if number.abs() >= EXACT_BELOW => format!("{number:.5e}"),
            Self::Number(number) => number.to_string(),
            Self::Date(at) if at.time() == chrono::NaiveTime::MIN => at.format("%Y-%m-%d").to_string(),
            Self::Date(at) => at.format("%Y-%m-%d %H:%M:%S").to_string(),
        }
    }
}

/// `="00123"`, the trick that keeps leading zeros when Excel opens a CSV, is the text 00123.
fn without_formula(text: &str) -> &str {
    text.strip_prefix("=\"")
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(text)
}

/// The letters that Excel writes above a column: A, B, … Z, AA.
pub(super) fn column_letters(index: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = index;
    loop {
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        match (rest / 26).checked_sub(1) {
            Some(next) => rest = next,
            None => break,
        }
    }
    letters.iter().rev().collect()
}

/// The place of a column by its letters, from 0; none: these are none.
pub(super) fn column_index(letters: &str) -> Option<usize> {
    // XFD is the last one that Excel knows.
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let place = |from: usize, letter: u8| {
        letter
            .is_ascii_uppercase()
            .then(|| from * 26 + usize::from(letter - b'A') + 1)
    };
    let after = letters.bytes().try_fold(0, place)?;
    after.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_has_the_letters_that_excel_shows() {
        let shown: Vec<String> = [0, 25, 26, 51, 52, 701, 702].into_iter().map(column_letters).collect();
        assert_eq!(shown, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
        let read: Vec<Option<usize>> = shown.iter().map(|letters| column_index(letters)).collect();
        assert_eq!(read, [0, 25, 26, 51, 52, 701, 702].map(Some));
        assert_eq!(["", "a", "A1", "AAAA", "列"].map(column_index), [None; 5]);
    }

    #[test]
    fn a_number_cell_reads_as_its_exact_digits_or_as_lost() {
        assert_eq!(Cell::Number(13_812_345_678.0).text(), "13812345678");
        assert_eq!(Cell::Number(0.5).text(), "0.5");
        assert_eq!(Cell::Number(340_524_198_001_010_019.0).text(), "3.40524e17");
        assert_eq!(Cell::Text(" =\"00123\" ".to_owned()).text(), "00123");
    }
}
