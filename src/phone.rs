//! Telephone vocabulary: the number of a patient, the key that was pressed.

mod caller;
mod format;
mod pattern;
pub(crate) mod shape;

use std::fmt;

pub use caller::normalised;
pub use format::{CountryPrefix, FormatError, FormatRule, NumberFormat, SEGMENT};
pub use pattern::{Pattern, PatternError};
use serde::{Deserialize, Serialize};

/// A telephone number in dialable form: digits, at most one leading `+`. Shown masked (138****1234) everywhere but on
/// the wire and in the database.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Number(String);

/// Why a text is no telephone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Nothing is left after cleaning.
    #[error("the number is empty")]
    Empty,
    /// Something other than a digit, or a `+` that is not in front.
    #[error("a number has only digits and at most one leading +")]
    NotDigits,
    /// E.164 allows 15 digits; 20 leaves room for prefixes of a trunk.
    #[error("a number has at most 20 digits")]
    TooLong,
}

/// What kind of telephone a number leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NumberKind {
    /// A mobile: somebody carries it.
    Mobile,
    /// A landline: somebody has to be there.
    Landline,
}

impl Number {
    /// What stands where a caller withheld the number: it can be read as a number and is nobody's.
    pub fn withheld() -> Self {
        Self("0".to_owned())
    }

    /// Reads a dial string: digits, optionally one `+` in front. No digit is ever added, dropped or moved.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        let digits = text.strip_prefix('+').unwrap_or(text);
        if digits.is_empty() {
            return Err(NumberError::Empty);
        }
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NumberError::NotDigits);
        }
        if digits.len() > 20 {
            return Err(NumberError::TooLong);
        }
        Ok(Self(text.to_owned()))
    }

    /// The digits themselves: for the wire, the database and authorised screens.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What it looks like; none for short and foreign numbers.
    pub fn kind(&self) -> Option<NumberKind> {
        if shape::is_mobile(&self.0) {
            Some(NumberKind::Mobile)
        } else if shape::is_landline(&self.0) {
            Some(NumberKind::Landline)
        } else {
            None
        }
    }

    /// 138****1234; short numbers show their last two digits at most.
    pub fn masked(&self) -> String {
        let text = &self.0;
        match text.len() {
            0..=4 => "*".repeat(text.len()),
            5..=7 => format!("{}{}", "*".repeat(text.len() - 2), &text[text.len() - 2..]),
            length => format!("{}{}{}", &text[..3], "*".repeat(length - 7), &text[length - 4..]),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl TryFrom<String> for Number {
    type Error = NumberError;

    fn try_from(text: String) -> Result<Self, NumberError> {
        Self::parse(&text)
    }
}

impl From<Number> for String {
    fn from(number: Number) -> Self {
        number.0
    }
}

/// A key of a telephone: 0-9, `*`, `#`, A-D (RFC 4733 section 3.2, events 0 to 15).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "char", into = "char")]
pub struct Key(u8);

const KEYS: &[u8; 16] = b"0123456789*#ABCD";

impl Key {
    /// `*`
    pub const STAR: Self = Self(10);
    /// `#`
    pub const HASH: Self = Self(11);

    /// The key of an RFC 4733 event code, 0 to 15.
    pub fn from_event(event: u8) -> Option<Self> {
        (event < 16).then_some(Self(event))
    }

    /// The key that a character names.
    pub fn from_char(c: char) -> Option<Self> {
        let upper = c.to_ascii_uppercase();
        let place = KEYS.iter().position(|&k| char::from(k) == upper)?;
        u8::try_from(place).ok().map(Self)
    }

    /// Its RFC 4733 event code, 0 to 15.
    pub const fn event(self) -> u8 {
        self.0
    }

    /// Its value if it is a digit.
    pub fn digit(self) -> Option<u8> {
        (self.0 < 10).then_some(self.0)
    }

    /// The character on the key.
    pub fn as_char(self) -> char {
        char::from(KEYS[usize::from(self.0)])
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.as_char())
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Write::write_char(f, self.as_char())
    }
}

impl TryFrom<char> for Key {
    type Error = String;

    fn try_from(c: char) -> Result<Self, String> {
        Self::from_char(c).ok_or_else(|| format!("{c:?} is no telephone key"))
    }
}

impl From<Key> for char {
    fn from(key: Key) -> Self {
        key.as_char()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_never_shown_whole() {
        let number = Number::parse("13812341234").unwrap();
        assert_eq!(format!("{number} {number:?}"), "138****1234 138****1234");
        assert_eq!(Number::parse("8003").unwrap().masked(), "****");
        assert_eq!(Number::parse("5551234").unwrap().masked(), "*****34");
    }

    #[test]
    fn a_number_keeps_every_digit_or_is_refused() {
        assert_eq!(Number::parse("+8613812341234").unwrap().reveal(), "+8613812341234");
        assert_eq!(Number::parse("138-1234"), Err(NumberError::NotDigits));
        assert_eq!(Number::parse(""), Err(NumberError::Empty));
        assert_eq!(Number::parse("+"), Err(NumberError::Empty));
        assert_eq!(Number::parse("1２3"), Err(NumberError::NotDigits));
    }

    #[test]
    fn every_event_code_is_a_key_and_back() {
        for event in 0..16 {
            let key = Key::from_event(event).unwrap();
            assert_eq!(Key::from_char(key.as_char()), Some(key));
        }
        assert_eq!(Key::from_event(16), None);
    }
}
