//! What rsip, a strict parser by others, must find in everything that we print: the same message, field by field.
//!
//! Shared with `tests/vectors` and `tests/sim`. What rsip cannot do is kept away from it: it reads UTF-8 only, it
//! knows the methods of the RFCs only, and it calls SHA-256 by another name.

use rsip::headers::{ToTypedHeader, UntypedHeader};

use super::{Address, CSeq, Message, Method, Uri, Via, parse};

/// Start line, every header field with its value, and the body.
pub(crate) fn reads_the_same_text(bytes: &[u8]) -> Result<(), String> {
    let bytes = &in_utf8(bytes);
    let ours = parse(bytes).map_err(|fault| format!("we cannot read it ourselves: {fault}"))?;
    let theirs = rsip::SipMessage::try_from(bytes.as_slice()).map_err(|fault| format!("rsip: {fault}"))?;
    let (headers, body) = match (&ours, &theirs) {
        (Message::Request(ours), rsip::SipMessage::Request(theirs)) => {
            same("method", ours.method.to_string(), theirs.method.to_string())?;
            // rsip writes transports in capitals.
            same(
                "Request-URI",
                ours.uri.to_lowercase(),
                theirs.uri.to_string().to_lowercase(),
            )?;
            (&ours.headers, &ours.body)
        }
        (Message::Response(ours), rsip::SipMessage::Response(theirs)) => {
            same("status", ours.status, theirs.status_code.code())?;
            (&ours.headers, &ours.body)
        }
        (Message::Request(_), _) | (Message::Response(_), _) => return Err("rsip: of the other kind".to_owned()),
    };
    let length = body.len().to_string();
    let own = headers.iter().map(|(name, value)| (name.as_str(), value));
    let own = own.chain([("Content-Length", length.as_str())]);
    let own: Vec<(String, String)> = own
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let (their_headers, their_body) = match &theirs {
        rsip::SipMessage::Request(theirs) => (&theirs.headers, &theirs.body),
        rsip::SipMessage::Response(theirs) => (&theirs.headers, &theirs.body),
    };
    let told = their_headers.iter().map(|header| {
        let text = header.to_string();
        let (name, value) = text.split_once(": ").unwrap_or((&text, ""));
        (name.to_lowercase(), value.to_owned())
    });
    same("header fields", own, told.collect())?;
    same("body", body, their_body)
}

/// The same, and what From, To, Contact, Via and CSeq say.
pub(crate) fn reads_the_same(bytes: &[u8]) -> Result<(), String> {
    reads_the_same_text(bytes)?;
    let bytes = &in_utf8(bytes);
    let theirs = rsip::SipMessage::try_from(bytes.as_slice()).map_err(|fault| format!("rsip: {fault}"))?;
    let (headers, is_echo) = match &theirs {
        rsip::SipMessage::Request(theirs) => (&theirs.headers, false),
        rsip::SipMessage::Response(theirs) => (&theirs.headers, true),
    };
    for header in headers.iter() {
        match field(header) {
            Ok(()) => {}
            // A response repeats what the request said, which was not ours to choose.
            Err(Fault::Unread(_)) if is_echo => {}
            Err(Fault::Unread(fault) | Fault::Differs(fault)) => return Err(format!("{header}: {fault}")),
        }
    }
    Ok(())
}

/// Why two readers do not agree on a field.
enum Fault {
    /// One of them cannot read it.
    Unread(String),
    /// They read two things.
    Differs(String),
}

impl From<rsip::Error> for Fault {
    fn from(fault: rsip::Error) -> Self {
        Self::Unread(fault.to_string())
    }
}

impl From<String> for Fault {
    fn from(fault: String) -> Self {
        Self::Differs(fault)
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "rsip has forty kinds of fields; these we write"
)]
fn field(header: &rsip::Header) -> Result<(), Fault> {
    match header {
        rsip::Header::From(value) => {
            let theirs = value.typed()?;
            address(value.value(), &theirs.uri, theirs.tag().map(|tag| tag.value()))?;
        }
        rsip::Header::To(value) => {
            let theirs = value.typed()?;
            address(value.value(), &theirs.uri, theirs.tag().map(|tag| tag.value()))?;
        }
        rsip::Header::Contact(value) => address(value.value(), &value.typed()?.uri, None)?,
        rsip::Header::Via(value) => {
            let (ours, theirs) = (Via::read(value.value()).ok_or_else(unread)?, value.typed()?);
            same(
                "branch",
                ours.branch(),
                theirs.branch().map(|branch| branch.value().to_owned()),
            )?;
            same(
                "sent-by",
                ours.sent_by.to_lowercase(),
                theirs.uri.to_string().to_lowercase(),
            )?;
            same("transport", ours.transport.to_owned(), theirs.transport.to_string())?;
        }
        rsip::Header::CSeq(value) => {
            let (ours, theirs) = (CSeq::read(value.value()).ok_or_else(unread)?, value.typed()?);
            same("number", ours.number, theirs.seq)?;
            same("method", ours.method, Method::named(&theirs.method.to_string()))?;
        }
        rsip::Header::Authorization(value) if !value.value().contains("SHA-256") => drop(value.typed()?),
        rsip::Header::ContentType(value) => drop(value.typed()?),
        rsip::Header::Allow(value) => drop(value.typed()?),
        _ => {}
    }
    Ok(())
}

fn address(value: &str, theirs: &rsip::Uri, their_tag: Option<&str>) -> Result<(), Fault> {
    let ours = Address::read(value).ok_or_else(unread)?;
    same("tag", ours.tag().as_deref(), their_tag)?;
    // Another scheme, which was not ours to choose.
    let Ok(uri) = Uri::read(ours.uri) else {
        return Ok(());
    };
    same("user", uri.user, theirs.user())?;
    same(
        "host",
        uri.host.to_lowercase(),
        theirs.host().to_string().to_lowercase(),
    )?;
    same("port", uri.port, theirs.port().map(|port| *port.value()))?;
    Ok(())
}

fn unread() -> Fault {
    Fault::Unread("we cannot read it ourselves".to_owned())
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, ours: T, theirs: T) -> Result<(), String> {
    if ours == theirs {
        Ok(())
    } else {
        Err(format!("{what}: we read {ours:?}, rsip reads {theirs:?}"))
    }
}

/// The message with an underscore for every octet of its head that is no UTF-8.
fn in_utf8(bytes: &[u8]) -> Vec<u8> {
    let end = bytes
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap_or(bytes.len());
    let (head, body) = bytes.split_at(end);
    let mut read = Vec::with_capacity(bytes.len());
    for chunk in head.utf8_chunks() {
        read.extend_from_slice(chunk.valid().as_bytes());
        read.extend(chunk.invalid().iter().map(|_| b'_'));
    }
    read.extend_from_slice(body);
    read
}
