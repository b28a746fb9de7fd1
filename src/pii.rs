//! Personal data that redacts itself: what `Debug`, logs and errors may show of a patient.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A value that identifies a person. `Debug` and `Display` never show it; [`Pii::reveal`] is the one way to it, so a
/// search for `reveal` lists every place where personal data leaves.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pii<T>(T);

impl<T> Pii<T> {
    /// Wraps a personal value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself: for the wire, the database and screens that were authorised to show it.
    pub const fn reveal(&self) -> &T {
        &self.0
    }

    /// Takes the value out.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> From<T> for Pii<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pii(…)")
    }
}

impl<T> fmt::Display for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// A person's name as screens and reports show it without a grant: 张*, 张*明, 欧阳慧敏 -> 欧**敏.
pub fn mask_name(name: &str) -> String {
    let letters: Vec<char> = name.trim().chars().collect();
    match letters.as_slice() {
        [] => String::new(),
        [only] => format!("{only}*"),
        [first, _] => format!("{first}*"),
        [first, middle @ .., last] => format!("{first}{}{last}", "*".repeat(middle.len())),
    }
}

/// A patient's or a visit's number as screens show it without a grant: Z0386123 -> Z0386***. Five characters stay at most,
/// three at least go.
pub fn mask_no(no: &str) -> String {
    let letters: Vec<char> = no.trim().chars().collect();
    let kept = letters.len().saturating_sub(3).min(5);
    let hidden = letters.len() - kept;
    letters
        .iter()
        .take(kept)
        .copied()
        .chain(std::iter::repeat_n('*', hidden))
        .collect()
}

/// How many digits in a row could be a telephone number, or lead to one.
const TELLING: usize = 7;

/// Words of others (a reason phrase, an error of the system) for the log: a run of digits that could be a telephone
/// number is masked, also where blanks and hyphens stand between the digits.
pub fn scrub(text: &str) -> String {
    let mut scrubbed = String::with_capacity(text.len());
    let mut run = String::new();
    for letter in text.chars() {
        let joins = matches!(letter, ' ' | '-') && run.ends_with(|last: char| last.is_ascii_digit());
        if letter.is_ascii_digit() || joins {
            run.push(letter);
        } else {
            flush(&mut run, &mut scrubbed);
            scrubbed.push(letter);
        }
    }
    flush(&mut run, &mut scrubbed);
    scrubbed
}

/// Moves a run of digits over, masked if it is a long one: of those the first three and the last two stay.
fn flush(run: &mut String, scrubbed: &mut String) {
    let digits = run.bytes().filter(u8::is_ascii_digit).count();
    let mut place = 0;
    for letter in run.drain(..) {
        place += usize::from(letter.is_ascii_digit());
        let is_hidden = letter.is_ascii_digit() && digits >= TELLING && place > 3 && place + 2 <= digits;
        scrubbed.push(if is_hidden { '*' } else { letter });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_name_never_shows_in_debug_or_display() {
        let name = Pii::new("张建国".to_owned());
        assert_eq!(format!("{name:?} {name}"), "Pii(…) …");
        assert_eq!(name.reveal(), "张建国");
    }

    #[test]
    fn digits_that_could_be_a_number_are_scrubbed_however_they_are_written() {
        assert_eq!(scrub("404 of sip:13812345678@x"), "404 of sip:138******78@x");
        assert_eq!(scrub("to 138-1234 5678!"), "to 138-**** **78!");
        assert_eq!(scrub("8765432"), "876**32");
        assert_eq!(
            scrub("100 ms at 192.168.10.20:5060, 123456"),
            "100 ms at 192.168.10.20:5060, 123456"
        );
        assert_eq!(scrub("1381234 5678"), "138**** **78");
    }

    #[test]
    fn a_masked_number_of_a_patient_keeps_its_beginning() {
        assert_eq!(mask_no("Z0386123"), "Z0386***");
        assert_eq!(mask_no("P0001"), "P0***");
        assert_eq!(mask_no("12"), "**");
        assert_eq!(mask_no("202611220001"), "20261*******");
    }

    #[test]
    fn a_masked_name_keeps_its_ends() {
        assert_eq!(mask_name("张明"), "张*");
        assert_eq!(mask_name("张建明"), "张*明");
        assert_eq!(mask_name(" 欧阳慧敏 "), "欧**敏");
        assert_eq!(mask_name(""), "");
    }
}
