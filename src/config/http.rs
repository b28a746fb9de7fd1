//! `[http]`: where metrics and health may be read over TCP.

use std::net::SocketAddr;

use crate::document::{Faults, Table};

/// Where metrics and health may be read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Http {
    /// An address on loopback; none: only through the socket in the data folder.
    pub listen: Option<SocketAddr>,
}

impl Http {
    pub(super) fn read(table: Option<Table<'_>>, faults: &mut Faults) -> Self {
        let Some(table) = table else { return Self::default() };
        table.unknown_keys(&["listen"], faults);
        let expected = "an address on loopback such as \"127.0.0.1:9464\"";
        let listen = table.optional_parsed("listen", expected, loopback, faults);
        Self { listen }
    }
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text
        .parse()
        .map_err(|error: std::net::AddrParseError| error.to_string())?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err("it is not on loopback; what is read there is neither encrypted nor behind a password".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::loopback;

    #[test]
    fn only_loopback_is_listened_on() {
        assert!(loopback("127.0.0.1:9464").is_ok() && loopback("[::1]:9464").is_ok());
        assert!(loopback("0.0.0.0:9464").unwrap_err().contains("not on loopback"));
        assert!(loopback("192.0.2.1:9464").is_err() && loopback("localhost").is_err());
    }
}
