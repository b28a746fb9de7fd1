//! `[phones]`: where the agents' phones register.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::trunk::Trunk;
use crate::document::{Faults, Place, Table};

/// The realm where the settings do not say: what is behind passwords that are kept, so it never changes by itself.
const REALM: &str = "aftercall";
/// Letters of a realm at most, as the table of phones takes them.
const LETTERS: usize = 128;

/// Where the agents' phones register, over UDP and TCP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phones {
    /// Our signalling address for phones, which is also where their RTP goes.
    pub listen: SocketAddr,
    /// What the phones see of it, in front of a NAT; without a port the same.
    pub advertised: Option<(IpAddr, Option<u16>)>,
    /// The realm of our challenges; what is kept of passwords is good for it alone.
    pub realm: String,
    /// The session timer to ask for.
    pub session_expires: Option<Duration>,
    /// Where `listen` stands.
    place: Place,
}

impl Phones {
    /// None without `listen`: then no phone registers.
    pub(super) fn read(table: Option<Table<'_>>, faults: &mut Faults) -> Option<Self> {
        let table = table?;
        table.unknown_keys(&["listen", "advertised", "realm", "session_expires"], faults);
        let own = "this host's own IP address in the phones' network, with port, such as \"192.0.2.10:5080\"";
        let listen = table.optional_parsed("listen", own, str::parse::<SocketAddr>, faults);
        let seen = "the IP address, with or without a port, that the phones see, such as \"198.51.100.7:5080\"";
        let advertised = table.optional_parsed("advertised", seen, super::trunk::shown, faults);
        let wanted = "a name of 1 to 128 letters without quotes, such as \"aftercall\"";
        let realm = table.optional_parsed("realm", wanted, realm, faults);
        let day = Duration::from_secs(86_400);
        let session_expires = table.optional_duration("session_expires", Duration::from_secs(90)..=day, faults);
        let addresses = [
            ("listen", listen.map(|listen| listen.ip())),
            ("advertised", advertised.map(|(ip, _)| ip)),
        ];
        for (key, ip) in addresses {
            if ip.is_some_and(|ip| ip.is_unspecified()) {
                let message = format!("`{key}` is what the phones answer to: expected an address, not 0.0.0.0");
                faults.error(table.place_of(key), message);
            }
        }
        Some(Self {
            listen: listen?,
            advertised,
            realm: realm.unwrap_or_else(|| REALM.to_owned()),
            session_expires,
            place: table.place_of("listen"),
        })
    }

    /// What comes at this socket is a phone or a stranger, so no trunk is there.
    pub(super) fn check(&self, trunks: &[Trunk], faults: &mut Faults) {
        if let Some(trunk) = trunks.iter().find(|trunk| trunk.is_local(self.listen)) {
            let message = format!(
                "`listen` is the local address of trunk \"{}\" too: expected another port, such as {}:5080",
                trunk.name,
                self.listen.ip()
            );
            faults.error(self.place, message);
        }
    }
}

fn realm(text: &str) -> Result<String, &'static str> {
    let is_sound = |c: char| !c.is_control() && c != '"' && c != '\\';
    let length = text.chars().count();
    if length == 0 || length > LETTERS || !text.chars().all(is_sound) {
        return Err("it is empty or too long, or a quote or a control character stands in it");
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use crate::config::{Settings, parse};
    use std::path::Path;

    const TRUNK: &str = "[[trunk]]\nname = \"main\"\naddress = \"127.0.0.1:5070\"\nlocal = \"192.0.2.1:5060\"\n";

    fn read(text: &str) -> Result<Settings, String> {
        parse(&format!("{text}\n{TRUNK}"), Path::new("."))
            .map(|(settings, _)| settings)
            .map_err(|faults| faults.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn without_a_place_to_listen_at_there_are_no_phones() {
        assert_eq!(read("").unwrap().phones, None);
        assert_eq!(read("[phones]\nrealm = \"x\"").unwrap().phones, None);
        let phones = read("[phones]\nlisten = \"192.0.2.1:5080\"").unwrap().phones.unwrap();
        assert_eq!((phones.listen.port(), phones.realm.as_str()), (5080, "aftercall"));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_what_was_expected() {
        for (text, told) in [
            (
                "[phones]\nlisten = \"192.0.2.1:5060\"",
                "2:10: error: `listen` is the local address of trunk \"main\" too",
            ),
            ("[phones]\nlisten = \"0.0.0.0:5080\"", "not 0.0.0.0"),
            (
                "[phones]\nlisten = \"5080\"",
                "this host's own IP address in the phones' network",
            ),
            (
                "[phones]\nlisten = \"192.0.2.1:5080\"\nrealm = \"a\\\"b\"",
                "3:9: error",
            ),
            (
                "[phones]\nlisten = \"192.0.2.1:5080\"\nsession_expires = \"5s\"",
                "3:19: error",
            ),
            ("[phones]\nlisten = \"192.0.2.1:5080\"\npassword = \"x\"", "password"),
        ] {
            let faults = read(text).unwrap_err();
            assert!(faults.contains(told), "{faults}");
        }
    }
}
