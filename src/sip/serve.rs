//! Requests outside any call: OPTIONS is answered, the INVITE of a trunk begins one, the rest is not served (RFC 3261
//! section 8.2); from phones REGISTER is taken.

use super::agent::UserAgent;
use super::body;
use super::door::{Fault, Neighbour};
use super::draft::ALLOW;
use super::extensions::is_known;
use super::header::{Address, Name};
use super::in_dialog::BAD_EVENT;
use super::message::{Method, Request};
use super::receive::Incoming;
use super::uri::{self, Uri, UriFault, tel};
use crate::moment::Moment;
use crate::phone::Number;

impl UserAgent {
    /// A request without a To tag.
    pub(super) fn out_of_dialog(&mut self, now: Moment, incoming: Incoming<'_>) {
        let request = incoming.request;
        let target = Uri::read(&request.uri).err().filter(|_| tel(&request.uri).is_none());
        if target == Some(UriFault::Grammar) {
            return self.refuse(now, incoming, 400, Fault::Malformed);
        }
        match request.method {
            Method::Register if incoming.neighbour == Neighbour::Phones => return self.register_came(now, incoming),
            Method::Invite | Method::Options => {}
            Method::Bye | Method::Info | Method::Update | Method::Prack => {
                return self.refuse(now, incoming, 481, Fault::StrayRequest);
            }
            // Both were dealt with before.
            Method::Ack | Method::Cancel => return,
            Method::Subscribe | Method::Notify => {
                return self.refuse(now, incoming, BAD_EVENT, Fault::UnservedMethod);
            }
            Method::Register | Method::Message | Method::Refer | Method::Publish | Method::Other(_) => {
                return self.refuse(now, incoming, 405, Fault::UnservedMethod);
            }
        }
        if target == Some(UriFault::Scheme) {
            return self.refuse(now, incoming, 416, Fault::Malformed);
        }
        if self.refuses_extension(now, incoming) {
            return;
        }
        let accept = (Name::Accept, "application/sdp".to_owned());
        if request.method == Method::Options {
            return self.respond(now, incoming, 200, &[(Name::Allow, ALLOW.to_owned()), accept]);
        }
        if !request.body.is_empty() && !holds_description(request) {
            return self.respond(now, incoming, 415, &[accept]);
        }
        match incoming.neighbour {
            Neighbour::Trunk(trunk) => self.invite_came(now, incoming, trunk),
            // People call by the system alone.
            Neighbour::Phones => self.respond(now, incoming, 403, &[]),
        }
    }

    /// Whether the request was refused because it requires an extension that we have not (section 8.2.2.3).
    pub(super) fn refuses_extension(&mut self, now: Moment, incoming: Incoming<'_>) -> bool {
        let unknown: Vec<&str> = incoming
            .request
            .headers
            .list(&Name::Require)
            .filter(|option| !is_known(option))
            .collect();
        if unknown.is_empty() {
            return false;
        }
        let unsupported = (Name::Unsupported, unknown.join(", "));
        self.respond(now, incoming, 420, &[unsupported]);
        true
    }
}

fn holds_description(request: &Request) -> bool {
    let content_type = request.headers.first(&Name::ContentType).unwrap_or("application/sdp");
    body::is(content_type, "application/sdp") || content_type.to_ascii_lowercase().starts_with("multipart/")
}

/// The number of the caller: as the trunk asserts it (RFC 3325), else as From says. Who wants it kept from the called party
/// (RFC 3323) has called without a number, also where the trunk tells it.
pub(super) fn caller(request: &Request) -> Option<Number> {
    if is_withheld(request) {
        return None;
    }
    let asserted = Name::named("P-Asserted-Identity");
    let mut addresses = request
        .headers
        .list(&asserted)
        .chain(request.headers.first(&Name::From));
    addresses.find_map(number)
}

/// Whether the caller asked for privacy: every word of it but `none`, and `critical`, which only underlines the others.
fn is_withheld(request: &Request) -> bool {
    let privacy = Name::named("Privacy");
    let words = request.headers.list(&privacy).flat_map(|value| value.split(';'));
    words.map(str::trim).any(|word| {
        let plain = ["none", "critical", ""];
        !plain.iter().any(|plain| word.eq_ignore_ascii_case(plain))
    })
}

/// The number that was called: of the Request-URI, else of To.
pub(super) fn called(request: &Request) -> Option<Number> {
    number(&request.uri).or_else(|| number(request.headers.first(&Name::To)?))
}

/// The number in a sip: or tel: address.
fn number(address: &str) -> Option<Number> {
    let uri = Address::read(address)?.uri;
    let user = match tel(uri) {
        Some(number) => number.to_owned(),
        None => Uri::read(uri).ok()?.user_name()?,
    };
    Number::parse(&uri::digits(&user)).ok()
}
