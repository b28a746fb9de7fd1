//! A dialog of a call that we made (RFC 3261 section 12): who, by which way, in which order.

use std::net::SocketAddr;

use super::door::{Ending, Path, Transport, Trunk};
use super::draft::Draft;
use super::header::{Address, Name};
use super::message::{Method, Request, Response};
use super::uri::{self, Uri};

/// One fork of a call.
#[derive(Clone, Debug)]
pub(crate) struct Dialog {
    /// The far end's tag; empty if it gave none (RFC 2543).
    pub(crate) remote_tag: String,
    pub(crate) stage: Stage,
    /// The way of the INVITE that made it.
    formed: Path,
    /// To as the far end completed it.
    remote: String,
    target: String,
    routes: Vec<String>,
    local_cseq: u32,
    remote_cseq: Option<u32>,
    /// The ACK to its 200 as sent, for every copy of the 200.
    pub(crate) ack: Vec<u8>,
}

/// How far the dialog has come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stage {
    /// Known from a provisional response.
    Early,
    /// The far end's BYE overtook its 200.
    EndedEarly(Ending),
    /// A 200 stands.
    Confirmed,
    /// Our BYE is out.
    Closing,
    /// Over.
    Ended,
}

/// Whether a request inside the dialog comes in order (section 12.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Next,
    Late,
}

impl Dialog {
    /// The dialog that a response to our INVITE makes.
    pub(crate) fn new(invite: &Request, cseq: u32, response: &Response, stage: Stage, formed: Path) -> Self {
        let remote = response.headers.first(&Name::To).unwrap_or_default();
        let mut dialog = Self {
            remote_tag: tag(remote),
            stage,
            formed,
            remote: remote.to_owned(),
            target: invite.uri.clone(),
            routes: Vec::new(),
            local_cseq: cseq,
            remote_cseq: None,
            ack: Vec::new(),
        };
        dialog.refresh(response);
        dialog
    }

    /// Takes route set and remote target from a response: a 2xx replaces what a provisional said (section 13.2.2.4).
    pub(crate) fn refresh(&mut self, response: &Response) {
        let recorded = response.headers.list(&Name::RecordRoute).filter_map(Address::read);
        self.routes = recorded.map(|address| address.uri.to_owned()).collect();
        self.routes.reverse();
        let contact = response.headers.list(&Name::Contact).find_map(Address::read);
        if let Some(contact) = contact.filter(|contact| Uri::read(contact.uri).is_ok()) {
            contact.uri.clone_into(&mut self.target);
        }
    }

    /// The next request inside the dialog; ACK has the number of its INVITE.
    pub(crate) fn request(
        &mut self,
        method: &Method,
        from: &str,
        call_id: &str,
        trunk: &Trunk,
        branch: &str,
    ) -> Request {
        if *method != Method::Ack {
            self.local_cseq = self.local_cseq.saturating_add(1);
        }
        let (uri, routes) = self.way();
        let draft = Draft {
            method,
            uri: &uri,
            from,
            to: &self.remote,
            call_id,
            cseq: self.local_cseq,
            routes: &routes,
        };
        draft.request(trunk, self.formed.transport, branch)
    }

    /// Request-URI and Route (section 12.2.1.1); a strict router in front gets the request in its own way.
    fn way(&self) -> (String, Vec<String>) {
        match self.routes.split_first() {
            Some((strict, rest)) if !uri::is_loose(strict) => {
                let mut routes = rest.to_vec();
                routes.push(self.target.clone());
                (strict.clone(), routes)
            }
            Some(_) | None => (self.target.clone(), self.routes.clone()),
        }
    }

    /// Where requests go: to the next hop if it is one of the trunk's own machines and says the dialog's transport, else
    /// the way of the INVITE. Another machine is never sent to: we take requests and responses from the trunk's
    /// addresses only, and an address behind a NAT would lead nowhere.
    pub(crate) fn path(&self, trunk: &Trunk) -> Path {
        let next_hop = self.routes.first().unwrap_or(&self.target);
        let formed = self.formed;
        let Ok(hop) = Uri::read(next_hop) else {
            return formed;
        };
        let own = hop.ip().filter(|&ip| ip == formed.peer.ip() || trunk.is_at(ip));
        match (own, hop.is_tcp(), formed.transport) {
            (Some(ip), true, Transport::Tcp) | (Some(ip), false, Transport::Udp) => Path {
                peer: SocketAddr::new(ip, hop.port.unwrap_or(5060)),
                ..formed
            },
            _ => formed,
        }
    }

    /// Takes note of the far end's CSeq.
    pub(crate) fn order(&mut self, cseq: u32) -> Order {
        if self.remote_cseq.is_some_and(|last| cseq <= last) {
            return Order::Late;
        }
        self.remote_cseq = Some(cseq);
        Order::Next
    }

    /// Whether requests of either side still belong to it.
    pub(crate) const fn is_open(&self) -> bool {
        match self.stage {
            Stage::Confirmed | Stage::Closing => true,
            Stage::Early | Stage::EndedEarly(_) | Stage::Ended => false,
        }
    }
}

/// The tag of a From or To value; empty if there is none.
pub(crate) fn tag(value: &str) -> String {
    Address::read(value)
        .and_then(|address| address.tag())
        .unwrap_or_default()
}
