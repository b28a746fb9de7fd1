//! `[sip]`: what holds for all trunks.

use std::net::{IpAddr, SocketAddr};

use crate::document::{Faults, Table};

/// What holds for all trunks.
#[derive(Clone, Copy, Debug)]
pub struct Sip {
    /// The final status that an INVITE from a trunk gets.
    pub inbound_status: u16,
    /// The name server to ask; without one those of the system.
    pub nameserver: Option<SocketAddr>,
}

impl Sip {
    pub(super) fn read(table: Option<Table<'_>>, faults: &mut Faults) -> Self {
        let mut sip = Self {
            inbound_status: 480,
            nameserver: None,
        };
        let Some(table) = table else { return sip };
        table.unknown_keys(&["inbound_status", "nameserver"], faults);
        let status = table.optional_integer("inbound_status", 400..=699, faults);
        sip.inbound_status = status
            .and_then(|status| u16::try_from(status).ok())
            .unwrap_or(sip.inbound_status);
        let nameserver = "the IP address of a name server, with port if it is not 53";
        sip.nameserver = table.optional_parsed("nameserver", nameserver, server, faults);
        sip
    }
}

fn server(text: &str) -> Result<SocketAddr, std::net::AddrParseError> {
    text.parse::<SocketAddr>()
        .or_else(|_| text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53)))
}
