//! A message to octets: strict (RFC 3261 section 7): long names, one line a field, CRLF, Content-Length always and last.

use super::header::Name;
use super::message::{Headers, Message, Request, Response, Version};
use super::text;

impl Message {
    /// The octets of the message.
    pub fn print(&self) -> Vec<u8> {
        match self {
            Self::Request(request) => request.print(),
            Self::Response(response) => response.print(),
        }
    }
}

impl Request {
    /// The octets of the request.
    pub fn print(&self) -> Vec<u8> {
        let version = match &self.version {
            Version::Two => "SIP/2.0",
            Version::Other(version) => version,
        };
        let start = format!("{} {} {version}", self.method, self.uri);
        print(&start, &self.headers, &self.body)
    }
}

impl Response {
    /// The octets of the response.
    pub fn print(&self) -> Vec<u8> {
        let start = format!("SIP/2.0 {} {}", self.status, self.phrase);
        print(&start, &self.headers, &self.body)
    }
}

fn print(start: &str, headers: &Headers, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1024 + body.len());
    line(start, &mut bytes);
    for (name, value) in headers.iter() {
        line(&format!("{}: {value}", name.as_str()), &mut bytes);
    }
    line(&format!("{}: {}", Name::ContentLength.as_str(), body.len()), &mut bytes);
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

/// One line; a line end inside a value would start a field of its own, so it becomes a space.
fn line(text: &str, bytes: &mut Vec<u8>) {
    let start = bytes.len();
    text::encode(text, bytes);
    for byte in bytes.iter_mut().skip(start) {
        if matches!(byte, b'\r' | b'\n') {
            *byte = b' ';
        }
    }
    bytes.extend_from_slice(b"\r\n");
}
