//! `[console]`: where people open the console, and by which certificate they know it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::document::{Faults, Table};

/// Where the console is without a word about it: on every address of the host.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 8443);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
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
    /// How long somebody stays signed in.
    pub sessions: Sessions,
}

/// How long somebody stays signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sessions {
    /// Without a request.
    pub idle: Duration,
    /// At the latest.
    pub lasts: Duration,
    /// In so many places at once.
    pub most: u32,
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            idle: MINUTE * 30,
            lasts: HOUR * 12,
            most: 10,
        }
    }
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
        let keys = [
            "listen",
            "certificate",
            "key",
            "tls",
            "hospital",
            "session_idle",
            "session_lasts",
            "sessions",
        ];
        table.unknown_keys(&keys, faults);
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
            sessions: sessions(&table, faults),
        })
    }
}

fn sessions(table: &Table<'_>, faults: &mut Faults) -> Sessions {
    let usual = Sessions::default();
    let idle = table.optional_duration("session_idle", MINUTE..=HOUR * 12, faults);
    let lasts = table.optional_duration("session_lasts", MINUTE * 5..=HOUR * 168, faults);
    let most = table.optional_integer("sessions", 1..=100, faults);
    let lasts = lasts.unwrap_or(usual.lasts);
    if idle.is_some_and(|idle| idle > lasts) {
        let why = "it is longer than `session_lasts`, so it would never end a session";
        faults.error(table.place_of("session_idle"), why);
    }
    Sessions {
        idle: idle.unwrap_or(usual.idle).min(lasts),
        lasts,
        most: most.and_then(|most| u32::try_from(most).ok()).unwrap_or(usual.most),
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
    fn how_long_somebody_stays_signed_in_can_be_set() {
        let (console, faults) = read("[console]\nsession_idle = \"10m\"\nsession_lasts = \"8h\"\nsessions = 1");
        assert!(faults.is_empty(), "{faults:?}");
        let expected = Sessions {
            idle: MINUTE * 10,
            lasts: HOUR * 8,
            most: 1,
        };
        assert_eq!(console.unwrap().sessions, expected);
        assert_eq!(read("[console]").0.unwrap().sessions, Sessions::default());
        // One that is shorter than the usual idle time ends sooner by itself.
        let short = read("[console]\nsession_lasts = \"5m\"").0.unwrap().sessions;
        assert_eq!(short.idle, MINUTE * 5);
        let (_, faults) = read("[console]\nsession_idle = \"10s\"\nsessions = 0");
        assert_eq!(faults.len(), 2, "{faults:?}");
        let (_, faults) = read("[console]\nsession_idle = \"9h\"\nsession_lasts = \"8h\"");
        assert!(faults[0].contains("never end"), "{faults:?}");
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
