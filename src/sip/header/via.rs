//! Via: the way back (RFC 3261 section 20.42, RFC 3581).

use std::net::{IpAddr, SocketAddr};

use super::scan::{SPACES, number, param, position, trimmed};

/// The magic cookie: a branch that begins with it is unique (RFC 3261 section 8.1.1.7).
pub(crate) const COOKIE: &str = "z9hG4bK";

/// One Via value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via<'a> {
    /// UDP, TCP, or whatever else is written there.
    pub transport: &'a str,
    /// Host and port as written, without spaces.
    pub sent_by: String,
    params: &'a str,
}

impl<'a> Via<'a> {
    /// Reads `SIP/2.0/UDP host:port;params`.
    pub fn read(value: &'a str) -> Option<Self> {
        let (head, params) = match position(value, |b| b == b';') {
            Some(at) => (value.get(..at)?, value.get(at + 1..)?),
            None => (value, ""),
        };
        let mut parts = head.splitn(3, '/');
        let (protocol, _version, rest) = (parts.next()?, parts.next()?, trimmed(parts.next()?));
        let (transport, sent_by) = rest.split_once([' ', '\t'])?;
        let sent_by: String = sent_by.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        (trimmed(protocol).eq_ignore_ascii_case("SIP") && !sent_by.is_empty()).then_some(Self {
            transport,
            sent_by,
            params,
        })
    }

    /// The branch, when it is unique by RFC 3261: the cookie and something behind it.
    pub fn unique_branch(&self) -> Option<String> {
        param(self.params, "branch").filter(|branch| branch.len() > COOKIE.len() && branch.starts_with(COOKIE))
    }

    /// Where a response goes that answers a request from `source` (RFC 3261 section 18.2.2, RFC 3581 section 4).
    pub fn way_back(&self, source: SocketAddr) -> SocketAddr {
        if param(self.params, "rport").is_some() {
            return source;
        }
        SocketAddr::new(source.ip(), self.port().unwrap_or(5060))
    }

    /// The branch as written.
    pub fn branch(&self) -> Option<String> {
        param(self.params, "branch")
    }

    /// Where the request really came from, as the next hop saw it; IPv6 with or without brackets (RFC 5118 section 4.5).
    pub fn received(&self) -> Option<IpAddr> {
        let received = param(self.params, "received")?;
        let inside = received
            .strip_prefix('[')
            .and_then(|received| received.strip_suffix(']'));
        inside.unwrap_or(&received).parse().ok()
    }

    /// The port that the request really came from, as the next hop saw it (RFC 3581).
    pub fn rport(&self) -> Option<u16> {
        let port = u16::try_from(number(&param(self.params, "rport")?)?).ok();
        port.filter(|&port| port > 0)
    }

    /// The port of the sent-by.
    pub fn port(&self) -> Option<u16> {
        let (_, port) = self.sent_by.rsplit_once(':').filter(|(_, port)| !port.ends_with(']'))?;
        u16::try_from(number(port)?).ok().filter(|&port| port > 0)
    }

    /// The value as a response echoes it: `received` and a filled `rport` name the real source.
    pub(crate) fn stamped(value: &str, source: SocketAddr) -> String {
        let mut stamped = Vec::new();
        for part in super::scan::split(value, b';') {
            let name = part.split('=').next().unwrap_or_default().trim_matches(SPACES);
            if name.eq_ignore_ascii_case("rport") {
                stamped.push(format!("rport={}", source.port()));
            } else if !name.eq_ignore_ascii_case("received") {
                stamped.push(part.to_owned());
            }
        }
        stamped.push(format!("received={}", source.ip()));
        stamped.join(";")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_are_allowed_everywhere() {
        let via = Via::read("SIP  / 2.0 / UDP   192.0.2.2 : 5061 ; branch = z9hG4bK390skdjuw").unwrap();
        assert_eq!((via.transport, via.sent_by.as_str()), ("UDP", "192.0.2.2:5061"));
        assert_eq!(via.unique_branch().as_deref(), Some("z9hG4bK390skdjuw"));
    }

    #[test]
    fn the_bare_cookie_is_no_branch() {
        let via = Via::read("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK").unwrap();
        assert_eq!((via.branch().as_deref(), via.unique_branch()), (Some("z9hG4bK"), None));
    }

    #[test]
    fn received_is_an_address_with_brackets_or_without() {
        for value in ["received=2001:db8::9", "a=b;Received=[2001:db8::9]"] {
            let text = format!("SIP/2.0/UDP [2001:db8::1]:6050;{value}");
            let via = Via::read(&text).unwrap();
            assert_eq!((via.received(), via.port()), ("2001:db8::9".parse().ok(), Some(6050)));
        }
        assert_eq!(Via::read("SIP/2.0/UDP h;received=h2").unwrap().received(), None);
    }

    #[test]
    fn a_response_goes_to_the_source_port_only_when_rport_asks() {
        let source: SocketAddr = "192.0.2.9:1024".parse().unwrap();
        let asked = Via::read("SIP/2.0/UDP 10.0.0.1:5070;rport;branch=z9hG4bKa").unwrap();
        assert_eq!(asked.way_back(source), source);
        let plain = Via::read("SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKa").unwrap();
        assert_eq!(plain.way_back(source).to_string(), "192.0.2.9:5070");
        let default = Via::read("SIP/2.0/UDP [2001:db8::1];branch=z9hG4bKa").unwrap();
        assert_eq!(default.way_back(source).to_string(), "192.0.2.9:5060");
    }

    #[test]
    fn the_echo_names_the_real_source() {
        let source: SocketAddr = "192.0.2.9:1024".parse().unwrap();
        assert_eq!(
            Via::stamped("SIP/2.0/UDP a.example;rport;branch=z9hG4bKa", source),
            "SIP/2.0/UDP a.example;rport=1024;branch=z9hG4bKa;received=192.0.2.9"
        );
    }
}
