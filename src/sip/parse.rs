//! Octets to a message: total and tolerant (RFC 3261 sections 7.3 and 25, RFC 4475).
//!
//! Taken: folded lines, compact names, bare LF, empty lines in front, a missing reason phrase, extra spaces in the
//! start line, a missing Content-Length, octets that are no UTF-8. What a header field says is its reader's business.

use super::header::{self, Name, SPACES, trimmed};
use super::message::{Headers, Message, Method, Request, Response, Version};
use super::text;

/// No message is longer, over a stream either: a header of 64 kB and a body of as much. No datagram reaches it.
pub const LIMIT: usize = 131_072;

/// Why octets are no SIP message. Lines count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Longer than [`LIMIT`].
    #[error("a message has at most {LIMIT} octets")]
    TooLong,
    /// Nothing but line ends: a keep-alive (RFC 5626 section 3.5.1).
    #[error("there is no message")]
    Empty,
    /// Neither a request line nor a status line.
    #[error("line 1: expected METHOD URI SIP/2.0 or SIP/2.0 100-699")]
    StartLine,
    /// A line without a colon, or with a name that is no token.
    #[error("line {line}: expected a header field `Name: value`")]
    HeaderField {
        /// Which line.
        line: usize,
    },
    /// Content-Length is no number, says two numbers, or more octets than there are.
    #[error("expected one Content-Length of at most the {available} octets that follow the header")]
    ContentLength {
        /// How many there are.
        available: usize,
    },
}

/// Reads one datagram. Octets after the declared Content-Length are noise (RFC 3261 section 18.3).
pub fn parse(bytes: &[u8]) -> Result<Message, Error> {
    if bytes.len() > LIMIT {
        return Err(Error::TooLong);
    }
    let mut lines = Lines { rest: bytes, number: 0 };
    let start = loop {
        match lines.next() {
            Some((_, [])) => {}
            Some((_, line)) => break text::decode(line).replace('\r', " "),
            None => return Err(Error::Empty),
        }
    };
    let (headers, lengths) = header_fields(&mut lines)?;
    let body = body(lines.rest, &lengths)?;
    start_line(&start, headers, body).ok_or(Error::StartLine)
}

fn start_line(line: &str, headers: Headers, body: Vec<u8>) -> Option<Message> {
    let line = trimmed(line);
    let (first, rest) = line.split_once(SPACES).unwrap_or((line, ""));
    if is_version(first) {
        let rest = trimmed(rest);
        let (code, phrase) = rest.split_once(SPACES).unwrap_or((rest, ""));
        let status = header::number(code).filter(|status| code.len() == 3 && (100..700).contains(status))?;
        return first.eq_ignore_ascii_case("SIP/2.0").then(|| {
            Message::Response(Response {
                status: u16::try_from(status).unwrap_or(699),
                phrase: trimmed(phrase).to_owned(),
                headers,
                body,
            })
        });
    }
    let (uri, version) = trimmed(rest).rsplit_once(SPACES)?;
    if !header::is_token(first) || !is_version(version) || trimmed(uri).is_empty() {
        return None;
    }
    Some(Message::Request(Request {
        method: Method::named(first),
        uri: trimmed(uri).to_owned(),
        version: if version.eq_ignore_ascii_case("SIP/2.0") {
            Version::Two
        } else {
            Version::Other(version.to_owned())
        },
        headers,
        body,
    }))
}

fn is_version(token: &str) -> bool {
    token.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("SIP/")) && token.len() > 4
}

/// All fields up to the empty line (or the end of the datagram), and apart from them the values of Content-Length.
fn header_fields(lines: &mut Lines<'_>) -> Result<(Headers, Vec<String>), Error> {
    let mut fields: Vec<(Name, String)> = Vec::new();
    for (number, line) in lines {
        if line.is_empty() {
            break;
        }
        let text = text::decode(line).replace('\r', " ");
        if text.starts_with(SPACES) {
            let (_, value) = fields.last_mut().ok_or(Error::HeaderField { line: number })?;
            if !value.is_empty() {
                value.push(' ');
            }
            value.push_str(trimmed(&text));
            continue;
        }
        let (name, value) = text.split_once(':').ok_or(Error::HeaderField { line: number })?;
        let name = name.trim_end_matches(SPACES);
        if !header::is_token(name) {
            return Err(Error::HeaderField { line: number });
        }
        fields.push((Name::named(name), trimmed(value).to_owned()));
    }
    let mut headers = Headers::default();
    let mut lengths = Vec::new();
    for (name, value) in fields {
        let value = value.trim_end_matches(SPACES).to_owned();
        if name == Name::ContentLength {
            lengths.push(value);
        } else {
            headers.push(name, value);
        }
    }
    Ok((headers, lengths))
}

fn body(rest: &[u8], lengths: &[String]) -> Result<Vec<u8>, Error> {
    let fault = Error::ContentLength { available: rest.len() };
    let Some(first) = lengths.first() else {
        return Ok(rest.to_vec());
    };
    let length = header::number(first).ok_or(fault)?;
    if lengths.iter().any(|other| header::number(other) != Some(length)) {
        return Err(fault);
    }
    let length = usize::try_from(length).map_err(|_| fault)?;
    rest.get(..length).map(<[u8]>::to_vec).ok_or(fault)
}

/// Lines without their ends, numbered from 1; `rest` is what no line has taken yet.
struct Lines<'a> {
    rest: &'a [u8],
    number: usize,
}

impl<'a> Iterator for Lines<'a> {
    type Item = (usize, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.iter().position(|&b| b == b'\n');
        let (line, rest) = match end {
            Some(end) => (
                self.rest.get(..end).unwrap_or_default(),
                self.rest.get(end + 1..).unwrap_or_default(),
            ),
            None => (self.rest, &[][..]),
        };
        self.rest = rest;
        self.number += 1;
        Some((self.number, line.strip_suffix(b"\r").unwrap_or(line)))
    }
}
