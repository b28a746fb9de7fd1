//! A SIP message as the far end reads it: start line, headers in order, body, and what is wrong with it.

/// One datagram read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// Its first line.
    pub(crate) start: Start,
    headers: Vec<(String, String)>,
    /// What follows the empty line.
    pub(crate) body: String,
}

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// `METHOD uri SIP/2.0`
    Request {
        /// In capitals.
        method: String,
        /// As sent.
        uri: String,
    },
    /// `SIP/2.0 status phrase`
    Response {
        /// 100 to 699.
        status: u16,
    },
}

/// Why a datagram is no SIP message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// Only line ends: a keep-alive (RFC 5626 section 4.4.1).
    KeepAlive,
    /// Anything else.
    NotSip,
}

/// The longest header section that is read at all.
const MOST_HEADERS: usize = 200;

impl Message {
    /// Reads one datagram.
    pub(crate) fn parse(datagram: &[u8]) -> Result<Self, Unreadable> {
        if datagram.iter().all(|b| matches!(b, b'\r' | b'\n' | 0)) {
            return Err(Unreadable::KeepAlive);
        }
        let text = String::from_utf8_lossy(datagram);
        let (head, body) = text.split_once("\r\n\r\n").ok_or(Unreadable::NotSip)?;
        let mut lines = head.split("\r\n");
        let start = Start::parse(lines.next().unwrap_or_default()).ok_or(Unreadable::NotSip)?;
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in lines.take(MOST_HEADERS) {
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = headers.last_mut() {
                    value.push(' ');
                    value.push_str(line.trim());
                }
                continue;
            }
            let (name, value) = line.split_once(':').ok_or(Unreadable::NotSip)?;
            headers.push((long_name(name.trim()), value.trim().to_owned()));
        }
        Ok(Self {
            start,
            headers,
            body: body.to_owned(),
        })
    }

    /// The first header of a name (full form, any case).
    pub(crate) fn header<'a>(&'a self, name: &str) -> Option<&'a str> {
        let mut named = self.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.as_str())
    }

    /// Every header of a name, in order.
    pub(crate) fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The method of a request; of a response, the method in its CSeq.
    pub(crate) fn method(&self) -> &str {
        match &self.start {
            Start::Request { method, .. } => method,
            Start::Response { .. } => self
                .header("CSeq")
                .and_then(|c| c.split_whitespace().nth(1))
                .unwrap_or_default(),
        }
    }

    /// The number in CSeq.
    pub(crate) fn cseq(&self) -> Option<u32> {
        self.header("CSeq")?.split_whitespace().next()?.parse().ok()
    }

    /// The branch of the topmost Via.
    pub(crate) fn branch(&self) -> Option<&str> {
        let first = self.header("Via")?.split(',').next()?;
        parameter(first, "branch")
    }

    /// The tag of From.
    pub(crate) fn sender_tag(&self) -> Option<&str> {
        parameter(after_uri(self.header("From")?), "tag")
    }

    /// The tag of To.
    pub(crate) fn to_tag(&self) -> Option<&str> {
        parameter(after_uri(self.header("To")?), "tag")
    }

    /// What RFC 3261 section 8.1.1 asks of every request and this one lacks.
    pub(crate) fn complaints(&self) -> Vec<&'static str> {
        let mut found = Vec::new();
        let mut expect = |holds: bool, complaint| {
            if !holds {
                found.push(complaint);
            }
        };
        let method = self.method();
        expect(
            self.branch().is_some_and(|b| b.starts_with("z9hG4bK")),
            "no RFC 3261 branch in Via",
        );
        expect(self.header("Call-ID").is_some_and(|c| !c.is_empty()), "no Call-ID");
        expect(self.sender_tag().is_some(), "no tag in From");
        expect(self.header("To").is_some(), "no To");
        expect(
            self.header("Max-Forwards").is_some_and(|m| m.parse::<u8>().is_ok()),
            "no Max-Forwards",
        );
        let cseq_method = self.header("CSeq").and_then(|c| c.split_whitespace().nth(1));
        expect(
            self.cseq().is_some() && cseq_method == Some(method),
            "CSeq does not fit the method",
        );
        let length = self.header("Content-Length").map(str::parse::<usize>);
        expect(
            length.is_none_or(|l| l == Ok(self.body.len())),
            "Content-Length is not the body's length",
        );
        expect(
            self.body.is_empty() || self.header("Content-Type").is_some(),
            "a body without Content-Type",
        );
        expect(
            method != "INVITE" || self.header("Contact").is_some(),
            "INVITE without Contact",
        );
        for single in ["Call-ID", "From", "To", "CSeq", "Max-Forwards"] {
            expect(self.headers(single).count() < 2, "a header twice that may come once");
        }
        found
    }
}

impl Start {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.splitn(3, ' ');
        let (first, second, third) = (words.next()?, words.next()?, words.next());
        if first == "SIP/2.0" {
            let status = second.parse().ok().filter(|s| (100..700).contains(s))?;
            return Some(Self::Response { status });
        }
        let is_method = !first.is_empty() && first.bytes().all(|b| b.is_ascii_uppercase());
        (is_method && third == Some("SIP/2.0") && !second.is_empty()).then(|| Self::Request {
            method: first.to_owned(),
            uri: second.to_owned(),
        })
    }
}

/// A parameter of a header value or URI: `;name=value` or `;name`.
pub(crate) fn parameter<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.split(';').skip(1).find_map(|part| {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// The URI of a name-addr or addr-spec (`"Name" <sip:a@b>;tag=x` gives `sip:a@b`).
pub(crate) fn uri_of(value: &str) -> &str {
    match value.find('<').zip(value.find('>')) {
        Some((open, close)) if open < close => value.get(open + 1..close).unwrap_or_default(),
        _ => value.split(';').next().unwrap_or_default().trim(),
    }
}

/// The user part of a SIP or tel URI: the number that was dialled.
pub(crate) fn user_of(uri: &str) -> &str {
    let rest = uri.split_once(':').map_or(uri, |(_, rest)| rest);
    let user = rest.split_once('@').map_or(rest, |(user, _)| user);
    user.split(';').next().unwrap_or_default()
}

fn after_uri(value: &str) -> &str {
    value.rfind('>').and_then(|end| value.get(end..)).unwrap_or(value)
}

fn long_name(name: &str) -> String {
    let long = match name {
        "v" => "Via",
        "f" => "From",
        "t" => "To",
        "i" => "Call-ID",
        "m" => "Contact",
        "c" => "Content-Type",
        "l" => "Content-Length",
        "k" => "Supported",
        "s" => "Subject",
        "e" => "Content-Encoding",
        other => other,
    };
    long.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVITE: &str = "INVITE sip:13800000001@127.0.0.1:5070;user=phone SIP/2.0\r\n\
        v: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=z9hG4bKab\r\n\
        Max-Forwards: 70\r\nf: \"A; tag=no\" <sip:1@127.0.0.1>;tag=me\r\nTo: <sip:2@x;tag=inside>\r\n\
        i: abc@x\r\nCSeq: 7 INVITE\r\nContact: <sip:1@127.0.0.1>\r\nSubject: folded\r\n here\r\nl: 0\r\n\r\n";

    #[test]
    fn a_request_with_compact_and_folded_headers_is_read() {
        let message = Message::parse(INVITE.as_bytes()).unwrap();
        assert_eq!(message.method(), "INVITE");
        assert_eq!((message.branch(), message.cseq()), (Some("z9hG4bKab"), Some(7)));
        assert_eq!((message.sender_tag(), message.to_tag()), (Some("me"), None));
        assert_eq!(message.header("subject"), Some("folded here"));
        assert_eq!(message.complaints(), Vec::<&str>::new());
    }

    #[test]
    fn every_missing_piece_of_a_request_is_named() {
        let bare = "BYE sip:a@b SIP/2.0\r\nCSeq: 1 INVITE\r\nContent-Length: 3\r\n\r\n";
        let complaints = Message::parse(bare.as_bytes()).unwrap().complaints();
        for expected in [
            "no Call-ID",
            "no tag in From",
            "no To",
            "no Max-Forwards",
            "CSeq does not fit the method",
        ] {
            assert!(complaints.contains(&expected), "{expected}: {complaints:?}");
        }
        assert!(complaints.contains(&"Content-Length is not the body's length"));
        assert!(complaints.contains(&"no RFC 3261 branch in Via"));
    }

    #[test]
    fn what_is_not_sip_is_refused_without_panic() {
        assert_eq!(Message::parse(b"\r\n\r\n"), Err(Unreadable::KeepAlive));
        for bad in [
            &b"hello"[..],
            b"SIP/2.0 99 no\r\n\r\n",
            b"invite a SIP/2.0\r\n\r\n",
            b"\xff\xfe\r\n\r\n",
        ] {
            assert_eq!(Message::parse(bad), Err(Unreadable::NotSip));
        }
    }

    #[test]
    fn the_dialled_number_is_the_user_part() {
        assert_eq!(user_of("sip:138@127.0.0.1:5070;user=phone"), "138");
        assert_eq!(user_of("sip:138;phone-context=+86@h"), "138");
        assert_eq!(user_of("tel:+86138"), "+86138");
        assert_eq!(uri_of("\"x\" <sip:a@b>;expires=3"), "sip:a@b");
        assert_eq!(uri_of("sip:a@b;expires=3"), "sip:a@b");
    }
}
