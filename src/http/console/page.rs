//! A page of a long list, and the cursor that continues it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::Problem;

/// How many rows come if nothing else is asked.
pub(in crate::http) const ROWS: u32 = 50;
/// How many rows come at most.
pub(in crate::http) const MOST_ROWS: u32 = 200;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Page<T> {
    /// The rows, in the order of the list.
    pub(in crate::http) items: Vec<T>,
    /// What `cursor` continues with; none: this was the last page.
    pub(in crate::http) next: Option<String>,
}

impl<T> Page<T> {
    /// The page of a list that is in the order of its rows' numbers: one row more was read than is wanted, which tells
    /// whether another page follows.
    ///
    /// # Errors
    /// What `show` says of a row.
    pub(in crate::http) fn by_id<R>(
        mut found: Vec<R>,
        wanted: u32,
        id: impl Fn(&R) -> i64,
        show: impl FnMut(R) -> Result<T, Problem>,
    ) -> Result<Self, Problem> {
        let most = usize::try_from(wanted).unwrap_or(usize::MAX);
        let has_more = found.len() > most;
        found.truncate(most);
        let last = found.last().filter(|_| has_more).map(id);
        Ok(Self {
            next: last.map(|id| Cursor { key: 0, id }.text()),
            items: found.into_iter().map(show).collect::<Result<_, _>>()?,
        })
    }
}

/// Where a page begins: the sort key and the row number of the last row before it. Opaque to clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::http) struct Cursor {
    /// The sort key of the last row.
    pub(in crate::http) key: i64,
    /// Its row number, which decides between equal keys.
    pub(in crate::http) id: i64,
}

impl Cursor {
    /// As a client carries it: hexadecimal, so that it needs no quoting anywhere.
    pub(in crate::http) fn text(&self) -> String {
        format!("{:016x}{:016x}", self.key, self.id)
    }

    /// Reads what a client brings back.
    pub(in crate::http) fn read(text: &str) -> Result<Self, Problem> {
        let wrong =
            || Problem::bad_request("cursor is not one that this list has given out; leave it away to begin anew");
        if text.len() != 32 || !text.is_ascii() {
            return Err(wrong());
        }
        let (key, id) = text.split_at(16);
        let number = |digits| {
            u64::from_str_radix(digits, 16)
                .map(u64::cast_signed)
                .map_err(|_| wrong())
        };
        Ok(Self {
            key: number(key)?,
            id: number(id)?,
        })
    }
}

/// How many rows are asked for: 1 to 200.
pub(in crate::http) fn rows(asked: Option<u32>) -> Result<u32, Problem> {
    match asked.unwrap_or(ROWS) {
        rows @ 1..=MOST_ROWS => Ok(rows),
        rows => Err(Problem::bad_request(format!(
            "rows is {rows}; expected 1 to {MOST_ROWS}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, Page};

    #[test]
    fn a_row_more_than_wanted_tells_that_another_page_follows() {
        let page = |rows: Vec<i64>| Page::by_id(rows, 2, |row| *row, |row| Ok(row * 10)).unwrap();
        let first = page(vec![7, 5, 3]);
        assert_eq!(first.items, [70, 50]);
        assert_eq!(Cursor::read(&first.next.unwrap()).unwrap().id, 5);
        assert_eq!(page(vec![3, 2]).next, None);
        assert_eq!(page(vec![]).next, None);
    }

    #[test]
    fn a_cursor_comes_back_as_it_was_given_out() {
        for (key, id) in [(0, 1), (-1, i64::MAX), (1_763_800_000_000, 42)] {
            let cursor = Cursor { key, id };
            assert_eq!(Cursor::read(&cursor.text()).unwrap(), cursor);
        }
    }

    #[test]
    fn a_cursor_that_was_never_given_out_is_refused() {
        for text in [
            "",
            "1",
            "zz",
            "中中中中中中中中中中中",
            &"g".repeat(32),
            &"+".repeat(32),
        ] {
            assert_eq!(Cursor::read(text).unwrap_err().status, 400);
        }
    }
}
