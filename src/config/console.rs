//! `[console]`: where people open the console, and by which certificate they know it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use crate::document::{Faults, Table};

/// Where the console is without a word about it: on every address of the host.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 8443);
/// Letters of the hospital's name at most.
const NAME: usize = 60;

/// Where and how the console is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Console {
    /// The address.
    pub listen: SocketAddr,
    /// How it is protected on its way.
    pub protection: Protection,
    /// The hospital's name, for the sign-in page.
    pub hospital: String,
}

/// How the console is protected on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protection {
    /// By these files.
    Files {
        /// The chain of certificates, PEM.
        certificate: PathBuf,
        /// Its private key, PEM.
        key: PathBuf,
    },
    /// By a certificate that is made at the first start and kept in the data folder.
    SelfSigned,
    /// Not at all: on loopback only.
    None,
}

impl Console {
    pub(super) fn read(table: Option<Table<'_>>, folder: &Path, faults: &mut Faults) -> Option<Self> {
        let table = table?;
        table.unknown_keys(&["listen", "certificate", "key", "tls", "hospital"], faults);
        let expected = "an address and a port such as \"0.0.0.0:8443\"";
        let listen = table
            .optional_parsed("listen", expected, address, faults)
            .unwrap_or(LISTEN);
        let certificate = table.optional_str("certificate", faults);
        let key = table.optional_str("key", faults);
        let tls = table.optional_bool("tls", faults).unwrap_or(true);
        let hospital = table.optional_parsed("hospital", "a name of at most 60 letters", name, faults);
        let protection = match (tls, certificate, key) {
            (true, Some(certificate), Some(key)) => Protection::Files {
                certificate: folder.join(certificate),
                key: folder.join(key),
            },
            (true, None, None) => Protection::SelfSigned,
            (true, Some(_), None) => {
                faults.error(table.place_of("certificate"), "`certificate` needs its `key`");
                Protection::SelfSigned
            }
            (true, None, Some(_)) => {
                faults.error(table.place_of("key"), "`key` needs its `certificate`");
                Protection::SelfSigned
            }
            (false, _, _) => {
                if !listen.ip().is_loopback() {
                    faults.error(
                        table.place_of("tls"),
                        "without TLS passwords and recordings would cross the network in the clear: `tls = false` is for \
                         loopback only, such as listen = \"127.0.0.1:8080\"",
                    );
                }
                if certificate.is_some() || key.is_some() {
                    faults.error(table.place_of("tls"), "`tls = false` and a certificate both stand here");
                }
                Protection::None
            }
        };
        Some(Self {
            listen,
            protection,
            hospital: hospital.unwrap_or_default(),
        })
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|error: std::net::AddrParseError| error.to_string())
}

fn name(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.chars().count() > NAME || text.chars().any(char::is_control) {
        return Err("it is too long, or a control character stands in it");
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    fn read(text: &str) -> (Option<Console>, Vec<String>) {
        let (document, mut faults) = Document::parse(text);
        let table = document.root().optional_table("console", &mut faults);
        let console = Console::read(table, Path::new("/etc/aftercall"), &mut faults);
        let faults = faults.into_sorted();
        (console, faults.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn without_a_word_it_is_protected_by_a_certificate_of_its_own() {
        let (console, faults) = read("[console]");
        assert!(faults.is_empty(), "{faults:?}");
        let console = console.unwrap();
        assert_eq!((console.listen, console.protection), (LISTEN, Protection::SelfSigned));
        assert_eq!(read("").0, None);
    }

    #[test]
    fn files_stand_beside_the_settings() {
        let (console, faults) =
            read("[console]\ncertificate = \"c.pem\"\nkey = \"/k.pem\"\nhospital = \"云溪市人民医院\"");
        assert!(faults.is_empty(), "{faults:?}");
        let console = console.unwrap();
        assert_eq!(console.hospital, "云溪市人民医院");
        assert_eq!(
            console.protection,
            Protection::Files {
                certificate: "/etc/aftercall/c.pem".into(),
                key: "/k.pem".into(),
            }
        );
    }

    #[test]
    fn without_tls_only_loopback_is_listened_on() {
        let (console, faults) = read("[console]\nlisten = \"127.0.0.1:8080\"\ntls = false");
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(console.unwrap().protection, Protection::None);
        let (_, faults) = read("[console]\ntls = false");
        assert!(faults[0].contains("in the clear"), "{faults:?}");
        let (_, faults) = read("[console]\ncertificate = \"c.pem\"");
        assert!(faults[0].contains("needs its `key`"), "{faults:?}");
    }
}
