//! The seal: an Ed25519 key (RFC 8032) that stays in the data folder, and what it signs.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use sha2::{Digest as _, Sha256};

use super::Error;

/// The file of the key, in the data folder.
pub const KEY_FILE: &str = "evidence.key";

/// What precedes the 32 octets of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410 section 4).
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// What evidence is sealed with.
pub struct Seal {
    pair: Ed25519KeyPair,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seal")
            .field("fingerprint", &self.fingerprint())
            .finish()
    }
}

impl Seal {
    /// The seal of a data folder; the first time, its key is made (0600).
    pub fn of(data: &Path) -> Result<Self, Error> {
        let file = data.join(KEY_FILE);
        let key = |why: &str| Error::Key {
            file: file.clone(),
            why: why.to_owned(),
        };
        let stored = match std::fs::read(&file) {
            Ok(stored) => stored,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
                    .map_err(|_| key("the system gives no random numbers"))?;
                keep(&file, made.as_ref()).map_err(|error| key(&error.to_string()))?;
                made.as_ref().to_vec()
            }
            Err(error) => return Err(key(&error.to_string())),
        };
        let pair = Ed25519KeyPair::from_pkcs8(&stored)
            .map_err(|_| key("it is damaged; restore it from the backup, or remove it and a new one is made"))?;
        Ok(Self { pair })
    }

    /// Signs.
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.pair.sign(bytes).as_ref().to_vec()
    }

    /// The public half as PEM, as `openssl pkeyutl -verify -pubin` reads it.
    pub fn public_pem(&self) -> String {
        let spki = [SPKI.as_slice(), self.pair.public_key().as_ref()].concat();
        format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            base64(&spki)
        )
    }

    /// SHA-256 of the public half (SubjectPublicKeyInfo), as it is told to whoever verifies.
    pub fn fingerprint(&self) -> String {
        fingerprint(self.pair.public_key().as_ref())
    }
}

/// Written whole or not at all, and for its owner alone.
fn keep(file: &Path, key: &[u8]) -> std::io::Result<()> {
    let mut written = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)?;
    written.write_all(key)?;
    written.sync_all()
}

/// Of the 32 octets of a public key.
pub(super) fn fingerprint(key: &[u8]) -> String {
    let digest = Sha256::new().chain_update(SPKI).chain_update(key).finalize();
    digest.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// The 32 octets of a public key in PEM; none: it is no Ed25519 key.
pub(super) fn public_of(pem: &str) -> Option<Vec<u8>> {
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let spki = unbase64(body.trim())?;
    let key = spki.strip_prefix(SPKI.as_slice())?;
    (key.len() == 32).then(|| key.to_vec())
}

/// Whether a signature is that of a key.
pub(super) fn signed(key: &[u8], bytes: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, key).verify(bytes, signature).is_ok()
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// RFC 4648 section 4.
fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, octet| word << 8 | u32::from(*octet)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let index = (word >> (18 - 6 * place) & 63) as usize;
            text.push(if place <= chunk.len() {
                char::from(ALPHABET[index])
            } else {
                '='
            });
        }
    }
    text
}

fn unbase64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    let mut bytes = Vec::new();
    let (mut word, mut bits) = (0_u32, 0);
    for digit in digits.bytes() {
        let value = ALPHABET.iter().position(|known| *known == digit)?;
        word = word << 6 | u32::try_from(value).ok()?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(word >> bits & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_its_seal_holds_for_what_it_signed_alone() {
        let data = std::env::temp_dir().join(format!("aftercall-seal-{}", std::process::id()));
        std::fs::create_dir_all(&data).unwrap();
        let seal = Seal::of(&data).unwrap();
        let again = Seal::of(&data).unwrap();
        assert_eq!(seal.fingerprint(), again.fingerprint());
        let signature = seal.sign(b"sums");
        let key = public_of(&again.public_pem()).unwrap();
        assert!(signed(&key, b"sums", &signature));
        assert!(!signed(&key, b"sumz", &signature));
        assert_eq!(fingerprint(&key), seal.fingerprint());
        std::fs::remove_dir_all(&data).unwrap();
    }

    #[test]
    fn text_that_is_no_key_is_none() {
        for text in [
            "",
            "-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----",
            "中文",
            "====",
        ] {
            assert!(public_of(text).is_none());
        }
    }
}
