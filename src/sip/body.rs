//! What a body holds: the session description, alone or in a multipart (RFC 5621), and keys by INFO.

use super::header::{Name, number, param, split};
use super::message::Headers;
use crate::phone::Key;

/// The session description of a message; a body without Content-Type counts as one.
pub(crate) fn sdp(headers: &Headers, body: &[u8]) -> Option<Vec<u8>> {
    if body.is_empty() {
        return None;
    }
    let content_type = headers.first(&Name::ContentType).unwrap_or("application/sdp");
    if is(content_type, "application/sdp") {
        return Some(body.to_vec());
    }
    if !content_type.trim_start().to_ascii_lowercase().starts_with("multipart/") {
        return None;
    }
    let boundary = format!("--{}", param(content_type.split_once(';')?.1, "boundary")?);
    parts(body, boundary.as_bytes()).find_map(sdp_part)
}

/// Whether a Content-Type names this media type, whatever its parameters.
pub(crate) fn is(content_type: &str, wanted: &str) -> bool {
    split(content_type, b';')
        .next()
        .is_some_and(|own| own.eq_ignore_ascii_case(wanted))
}

fn parts<'a>(body: &'a [u8], boundary: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = after(body, boundary);
    std::iter::from_fn(move || {
        let part = rest?;
        let end = find(part, boundary)?;
        rest = part.get(end + boundary.len()..);
        part.get(..end)
    })
}

/// The body of a part whose header says application/sdp.
fn sdp_part(part: &[u8]) -> Option<Vec<u8>> {
    let part = part.strip_prefix(b"\r\n").or_else(|| part.strip_prefix(b"\n"))?;
    let (header, body) = match find(part, b"\r\n\r\n") {
        Some(at) => (part.get(..at)?, part.get(at + 4..)?),
        None => (part.get(..find(part, b"\n\n")?)?, after(part, b"\n\n")?),
    };
    let header = String::from_utf8_lossy(header).to_ascii_lowercase();
    let is_sdp = header.lines().any(|line| {
        let value = line.strip_prefix("content-type").or_else(|| line.strip_prefix('c'));
        value.is_some_and(|value| is(value.trim_start().trim_start_matches(':').trim(), "application/sdp"))
    });
    is_sdp.then(|| body.to_vec())
}

fn after<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<&'a [u8]> {
    bytes.get(find(bytes, mark)? + mark.len()..)
}

fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len().max(1)).position(|window| window == mark)
}

/// What an INFO body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Info {
    /// A key, and its duration in milliseconds where said.
    Key(Key, Option<u32>),
    /// Nothing at all: a keep-alive.
    Empty,
    /// A body of another kind, or a signal that is no key.
    Other,
}

/// Reads application/dtmf-relay (`Signal=5`, `Duration=160`) and application/dtmf (`5`).
pub(crate) fn info(headers: &Headers, body: &[u8]) -> Info {
    let content_type = headers.first(&Name::ContentType).unwrap_or_default();
    if body.is_empty() {
        return Info::Empty;
    }
    let text = String::from_utf8_lossy(body);
    let signal = if is(content_type, "application/dtmf-relay") {
        line(&text, "signal")
    } else if is(content_type, "application/dtmf") {
        line(&text, "signal").or(Some(text.trim()))
    } else {
        None
    };
    match signal.and_then(key) {
        Some(key) => Info::Key(key, line(&text, "duration").and_then(number)),
        None => Info::Other,
    }
}

fn line<'a>(text: &'a str, wanted: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim())
    })
}

/// One character, or the event code 0 to 15 that some gateways write for `*`, `#` and the letters.
fn key(signal: &str) -> Option<Key> {
    let mut chars = signal.chars();
    match (chars.next(), chars.next()) {
        (Some(only), None) => Key::from_char(only),
        (Some(_), Some(_)) => Key::from_event(u8::try_from(number(signal)?).ok()?),
        (None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(content_type: &str) -> Headers {
        let mut headers = Headers::default();
        headers.push(Name::ContentType, content_type);
        headers
    }

    #[test]
    fn the_description_is_found_in_a_multipart() {
        let body = b"--x\r\nContent-Type: application/isup\r\n\r\n\x01\x00\r\n--x\r\nContent-Type : application/SDP;a=b\r\n\r\nv=0\r\n\r\n--x--\r\n";
        let found = sdp(&typed("multipart/mixed;boundary=\"x\""), body);
        assert_eq!(found.as_deref(), Some(&b"v=0\r\n\r\n"[..]));
        assert_eq!(sdp(&typed("multipart/mixed;boundary=y"), body), None);
        assert_eq!(sdp(&typed("application/isup"), b"x"), None);
        assert_eq!(sdp(&Headers::default(), b"v=0").as_deref(), Some(&b"v=0"[..]));
    }

    #[test]
    fn keys_come_in_either_format() {
        let star = Info::Key(Key::STAR, Some(160));
        let relay = typed("application/dtmf-relay");
        assert_eq!(info(&relay, b"Signal=*\r\nDuration=160\r\n"), star);
        assert_eq!(info(&relay, b"Signal= 10\nDuration = 160"), star);
        assert_eq!(
            info(&typed("Application/DTMF"), b"5"),
            Info::Key(Key::from_char('5').unwrap(), None)
        );
        assert_eq!(info(&relay, b"Signal=!\r\n"), Info::Other);
        assert_eq!(info(&typed("application/media_control+xml"), b"<x/>"), Info::Other);
        assert_eq!(info(&relay, b""), Info::Empty);
    }
}
