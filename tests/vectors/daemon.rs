//! Over the wire: the built daemon on loopback gets every message and does what the tables say.

mod line;
mod requests;
mod responses;
mod streams;

use std::net::SocketAddr;

use crate::program::Program;
use crate::site::Site;
use line::Line;

/// The daemon with one trunk, which is this test.
pub(crate) struct House {
    pub(crate) site: Site,
    pub(crate) daemon: Program,
    /// The trunk's own socket.
    pub(crate) trunk: Line,
}

impl House {
    fn open() -> Self {
        Self::open_by("udp")
    }

    /// With a trunk of this transport.
    fn open_by(transport: &str) -> Self {
        let site = Site::new();
        let us = site.trunk_local();
        let trunk = Line::to(us);
        site.settings("", &trunk.local().to_string(), &format!("transport = \"{transport}\""));
        let daemon = site.daemon();
        Self { site, daemon, trunk }
    }

    /// Where the daemon takes SIP.
    fn us(&self) -> SocketAddr {
        self.site.trunk_local()
    }

    /// Ends the daemon; it has not panicked.
    fn close(self) {
        let said = self.daemon.terminate();
        assert!(said.status.success() && !said.text.contains("panicked"), "{said:?}");
    }
}
