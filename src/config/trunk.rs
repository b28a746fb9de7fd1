//! `[[trunk]]`: the SIP routes to the public network.

mod callers;
mod causes;
mod identity;
mod number_format;

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

pub use identity::{Assertion, Identity, Privacy};

use super::address::{Address, SIP_PORT};
use super::media::PORTS;
use super::secret::{Secret, Surroundings};
use crate::dialer::{Callers, Pace, TrunkCaps};
use crate::document::{Faults, Table};
use crate::outcome::CauseTable;
use crate::phone::NumberFormat;
use crate::pii::Pii;
use identity::{DOMAIN, USER, is_of_domain, is_of_user, text};

/// The user part where the settings name none (RFC 3261 section 8.1.1.3).
const NOBODY: &str = "anonymous";

/// One SIP route to the public network. Only its address must be given.
#[derive(Clone, Debug)]
pub struct Trunk {
    /// Its name, unique; without one its address.
    pub name: String,
    /// The carrier, gateway or exchange.
    pub address: Address,
    /// What carries SIP to it.
    pub transport: Transport,
    /// Where requests go instead, with a Route.
    pub outbound_proxy: Option<Address>,
    /// Host part of the URIs; without one the trunk's address.
    pub domain: String,
    /// The caller number or account.
    pub user: String,
    /// User name in credentials, when it differs.
    pub auth_user: Option<String>,
    /// The password, where it is known.
    pub password: Option<Pii<String>>,
    /// Where it comes from.
    pub secret: Secret,
    /// The realm that the password is for; without one the first that the trunk itself names.
    pub realm: Option<String>,
    /// Registers with this expiry.
    pub register: Option<Duration>,
    /// How calls present the caller.
    pub identity: Identity,
    /// How numbers are dialed.
    pub format: NumberFormat,
    /// Our signalling address; without one the address that the host routes from, port 5060.
    pub local: Option<SocketAddr>,
    /// What the trunk sees of it, in front of a NAT; without a port the local one.
    pub advertised: Option<(IpAddr, Option<u16>)>,
    /// Our media address; without one the signalling address.
    pub media: Option<IpAddr>,
    /// What the trunk sees of it; without one what it sees of the signalling address.
    pub advertised_media: Option<IpAddr>,
    /// Its own RTP ports; without them those of `[media]`.
    pub ports: Option<RangeInclusive<u16>>,
    /// Reliable provisional responses.
    pub reliable: Reliable,
    /// The session timer to ask for.
    pub session_expires: Option<Duration>,
    /// Hosts that a call may be sent on to.
    pub redirect_hosts: Vec<String>,
    /// How often OPTIONS asks whether it is alive.
    pub options: Option<Duration>,
    /// Lines and pace over all campaigns.
    pub caps: TrunkCaps,
    /// The numbers that its calls may show, and what they and its lines are spared.
    pub callers: Callers,
    /// Its own reading of statuses and Q.850 values.
    pub causes: CauseTable,
}

/// What carries SIP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// Datagrams.
    #[default]
    Udp,
    /// A stream.
    Tcp,
}

/// Reliable provisional responses (RFC 3262).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reliable {
    /// Not offered.
    Off,
    /// Offered.
    #[default]
    Supported,
    /// Demanded.
    Required,
}

/// How often a trunk is asked whether it is alive, where the settings do not say.
const OPTIONS: Duration = Duration::from_secs(30);

const KEYS: &[&str] = &[
    "name",
    "address",
    "transport",
    "outbound_proxy",
    "domain",
    "user",
    "auth_user",
    "password",
    "password_file",
    "realm",
    "register",
    "expires",
    "number_format",
    "local_segments",
    "local",
    "advertised",
    "media",
    "advertised_media",
    "rtp_ports",
    "reliable",
    "session_expires",
    "redirect_hosts",
    "options",
    "lines",
    "pace",
    "cause",
];

const ADDRESS: &str = "an IP address or a host name, with or without a port, such as \"203.0.113.5:5060\"";

impl Trunk {
    /// Where its requests go.
    pub fn next_hop(&self) -> &Address {
        self.outbound_proxy.as_ref().unwrap_or(&self.address)
    }

    /// Whether our own address for it is this one, as far as the settings tell.
    pub(super) fn is_local(&self, address: SocketAddr) -> bool {
        self.local == Some(address) && address.port() != 0
    }

    /// Whether nothing that is sent over it leaves this host, as far as the settings tell.
    pub fn is_loopback(&self) -> bool {
        self.next_hop().is_loopback()
    }
}

pub(super) fn read_all(
    root: &Table<'_>,
    folder: &Path,
    around: &Surroundings,
    common: &RangeInclusive<u16>,
    faults: &mut Faults,
) -> Vec<Trunk> {
    let tables = root.tables("trunk", faults);
    if tables.is_empty() {
        faults.error(
            root.place(),
            "no trunk: expected at least one [[trunk]] with an address",
        );
    }
    let mut names = BTreeSet::new();
    let mut ranges = vec![common.clone()];
    let mut trunks = Vec::new();
    for table in tables {
        let Some(trunk) = read(&table, folder, around, faults) else {
            continue;
        };
        if !names.insert(trunk.name.clone()) {
            let message = format!("two trunks are named \"{}\"; expected unique names", trunk.name);
            faults.error(table.place_of("name"), message);
        }
        if let Some(ports) = &trunk.ports {
            let overlaps = |other: &&RangeInclusive<u16>| other.start() <= ports.end() && ports.start() <= other.end();
            if let Some(other) = ranges.iter().find(|other| overlaps(other) && *other != ports) {
                faults.error(
                    table.place_of("rtp_ports"),
                    format!(
                        "`rtp_ports` overlaps {}-{} of another trunk or of [media]; expected the same range or a free one",
                        other.start(),
                        other.end()
                    ),
                );
            }
            ranges.push(ports.clone());
        }
        trunks.push(trunk);
    }
    trunks
}

fn read(table: &Table<'_>, folder: &Path, around: &Surroundings, faults: &mut Faults) -> Option<Trunk> {
    table.unknown_keys(&[KEYS, callers::KEYS, identity::KEYS].concat(), faults);
    let address = table.required_parsed("address", ADDRESS, Address::parse, faults);
    let name = table.optional_str("name", faults).map(str::to_owned);
    let transports = [("udp", Transport::Udp), ("tcp", Transport::Tcp)];
    let transport = table.optional_one_of("transport", &transports, faults);
    let outbound_proxy = table.optional_parsed("outbound_proxy", ADDRESS, proxy, faults);
    let domain = text(table, "domain", DOMAIN, is_of_domain, faults);
    let user = text(table, "user", USER, is_of_user, faults);
    let is_line = |c: char| !c.is_control();
    let auth_user = text(table, "auth_user", "one line", is_line, faults);
    let secret = Secret::read(table, folder, around, faults);
    let realm = text(
        table,
        "realm",
        "one line, as the trunk's challenge names it",
        is_line,
        faults,
    );
    let register = registration(table, faults);
    let identity = Identity::read(table, faults);
    let format = number_format::read(table, folder, faults);
    let own = "this host's own IP address with port such as \"192.0.2.10:5060\"";
    let local = table.optional_parsed("local", own, peer, faults);
    let seen = "the IP address, with or without a port, that the trunk sees, such as \"198.51.100.7:5060\"";
    let advertised = table.optional_parsed("advertised", seen, shown, faults);
    let media = table.optional_parsed("media", "an IP address", str::parse::<IpAddr>, faults);
    let advertised_media = table.optional_parsed("advertised_media", "an IP address", str::parse::<IpAddr>, faults);
    let ports = table.optional_parsed("rtp_ports", PORTS, super::media::range, faults);
    let reliables = [
        ("off", Reliable::Off),
        ("supported", Reliable::Supported),
        ("required", Reliable::Required),
    ];
    let reliable = table.optional_one_of("reliable", &reliables, faults);
    let day = Duration::from_secs(86_400);
    let session_expires = table.optional_duration("session_expires", Duration::from_secs(90)..=day, faults);
    let options = match table.optional_str("options", faults) {
        Some("never") => None,
        Some(_) => table.optional_duration("options", Duration::from_secs(5)..=Duration::from_secs(3600), faults),
        None => Some(OPTIONS),
    };
    let redirect_hosts = hosts(table, faults);
    let lines = table.optional_integer("lines", 1..=10_000, faults).unwrap_or(10);
    let pace = table.optional_float("pace", 0.01..=100.0, faults).unwrap_or(1.0);
    let callers = callers::read(table, faults);
    let causes = causes::read(table, faults);
    let addresses = [
        ("local", local.map(|local| local.ip())),
        ("media", media),
        ("advertised", advertised.map(|(ip, _)| ip)),
        ("advertised_media", advertised_media),
    ];
    for (key, ip) in addresses {
        if ip.is_some_and(|ip| ip.is_unspecified()) {
            let message = format!("`{key}` is what the trunk answers to: expected an address, not 0.0.0.0");
            faults.error(table.place_of(key), message);
        }
    }
    let address = address?;
    Some(Trunk {
        name: name.unwrap_or_else(|| address.to_string()),
        domain: domain.unwrap_or_else(|| address.host.to_string()),
        transport: transport.unwrap_or_default(),
        outbound_proxy,
        address,
        user: user.unwrap_or_else(|| NOBODY.to_owned()),
        auth_user,
        password: secret.revealed().cloned(),
        secret,
        realm,
        register,
        identity,
        format,
        local,
        advertised,
        media,
        advertised_media,
        ports,
        reliable: reliable.unwrap_or_default(),
        session_expires,
        redirect_hosts,
        options,
        caps: TrunkCaps {
            lines: u16::try_from(lines).unwrap_or(1),
            pace: Pace::per_second(pace)?,
            kept_free: 0,
        },
        callers,
        causes,
    })
}

fn registration(table: &Table<'_>, faults: &mut Faults) -> Option<Duration> {
    let expires = table.optional_duration("expires", Duration::from_secs(60)..=Duration::from_secs(86_400), faults);
    let registers = table.optional_bool("register", faults).unwrap_or_default();
    if registers && !table.has("user") {
        faults.error(
            table.place_of("register"),
            "`register` needs `user`; expected the account that registers",
        );
    }
    if !registers && table.has("expires") {
        faults.warning(
            table.place_of("expires"),
            "`expires` has no effect without `register = true`",
        );
    }
    registers.then_some(expires.unwrap_or(Duration::from_secs(3600)))
}

/// People paste `sip:proxy.example.com;lr`.
fn proxy(text: &str) -> Result<Address, super::AddressError> {
    let text = text.strip_prefix("sip:").unwrap_or(text);
    Address::parse(text.strip_suffix(";lr").unwrap_or(text))
}

fn peer(text: &str) -> Result<SocketAddr, String> {
    shown(text).map(|(ip, port)| SocketAddr::new(ip, port.unwrap_or(SIP_PORT)))
}

pub(super) fn shown(text: &str) -> Result<(IpAddr, Option<u16>), String> {
    let with_port = text
        .parse::<SocketAddr>()
        .map(|socket| (socket.ip(), Some(socket.port())));
    with_port
        .or_else(|_| text.parse::<IpAddr>().map(|ip| (ip, None)))
        .map_err(|_| format!("{text:?} is no IP address with an optional port"))
}

fn hosts(table: &Table<'_>, faults: &mut Faults) -> Vec<String> {
    let mut hosts = Vec::new();
    for (text, place) in table.strings("redirect_hosts", faults) {
        match Address::parse(text) {
            Ok(address) => hosts.push(address.host.to_string()),
            Err(error) => faults.error(place, format!("`redirect_hosts` is not {DOMAIN}: {error}")),
        }
    }
    hosts
}
