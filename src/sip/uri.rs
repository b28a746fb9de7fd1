//! SIP addresses (RFC 3261 section 19.1): read as a borrowed view, written with the user part escaped.

use std::net::IpAddr;

use super::header::{number, param, split};

/// A sip: or sips: URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Uri<'a> {
    /// The user part as written, without a password.
    pub(crate) user: Option<&'a str>,
    /// A name or an address; IPv6 in brackets.
    pub(crate) host: &'a str,
    pub(crate) port: Option<u16>,
    params: &'a str,
}

/// Why a text cannot be used as a SIP address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UriFault {
    /// A URI of another scheme than sip and sips.
    Scheme,
    /// No URI.
    Grammar,
}

impl<'a> Uri<'a> {
    /// Reads a sip: or sips: URI; header fields behind `?` are left out.
    pub(crate) fn read(text: &'a str) -> Result<Self, UriFault> {
        let (scheme, rest) = text.split_once(':').ok_or(UriFault::Grammar)?;
        let starts_well = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
        if !starts_well || !scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)) {
            return Err(UriFault::Grammar);
        }
        if !scheme.eq_ignore_ascii_case("sip") && !scheme.eq_ignore_ascii_case("sips") {
            return Err(UriFault::Scheme);
        }
        if rest.contains([' ', '\t', '<', '>', '"']) {
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
        (!host.is_empty()).then_some(Self {
            user,
            host,
            port,
            params,
        })
    }

    /// The host where it is an address.
    pub(crate) fn ip(&self) -> Option<IpAddr> {
        self.host.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }

    /// Whether the `lr` parameter marks a loose router (RFC 3261 section 19.1.1).
    pub(crate) fn is_loose(&self) -> bool {
        param(self.params, "lr").is_some()
    }

    /// Whether it names TCP (RFC 3261 section 19.1.1); UDP is the default.
    pub(crate) fn is_tcp(&self) -> bool {
        param(self.params, "transport").is_some_and(|transport| transport.eq_ignore_ascii_case("tcp"))
    }

    /// Whether both name the same binding: user, host and port.
    pub(crate) fn same_place(&self, other: &Self) -> bool {
        self.user == other.user
            && self.host.eq_ignore_ascii_case(other.host)
            && self.port.unwrap_or(5060) == other.port.unwrap_or(5060)
    }
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
    }

    #[test]
    fn a_user_that_would_break_the_address_is_escaped() {
        assert_eq!(sip("a@b c", "x.example"), "sip:a%40b%20c@x.example");
        assert_eq!(sip("+8613812341234", "x.example"), "sip:+8613812341234@x.example");
    }
}
