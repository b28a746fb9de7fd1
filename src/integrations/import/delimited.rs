//! CSV and its kin, record by record (RFC 4180 section 2, leniently).
//!
//! Our own splitter, because a mark that opens a quotation and never closes must cost one row: ready readers swallow
//! everything up to the end of the file, silently.

use super::sheet::{Cell, Line};

/// A quoted cell may span this many line breaks; beyond that its opening mark is taken as an ordinary character.
const MOST_BREAKS_IN_A_CELL: usize = 20;
/// And hold this many bytes.
const MOST_BYTES_IN_A_CELL: usize = 32_767;

/// Records of a text.
pub(super) struct Records<'t> {
    rest: &'t str,
    delimiter: char,
    row: u32,
}

impl<'t> Records<'t> {
    pub(super) const fn new(text: &'t str, delimiter: char) -> Self {
        Self {
            rest: text,
            delimiter,
            row: 0,
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        if self.rest.is_empty() {
            return None;
        }
        self.row = self.row.saturating_add(1);
        let mut line = Line {
            row: self.row,
            ..Line::default()
        };
        loop {
            let cell = Split::of(self.rest, self.delimiter);
            line.has_stray_quote |= cell.is_stray;
            line.cells.push(if cell.text.is_empty() {
                Cell::Empty
            } else {
                Cell::Text(cell.text)
            });
            self.rest = cell.rest;
            if cell.ends_record {
                return Some(line);
            }
        }
    }
}

/// One cell split off the front of a text.
struct Split<'t> {
    text: String,
    rest: &'t str,
    ends_record: bool,
    is_stray: bool,
}

impl<'t> Split<'t> {
    fn of(text: &'t str, delimiter: char) -> Self {
        match text.strip_prefix('"').map(|inside| Self::quoted(inside, delimiter)) {
            Some(Some(cell)) => cell,
            Some(None) => Self {
                is_stray: true,
                ..Self::plain(String::new(), text, delimiter)
            },
            None => Self::plain(String::new(), text, delimiter),
        }
    }

    /// The cell whose opening mark was just passed; `None` if the mark never closes.
    fn quoted(inside: &'t str, delimiter: char) -> Option<Self> {
        let mut text = String::new();
        let mut breaks = 0;
        let mut chars = inside.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' if chars.peek().is_some_and(|&(_, next)| next == '"') => {
                    chars.next();
                    text.push('"');
                }
                '"' => {
                    let after = inside.get(at + 1..)?;
                    let is_closed = after.is_empty() || after.starts_with([delimiter, '\n', '\r']);
                    return Some(Self {
                        is_stray: !is_closed,
                        ..Self::plain(text, after, delimiter)
                    });
                }
                _ => {
                    breaks += usize::from(c == '\n');
                    if breaks > MOST_BREAKS_IN_A_CELL || at > MOST_BYTES_IN_A_CELL {
                        return None;
                    }
                    text.push(c);
                }
            }
        }
        None
    }

    /// Everything up to the delimiter or the end of the line, added to `before`.
    fn plain(before: String, text: &'t str, delimiter: char) -> Self {
        let end = text.find([delimiter, '\n', '\r']).unwrap_or(text.len());
        let (cell, rest) = text.split_at(end);
        let whole = before + cell;
        let split = |rest, ends_record| Self {
            text: whole,
            rest,
            ends_record,
            is_stray: false,
        };
        match rest.strip_prefix(delimiter) {
            Some(rest) => split(rest, false),
            None => split(rest.strip_prefix("\r\n").or_else(|| rest.get(1..)).unwrap_or(""), true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Vec<String>> {
        Records::new(text, ',')
            .map(|line| line.cells.iter().map(Cell::text).collect())
            .collect()
    }

    #[test]
    fn quoted_cells_hold_delimiters_marks_and_line_breaks() {
        assert_eq!(
            cells("a,\"b,\"\"c\"\"\nd\",e\r\nf,,\n"),
            [vec!["a", "b,\"c\"\nd", "e"], vec!["f", "", ""]]
        );
    }

    #[test]
    fn every_line_ending_ends_a_row_and_empty_lines_count() {
        let rows: Vec<u32> = Records::new("a\r\n\nb\rc", ',').map(|line| line.row).collect();
        assert_eq!(rows, [1, 2, 3, 4]);
        assert_eq!(cells(""), Vec::<Vec<String>>::new());
    }

    #[test]
    fn a_mark_that_never_closes_costs_one_row_not_the_file() {
        let text = format!("1,\"5寸,x\n{}", "2,b,c\n".repeat(100));
        let lines: Vec<Line> = Records::new(&text, ',').collect();
        assert_eq!(lines.len(), 101);
        assert!(lines[0].has_stray_quote);
        assert_eq!(lines[0].cells[1].text(), "\"5寸");
        assert!(
            lines[1..]
                .iter()
                .all(|line| !line.has_stray_quote && line.cells.len() == 3)
        );
    }

    #[test]
    fn text_after_a_closing_mark_is_kept_and_flagged() {
        let lines: Vec<Line> = Records::new("\"ab\"c,d", ',').collect();
        assert!(lines[0].has_stray_quote);
        assert_eq!(lines[0].cells[0].text(), "abc");
    }
}
