//! A list of telephone numbers alone, as do-not-call lists come: one column of numbers, with or without a header.

use serde::{Deserialize, Serialize};

use super::delimited::Records;
use super::header::{self, Column, Field};
use super::mask::masked;
use super::number;
use super::reason::Reason;
use super::sheet::{Cell, Line, column_letters};
use super::workbook::Workbook;
use super::{Error, MOST_BYTES, MOST_ROWS, Refusal, Scope, encoding, format, intake};
use crate::phone::Number;

/// Names of the column beside those that discharge lists give it, without spaces and in small letters.
const NAMES: &str = "号码 被叫 被叫号码 免打扰号码 黑名单号码 禁呼号码 拒接号码 客户号码 number numbers dnc donotcall called callednumber msisdn";

/// What a list of numbers gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberList {
    /// The row of the header; none if the numbers begin at once.
    pub header_row: Option<u32>,
    /// The letters of the column of numbers.
    pub column: String,
    /// Rows below the header that hold anything.
    pub rows_read: u32,
    /// The numbers, each once, in the order of the file.
    #[serde(skip)]
    pub numbers: Vec<Number>,
    /// Numbers that stand in an earlier row, too.
    pub duplicates: u32,
    /// What was refused, in the order of the file.
    pub refused: Vec<Refusal>,
}

/// Reads a list of numbers: CSV, TSV or a workbook. The header is the first row if it names a column of numbers in Chinese
/// or English; a first row that holds a number is none.
///
/// # Errors
/// When the file as a whole cannot be read, or has no column of numbers.
pub fn read_numbers(bytes: &[u8]) -> Result<NumberList, Error> {
    if bytes.len() > MOST_BYTES {
        return Err(Error::TooLarge);
    }
    let mut lines = Lines::default();
    match format::workbook(bytes) {
        Some(_) => {
            let mut workbook = Workbook::open(bytes)?;
            for sheet in workbook.sheet_names() {
                // Sheets without cells (charts, macros) are no lists.
                if workbook
                    .peek(&sheet)
                    .is_ok_and(|lines| lines.iter().any(|line| !line.is_blank()))
                {
                    workbook.each_line(&sheet, &mut |line| lines.take(&line).map(|()| true))?;
                    break;
                }
            }
        }
        None => {
            let decoded = encoding::decode(bytes);
            let text = intake::readable(&decoded.text)?;
            for line in Records::new(text, intake::delimiter(text)) {
                lines.take(&line)?;
            }
        }
    }
    lines.finish()
}

/// One number as a person writes it.
///
/// # Errors
/// Why it is none, or that there are several.
pub fn one_number(text: &str) -> Result<Number, Reason> {
    let cleaned = number::clean(text);
    if let Some((_, reason)) = cleaned.refused.into_iter().next() {
        return Err(reason);
    }
    let mut found = cleaned.found.into_iter();
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one.number),
        (Some(_), Some(_)) => Err(Reason::Ambiguous),
        (None, _) => Err(Reason::NoNumber),
    }
}

/// Lines on their way to becoming numbers.
#[derive(Default)]
struct Lines {
    /// The place of the column, once it is known.
    place: Option<usize>,
    title: String,
    list: Option<NumberList>,
    seen: std::collections::BTreeSet<Number>,
}

impl Lines {
    fn take(&mut self, line: &Line) -> Result<(), Error> {
        if line.row > MOST_ROWS {
            return Err(Error::TooManyRows);
        }
        if line.is_blank() {
            return Ok(());
        }
        let Some(place) = self.place else {
            return self.first(line);
        };
        self.number(line, place);
        Ok(())
    }

    /// The first row: a header that names the column, or numbers already.
    fn first(&mut self, line: &Line) -> Result<(), Error> {
        let columns = header::columns(line);
        let named = columns.iter().position(is_of_numbers);
        let holds_one = |cell: &Cell| !number::clean(&cell.text()).found.is_empty();
        let (place, header_row) = match (named, line.cells.iter().position(holds_one)) {
            (Some(place), _) => (place, Some(line.row)),
            (None, Some(place)) => (place, None),
            (None, None) => {
                return Err(Error::NoColumn {
                    row: line.row,
                    missing: "telephone numbers (号码, 联系电话, 手机, number)",
                    found: intake::names(&columns),
                });
            }
        };
        self.place = Some(place);
        if header_row.is_some() {
            self.title = columns
                .get(place)
                .map(|column| column.header.clone())
                .unwrap_or_default();
        }
        self.list = Some(NumberList {
            header_row,
            column: column_letters(place),
            rows_read: 0,
            numbers: Vec::new(),
            duplicates: 0,
            refused: Vec::new(),
        });
        if header_row.is_none() {
            self.number(line, place);
        }
        Ok(())
    }

    fn number(&mut self, line: &Line, place: usize) {
        let Some(list) = &mut self.list else { return };
        list.rows_read += 1;
        let text = line.cells.get(place).map(Cell::text).unwrap_or_default();
        let cleaned = number::clean(&text);
        let scope = if cleaned.found.is_empty() {
            Scope::Row
        } else {
            Scope::Value
        };
        let mut refuse = |value: String, reason| {
            list.refused.push(Refusal {
                row: line.row,
                column: list.column.clone(),
                header: self.title.clone(),
                value,
                reason,
                scope,
            });
        };
        if cleaned.found.is_empty() && cleaned.refused.is_empty() {
            refuse(text.trim().chars().take(10).collect(), Reason::NoNumber);
        }
        for (piece, reason) in cleaned.refused {
            refuse(masked(Field::Phone, &piece), reason);
        }
        for found in cleaned.found {
            if self.seen.insert(found.number.clone()) {
                list.numbers.push(found.number);
            } else {
                list.duplicates += 1;
            }
        }
    }

    fn finish(self) -> Result<NumberList, Error> {
        let list = self.list.ok_or(Error::Empty)?;
        match list.header_row {
            Some(row) if list.rows_read == 0 => Err(Error::NoRows { row }),
            Some(_) | None => Ok(list),
        }
    }
}

fn is_of_numbers(column: &Column) -> bool {
    let by_field = column
        .field
        .is_some_and(|field| [Field::Mobile, Field::Phone, Field::HomePhone, Field::KinPhone].contains(&field));
    by_field || NAMES.split(' ').any(|name| name == header::folded(&column.header))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> NumberList {
        read_numbers(text.as_bytes()).unwrap()
    }

    fn digits(list: &NumberList) -> Vec<&str> {
        list.numbers.iter().map(Number::reveal).collect()
    }

    #[test]
    fn the_column_is_found_by_its_chinese_or_english_name_wherever_it_stands() {
        for header in [
            "姓名,号码,原因",
            "name,Number,reason",
            "姓名,联系电话,x",
            "a,被叫号码(必填),b",
        ] {
            let list = read(&format!("{header}\n张三,13800000001,a\n李四,138-0000-0002,b\n"));
            assert_eq!(digits(&list), ["13800000001", "13800000002"], "{header}");
            assert_eq!(
                (list.header_row, list.column.as_str(), list.rows_read),
                (Some(1), "B", 2)
            );
        }
    }

    #[test]
    fn a_list_without_a_header_begins_with_its_first_number() {
        let list = read("13800000001\n057187654321\n");
        assert_eq!(digits(&list), ["13800000001", "057187654321"]);
        assert_eq!((list.header_row, list.rows_read), (None, 2));
    }

    #[test]
    fn what_is_refused_is_named_with_row_column_and_reason_and_the_rest_is_taken() {
        let list = read("号码\n13800000001\n1380000\n\n无\n110\n13800000001\n13800000002/13800000003\n");
        assert_eq!(digits(&list), ["13800000001", "13800000002", "13800000003"]);
        assert_eq!((list.rows_read, list.duplicates), (6, 1));
        let refused: Vec<(u32, &str, &str, Reason)> = list
            .refused
            .iter()
            .map(|refusal| {
                (
                    refusal.row,
                    refusal.column.as_str(),
                    refusal.header.as_str(),
                    refusal.reason,
                )
            })
            .collect();
        assert_eq!(
            refused,
            [
                (3, "A", "号码", Reason::MobileLength(7)),
                (5, "A", "号码", Reason::NoNumber),
                (6, "A", "号码", Reason::ShortCode),
            ],
            "{:?}",
            list.refused
        );
    }

    #[test]
    fn a_file_without_numbers_says_what_it_has_instead() {
        let error = read_numbers("姓名,原因\n张三,a\n".as_bytes()).unwrap_err();
        assert!(matches!(error, Error::NoColumn { row: 1, .. }), "{error}");
        assert_eq!(read_numbers(b"").unwrap_err(), Error::Empty);
        assert_eq!(read_numbers("号码\n".as_bytes()).unwrap_err(), Error::NoRows { row: 1 });
        assert_eq!(read_numbers(b"<html><table>").unwrap_err(), Error::Markup);
    }

    #[test]
    fn one_number_is_read_as_imports_read_it_or_refused() {
        assert_eq!(one_number("+86 138-0000-0001").unwrap().reveal(), "13800000001");
        assert_eq!(one_number("13800000001 13800000002").unwrap_err(), Reason::Ambiguous);
        assert_eq!(one_number("138000000").unwrap_err(), Reason::MobileLength(9));
        assert_eq!(one_number("").unwrap_err(), Reason::NoNumber);
    }
}
