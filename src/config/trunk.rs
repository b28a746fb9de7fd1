//! `[[trunk]]`: the SIP routes to the public network.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::dialer::{Pace, TrunkCaps};
use crate::document::{Faults, Table};
use crate::outcome::{CauseRow, CauseTable, Disposition};
use crate::pii::Pii;

/// One SIP route to the public network.
#[derive(Clone, Debug)]
pub struct Trunk {
    /// Its name, unique.
    pub name: String,
    /// Where requests go.
    pub address: SocketAddr,
    /// Our signalling address; without one the address that the host routes from, port 5060.
    pub local: Option<SocketAddr>,
    /// Our media address; without one the signalling address.
    pub media: Option<IpAddr>,
    /// Host part of the URIs; without one the trunk's IP address.
    pub domain: String,
    /// The caller number or account.
    pub user: String,
    /// User name in credentials, when it differs.
    pub auth_user: Option<String>,
    /// The password.
    pub password: Option<Pii<String>>,
    /// Registers with this expiry.
    pub register: Option<Duration>,
    /// Lines and pace over all campaigns.
    pub caps: TrunkCaps,
    /// Its own reading of statuses and Q.850 values.
    pub causes: CauseTable,
}

const KEYS: &[&str] = &[
    "name",
    "address",
    "local",
    "media",
    "domain",
    "user",
    "auth_user",
    "password",
    "register",
    "expires",
    "lines",
    "pace",
    "cause",
];

pub(super) fn read_all(root: &Table<'_>, faults: &mut Faults) -> Vec<Trunk> {
    let tables = root.tables("trunk", faults);
    if tables.is_empty() {
        faults.error(
            root.place(),
            "no trunk: expected at least one [[trunk]] with name, address and user",
        );
    }
    let mut names = BTreeSet::new();
    let mut trunks = Vec::new();
    for table in tables {
        if let Some(name) = table.optional_str("name", faults)
            && !names.insert(name)
        {
            faults.error(
                table.place_of("name"),
                format!("two trunks are named \"{name}\"; expected unique names"),
            );
        }
        trunks.extend(read(&table, faults));
    }
    trunks
}

fn read(table: &Table<'_>, faults: &mut Faults) -> Option<Trunk> {
    table.unknown_keys(KEYS, faults);
    let name = table.required_str("name", faults);
    let address = table.required_parsed("address", "an IP address such as \"203.0.113.5:5060\"", peer, faults);
    let user = table.required_str("user", faults);
    let local = table.optional_parsed(
        "local",
        "an IP address with port such as \"192.0.2.10:5060\"",
        peer,
        faults,
    );
    let media = table.optional_parsed("media", "an IP address", str::parse::<IpAddr>, faults);
    let domain = table.optional_str("domain", faults).map(str::to_owned);
    let auth_user = table.optional_str("auth_user", faults).map(str::to_owned);
    let password = table
        .optional_str("password", faults)
        .map(|password| Pii::new(password.to_owned()));
    let expires = table.optional_duration("expires", Duration::from_secs(60)..=Duration::from_secs(86_400), faults);
    let register = table.optional_bool("register", faults).unwrap_or_default();
    let lines = table.optional_integer("lines", 1..=10_000, faults).unwrap_or(10);
    let pace = table.optional_float("pace", 0.01..=100.0, faults).unwrap_or(1.0);
    let causes = causes(table, faults);
    let (name, address, user) = (name?.to_owned(), address?, user?.to_owned());
    if local.is_some_and(|local| local.ip().is_unspecified()) {
        faults.error(
            table.place_of("local"),
            "`local` is what the trunk answers to: expected this host's own address, not 0.0.0.0",
        );
    }
    Some(Trunk {
        name,
        address,
        local,
        media,
        domain: domain.unwrap_or_else(|| address.ip().to_string()),
        user,
        auth_user,
        password,
        register: register.then_some(expires.unwrap_or(Duration::from_secs(3600))),
        caps: TrunkCaps {
            lines: u16::try_from(lines).unwrap_or(1),
            pace: Pace::per_second(pace)?,
        },
        causes,
    })
}

fn peer(text: &str) -> Result<SocketAddr, String> {
    let bare = || text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 5060));
    text.parse::<SocketAddr>()
        .or_else(|_| bare())
        .map_err(|_| format!("{text:?} is no IP address with an optional port"))
}

fn causes(table: &Table<'_>, faults: &mut Faults) -> CauseTable {
    let mut rows = Vec::new();
    for row in table.tables("cause", faults) {
        row.unknown_keys(&["status", "q850", "disposition"], faults);
        let status = row
            .optional_integer("status", 300..=699, faults)
            .and_then(|status| u16::try_from(status).ok());
        let q850 = row
            .optional_integer("q850", 0..=127, faults)
            .and_then(|q850| u8::try_from(q850).ok());
        let disposition = row.required_parsed("disposition", "a disposition (docs/outcomes.md)", disposition, faults);
        let Some(disposition) = disposition else { continue };
        rows.push(CauseRow {
            status,
            q850,
            disposition,
        });
        // Told where the row stands that brings the fault in.
        if let Err(error) = CauseTable::new(rows.clone()) {
            faults.error(row.place(), error.to_string());
            rows.pop();
        }
    }
    CauseTable::new(rows).unwrap_or_default()
}

fn disposition(text: &str) -> Result<Disposition, String> {
    Disposition::parse(text).ok_or_else(|| format!("there is no disposition {text:?}"))
}
