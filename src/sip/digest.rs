//! The digest of a password (RFC 7616, 8760; without qop RFC 2069): challenges read, one answered. Pure functions.

use md5::Md5;
use sha2::digest::Digest;
use sha2::{Sha256, Sha512_256};

use super::header::{position, split};

/// A Digest challenge that we can answer. Quoted values are kept between their quotes as they came, and so hashed and echoed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Challenge {
    pub(crate) realm: String,
    pub(crate) nonce: String,
    pub(crate) opaque: Option<String>,
    /// As written in the challenge; none means MD5 and is not echoed.
    pub(crate) algorithm: Option<String>,
    pub(crate) hash: Hash,
    pub(crate) session: Session,
    pub(crate) qop: Option<Qop>,
    pub(crate) stale: Stale,
}

/// The hash functions that we have, the weaker first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hash {
    Md5,
    Sha256,
    Sha512Half,
}

/// Whether the nonces enter the first hash (the -sess algorithms).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Session {
    No,
    Yes,
}

/// What the digest protects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Qop {
    Auth,
    AuthInt,
}

/// Whether only the nonce of the last answer was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stale {
    No,
    Yes,
}

/// What an answer needs apart from the challenge.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) user: &'a str,
    pub(crate) password: &'a str,
    pub(crate) method: &'a str,
    pub(crate) uri: &'a str,
    pub(crate) body: &'a [u8],
    pub(crate) cnonce: &'a str,
    /// How often this nonce has been used, this time included.
    pub(crate) count: u32,
}

impl Challenge {
    /// The challenges of one header line that we can answer; other schemes and algorithms are left out.
    pub(crate) fn read(line: &str) -> Vec<Self> {
        let mut schemes: Vec<(&str, Vec<(&str, String)>)> = Vec::new();
        for part in split(line, b',') {
            let pair = match part.split_once([' ', '\t']) {
                Some((scheme, rest)) if !scheme.contains(['=', '"']) && !rest.trim_start().starts_with('=') => {
                    schemes.push((scheme, Vec::new()));
                    rest
                }
                Some(_) | None => part,
            };
            let Some((_, pairs)) = schemes.last_mut() else {
                continue;
            };
            if let Some((name, value)) = named(pair) {
                pairs.push((name, value.to_owned()));
            } else if let Some((_, list)) = pairs.last_mut().filter(|(name, _)| name.eq_ignore_ascii_case("qop")) {
                // A list that lacks its quotes.
                list.push(',');
                list.push_str(pair);
            }
        }
        let digests = schemes
            .iter()
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Digest"));
        digests.filter_map(|(_, pairs)| Self::from_pairs(pairs)).collect()
    }

    fn from_pairs(pairs: &[(&str, String)]) -> Option<Self> {
        let value = |name: &str| {
            let pair = pairs.iter().find(|(own, _)| own.eq_ignore_ascii_case(name))?;
            Some(inner(&pair.1))
        };
        let algorithm = value("algorithm");
        let (hash, session) = Hash::named(algorithm.unwrap_or("MD5"))?;
        let offers = |wanted: &str| {
            let list = value("qop").unwrap_or_default();
            let mut list = list.split([',', ' ', '\t', '"']);
            list.any(|qop| qop.eq_ignore_ascii_case(wanted))
        };
        let qop = if offers("auth") {
            Some(Qop::Auth)
        } else if offers("auth-int") {
            Some(Qop::AuthInt)
        } else if value("qop").is_some_and(|qop| !qop.trim().is_empty()) {
            return None;
        } else {
            None
        };
        Some(Self {
            realm: value("realm")?.to_owned(),
            nonce: value("nonce")?.to_owned(),
            opaque: value("opaque").map(str::to_owned),
            algorithm: algorithm.map(str::to_owned),
            hash,
            session,
            qop,
            stale: if value("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")) {
                Stale::Yes
            } else {
                Stale::No
            },
        })
    }

    /// The value of Authorization or Proxy-Authorization.
    pub(crate) fn credentials(&self, answer: Answer<'_>) -> String {
        let mut fields = vec![
            format!(
                "username=\"{}\"",
                answer.user.replace('\\', "\\\\").replace('"', "\\\"")
            ),
            format!("realm=\"{}\"", self.realm),
            format!("nonce=\"{}\"", self.nonce),
            format!("uri=\"{}\"", answer.uri),
            format!("response=\"{}\"", self.response(answer)),
        ];
        fields.extend(
            self.algorithm
                .as_ref()
                .map(|algorithm| format!("algorithm={algorithm}")),
        );
        if let Some(qop) = self.qop {
            fields.push(format!("qop={}", qop.as_str()));
            fields.push(format!("nc={:08x}", answer.count));
        }
        if self.qop.is_some() || self.session == Session::Yes {
            fields.push(format!("cnonce=\"{}\"", answer.cnonce));
        }
        fields.extend(self.opaque.as_ref().map(|opaque| format!("opaque=\"{opaque}\"")));
        format!("Digest {}", fields.join(", "))
    }

    /// The response of RFC 7616 section 3.4.1.
    fn response(&self, answer: Answer<'_>) -> String {
        let hash = |text: String| self.hash.hex(text.as_bytes());
        let secret = hash(format!("{}:{}:{}", answer.user, self.realm, answer.password));
        let secret = match self.session {
            Session::No => secret,
            Session::Yes => hash(format!("{secret}:{}:{}", self.nonce, answer.cnonce)),
        };
        let asked = match self.qop {
            None | Some(Qop::Auth) => hash(format!("{}:{}", answer.method, answer.uri)),
            Some(Qop::AuthInt) => {
                let body = self.hash.hex(answer.body);
                hash(format!("{}:{}:{body}", answer.method, answer.uri))
            }
        };
        match self.qop {
            None => hash(format!("{secret}:{}:{asked}", self.nonce)),
            Some(qop) => hash(format!(
                "{secret}:{}:{:08x}:{}:{}:{asked}",
                self.nonce,
                answer.count,
                answer.cnonce,
                qop.as_str()
            )),
        }
    }
}

impl Hash {
    /// The hash function of an algorithm, and whether it is one of the -sess.
    pub(crate) fn named(algorithm: &str) -> Option<(Self, Session)> {
        let named = match algorithm.to_ascii_uppercase().as_str() {
            "MD5" => (Self::Md5, Session::No),
            "MD5-SESS" => (Self::Md5, Session::Yes),
            "SHA-256" => (Self::Sha256, Session::No),
            "SHA-256-SESS" => (Self::Sha256, Session::Yes),
            "SHA-512-256" => (Self::Sha512Half, Session::No),
            "SHA-512-256-SESS" => (Self::Sha512Half, Session::Yes),
            _ => return None,
        };
        Some(named)
    }

    /// As a challenge names it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
            Self::Sha512Half => "SHA-512-256",
        }
    }

    pub(crate) fn hex(self, bytes: &[u8]) -> String {
        match self {
            Self::Md5 => hex(&Md5::digest(bytes)),
            Self::Sha256 => hex(&Sha256::digest(bytes)),
            Self::Sha512Half => hex(&Sha512_256::digest(bytes)),
        }
    }
}

impl Qop {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::AuthInt => "auth-int",
        }
    }
}

/// The nonce to use from now on, in an Authentication-Info or Proxy-Authentication-Info (RFC 7615).
pub(crate) fn next_nonce(line: &str) -> Option<String> {
    let pairs = split(line, b',').filter_map(named);
    let mut nonces = pairs.filter(|(name, _)| name.eq_ignore_ascii_case("nextnonce"));
    nonces.next().map(|(_, value)| inner(value).to_owned())
}

/// A name and its value as written.
pub(super) fn named(pair: &str) -> Option<(&str, &str)> {
    let (name, value) = pair.split_at(position(pair, |b| b == b'=')?);
    Some((name.trim(), value.strip_prefix('=').unwrap_or(value).trim()))
}

/// What stands between the quotes, as it came.
pub(super) fn inner(value: &str) -> &str {
    let open = value.strip_prefix('"');
    open.map_or(value, |value| value.strip_suffix('"').unwrap_or(value))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
