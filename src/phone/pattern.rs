//! Patterns of numbers, as telephone systems write them.

/// A pattern of a whole number: digits and a leading `+` stand for themselves, `X` for any digit, `Z` for 1 to 9, `N` for
/// 2 to 9, `[13-9]` for one of these, and `.` at the end for one digit or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    places: Vec<Place>,
    tail: Tail,
}

/// What may stand at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Plus,
    /// One bit a digit.
    Digits(u16),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tail {
    Nothing,
    OneOrMore,
}

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing in it.
    #[error("the pattern is empty")]
    Empty,
    /// A character without a meaning.
    #[error("{0:?} has no meaning in a pattern: digits, a leading +, X, Z, N, [13-9], and . at the end")]
    Stray(char),
    /// `[` without `]`, nothing between them, or a range that runs backwards.
    #[error("brackets hold digits and ranges such as [13-9]")]
    Brackets,
    /// Something behind the dot.
    #[error("the dot (one digit or more) must be the last")]
    BehindTheDot,
    /// Longer than any number.
    #[error("a number has at most 20 digits")]
    TooLong,
}

const ANY: u16 = 0x3ff;

impl Pattern {
    /// Reads a pattern; letters in either case.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let mut places = Vec::new();
        let mut tail = Tail::Nothing;
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            if tail == Tail::OneOrMore {
                return Err(PatternError::BehindTheDot);
            }
            places.push(match c {
                '+' if places.is_empty() => Place::Plus,
                'X' | 'x' => Place::Digits(ANY),
                'Z' | 'z' => Place::Digits(ANY & !0b1),
                'N' | 'n' => Place::Digits(ANY & !0b11),
                '[' => Place::Digits(set(&mut rest)?),
                '.' => {
                    tail = Tail::OneOrMore;
                    continue;
                }
                _ => Place::Digits(bit(c).ok_or(PatternError::Stray(c))?),
            });
        }
        match places.len() {
            0 if tail == Tail::Nothing => Err(PatternError::Empty),
            0..=21 => Ok(Self { places, tail }),
            _ => Err(PatternError::TooLong),
        }
    }

    /// Whether it is a pattern of this number, from the first character to the last.
    pub fn matches(&self, number: &str) -> bool {
        let mut left = number.chars();
        let fits = self.places.iter().all(|place| match (place, left.next()) {
            (Place::Plus, Some(c)) => c == '+',
            (Place::Digits(set), Some(c)) => bit(c).is_some_and(|bit| set & bit != 0),
            (Place::Plus | Place::Digits(_), None) => false,
        });
        let behind = left.as_str();
        fits && match self.tail {
            Tail::Nothing => behind.is_empty(),
            Tail::OneOrMore => !behind.is_empty() && behind.bytes().all(|b| b.is_ascii_digit()),
        }
    }

    /// Characters that each number of it has at least.
    pub fn shortest(&self) -> usize {
        self.places.len() + usize::from(self.tail == Tail::OneOrMore)
    }
}

fn bit(c: char) -> Option<u16> {
    c.to_digit(10).map(|digit| 1 << digit)
}

fn set(rest: &mut std::str::Chars<'_>) -> Result<u16, PatternError> {
    let (inside, behind) = rest.as_str().split_once(']').ok_or(PatternError::Brackets)?;
    *rest = behind.chars();
    let mut set = 0;
    let mut inside = inside.chars().peekable();
    while let Some(first) = inside.next() {
        let last = match inside.next_if_eq(&'-') {
            Some(_) => inside.next().ok_or(PatternError::Brackets)?,
            None => first,
        };
        if bit(first).zip(bit(last)).is_none_or(|(first, last)| first > last) {
            return Err(PatternError::Brackets);
        }
        set |= (first..=last).filter_map(bit).fold(0, |set, bit| set | bit);
    }
    if set == 0 { Err(PatternError::Brackets) } else { Ok(set) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, number: &str) -> bool {
        Pattern::parse(pattern).unwrap().matches(number)
    }

    #[test]
    fn a_pattern_is_one_of_the_whole_number() {
        assert!(matches("1[3-9]XXXXXXXXX", "13800000001"));
        assert!(!matches("1[3-9]XXXXXXXXX", "12800000001"));
        assert!(!matches("1[3-9]XXXXXXXXX", "138000000011"));
        assert!(!matches("1[3-9]XXXXXXXXX", "1380000000"));
        assert!(matches("0.", "057187654321"));
        assert!(!matches("0.", "0"), "the dot is one digit at least");
        assert!(matches("+86.", "+8613800000001"));
        assert!(!matches("X.", "+8613800000001"));
        assert!(matches("ZN[158]", "121") && !matches("ZN[158]", "021") && !matches("ZN[158]", "111"));
        assert!(matches("[13-59]", "4") && !matches("[13-59]", "6"));
    }

    #[test]
    fn what_is_no_pattern_is_refused_with_the_reason() {
        let error = |text| Pattern::parse(text).unwrap_err();
        assert_eq!(error(""), PatternError::Empty);
        assert_eq!(error("_1X"), PatternError::Stray('_'));
        assert_eq!(error("1+"), PatternError::Stray('+'));
        assert_eq!(error("1.2"), PatternError::BehindTheDot);
        for text in ["[", "[]", "[5-1]", "[1-", "[1-]", "[a]"] {
            assert_eq!(error(text), PatternError::Brackets, "{text}");
        }
        assert_eq!(error("XXXXXXXXXXXXXXXXXXXXXX"), PatternError::TooLong);
    }
}
