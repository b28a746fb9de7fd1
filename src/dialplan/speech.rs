//! Names and texts of prompts: the language in a name, the parameters in a text.

/// The parameter for which the greeting has a name of its own: `prompts/render --hospital` gives it.
pub(super) const HOSPITAL: &str = "hospital";

/// The language and the bare name of `en-US/greeting`.
pub(super) fn split(prompt: &str) -> (Option<&str>, &str) {
    match prompt.split_once('/') {
        Some((language, name)) => (Some(language), name),
        None => (None, prompt),
    }
}

/// A text in pieces: words, and the names in braces.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once('{') {
        let Some((name, after)) = tail.split_once('}') else {
            break;
        };
        pieces.push(Piece::Words(before));
        pieces.push(Piece::Parameter(name));
        rest = after;
    }
    pieces.push(Piece::Words(rest));
    pieces
}

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    Words(&'t str),
    Parameter(&'t str),
}

/// A text with its parameters filled in; one without a value stays as it is written.
pub(super) fn filled<'v>(text: &str, value: impl Fn(&str) -> Option<&'v str>) -> String {
    let mut filled = String::new();
    for piece in pieces(text) {
        match piece {
            Piece::Words(words) => filled.push_str(words),
            Piece::Parameter(name) => match value(name) {
                Some(value) => filled.push_str(value),
                None => filled.extend(["{", name, "}"]),
            },
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_filled_and_what_has_no_value_stays() {
        let value = |name: &str| (name == "town").then_some("45");
        assert_eq!(
            filled("城区{town}分钟、农村{country}分钟", value),
            "城区45分钟、农村{country}分钟"
        );
        assert_eq!(filled("{town", value), "{town");
        assert_eq!(filled("", value), "");
    }

    #[test]
    fn a_name_may_say_its_language() {
        assert_eq!(split("en-US/greeting"), (Some("en-US"), "greeting"));
        assert_eq!(split("greeting"), (None, "greeting"));
    }
}
