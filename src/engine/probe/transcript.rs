//! What went over the wire while a trunk was asked, fit to be shown: credentials masked, no control characters.

use std::time::Duration;

use crate::sip::Path;

/// One message, or what became of one.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Since the asking began.
    pub at: Duration,
    /// Its way.
    pub path: Path,
    /// What happened.
    pub what: What,
}

/// What happened on a way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// We sent this.
    Sent(String),
    /// We sent the same again.
    SentAgain,
    /// This came.
    Received(String),
    /// The network or the other side refused what we sent.
    Refused,
    /// The connection was closed.
    Closed,
}

/// A message as text: the digest in credentials masked, what a terminal would obey replaced.
pub(super) fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    let lines = text.trim_end().lines().map(|line| {
        let name = line.split(':').next().unwrap_or_default().trim();
        let is_secret = ["Authorization", "Proxy-Authorization"]
            .iter()
            .any(|secret| name.eq_ignore_ascii_case(secret));
        let line = if is_secret { masked(line) } else { line.to_owned() };
        line.replace(|c: char| c.is_control() && c != '\t', "·")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The values from which a password could be guessed at leisure.
fn masked(line: &str) -> String {
    let mut shown = String::new();
    for (place, part) in line.split(',').enumerate() {
        let name = part.split('=').next().unwrap_or_default();
        let name = name.rsplit([' ', '\t']).next().unwrap_or_default();
        let is_secret = ["response", "cnonce"]
            .iter()
            .any(|secret| name.eq_ignore_ascii_case(secret));
        if place > 0 {
            shown.push(',');
        }
        match part.split_once('=').filter(|_| is_secret) {
            Some((before, _)) => shown.push_str(&format!("{before}=\"***\"")),
            None => shown.push_str(part),
        }
    }
    shown
}

/// The status of a response.
pub(super) fn status(message: &str) -> Option<(u16, String)> {
    let line = message.lines().next()?;
    let mut words = line.splitn(3, ' ');
    let is_response = words.next()?.eq_ignore_ascii_case("SIP/2.0");
    let status = words.next()?.parse().ok()?;
    is_response.then(|| (status, words.next().unwrap_or_default().trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_password_could_be_guessed_from_is_masked_and_the_rest_is_shown() {
        let text = shown(
            b"REGISTER sip:a SIP/2.0\r\nauthorization: Digest username=\"u\", realm=\"r, s\", nonce=\"n\", uri=\"sip:a\", \
              response=\"0123\", cnonce=\"45\",qop=auth\r\nX: \x1b[2J\r\n\r\n",
        );
        assert!(!text.contains("0123") && !text.contains("45"), "{text}");
        assert!(text.contains("username=\"u\", realm=\"r, s\", nonce=\"n\""), "{text}");
        assert!(text.contains("response=\"***\", cnonce=\"***\",qop=auth"), "{text}");
        assert!(text.ends_with("X: ·[2J"), "{text:?}");
    }

    #[test]
    fn the_status_of_a_response_is_read_also_without_a_phrase() {
        assert_eq!(
            status("SIP/2.0 403 Not here\nVia: x"),
            Some((403, "Not here".to_owned()))
        );
        assert_eq!(status("SIP/2.0 200"), Some((200, String::new())));
        assert_eq!(status("OPTIONS sip:a SIP/2.0"), None);
    }
}
