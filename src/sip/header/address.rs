//! From, To, Contact, Route and Record-Route: a name, an address, parameters (RFC 3261 section 20.10).

use super::scan::{param, position, split, trimmed, unquote};

/// One name-addr or addr-spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address<'a> {
    /// The address; without angle brackets, parameters behind it belong to the header field.
    pub uri: &'a str,
    name: &'a str,
    params: &'a str,
}

impl<'a> Address<'a> {
    /// Reads one value; a quoted name must end, an angle bracket must close.
    pub fn read(value: &'a str) -> Option<Self> {
        let value = trimmed(value);
        let after_name = if value.starts_with('"') {
            after_quoted(value)?
        } else {
            value
        };
        let ((uri, rest), name) = match after_name.split_once('<') {
            Some((_, bracketed)) => (
                bracketed.split_once('>')?,
                value.strip_suffix(bracketed)?.strip_suffix('<')?,
            ),
            None if after_name.len() < value.len() => return None,
            None => match position(value, |b| b == b';') {
                Some(at) => (value.split_at(at), ""),
                None => ((value, ""), ""),
            },
        };
        let uri = trimmed(uri);
        let params = trimmed(rest);
        let params = params.strip_prefix(';').unwrap_or(params);
        (!uri.is_empty() && !uri.contains([' ', '\t', '"', '<'])).then_some(Self { uri, name, params })
    }

    /// The display name without quotes and escapes, empty if there is none.
    pub fn name(&self) -> String {
        unquote(trimmed(self.name))
    }

    /// The tag parameter of From and To.
    pub fn tag(&self) -> Option<String> {
        self.param("tag").filter(|tag| !tag.is_empty())
    }

    /// A parameter of the header field.
    pub fn param(&self, name: &str) -> Option<String> {
        param(self.params, name)
    }

    /// How many parameters the header field has.
    pub fn params(&self) -> usize {
        split(self.params, b';').filter(|param| !param.is_empty()).count()
    }
}

/// What stands behind the quoted string that the text begins with.
fn after_quoted(text: &str) -> Option<&str> {
    let mut escaped = false;
    for (at, b) in text.bytes().enumerate().skip(1) {
        match b {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return text.get(at + 1..),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_outside_the_brackets_belong_to_the_field() {
        let address = Address::read(r#""J \"Q\" <x>" <sip:a@b;lr> ; tag = 9z"#).unwrap();
        assert_eq!(address.uri, "sip:a@b;lr");
        assert_eq!(address.tag().as_deref(), Some("9z"));
        assert_eq!((address.name().as_str(), address.params()), (r#"J "Q" <x>"#, 1));
        let bare = Address::read("sip:a@b;tag=1").unwrap();
        assert_eq!((bare.uri, bare.tag().as_deref()), ("sip:a@b", Some("1")));
    }

    #[test]
    fn a_name_may_touch_its_bracket() {
        let address = Address::read("caller<sip:caller@example.com>;tag=323").unwrap();
        assert_eq!(
            (address.uri, address.name().as_str()),
            ("sip:caller@example.com", "caller")
        );
    }

    #[test]
    fn what_is_left_open_is_no_address() {
        assert_eq!(Address::read(r#""Mr. J. User <sip:j.user@example.com>"#), None);
        assert_eq!(Address::read("<sip:a@b"), None);
        assert_eq!(Address::read("< sip:a b@c >"), None);
        assert_eq!(Address::read(""), None);
        assert_eq!(Address::read(r#""name only""#), None);
    }
}
