//! SIP read as plain text, apart from `sip/`: enough for the virtual trunk to answer what a user agent sends.

/// A message as lines.
#[derive(Clone, Debug)]
pub(super) struct Text {
    first: String,
    headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Text {
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.split("\r\n");
        let first = lines.next()?.to_owned();
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        Some(Self {
            first,
            headers,
            body: body.to_owned(),
        })
    }

    /// The method of a request; none for a response.
    pub(super) fn method(&self) -> Option<&str> {
        self.first.split(' ').next().filter(|word| *word != "SIP/2.0")
    }

    /// The user part of the Request-URI.
    pub(super) fn user(&self) -> Option<&str> {
        let uri = self.first.split(' ').nth(1)?;
        uri.strip_prefix("sip:")?.split_once('@').map(|(user, _)| user)
    }

    /// The status of a response.
    pub(super) fn status(&self) -> Option<u16> {
        self.first.strip_prefix("SIP/2.0 ")?.split(' ').next()?.parse().ok()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The branch of the top Via.
    pub(super) fn branch(&self) -> Option<&str> {
        self.header("via")?.split("branch=").nth(1)?.split([';', ',']).next()
    }

    pub(super) fn call_id(&self) -> Option<&str> {
        self.header("call-id")
    }

    /// Number and method of CSeq.
    pub(super) fn cseq(&self) -> Option<(u32, &str)> {
        let (number, method) = self.header("cseq")?.split_once(' ')?;
        Some((number.parse().ok()?, method.trim()))
    }

    /// The tag of From or To.
    pub(super) fn tag(&self, header: &str) -> Option<&str> {
        self.header(header)?.split(";tag=").nth(1)?.split([';', '>']).next()
    }

    /// The port of the audio line of an offer.
    pub(super) fn audio_port(&self) -> Option<u16> {
        let line = self.body.lines().find_map(|line| line.strip_prefix("m=audio "))?;
        line.split(' ').next()?.parse().ok()
    }

    /// A response to this request.
    pub(super) fn response(&self, status: u16, phrase: &str, tag: &str, more: &str, body: &str) -> Vec<u8> {
        let to = self.header("to").unwrap_or_default();
        let to = if to.contains(";tag=") || status == 100 {
            to.to_owned()
        } else {
            format!("{to};tag={tag}")
        };
        let header = |name| self.header(name).unwrap_or_default();
        format!(
            "SIP/2.0 {status} {phrase}\r\nVia: {}\r\nFrom: {}\r\nTo: {to}\r\nCall-ID: {}\r\nCSeq: {}\r\n{more}\
             Content-Length: {}\r\n\r\n{body}",
            header("via"),
            header("from"),
            header("call-id"),
            header("cseq"),
            body.len()
        )
        .into_bytes()
    }
}
