//! The form in which a trunk wants numbers dialed.

use std::collections::BTreeSet;

use super::pattern::Pattern;
use super::shape::is_mobile;
use super::{Number, NumberError};

/// How many digits of a mobile number tell where it was issued (号段).
pub const SEGMENT: usize = 7;

/// From the number as it is stored to the number as it is dialed. Without rules nothing changes.
///
/// First a mobile from elsewhere gets its 0, where the local segments are known; then the first rule whose pattern fits
/// changes the number, and no other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NumberFormat {
    /// Tried in order.
    pub rules: Vec<FormatRule>,
    /// The first digits of the mobiles that are dialed without a 0; empty: every mobile is.
    pub local: BTreeSet<String>,
}

/// One rule of a number format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatRule {
    pattern: Pattern,
    strip: usize,
    add: String,
}

/// Why a rule cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// More is taken away than the shortest number of the pattern has.
    #[error("strips {strip} characters, but the pattern fits numbers of {shortest}: at least one has to stay")]
    StripsAll {
        /// How many are to go.
        strip: usize,
        /// How many the shortest number has.
        shortest: usize,
    },
    /// What is added makes no number.
    #[error("cannot add {add:?}: {source}")]
    Adds {
        /// What is to be added.
        add: String,
        /// Why not.
        source: NumberError,
    },
}

impl FormatRule {
    /// Numbers of `pattern` lose their first `strip` characters and get `add` in front: digits, perhaps with a leading
    /// `+`, or nothing.
    pub fn new(pattern: Pattern, strip: usize, add: &str) -> Result<Self, FormatError> {
        let shortest = pattern.shortest();
        if strip >= shortest {
            return Err(FormatError::StripsAll { strip, shortest });
        }
        if !add.is_empty() && add != "+" {
            Number::parse(add).map_err(|source| FormatError::Adds {
                add: add.to_owned(),
                source,
            })?;
        }
        Ok(Self {
            pattern,
            strip,
            add: add.to_owned(),
        })
    }
}

impl NumberFormat {
    /// Country code in front of every number of the country: `+86`, `0086` or `86`. Numbers without an area code and
    /// service numbers stay as they are.
    pub fn with_country(prefix: CountryPrefix) -> Self {
        let rule = |pattern: &str, strip, add: &str| {
            let pattern = Pattern::parse(pattern).ok()?;
            FormatRule::new(pattern, strip, add).ok()
        };
        let (china, abroad) = match prefix {
            CountryPrefix::Plus => ("+86", "+"),
            CountryPrefix::Zeros => ("0086", "00"),
            CountryPrefix::Bare => ("86", ""),
        };
        let rules = [
            rule("1[3-9]XXXXXXXXX", 0, china),
            rule("0[1-9].", 1, china),
            rule("+.", 1, abroad),
        ];
        Self {
            rules: rules.into_iter().flatten().collect(),
            local: BTreeSet::new(),
        }
    }

    /// The number as the trunk wants it. Where a rule would make something that is no number (more than 20 digits), the
    /// number stays as it is.
    pub fn apply(&self, number: &Number) -> Number {
        let text = number.reveal();
        let far = self.is_from_elsewhere(text).then(|| format!("0{text}"));
        let text = far.as_deref().unwrap_or(text);
        let rule = self.rules.iter().find(|rule| rule.pattern.matches(text));
        let made = match rule {
            Some(rule) => format!("{}{}", rule.add, text.get(rule.strip..).unwrap_or_default()),
            None => text.to_owned(),
        };
        Number::parse(&made).unwrap_or_else(|_| number.clone())
    }

    fn is_from_elsewhere(&self, text: &str) -> bool {
        let is_local = || (1..=text.len()).any(|end| text.get(..end).is_some_and(|head| self.local.contains(head)));
        !self.local.is_empty() && is_mobile(text) && !is_local()
    }
}

/// The forms of the country code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountryPrefix {
    /// `+86`
    Plus,
    /// `0086`
    Zeros,
    /// `86`
    Bare,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(pattern: &str, strip: usize, add: &str) -> FormatRule {
        FormatRule::new(Pattern::parse(pattern).unwrap(), strip, add).unwrap()
    }

    fn dialed(format: &NumberFormat, number: &str) -> String {
        format.apply(&Number::parse(number).unwrap()).reveal().to_owned()
    }

    #[test]
    fn without_rules_a_number_is_dialed_as_it_is_stored() {
        let format = NumberFormat::default();
        for number in ["13800000001", "057187654321", "+12025550123", "12345"] {
            assert_eq!(dialed(&format, number), number);
        }
    }

    #[test]
    fn the_first_rule_that_fits_changes_the_number_and_no_other() {
        let format = NumberFormat {
            rules: vec![rule("0571.", 4, "9"), rule("X.", 0, "90"), rule("90.", 0, "8")],
            local: BTreeSet::new(),
        };
        assert_eq!(dialed(&format, "057187654321"), "987654321");
        assert_eq!(dialed(&format, "13800000001"), "9013800000001");
        assert_eq!(dialed(&format, "+12025550123"), "+12025550123");
    }

    #[test]
    fn a_mobile_of_another_city_gets_a_zero_and_rules_see_it_with_the_zero() {
        let mut format = NumberFormat {
            rules: Vec::new(),
            local: ["1380571", "139057"].map(str::to_owned).into(),
        };
        assert_eq!(dialed(&format, "13805710001"), "13805710001");
        assert_eq!(
            dialed(&format, "13905799999"),
            "13905799999",
            "a shorter prefix covers its segments"
        );
        assert_eq!(dialed(&format, "13800000001"), "013800000001");
        assert_eq!(
            dialed(&format, "02187654321"),
            "02187654321",
            "only mobiles have segments"
        );
        format.rules.push(rule("01[3-9]XXXXXXXXX", 0, "9"));
        assert_eq!(dialed(&format, "13800000001"), "9013800000001");
        assert_eq!(dialed(&format, "13805710001"), "13805710001");
    }

    #[test]
    fn the_country_code_is_put_before_whole_numbers_only() {
        let plus = NumberFormat::with_country(CountryPrefix::Plus);
        assert_eq!(dialed(&plus, "13800000001"), "+8613800000001");
        assert_eq!(dialed(&plus, "057187654321"), "+8657187654321");
        assert_eq!(dialed(&plus, "+8657187654321"), "+8657187654321");
        for number in ["87654321", "12345", "95588"] {
            assert_eq!(dialed(&plus, number), number);
        }
        let zeros = NumberFormat::with_country(CountryPrefix::Zeros);
        assert_eq!(dialed(&zeros, "13800000001"), "008613800000001");
        assert_eq!(dialed(&zeros, "+12025550123"), "0012025550123");
        let bare = NumberFormat::with_country(CountryPrefix::Bare);
        assert_eq!(dialed(&bare, "+8657187654321"), "8657187654321");
    }

    #[test]
    fn a_rule_that_leaves_nothing_or_adds_no_digits_is_refused() {
        let pattern = |text| Pattern::parse(text).unwrap();
        assert!(matches!(
            FormatRule::new(pattern("0."), 2, ""),
            Err(FormatError::StripsAll { .. })
        ));
        assert!(matches!(
            FormatRule::new(pattern("0."), 1, "9,"),
            Err(FormatError::Adds { .. })
        ));
    }

    #[test]
    fn a_number_that_would_become_too_long_stays_as_it_is() {
        let format = NumberFormat {
            rules: vec![rule("X.", 0, "1234567890")],
            local: BTreeSet::new(),
        };
        assert_eq!(dialed(&format, "13800000001"), "13800000001");
    }
}
