//! Digest authentication seen from the side that challenges (RFC 7616, RFC 8760).

use md5::{Digest, Md5};
use serde::Deserialize;
use sha2::Sha256;

/// The hash of a challenge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) enum Algorithm {
    /// RFC 2617 and 7616.
    #[default]
    #[serde(rename = "MD5")]
    Md5,
    /// RFC 7616 and 8760.
    #[serde(rename = "SHA-256")]
    Sha256,
}

impl Algorithm {
    const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    fn hash(self, text: &str) -> String {
        match self {
            Self::Md5 => hex(&Md5::digest(text)),
            Self::Sha256 => hex(&Sha256::digest(text)),
        }
    }
}

/// What a challenge asks, and the secret that answers it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Challenge<'a> {
    /// The protection space.
    pub(crate) realm: &'a str,
    /// Ours, fresh for each challenge.
    pub(crate) nonce: &'a str,
    /// The hash.
    pub(crate) algorithm: Algorithm,
    /// Whose credentials are right.
    pub(crate) user: &'a str,
    /// The shared secret.
    pub(crate) password: &'a str,
}

impl Challenge<'_> {
    /// The value of WWW-Authenticate or Proxy-Authenticate.
    pub(crate) fn header(&self) -> String {
        let Self { realm, nonce, .. } = self;
        let algorithm = self.algorithm.name();
        format!("Digest realm=\"{realm}\", nonce=\"{nonce}\", algorithm={algorithm}, qop=\"auth\"")
    }

    /// Whether an Authorization value answers this challenge for a request; the error says what is wrong with it.
    pub(crate) fn verify(&self, credentials: &str, method: &str, uri: &str) -> Result<(), &'static str> {
        let text = credentials
            .strip_prefix("Digest ")
            .ok_or("credentials that are no Digest")?;
        let fields = fields(text);
        let field = |name: &str| {
            fields
                .iter()
                .find(|(n, _)| n.eq_ignore_ascii_case(name))
                .map(|(_, v)| v.as_str())
        };
        let is = |name, expected| field(name).is_some_and(|v: &str| v == expected);
        if !is("realm", self.realm) {
            return Err("credentials for another realm");
        }
        if !is("nonce", self.nonce) {
            return Err("credentials with another nonce");
        }
        if !is("username", self.user) {
            return Err("credentials of another user");
        }
        if !is("uri", uri) {
            return Err("credentials for another uri");
        }
        let algorithm = field("algorithm").unwrap_or("MD5");
        if !algorithm.eq_ignore_ascii_case(self.algorithm.name()) {
            return Err("credentials with another algorithm");
        }
        if !is("qop", "auth") {
            return Err("credentials without qop=auth");
        }
        let count = field("nc").filter(|nc| nc.len() == 8 && nc.bytes().all(|b| b.is_ascii_hexdigit()));
        let count = count.ok_or("credentials without a nonce count of eight digits")?;
        let cnonce = field("cnonce")
            .filter(|c| !c.is_empty())
            .ok_or("credentials without cnonce")?;
        if is("response", &self.response(method, uri, count, cnonce)) {
            Ok(())
        } else {
            Err("credentials with a wrong response")
        }
    }

    fn response(&self, method: &str, uri: &str, count: &str, cnonce: &str) -> String {
        let Self {
            realm,
            nonce,
            user,
            password,
            algorithm,
        } = self;
        let secret = algorithm.hash(&format!("{user}:{realm}:{password}"));
        let request = algorithm.hash(&format!("{method}:{uri}"));
        algorithm.hash(&format!("{secret}:{nonce}:{count}:{cnonce}:auth:{request}"))
    }
}

/// `name=value, name="quoted, value"`.
fn fields(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.trim().trim_start_matches(',').trim().to_owned();
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(',').unwrap_or((after, "")),
        };
        found.push((name, value.trim().to_owned()));
        rest = next.trim_start();
    }
    found
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rfc_7616(algorithm: Algorithm) -> Challenge<'static> {
        Challenge {
            realm: "http-auth@example.org",
            nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
            algorithm,
            user: "Mufasa",
            password: "Circle of Life",
        }
    }

    fn credentials(algorithm: &str, response: &str) -> String {
        format!(
            "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", \
             algorithm={algorithm}, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, \
             cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, response=\"{response}\", \
             opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
        )
    }

    #[test]
    fn the_examples_of_rfc_7616_are_accepted() {
        let md5 = credentials("MD5", "8ca523f5e9506fed4657c9700eebdbec");
        assert_eq!(rfc_7616(Algorithm::Md5).verify(&md5, "GET", "/dir/index.html"), Ok(()));
        let sha = credentials(
            "SHA-256",
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        );
        assert_eq!(
            rfc_7616(Algorithm::Sha256).verify(&sha, "GET", "/dir/index.html"),
            Ok(())
        );
    }

    #[test]
    fn wrong_credentials_are_refused_with_what_is_wrong() {
        let good = credentials("MD5", "8ca523f5e9506fed4657c9700eebdbec");
        let challenge = rfc_7616(Algorithm::Md5);
        let verify = |text: &str, uri| challenge.verify(text, "GET", uri);
        assert_eq!(verify(&good, "/"), Err("credentials for another uri"));
        let verify = |from: &str, to| challenge.verify(&good.replace(from, to), "GET", "/dir/index.html");
        assert_eq!(verify("8ca5", "8ca6"), Err("credentials with a wrong response"));
        assert_eq!(verify("7ypf", "7ypg"), Err("credentials with another nonce"));
        assert_eq!(verify("Mufasa", "Scar"), Err("credentials of another user"));
        assert_eq!(
            verify("nc=00000001, ", ""),
            Err("credentials without a nonce count of eight digits")
        );
        assert_eq!(verify("qop=auth, ", ""), Err("credentials without qop=auth"));
        assert_eq!(verify("=MD5", "=SHA-256"), Err("credentials with another algorithm"));
        assert_eq!(verify("Digest", "Basic"), Err("credentials that are no Digest"));
    }
}
