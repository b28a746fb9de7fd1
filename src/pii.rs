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
    fn a_masked_name_keeps_its_ends() {
        assert_eq!(mask_name("张明"), "张*");
        assert_eq!(mask_name("张建明"), "张*明");
        assert_eq!(mask_name(" 欧阳慧敏 "), "欧**敏");
        assert_eq!(mask_name(""), "");
    }
}
