//! Who calls: the spellings under which a caller's number may be stored.

use super::Number;
use super::shape::{is_landline, is_local, is_mobile};

/// The spellings under which the number of a caller may be stored, the likeliest first; none if it is no number (a
/// withheld one, a name).
///
/// Trunks show callers as `+8613800000001`, `008613800000001`, `8613800000001`, `013800000001` or `13800000001`, and
/// landlines with or without country code, area code and the area code's 0. Lists hold a mobile with eleven digits, a
/// landline with 0 and area code, or without both.
pub fn normalised(caller: &str) -> Vec<Number> {
    let text: String = caller.chars().filter(|c| !" -.()".contains(*c)).collect();
    if Number::parse(&text).is_err() {
        return Vec::new();
    }
    let digits = text.strip_prefix('+').unwrap_or(&text);
    let has_plus = digits.len() < text.len();
    let international = if has_plus {
        Some(digits)
    } else {
        digits.strip_prefix("00")
    };
    let without_country = international.unwrap_or(digits).strip_prefix("86");
    let spellings = without_country
        .and_then(national)
        .or_else(|| international.is_none().then(|| national(digits)).flatten())
        .unwrap_or_else(|| match international {
            Some(digits) => vec![format!("+{digits}")],
            None => vec![digits.to_owned()],
        });
    spellings.iter().filter_map(|text| Number::parse(text).ok()).collect()
}

/// The spellings of a number within China; `None` if it is neither a mobile nor a landline with its area code.
fn national(digits: &str) -> Option<Vec<String>> {
    let bare = digits.strip_prefix('0').unwrap_or(digits);
    if is_mobile(bare) {
        return Some(vec![bare.to_owned()]);
    }
    let whole = format!("0{bare}");
    if !is_landline(&whole) {
        return None;
    }
    // Area codes of three digits are 010 and 02x.
    let area = if matches!(whole.as_bytes(), [b'0', b'1' | b'2', ..]) {
        3
    } else {
        4
    };
    let local = whole.get(area..).filter(|local| is_local(local)).map(str::to_owned);
    let abroad = format!("+86{bare}");
    Some(std::iter::once(whole).chain(local).chain([abroad]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spellings(caller: &str) -> Vec<String> {
        normalised(caller)
            .iter()
            .map(|number| number.reveal().to_owned())
            .collect()
    }

    #[test]
    fn a_mobile_is_one_number_however_the_trunk_shows_it() {
        for shown in [
            "13800000001",
            "013800000001",
            "8613800000001",
            "+8613800000001",
            "008613800000001",
            "+86 138-0000-0001",
        ] {
            assert_eq!(spellings(shown), ["13800000001"], "{shown}");
        }
    }

    #[test]
    fn a_landline_is_looked_for_with_and_without_its_area_code() {
        for shown in ["057187654321", "57187654321", "+8657187654321", "0086057187654321"] {
            assert_eq!(
                spellings(shown),
                ["057187654321", "87654321", "+8657187654321"],
                "{shown}"
            );
        }
        assert_eq!(spellings("01087654321")[..2], ["01087654321", "87654321"]);
        assert_eq!(spellings("1087654321")[0], "01087654321");
    }

    #[test]
    fn what_has_no_other_spelling_stays_as_it_is() {
        assert_eq!(spellings("87654321"), ["87654321"]);
        assert_eq!(spellings("8003"), ["8003"]);
        assert_eq!(spellings("12345"), ["12345"]);
        assert_eq!(spellings("+12025550123"), ["+12025550123"]);
        assert_eq!(spellings("0012025550123"), ["+12025550123"]);
    }

    #[test]
    fn who_withholds_the_number_is_nobody() {
        for shown in ["anonymous", "", "+", "1380000000x", "一三八"] {
            assert_eq!(spellings(shown), [""; 0], "{shown}");
        }
    }
}
