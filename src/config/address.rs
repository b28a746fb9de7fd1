//! Addresses of trunks as people write them: an IP address or a host name, with or without a port.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// The port of SIP where none is given.
pub const SIP_PORT: u16 = 5060;

/// Where a trunk is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The host.
    pub host: Host,
    /// The port, if one was given: for a name without it, SRV records are asked for (RFC 3263 section 4.2).
    pub port: Option<u16>,
}

/// One host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// By its address.
    Ip(IpAddr),
    /// By a name that is looked up.
    Name(String),
}

/// Why a text is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The port.
    #[error("{0:?} is no port from 1 to 65535")]
    Port(String),
    /// The host.
    #[error("{0:?} is neither an IP address nor a host name")]
    Host(String),
}

impl Address {
    /// Reads `203.0.113.5`, `203.0.113.5:5060`, `[2001:db8::5]:5060`, `sip.example.com` or `sip.example.com:5060`.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if let Ok(address) = text.parse::<SocketAddr>() {
            return match address.port() {
                0 => Err(AddressError::Port("0".to_owned())),
                port => Ok(Self {
                    host: Host::Ip(address.ip()),
                    port: Some(port),
                }),
            };
        }
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        if let Ok(ip) = bare.unwrap_or(text).parse::<IpAddr>() {
            return Ok(Self {
                host: Host::Ip(ip),
                port: None,
            });
        }
        let (name, port) = match text.split_once(':') {
            Some((name, digits)) => {
                let port = digits.parse().ok().filter(|port| *port > 0);
                (name, Some(port.ok_or_else(|| AddressError::Port(digits.to_owned()))?))
            }
            None => (text, None),
        };
        if !is_host_name(name) {
            return Err(AddressError::Host(name.to_owned()));
        }
        Ok(Self {
            host: Host::Name(name.to_ascii_lowercase()),
            port,
        })
    }

    /// The socket address, where no name has to be looked up.
    pub fn socket(&self) -> Option<SocketAddr> {
        match &self.host {
            Host::Ip(ip) => Some(SocketAddr::new(*ip, self.port.unwrap_or(SIP_PORT))),
            Host::Name(_) => None,
        }
    }

    /// Whether it is this host itself, whatever a name server says.
    pub fn is_loopback(&self) -> bool {
        match &self.host {
            Host::Ip(ip) => ip.is_loopback(),
            Host::Name(name) => name == "localhost",
        }
    }
}

/// Letters, digits, hyphens and underscores in labels of 63 at most; the last label is no number.
fn is_host_name(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let name = text.strip_suffix('.').unwrap_or(text);
    let last = name.rsplit('.').next().unwrap_or_default();
    name.len() <= 253 && name.split('.').all(is_label) && !last.bytes().all(|b| b.is_ascii_digit())
}

/// As the host part of a URI: IPv6 in brackets.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(IpAddr::V4(ip)) => ip.fmt(f),
            Self::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.host),
            None => self.host.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_names_are_read_with_and_without_a_port() {
        let shown = |text: &str| {
            let address = Address::parse(text).unwrap();
            (address.to_string(), address.socket().map(|socket| socket.to_string()))
        };
        let known = |text: &str, socket: &str| (text.to_owned(), Some(socket.to_owned()));
        assert_eq!(shown("203.0.113.5"), known("203.0.113.5", "203.0.113.5:5060"));
        assert_eq!(shown("203.0.113.5:5070"), known("203.0.113.5:5070", "203.0.113.5:5070"));
        assert_eq!(shown("2001:db8::5"), known("[2001:db8::5]", "[2001:db8::5]:5060"));
        assert_eq!(
            shown("[2001:db8::5]:5070"),
            known("[2001:db8::5]:5070", "[2001:db8::5]:5070")
        );
        assert_eq!(shown("SIP.Example.com"), ("sip.example.com".to_owned(), None));
        assert_eq!(shown("gw_1:5061"), ("gw_1:5061".to_owned(), None));
    }

    #[test]
    fn what_is_neither_is_refused() {
        for text in [
            "",
            "203.0.113",
            "203.0.113.256",
            "a b",
            "-a.example",
            "a..b",
            "sip:a",
            "a:0",
            "a:70000",
            "1.2.3.4:0",
        ] {
            assert!(Address::parse(text).is_err(), "{text}");
        }
    }
}
