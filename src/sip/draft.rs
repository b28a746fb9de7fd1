//! Requests as we write them (RFC 3261 section 8.1.1): the fields that every request has.

use super::door::{Transport, Trunk};
use super::header::Name;
use super::message::{Headers, Method, Request, Version};

/// What we serve.
pub(crate) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, PRACK, UPDATE";
/// Who we say we are.
pub(crate) const USER_AGENT: &str = "Aftercall";

/// A request before it gets its way out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) method: &'a Method,
    pub(crate) uri: &'a str,
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
    pub(crate) call_id: &'a str,
    pub(crate) cseq: u32,
    pub(crate) routes: &'a [String],
}

impl Draft<'_> {
    /// The request as it goes over the trunk by this transport, under `branch`. Over UDP it may be longer than the 1300
    /// octets of RFC 3261 section 18.1.1: a trunk that is reached by UDP need not listen on TCP.
    pub(crate) fn request(self, trunk: &Trunk, transport: Transport, branch: &str) -> Request {
        let mut headers = Headers::default();
        let (transport, sent_by) = (transport.as_str(), trunk.advertised);
        headers.push(
            Name::Via,
            format!("SIP/2.0/{transport} {sent_by};branch={branch};rport"),
        );
        headers.push(Name::MaxForwards, "70");
        for route in self.routes {
            headers.push(Name::Route, format!("<{route}>"));
        }
        headers.push(Name::From, self.from);
        headers.push(Name::To, self.to);
        headers.push(Name::CallId, self.call_id);
        headers.push(Name::CSeq, format!("{} {}", self.cseq, self.method));
        headers.push(Name::UserAgent, USER_AGENT);
        Request {
            method: self.method.clone(),
            uri: self.uri.to_owned(),
            version: Version::Two,
            headers,
            body: Vec::new(),
        }
    }
}

impl Transport {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
        }
    }
}
