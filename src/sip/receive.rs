//! A message comes in: from whom, what is it, whose is it (RFC 3261 sections 8.1.3, 8.2 and 18).

use super::agent::UserAgent;
use super::door::{Fault, Neighbour, Path, Transport};
use super::header::{Address, CSeq, Name, Via};
use super::message::{Headers, Message, Method, Request, Response, Version, phrase};
use super::parse::{self, parse};
use super::transaction::Key;
use crate::moment::Moment;

/// A request with what every procedure needs of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Incoming<'a> {
    pub(crate) request: &'a Request,
    pub(crate) neighbour: Neighbour,
    pub(crate) path: Path,
}

impl UserAgent {
    /// Takes a message in.
    pub(super) fn receive(&mut self, now: Moment, path: Path, bytes: &[u8]) {
        let Some(neighbour) = self.neighbour_at(path) else {
            return self.out.fault(Fault::UnknownSource);
        };
        if neighbour == Neighbour::Phones && !self.hears_phone(now, path, bytes) {
            return self.out.fault(Fault::UnknownSource);
        }
        match parse(bytes) {
            Ok(Message::Request(request)) => {
                let incoming = Incoming {
                    request: &request,
                    neighbour,
                    path,
                };
                self.request_came(now, incoming);
            }
            Ok(Message::Response(response)) => self.response_came(now, path, response),
            Err(parse::Error::Empty) => {}
            Err(
                parse::Error::TooLong
                | parse::Error::StartLine
                | parse::Error::HeaderField { .. }
                | parse::Error::ContentLength { .. },
            ) => self.out.fault(Fault::Unparsable),
        }
    }

    fn response_came(&mut self, now: Moment, path: Path, response: Response) {
        // More than one Via: it strayed (section 8.1.3.3).
        if response.headers.list(&Name::Via).count() != 1 {
            return self.out.fault(Fault::Malformed);
        }
        let known = self.clients.whose(&response, path);
        let Some(id) = known.or_else(|| self.recall_by(now, path, &response)) else {
            return self.out.fault(Fault::StrayResponse);
        };
        let asked = self.clients.request(id).map(|(request, _)| request);
        if !asked.is_some_and(|request| answers(&response, request)) {
            return self.out.fault(Fault::Malformed);
        }
        self.note_seen(path, &response);
        if let Some(user) = self.clients.user(id) {
            self.note_next_nonce(user, &response);
        }
        let report = self.clients.respond(now, &mut self.out, id, response);
        self.report(now, report);
    }

    fn request_came(&mut self, now: Moment, incoming: Incoming<'_>) {
        let request = incoming.request;
        let Some(key) = Key::of(request) else {
            return self.out.fault(Fault::Malformed);
        };
        if self.servers.absorbs(now, &mut self.out, &key, &request.method) {
            return;
        }
        if incoming.neighbour == Neighbour::Phones && !self.is_phone_or_registers(incoming) {
            return self.out.fault(Fault::UnknownSource);
        }
        if request.method == Method::Ack {
            return self.ack_came(now, incoming);
        }
        if request.version != Version::Two {
            return self.refuse(now, incoming, 505, Fault::Malformed);
        }
        if let Method::Other(_) = request.method {
            return self.refuse(now, incoming, 501, Fault::UnservedMethod);
        }
        let Some(cseq) = sound(request) else {
            return self.refuse(now, incoming, 400, Fault::Malformed);
        };
        let to = request.headers.first(&Name::To).unwrap_or_default();
        if request.method == Method::Cancel {
            self.cancel_came(now, incoming);
        } else if Address::read(to).and_then(|to| to.tag()).is_some() {
            self.in_dialog(now, incoming, cseq.number);
        } else {
            self.out_of_dialog(now, incoming);
        }
    }

    /// An INVITE that has its final response already is not changed by its CANCEL (section 9.2).
    fn cancel_came(&mut self, now: Moment, incoming: Incoming<'_>) {
        if self.caller_cancelled(now, incoming) {
            return;
        }
        let key = Key::cancelled(incoming.request);
        let is_known = key.is_some_and(|key| self.servers.knows(&key) || self.is_change(incoming, &key));
        if is_known {
            self.respond(now, incoming, 200, &[]);
        } else {
            self.refuse(now, incoming, 481, Fault::StrayRequest);
        }
    }

    /// Refuses a request that is no use, and counts it.
    pub(super) fn refuse(&mut self, now: Moment, incoming: Incoming<'_>, status: u16, fault: Fault) {
        self.out.fault(fault);
        let fields: &[(Name, String)] = match status {
            405 | 501 => &[(Name::Allow, super::draft::ALLOW.to_owned())],
            _ => &[],
        };
        self.respond(now, incoming, status, fields);
    }

    /// Answers a request finally (section 8.2.6), with further fields.
    pub(super) fn respond(&mut self, now: Moment, incoming: Incoming<'_>, status: u16, fields: &[(Name, String)]) {
        if let Some((key, path, response)) = self.compose(incoming, status, fields, &[]) {
            let method = &incoming.request.method;
            self.servers
                .answer(now, &mut self.out, key, method, path, response.print());
        }
    }

    /// A response as it leaves, its way, and the key of its request.
    pub(super) fn compose(
        &mut self,
        incoming: Incoming<'_>,
        status: u16,
        fields: &[(Name, String)],
        body: &[u8],
    ) -> Option<(Key, Path, Response)> {
        let Incoming { request, path, .. } = incoming;
        let via = request.headers.list(&Name::Via).next().and_then(Via::read)?;
        let key = Key::of(request)?;
        let mut response = Response {
            status,
            phrase: phrase(status).to_owned(),
            headers: Headers::default(),
            body: body.to_vec(),
        };
        for (place, value) in request.headers.list(&Name::Via).enumerate() {
            let value = if place == 0 {
                Via::stamped(value, path.peer)
            } else {
                value.to_owned()
            };
            response.headers.push(Name::Via, value);
        }
        for name in [Name::From, Name::To, Name::CallId, Name::CSeq] {
            let Some(value) = request.headers.first(&name) else {
                continue;
            };
            let is_untagged = name == Name::To && Address::read(value).is_some_and(|to| to.tag().is_none());
            if is_untagged {
                response
                    .headers
                    .push(name, format!("{value};tag={}", self.tokens.tag()));
            } else {
                response.headers.push(name, value);
            }
        }
        response.headers.push(Name::UserAgent, super::draft::USER_AGENT);
        for (name, value) in fields {
            response.headers.push(name.clone(), value.as_str());
        }
        // Over a stream the way back is the connection that the request came by.
        let peer = match path.transport {
            Transport::Udp => via.way_back(path.peer),
            Transport::Tcp => path.peer,
        };
        Some((key, Path { peer, ..path }, response))
    }
}

/// Whether a response names the call of the request that its branch leads to, and a To that can be read: a 200 with any
/// other To tag, or none, would be one more fork, which we end.
fn answers(response: &Response, request: &Request) -> bool {
    let cseq = |headers: &Headers| headers.only(&Name::CSeq).and_then(CSeq::read);
    response.headers.only(&Name::CallId) == request.headers.only(&Name::CallId)
        && cseq(&response.headers) == cseq(&request.headers)
        && response.headers.only(&Name::To).and_then(Address::read).is_some()
}

/// The CSeq of a request that has the fields of section 8.1.1 once each, in good order.
pub(super) fn sound(request: &Request) -> Option<CSeq> {
    if request.headers.list(&Name::Via).any(|via| Via::read(via).is_none()) {
        return None;
    }
    request
        .headers
        .only(&Name::CallId)
        .filter(|call_id| !call_id.is_empty())?;
    request.headers.only(&Name::From).and_then(Address::read)?;
    request.headers.only(&Name::To).and_then(Address::read)?;
    let cseq = request.headers.only(&Name::CSeq).and_then(CSeq::read)?;
    (cseq.method == request.method).then_some(cseq)
}
