//! Requests as we write them (RFC 3261 section 8.1.1): the fields that every request has.

use std::net::{IpAddr, SocketAddr};

use super::door::{Path, Trunk};
use super::header::Name;
use super::message::{Headers, Method, Request, Version};
use super::uri;

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
    /// The request, sent from `local` under `branch`.
    pub(crate) fn request(self, local: SocketAddr, branch: &str) -> Request {
        let mut headers = Headers::default();
        headers.push(Name::Via, format!("SIP/2.0/UDP {local};branch={branch};rport"));
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

impl Trunk {
    /// The way to its first target; none while it has none.
    pub(crate) fn path(&self) -> Option<Path> {
        self.targets.first().map(|target| Path {
            transport: target.transport,
            local: self.local,
            peer: target.address,
        })
    }

    /// Whether one of its targets has this IP address.
    pub(crate) fn is_at(&self, ip: IpAddr) -> bool {
        self.targets.iter().any(|target| target.address.ip() == ip)
    }

    /// Our Contact on this trunk.
    pub(crate) fn contact(&self) -> String {
        uri::sip(&self.user, &self.local.to_string())
    }

    /// Our address of record: From, and To of REGISTER.
    pub(crate) fn address(&self) -> String {
        uri::sip(&self.user, &self.domain)
    }
}
