//! Messages as octets and as plain lines, read with eyes other than the user agent's.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use sha2::{Digest, Sha256};

/// The folder with the messages.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors");

/// The octets of a message: `rfc4475/wsinv.dat`.
pub(crate) fn octets(file: &str) -> Vec<u8> {
    fs::read(Path::new(FOLDER).join(file)).unwrap_or_else(|fault| panic!("{file}: {fault}"))
}

/// A text file beside the messages.
pub(crate) fn text(file: &str) -> String {
    String::from_utf8(octets(file)).unwrap()
}

#[test]
fn every_message_is_what_was_published_to_the_octet() {
    let sums = text("SHA256SUMS");
    for line in sums.lines() {
        let (sum, file) = line.split_once("  ").unwrap();
        let found: String = Sha256::digest(octets(file))
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        assert_eq!(
            found, sum,
            "{file} has changed: some tool has converted its line ends or trimmed it"
        );
    }
    for folder in ["rfc4475", "rfc5118"] {
        let here = fs::read_dir(Path::new(FOLDER).join(folder)).unwrap();
        let unsummed: Vec<String> = here
            .map(|entry| format!("{folder}/{}", entry.unwrap().file_name().to_string_lossy()))
            .filter(|file| !sums.contains(file.as_str()))
            .collect();
        assert!(unsummed.is_empty(), "{unsummed:?}");
    }
}

/// Octets as text, one character for each.
pub(crate) fn latin(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// The octets of a text of [`latin`].
pub(crate) fn bytes(latin: &str) -> Vec<u8> {
    latin.chars().map(|c| u8::try_from(c).unwrap()).collect()
}

/// A message as lines: one character an octet, folds taken out, compact names written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plain {
    pub(crate) start: String,
    fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Plain {
    pub(crate) fn read(octets: &[u8]) -> Self {
        let all = latin(octets);
        let (head, body) = all.split_once("\r\n\r\n").unwrap_or((&all, ""));
        let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let mut lines = head.split("\r\n");
        let start = lines.next().unwrap_or_default().to_owned();
        let fields = lines.filter_map(|line| line.split_once(':'));
        Self {
            start,
            fields: fields
                .map(|(name, value)| (long(name), value.trim().to_owned()))
                .collect(),
            body: bytes(body),
        }
    }

    /// The method of a request.
    pub(crate) fn method(&self) -> &str {
        self.start.split(' ').next().unwrap_or_default()
    }

    /// The status of a response.
    pub(crate) fn status(&self) -> u16 {
        let status = self.start.strip_prefix("SIP/2.0 ").and_then(|rest| rest.get(..3));
        status
            .and_then(|status| status.parse().ok())
            .unwrap_or_else(|| panic!("{self:?}"))
    }

    /// The values of a field, line by line.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let fields = self.fields.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
        fields.map(|(_, value)| value.as_str()).collect()
    }

    /// The first value of a field; empty when there is none.
    pub(crate) fn first(&self, name: &str) -> &str {
        self.all(name).first().copied().unwrap_or_default()
    }

    /// Every Via value, spaces taken out.
    pub(crate) fn vias(&self) -> Vec<String> {
        let lines = self.all("Via");
        let values = lines.iter().flat_map(|line| line.split(','));
        let squeezed = values.map(|value| value.split_whitespace().collect::<String>());
        squeezed.filter(|value| !value.is_empty()).collect()
    }
}

fn long(name: &str) -> String {
    let name = name.trim();
    let compact = [
        ("v", "Via"),
        ("f", "From"),
        ("t", "To"),
        ("i", "Call-ID"),
        ("m", "Contact"),
        ("l", "Content-Length"),
    ];
    let found = compact.iter().find(|(short, _)| name.eq_ignore_ascii_case(short));
    found.map_or(name, |(_, long)| long).to_owned()
}

/// The message with UDP and `here` in its top Via, nothing else touched; as it is when it has no Via.
pub(crate) fn sent_from(octets: &[u8], here: SocketAddr) -> Vec<u8> {
    sent_over("UDP", octets, here)
}

/// The same with any transport.
pub(crate) fn sent_over(protocol: &str, octets: &[u8], here: SocketAddr) -> Vec<u8> {
    let text = latin(octets);
    let mut start = 0;
    let via = text.split_inclusive("\r\n").find_map(|line| {
        let at = start;
        start += line.len();
        let (name, _) = line.split_once(':')?;
        ["via", "v"]
            .contains(&name.trim().to_lowercase().as_str())
            .then_some(at + name.len() + 1)
    });
    let Some(via) = via else {
        return octets.to_vec();
    };
    let past = |from: usize, wanted: fn(char) -> bool| from + text[from..].find(wanted).unwrap();
    let is_space: fn(char) -> bool = |c| c.is_ascii_whitespace();
    let is_text: fn(char) -> bool = |c| !c.is_ascii_whitespace();
    let slash = past(past(via, |c| c == '/') + 1, |c| c == '/') + 1;
    let transport = past(slash, is_text);
    let space = past(transport, is_space);
    let sent_by = past(space, is_text);
    let end = past(sent_by, |c| matches!(c, ';' | ',' | '\r'));
    bytes(&format!(
        "{}{protocol}{}{here}{}",
        &text[..transport],
        &text[space..sent_by],
        &text[end..]
    ))
}

/// The message with this value of a field that stands on one line; of several such fields the first.
pub(crate) fn with_field(octets: &[u8], name: &str, value: &str) -> Vec<u8> {
    let mut is_done = false;
    let lines = latin(octets);
    let changed = lines.split_inclusive("\r\n").map(|line| {
        let is_it = line.split_once(':').is_some_and(|(own, _)| long(own) == name);
        if is_it && !std::mem::replace(&mut is_done, is_it) {
            format!("{name}: {value}\r\n")
        } else {
            line.to_owned()
        }
    });
    bytes(&changed.collect::<String>())
}

#[test]
fn only_the_top_via_is_replaced_folded_or_not() {
    let here = "127.0.0.1:5".parse().unwrap();
    let folded = sent_from(&octets("rfc4475/wsinv.dat"), here);
    let vias = Plain::read(&folded).vias();
    assert_eq!(vias[0], "SIP/2.0/UDP127.0.0.1:5;branch=390skdjuw");
    assert_eq!(vias[1], "SIP/2.0/TCPspindle.example.com;branch=z9hG4bK9ikj8");
    assert_eq!(
        folded.len(),
        octets("rfc4475/wsinv.dat").len() + "127.0.0.1:5".len() - "192.0.2.2".len()
    );
}
