//! What a phone proves its password by: Authorization read and held against H(user:realm:password) (RFC 7616 section 3.4,
//! RFC 8760). Pure functions.

use super::digest::{Hash, Qop, Session, inner, named};
use super::header::{is_token, split, unquote};

/// Digest credentials, the hash functions and protection known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Credentials {
    /// Without its quotes and escapes.
    pub(crate) user: String,
    pub(crate) realm: String,
    pub(crate) nonce: String,
    pub(crate) hash: Hash,
    /// How often the nonce was used, this time included.
    pub(crate) count: u32,
    session: Session,
    uri: String,
    response: String,
    cnonce: String,
    /// As written: eight digits.
    count_text: String,
    qop: Qop,
}

impl Credentials {
    /// Reads an Authorization. None for another scheme or algorithm, and without the qop that our challenge has.
    pub(crate) fn read(line: &str) -> Option<Self> {
        let (scheme, rest) = line.trim_start().split_once([' ', '\t'])?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let pairs: Vec<(&str, &str)> = split(rest, b',').filter_map(named).collect();
        let written = |name: &str| {
            let mut named = pairs.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
            // Said twice, it says nothing.
            named.next().filter(|_| named.next().is_none()).map(|(_, value)| *value)
        };
        let value = |name: &str| written(name).map(inner);
        let (hash, session) = Hash::named(value("algorithm").unwrap_or("MD5"))?;
        let qop = match value("qop")? {
            qop if qop.eq_ignore_ascii_case("auth") => Qop::Auth,
            qop if qop.eq_ignore_ascii_case("auth-int") => Qop::AuthInt,
            _ => return None,
        };
        let count_text = value("nc").filter(|count| count.len() == 8 && is_token(count))?;
        Some(Self {
            user: unquote(written("username")?),
            realm: value("realm")?.to_owned(),
            nonce: value("nonce")?.to_owned(),
            hash,
            count: u32::from_str_radix(count_text, 16).ok()?,
            session,
            uri: value("uri")?.to_owned(),
            response: value("response")?.to_ascii_lowercase(),
            cnonce: value("cnonce")?.to_owned(),
            count_text: count_text.to_owned(),
            qop,
        })
    }

    /// Whether they prove the password that this is the hash of, for a request of this method and body.
    pub(crate) fn prove(&self, ha1: &str, method: &str, body: &[u8]) -> bool {
        let hash = |text: String| self.hash.hex(text.as_bytes());
        let secret = match self.session {
            Session::No => ha1.to_owned(),
            Session::Yes => hash(format!("{ha1}:{}:{}", self.nonce, self.cnonce)),
        };
        let asked = match self.qop {
            Qop::Auth => hash(format!("{method}:{}", self.uri)),
            Qop::AuthInt => hash(format!("{method}:{}:{}", self.uri, self.hash.hex(body))),
        };
        let expected = hash(format!(
            "{secret}:{}:{}:{}:{}:{asked}",
            self.nonce,
            self.count_text,
            self.cnonce,
            self.qop.as_str()
        ));
        is_same(expected.as_bytes(), self.response.as_bytes())
    }
}

/// Compares in a time that does not tell where the first difference is.
pub(crate) fn is_same(one: &[u8], other: &[u8]) -> bool {
    let differs = one
        .iter()
        .zip(other)
        .fold(0, |differs, (one, other)| differs | (one ^ other));
    one.len() == other.len() && std::hint::black_box(differs) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7616 section 3.9.1, whose password is "Circle of Life".
    const EXAMPLE: &str = "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", \
        nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, \
        cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, \
        opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";

    fn example(rest: &str) -> Credentials {
        Credentials::read(&format!("{EXAMPLE}, {rest}")).unwrap()
    }

    fn ha1(hash: Hash) -> String {
        hash.hex(b"Mufasa:http-auth@example.org:Circle of Life")
    }

    #[test]
    fn the_examples_of_rfc_7616_prove_their_password_by_both_hashes() {
        let md5 = example("response=\"8ca523f5e9506fed4657c9700eebdbec\", algorithm=MD5");
        assert!(md5.prove(&ha1(Hash::Md5), "GET", b""));
        let sha = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1";
        let sha = example(&format!("response=\"{sha}\", algorithm=SHA-256"));
        assert!(sha.prove(&ha1(Hash::Sha256), "GET", b""));
        assert_eq!((sha.hash, sha.count, sha.user.as_str()), (Hash::Sha256, 1, "Mufasa"));
    }

    #[test]
    fn another_password_method_or_hash_proves_nothing() {
        let md5 = example("response=\"8ca523f5e9506fed4657c9700eebdbec\"");
        assert!(!md5.prove(&ha1(Hash::Md5), "REGISTER", b""));
        assert!(!md5.prove(&Hash::Md5.hex(b"Mufasa:http-auth@example.org:Circle"), "GET", b""));
        assert!(!md5.prove(&ha1(Hash::Sha256), "GET", b""));
        assert!(!example("response=\"\"").prove(&ha1(Hash::Md5), "GET", b""));
    }

    #[test]
    fn credentials_that_lack_what_we_asked_for_are_none() {
        for line in [
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            "Digest username=\"a\"",
            "Digest",
            "",
            // RFC 2069: without qop and count nothing keeps it from being said again.
            "Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"x\"",
            "Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"x\", qop=auth, nc=1, cnonce=\"c\"",
            "Digest username=\"a\", username=\"b\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"x\", qop=auth, \
             nc=00000001, cnonce=\"c\"",
            "Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"x\", qop=auth, nc=00000001, \
             cnonce=\"c\", algorithm=SHA-1",
        ] {
            assert_eq!(Credentials::read(line), None, "{line}");
        }
    }
}
