//! What all header fields are made of: tokens, quoted strings, parameters, lists (RFC 3261 section 25.1).

/// The spaces of SIP; others, which Unicode knows, belong to the text.
pub(crate) const SPACES: [char; 2] = [' ', '\t'];

/// The text without the spaces around it.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(SPACES)
}

/// Whether the text is a token.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&b))
}

/// A number below 2^32, of digits only.
pub(crate) fn number(text: &str) -> Option<u32> {
    let digits = text.trim();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

/// The parts between separators, trimmed; separators in quoted strings and in angle brackets do not count.
pub(crate) fn split(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let (part, tail) = match position(text, |b| b == separator) {
            Some(at) => (text.get(..at)?, text.get(at + 1..)),
            None => (text, None),
        };
        rest = tail;
        Some(trimmed(part))
    })
}

/// Where the first octet that `wanted` takes stands, outside quoted strings and angle brackets.
pub(crate) fn position(text: &str, wanted: impl Fn(u8) -> bool) -> Option<usize> {
    let mut place = Place::Plain;
    for (at, b) in text.bytes().enumerate() {
        place = match place {
            Place::Plain if wanted(b) => return Some(at),
            Place::Plain if b == b'"' => Place::Quoted,
            Place::Plain if b == b'<' => Place::Bracketed,
            Place::Plain => Place::Plain,
            Place::Quoted if b == b'\\' => Place::Escaped,
            Place::Quoted if b == b'"' => Place::Plain,
            Place::Quoted | Place::Escaped => Place::Quoted,
            Place::Bracketed if b == b'>' => Place::Plain,
            Place::Bracketed => Place::Bracketed,
        };
    }
    None
}

enum Place {
    Plain,
    Quoted,
    Escaped,
    Bracketed,
}

/// The value of a parameter in `a=b;c;d="e"`: empty for one without a value, quotes removed.
pub(crate) fn param(params: &str, name: &str) -> Option<String> {
    split(params, b';').find_map(|param| {
        let (own, value) = match position(param, |b| b == b'=') {
            Some(at) => (trimmed(param.get(..at)?), trimmed(param.get(at + 1..)?)),
            None => (param, ""),
        };
        own.eq_ignore_ascii_case(name).then(|| unquote(value))
    })
}

/// A quoted string without its quotes and escapes; any other text as it is.
pub(crate) fn unquote(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"') else {
        return text.to_owned();
    };
    let mut plain = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => plain.extend(chars.next()),
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_in_a_name_or_an_address_splits_nothing() {
        let parts: Vec<_> = split(r#""Bell, \"A\"" <sip:a,b@x> , <sip:c@y>"#, b',').collect();
        assert_eq!(parts, [r#""Bell, \"A\"" <sip:a,b@x>"#, "<sip:c@y>"]);
    }

    #[test]
    fn only_the_spaces_of_sip_are_left_out() {
        let parts: Vec<_> = split("\t<sip:a> , sip:b\u{85},\u{a0}", b',').collect();
        assert_eq!(parts, ["<sip:a>", "sip:b\u{85}", "\u{a0}"]);
    }

    #[test]
    fn parameters_are_found_whatever_their_case_and_spacing() {
        assert_eq!(param(r#"Tag = "a\"b" ; lr"#, "tag").as_deref(), Some("a\"b"));
        assert_eq!(param("a;LR;b=1", "lr").as_deref(), Some(""));
        assert_eq!(param("a=1", "lr"), None);
    }

    #[test]
    fn numbers_are_digits_only_and_never_wrap() {
        assert_eq!(number(" 0009 "), Some(9));
        assert_eq!(number("-1"), None);
        assert_eq!(number("+1"), None);
        assert_eq!(number("36893488147419103232"), None);
    }
}
