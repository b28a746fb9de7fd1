//! Telephone numbers out of what people type into a cell.
//!
//! The rules, in order. None of them invents, drops or moves a digit, but for the country code of rule 4.
//! 1. Full-width forms, odd dashes and invisible characters are folded; quotation marks around a number go; a whole number
//!    may end in `.0`. Scientific notation is read only when it writes every digit.
//! 2. `/ , 、 ; ， ； | \` and a line break always separate numbers, and so do Chinese words between digits. A space, hyphen,
//!    dot or bracket separates or groups: whichever reading gives only whole numbers. Two such readings: refused.
//! 3. What follows 转, 分机 or ext, or a last hyphen behind a landline, is the extension.
//! 4. `+86`, `0086` and `86` go when a whole mobile, or a whole landline with its 0, remains; else they stay and count.
//! 5. A number is a mobile (1, 3-9, nine digits), a landline with its area code, a 7 or 8 digit landline without one
//!    (doubtful), a service number (doubtful), or international with `+` (doubtful). Anything else is refused.

mod form;

use self::form::{Group, Segment, Separator};
use super::fold::{fold, scientific, without_empty_decimals};
use super::reason::{Doubt, Reason};
use crate::phone::Number;

/// What one cell holds.
#[derive(Debug, Default)]
pub(super) struct Cleaned {
    /// In the order of the cell.
    pub(super) found: Vec<Found>,
    /// Pieces that are no usable number, as written.
    pub(super) refused: Vec<(String, Reason)>,
}

/// One usable number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) number: Number,
    pub(super) extension: Option<String>,
    /// The words beside it.
    pub(super) note: Option<String>,
    pub(super) doubt: Option<Doubt>,
}

/// A cell with more characters than this is no list of telephone numbers.
const LONGEST_CELL: usize = 300;
const EXTENSION_WORDS: &[&str] = &[
    "转",
    "轉",
    "分机",
    "分机号",
    "转分机",
    "转接",
    "内线",
    "ext",
    "extension",
    "x",
];
const LABEL_WORDS: &[&str] = &["tel", "phone", "mobile", "mob", "cell", "home", "office"];
const JOINING_WORDS: &[&str] = &["或", "或者", "和", "及"];
const NO_NUMBER: &[&str] = &[
    "无",
    "没有",
    "不详",
    "未知",
    "暂无",
    "未留",
    "未填",
    "空",
    "无电话",
    "none",
    "null",
    "n/a",
    "na",
    "nil",
];

/// Reads the numbers of a cell.
pub(super) fn clean(cell: &str) -> Cleaned {
    let text = fold(cell);
    let mut cleaned = Cleaned::default();
    if says_nothing(&text) {
        return cleaned;
    }
    if text.chars().count() > LONGEST_CELL {
        cleaned
            .refused
            .push((text.chars().take(20).collect(), Reason::NotANumber));
        return cleaned;
    }
    for piece in text.split(['/', ',', '、', ';', '|', '\\', '\n', '\t', '&', '，', '；']) {
        let piece = piece.trim_matches(|c: char| c.is_whitespace() || "'\"`".contains(c));
        if !says_nothing(piece) {
            clean_piece(piece, &mut cleaned);
        }
    }
    cleaned
}

fn says_nothing(text: &str) -> bool {
    !text.chars().any(|c| c.is_alphanumeric() || c == '*') || NO_NUMBER.contains(&text.to_lowercase().as_str())
}

fn clean_piece(piece: &str, cleaned: &mut Cleaned) {
    let whole = match scientific(piece) {
        Some(Some(digits)) => digits,
        Some(None) => return cleaned.refused.push((piece.to_owned(), Reason::DigitsLost)),
        None => without_empty_decimals(piece).to_owned(),
    };
    match segments(&whole) {
        Err(reason) => cleaned.refused.push((piece.to_owned(), reason)),
        Ok(segments) => {
            for segment in segments {
                form::read(segment, cleaned);
            }
        }
    }
}

/// Cuts a piece into runs of digit groups, at words and pluses.
fn segments(piece: &str) -> Result<Vec<Segment>, Reason> {
    let mut cutter = Cutter::default();
    let mut rest = piece;
    while let Some(first) = rest.chars().next() {
        let class = Class::of(first);
        let end = rest.find(|c| Class::of(c) != class).unwrap_or(rest.len());
        let (token, after) = rest.split_at(end);
        match class {
            Class::Digit => cutter.digits(token),
            Class::Soft => cutter.separator(token),
            Class::Plus => cutter.plus(),
            Class::Star => return Err(Reason::Masked),
            Class::Word => cutter.word(token)?,
            Class::Odd => return Err(Reason::NotANumber),
        }
        rest = after;
    }
    cutter.finish()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Digit,
    Soft,
    Plus,
    Star,
    Word,
    Odd,
}

impl Class {
    fn of(c: char) -> Self {
        match c {
            '0'..='9' => Self::Digit,
            ' ' | '-' | '.' | '(' | ')' | '·' | ':' => Self::Soft,
            '+' => Self::Plus,
            '*' => Self::Star,
            _ if c.is_alphabetic() => Self::Word,
            _ => Self::Odd,
        }
    }
}

#[derive(Default)]
struct Cutter {
    done: Vec<Segment>,
    current: Segment,
    separator: Separator,
    /// Words came before the first digits, so words belong to the number behind them.
    is_labelled: Option<bool>,
    awaits_extension: bool,
}

impl Cutter {
    fn digits(&mut self, digits: &str) {
        self.is_labelled.get_or_insert(false);
        if std::mem::take(&mut self.awaits_extension) {
            self.current.extension = Some(digits.to_owned());
            return;
        }
        if self.current.extension.is_some() {
            self.cut();
        }
        let separator = std::mem::take(&mut self.separator);
        self.current.groups.push(Group {
            separator,
            digits: digits.to_owned(),
        });
    }

    fn separator(&mut self, token: &str) {
        self.separator = if token.contains(':') {
            Separator::Colon
        } else if token.contains('-') {
            Separator::Hyphen
        } else if token.contains(['.', '·']) {
            Separator::Dot
        } else {
            Separator::Space
        };
    }

    fn plus(&mut self) {
        if !self.current.groups.is_empty() {
            self.cut();
        }
        self.current.has_plus = true;
        self.separator = Separator::default();
    }

    fn word(&mut self, word: &str) -> Result<(), Reason> {
        let word = word.to_lowercase();
        let has_digits = !self.current.groups.is_empty();
        if has_digits && self.current.extension.is_none() && EXTENSION_WORDS.contains(&word.as_str()) {
            self.awaits_extension = true;
            return Ok(());
        }
        if word.is_ascii() && !LABEL_WORDS.contains(&word.as_str()) {
            return Err(Reason::NotANumber);
        }
        if has_digits && JOINING_WORDS.contains(&word.as_str()) {
            self.cut();
            self.separator = Separator::default();
            return Ok(());
        }
        let is_labelled = *self.is_labelled.get_or_insert(true);
        if is_labelled {
            if has_digits {
                self.cut();
            }
            self.current.add_note(&word);
        } else {
            self.current.add_note(&word);
            self.cut();
        }
        self.separator = Separator::default();
        Ok(())
    }

    fn cut(&mut self) {
        let segment = std::mem::take(&mut self.current);
        match self.done.last_mut() {
            // Words behind words: they belong to the number in front of them.
            Some(last) if segment.groups.is_empty() => {
                if let Some(note) = &segment.note {
                    last.add_note(note);
                }
            }
            Some(_) | None => self.done.push(segment),
        }
    }

    fn finish(mut self) -> Result<Vec<Segment>, Reason> {
        if self.awaits_extension {
            return Err(Reason::NoExtension);
        }
        self.cut();
        let has_digits = self.done.iter().any(|segment| !segment.groups.is_empty());
        self.done.retain(|segment| !segment.groups.is_empty());
        if has_digits {
            Ok(self.done)
        } else {
            Err(Reason::NotANumber)
        }
    }
}

#[cfg(test)]
mod tests;
