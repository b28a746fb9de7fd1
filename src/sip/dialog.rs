//! A dialog of a call that we made (RFC 3261 section 12): who, by which way, in which order, and what was agreed.

use std::net::SocketAddr;

use super::door::{Ending, Neighbour, Path, Transport, Trunk};
use super::draft::Draft;
use super::header::{Address, Name};
use super::message::{Headers, Method, Request, Response};
use super::saved::SavedDialog;
use super::uri::{self, Uri};
use crate::pii::Pii;

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
    /// RSeq of the last reliable provisional that was taken (RFC 3262 section 4).
    pub(crate) rseq: Option<u32>,
    /// What its last provisional with a session description said: it stands if its 200 has none.
    pub(crate) early: Option<Vec<u8>>,
    pub(crate) offer: Offer,
    pub(crate) update: Update,
}

/// Whether the offer of our INVITE has its answer in this dialog. What an unreliable provisional says is a preview
/// and no answer (RFC 6337 section 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offer {
    Open,
    Answered,
}

/// Whether the far end serves UPDATE (RFC 3311 section 4): it says so in Allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Update {
    Unsaid,
    Served,
    /// It said no, or refused one.
    Refused,
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
        let mut dialog = Self::of(remote.to_owned(), invite.uri.clone(), Vec::new(), cseq, stage, formed);
        dialog.refresh(response);
        dialog
    }

    /// A dialog with the far end as it is in To, by this target and route set, whose requests go on after this CSeq.
    pub(crate) fn of(
        remote: String,
        target: String,
        routes: Vec<String>,
        local_cseq: u32,
        stage: Stage,
        formed: Path,
    ) -> Self {
        Self {
            remote_tag: tag(&remote),
            stage,
            formed,
            remote,
            target,
            routes,
            local_cseq,
            remote_cseq: None,
            ack: Vec::new(),
            rseq: None,
            early: None,
            offer: Offer::Open,
            update: Update::Unsaid,
        }
    }

    /// What another run needs to end it.
    pub(crate) fn saved(&self) -> SavedDialog {
        SavedDialog {
            remote: Pii::new(self.remote.clone()),
            target: Pii::new(self.target.clone()),
            routes: self.routes.clone(),
        }
    }

    /// Takes route set and remote target from a response to our INVITE: a 2xx replaces what a provisional said
    /// (section 13.2.2.4), a provisional without Record-Route leaves the route set of the one before.
    pub(crate) fn refresh(&mut self, response: &Response) {
        let recorded = response.headers.list(&Name::RecordRoute).filter_map(Address::read);
        let mut routes: Vec<String> = recorded.map(|address| address.uri.to_owned()).collect();
        routes.reverse();
        if response.status >= 200 || !routes.is_empty() {
            self.routes = routes;
        }
        self.retarget(&response.headers);
    }

    /// Takes the remote target and what the far end serves from a message inside the dialog: the route set stays
    /// (section 12.2).
    pub(crate) fn retarget(&mut self, headers: &Headers) {
        let contact = headers.list(&Name::Contact).find_map(Address::read);
        if let Some(contact) = contact.filter(|contact| Uri::read(contact.uri).is_ok()) {
            contact.uri.clone_into(&mut self.target);
        }
        if self.update != Update::Refused && headers.first(&Name::Allow).is_some() {
            let serves = headers.list(&Name::Allow).any(|method| method == "UPDATE");
            self.update = if serves { Update::Served } else { Update::Unsaid };
        }
    }

    /// The next request inside the dialog.
    pub(crate) fn request(
        &mut self,
        method: &Method,
        from: &str,
        call_id: &str,
        trunk: &Trunk,
        branch: &str,
    ) -> Request {
        self.local_cseq = self.local_cseq.saturating_add(1);
        self.numbered(self.local_cseq, method, from, call_id, trunk, branch)
    }

    /// The ACK to the 2xx of the INVITE with this number (section 13.2.2.4).
    pub(crate) fn acknowledge(&self, cseq: u32, from: &str, call_id: &str, trunk: &Trunk, branch: &str) -> Request {
        self.numbered(cseq, &Method::Ack, from, call_id, trunk, branch)
    }

    fn numbered(&self, cseq: u32, method: &Method, from: &str, call_id: &str, trunk: &Trunk, branch: &str) -> Request {
        let (uri, routes) = self.way();
        let draft = Draft {
            method,
            uri: &uri,
            from,
            to: &self.remote,
            call_id,
            cseq,
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
    /// addresses only, and an address behind a NAT would lead nowhere. A phone stays where its registration came from.
    pub(crate) fn path(&self, neighbour: Neighbour, trunk: &Trunk) -> Path {
        match neighbour {
            Neighbour::Phones => self.formed,
            Neighbour::Trunk(_) => self.path_over(trunk),
        }
    }

    fn path_over(&self, trunk: &Trunk) -> Path {
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
