//! SIP addresses (RFC 3261 section 19.1) and telephone numbers (RFC 3966): read as a borrowed view, written with the user
//! part escaped.

use std::net::IpAddr;

use super::header::{number, split};
use super::text;

/// A sip: or sips: URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uri<'a> {
    /// The user part as written, without a password.
    pub user: Option<&'a str>,
    /// A name or an address; IPv6 in brackets, perhaps with a zone.
    pub host: &'a str,
    /// 1 to 65535; none means the default of the transport.
    pub port: Option<u16>,
    params: &'a str,
}

/// Why a text cannot be used as a SIP address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UriFault {
    /// A URI of another scheme than sip and sips.
    Scheme,
    /// No URI.
    Grammar,
}

impl<'a> Uri<'a> {
    /// Reads a sip: or sips: URI; header fields behind `?` are left out.
    ///
    /// # Errors
    /// Another scheme, or what breaks the grammar.
    pub fn read(text: &'a str) -> Result<Self, UriFault> {
        let (scheme, rest) = scheme(text).ok_or(UriFault::Grammar)?;
        if !scheme.eq_ignore_ascii_case("sip") && !scheme.eq_ignore_ascii_case("sips") {
            return Err(UriFault::Scheme);
        }
        if rest.contains(|c: char| c.is_ascii_control() || matches!(c, ' ' | '<' | '>' | '"')) {
            return Err(UriFault::Grammar);
        }
        Self::after_scheme(rest).ok_or(UriFault::Grammar)
    }

    fn after_scheme(rest: &'a str) -> Option<Self> {
        let (user, rest) = match rest.split_once('@') {
            Some((user, rest)) => (Some(user.split(':').next().unwrap_or(user)), rest),
            None => (None, rest),
        };
        let rest = rest.split('?').next().unwrap_or(rest);
        let (place, params) = rest.split_once(';').unwrap_or((rest, ""));
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) if !place.ends_with(']') => {
                (host, Some(u16::try_from(number(port)?).ok().filter(|&port| port > 0)?))
            }
            Some(_) | None => (place, None),
        };
        is_host(host).then_some(Self {
            user,
            host,
            port,
            params,
        })
    }

    /// The user part without its escapes (section 19.1.2): once, never twice.
    pub fn user_name(&self) -> Option<String> {
        self.user.map(unescaped)
    }

    /// The host where it is an address, without a zone (RFC 4007 section 11).
    pub fn ip(&self) -> Option<IpAddr> {
        match self.host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            Some(inside) => inside.split('%').next()?.parse().ok(),
            None => self.host.parse().ok(),
        }
    }

    /// The value of a parameter, empty for one without a value; names and values may be escaped.
    pub fn param(&self, name: &str) -> Option<String> {
        let mut params = self
            .params
            .split(';')
            .map(|param| param.split_once('=').unwrap_or((param, "")));
        params.find_map(|(own, value)| unescaped(own).eq_ignore_ascii_case(name).then(|| unescaped(value)))
    }

    /// How many parameters there are.
    pub fn params(&self) -> usize {
        self.params.split(';').filter(|param| !param.is_empty()).count()
    }

    /// Whether the `lr` parameter marks a loose router (RFC 3261 section 19.1.1).
    pub fn is_loose(&self) -> bool {
        self.param("lr").is_some()
    }

    /// Whether it names TCP (RFC 3261 section 19.1.1); UDP is the default.
    pub(crate) fn is_tcp(&self) -> bool {
        self.param("transport")
            .is_some_and(|transport| transport.eq_ignore_ascii_case("tcp"))
    }

    /// Whether both name the same binding: user, host and port.
    pub fn same_place(&self, other: &Self) -> bool {
        self.user_name() == other.user_name()
            && self.host.eq_ignore_ascii_case(other.host)
            && self.port.unwrap_or(5060) == other.port.unwrap_or(5060)
    }
}

/// The number of a tel: URI as written, with its separators and without its parameters (RFC 3966 section 3).
pub fn tel(text: &str) -> Option<&str> {
    let (scheme, rest) = scheme(text).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("tel"))?;
    let number = rest.split(';').next()?;
    let is_number = number.bytes().any(|b| b.is_ascii_hexdigit() || b"*#".contains(&b))
        && number.bytes().all(|b| b.is_ascii_hexdigit() || b"+*#-.()".contains(&b));
    (!scheme.is_empty() && is_number).then_some(number)
}

/// The scheme of a URI and what stands behind its colon.
fn scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    is_scheme.then_some((scheme, rest))
}

/// A name, an IPv4 address, or anything that looks like IPv6 in its brackets: what stands there is not judged, because
/// RFC 5118 section 4.10 wants a wrong one tolerated. Colons without brackets are no host (section 4.2).
fn is_host(text: &str) -> bool {
    let (inside, is_allowed): (&str, fn(u8) -> bool) = match text.strip_prefix('[') {
        Some(rest) => (rest.strip_suffix(']').unwrap_or_default(), |b| b == b':'),
        None => (text, |_| false),
    };
    !inside.is_empty()
        && inside
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b) || is_allowed(b))
}

/// The text with its escapes replaced; a `%` that escapes nothing stays.
fn unescaped(text: &str) -> String {
    let mut octets = Vec::new();
    text::encode(text, &mut octets);
    let mut plain = Vec::with_capacity(octets.len());
    let mut rest = octets.as_slice();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = match tail {
            [high, low, ..] if first == b'%' => hex(*high).zip(hex(*low)).map(|(high, low)| high * 16 + low),
            _ => None,
        };
        plain.push(escaped.unwrap_or(first));
        rest = tail.get(if escaped.is_some() { 2 } else { 0 }..).unwrap_or_default();
    }
    text::decode(&plain)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

/// `sip:user@host` with the user part escaped where it must be.
pub(crate) fn sip(user: &str, host: &str) -> String {
    let mut text = String::from("sip:");
    for byte in user.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,;?/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    if !user.is_empty() {
        text.push('@');
    }
    text.push_str(host);
    text
}

/// The elements of a Route or Record-Route line are addresses; this tells whether the first URI of a set is loose.
pub(crate) fn is_loose(uri: &str) -> bool {
    Uri::read(uri).is_ok_and(|uri| uri.is_loose())
}

/// The digits of a user part: visual separators and parameters left out.
pub(crate) fn digits(user: &str) -> String {
    let user = split(user, b';').next().unwrap_or_default();
    user.chars().filter(|c| !matches!(c, '-' | '.' | '(' | ')')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_an_address_are_told_apart() {
        let uri = Uri::read("SIP:+8610@[2001:db8::9]:5070;transport=udp;LR?x=y").unwrap();
        assert_eq!(
            (uri.user, uri.host, uri.port),
            (Some("+8610"), "[2001:db8::9]", Some(5070))
        );
        assert!(uri.is_loose() && uri.ip().is_some());
        let user = Uri::read("sip:user;par=u%40example.net@example.com").unwrap();
        assert_eq!(
            (user.user, user.host),
            (Some("user;par=u%40example.net"), "example.com")
        );
    }

    #[test]
    fn another_scheme_is_not_bad_grammar() {
        assert_eq!(Uri::read("soap.beep://192.0.2.103:3002"), Err(UriFault::Scheme));
        assert_eq!(Uri::read("<sip:a@b>"), Err(UriFault::Grammar));
        assert_eq!(Uri::read("sip:a@b ;lr"), Err(UriFault::Grammar));
        assert_eq!(Uri::read("sip:a@b:0"), Err(UriFault::Grammar));
        assert_eq!(Uri::read("sip:"), Err(UriFault::Grammar));
        assert_eq!(Uri::read("sip:2001:db8::10"), Err(UriFault::Grammar));
        assert_eq!(Uri::read("sip:[2001:db8::10"), Err(UriFault::Grammar));
        assert_eq!(Uri::read("sip:a@[]"), Err(UriFault::Grammar));
        assert_eq!(Uri::read("sip:a@b\0c"), Err(UriFault::Grammar));
        assert_eq!(Uri::read("sip:a\r\nRoute: <sip:x>@b"), Err(UriFault::Grammar));
    }

    #[test]
    fn an_ipv6_host_may_have_a_port_a_zone_or_one_colon_too_many() {
        let uri = Uri::read("sip:u@[2001:db8::10:5070]").unwrap();
        assert_eq!((uri.ip(), uri.port), ("2001:db8::10:5070".parse().ok(), None));
        for zoned in ["sip:u@[fe80::1%25eth0]:5070", "sip:u@[fe80::1%eth0]:5070;lr"] {
            let uri = Uri::read(zoned).unwrap();
            assert_eq!((uri.ip(), uri.port), ("fe80::1".parse().ok(), Some(5070)), "{zoned}");
        }
        let odd = Uri::read("sip:user@[2001:db8:::192.0.2.1]").unwrap();
        assert_eq!((odd.host, odd.ip()), ("[2001:db8:::192.0.2.1]", None));
    }

    #[test]
    fn escapes_are_taken_out_once() {
        let uri = Uri::read("sip:%75se%72%2525@h;n%61me=v%61lue%25%34%31;%6C%72").unwrap();
        assert_eq!(uri.user_name().as_deref(), Some("user%25"));
        assert_eq!(uri.param("NAME").as_deref(), Some("value%41"));
        assert!(uri.is_loose() && uri.params() == 2);
        let nul = Uri::read("sip:null-%00-null@h").unwrap();
        assert_eq!(nul.user_name().map(|user| user.len()), Some(11));
        let latin = Uri::read("sip:M%FCller%Z%4@h").unwrap();
        assert_eq!(
            latin.user_name().map(|user| text::shown(&user)).as_deref(),
            Some("Müller%Z%4")
        );
        assert!(latin.same_place(&Uri::read("sips:%4D%fcller%Z%4@H:5060").unwrap()));
    }

    #[test]
    fn a_tel_uri_gives_its_number() {
        assert_eq!(tel("tel:+86-138-1234-1234;phone-context=x"), Some("+86-138-1234-1234"));
        assert_eq!(tel("TEL:(021)6666"), Some("(021)6666"));
        assert_eq!(tel("tel:"), None);
        assert_eq!(tel("tel:;x"), None);
        assert_eq!(tel("sip:1"), None);
        assert_eq!(tel("tel:1 2"), None);
    }

    #[test]
    fn a_user_that_would_break_the_address_is_escaped() {
        assert_eq!(sip("a@b c", "x.example"), "sip:a%40b%20c@x.example");
        assert_eq!(sip("+8613812341234", "x.example"), "sip:+8613812341234@x.example");
    }
}
