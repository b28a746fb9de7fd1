//! What people type: read, or refused with what was expected. Nothing that a terminal, a header or a sheet obeys gets in.

use crate::http::Problem;

/// How long a reason, a source or a relation may be, in characters.
pub(super) const SENTENCE: usize = 200;

/// One line of words: trimmed, not empty, without control characters, so many characters at most.
pub(super) fn line(what: &str, text: &str, most: usize) -> Result<String, Problem> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 {
        return Err(Problem::bad_request(format!("{what} is empty")));
    }
    if length > most {
        return Err(Problem::bad_request(format!(
            "{what} has {length} characters; expected {most} at most"
        )));
    }
    if text.chars().any(char::is_control) {
        return Err(Problem::bad_request(format!(
            "{what} holds control characters; expected one line of words"
        )));
    }
    Ok(text.to_owned())
}

/// Several lines of words: line ends become plain ones, other control characters are refused.
pub(super) fn lines(what: &str, text: &str, most: usize) -> Result<String, Problem> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let rows: Vec<&str> = text.trim().split('\n').collect();
    let length = text.trim().chars().count();
    if length == 0 {
        return Err(Problem::bad_request(format!("{what} is empty")));
    }
    if length > most {
        return Err(Problem::bad_request(format!(
            "{what} has {length} characters; expected {most} at most"
        )));
    }
    if rows
        .iter()
        .any(|row| row.chars().any(|letter| letter.is_control() && letter != '\t'))
    {
        return Err(Problem::bad_request(format!(
            "{what} holds control characters; expected words"
        )));
    }
    Ok(rows.join("\n"))
}

/// The row of a path; whatever is no row number leads to nothing.
pub(super) fn row(text: &str) -> Result<i64, Problem> {
    let found = text.parse::<i64>().ok().filter(|row| *row > 0);
    found.ok_or_else(|| Problem::unreadable(axum::http::StatusCode::NOT_FOUND, "there is no such row"))
}

#[cfg(test)]
mod tests {
    use super::{line, lines, row};

    #[test]
    fn words_are_taken_as_they_are_and_control_characters_are_refused() {
        assert_eq!(line("reason", " <script>=1+1 ../x ", 200).unwrap(), "<script>=1+1 ../x");
        for bad in ["", "  ", "a\r\nSet-Cookie: x", "a\0b", &"长".repeat(201)] {
            assert_eq!(line("reason", bad, 200).unwrap_err().status, 400, "{bad:?}");
        }
        assert_eq!(lines("note", "一\r\n二\r三", 2000).unwrap(), "一\n二\n三");
        assert_eq!(lines("note", "a\0b", 2000).unwrap_err().status, 400);
        assert_eq!(lines("note", "\x1b[2J", 2000).unwrap_err().status, 400);
    }

    #[test]
    fn a_row_is_a_number_above_zero() {
        assert_eq!(row("17").unwrap(), 17);
        for bad in ["0", "-1", "99999999999999999999", "1;drop", "../1", ""] {
            assert_eq!(row(bad).unwrap_err().status, 404);
        }
    }
}
