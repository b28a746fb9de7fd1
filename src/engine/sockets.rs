//! The signalling sockets: one per local address, shared by the trunks that use it.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket as StdSocket};

use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};

use crate::config;

/// The largest datagram that is read; SIP over UDP never exceeds it.
const DATAGRAM: usize = 65_535;

/// Some address beyond the default route (RFC 5737); nothing is ever sent there.
const ANYWHERE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

/// Why the signalling could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The host has no route to a trunk.
    #[error("no route to trunk {trunk} at {address}: {source}; set `local` of the trunk to this host's address")]
    NoRoute {
        /// Which trunk.
        trunk: String,
        /// Its address.
        address: String,
        /// The system's word.
        source: std::io::Error,
    },
    /// A local address cannot be used.
    #[error("cannot listen on {address} for trunk {trunk}: {source}; set `local` to a free address of this host")]
    Bind {
        /// Which trunk.
        trunk: String,
        /// The address.
        address: SocketAddr,
        /// The system's word.
        source: std::io::Error,
    },
}

/// All signalling sockets.
#[derive(Debug)]
pub(super) struct Sockets {
    sockets: Vec<(SocketAddr, UdpSocket)>,
    buffer: Vec<u8>,
}

impl Sockets {
    /// Binds the local address of every trunk; the second value is the address that each trunk got, in their order.
    pub(super) fn bind(trunks: &[config::Trunk]) -> Result<(Self, Vec<SocketAddr>), Error> {
        let mut sockets: Vec<(SocketAddr, UdpSocket)> = Vec::new();
        let mut locals = Vec::new();
        for trunk in trunks {
            let wanted = match trunk.local {
                Some(local) => local,
                None => SocketAddr::new(routed_from(trunk)?, 5060),
            };
            let shared = sockets.iter().find(|(local, _)| wanted.port() != 0 && *local == wanted);
            if let Some((local, _)) = shared {
                locals.push(*local);
                continue;
            }
            let failed = |source| Error::Bind {
                trunk: trunk.name.clone(),
                address: wanted,
                source,
            };
            let socket = UdpSocket::bind(wanted).map_err(failed)?;
            let local = socket.local_addr().map_err(failed)?;
            locals.push(local);
            sockets.push((local, socket));
        }
        Ok((
            Self {
                sockets,
                buffer: vec![0; DATAGRAM],
            },
            locals,
        ))
    }

    /// Has the poll report them under tokens from 0 on.
    pub(super) fn register(&mut self, registry: &Registry) -> std::io::Result<()> {
        for (index, (_, socket)) in self.sockets.iter_mut().enumerate() {
            registry.register(socket, Token(index), Interest::READABLE)?;
        }
        Ok(())
    }

    /// Sends one datagram from a local address.
    pub(super) fn send(&self, local: SocketAddr, to: SocketAddr, bytes: &[u8]) -> std::io::Result<()> {
        let socket = self
            .sockets
            .iter()
            .find(|(bound, _)| *bound == local)
            .map(|(_, socket)| socket);
        let socket = socket.ok_or_else(|| std::io::Error::from(ErrorKind::AddrNotAvailable))?;
        socket.send_to(bytes, to).map(|_| ())
    }

    /// Reads one waiting datagram of a socket: which local address, from whom, what.
    pub(super) fn receive(&mut self, index: usize) -> Option<(SocketAddr, SocketAddr, &[u8])> {
        let (local, socket) = self.sockets.get(index)?;
        loop {
            match socket.recv_from(&mut self.buffer) {
                Ok((length, from)) => return Some((*local, from, self.buffer.get(..length)?)),
                // An ICMP answer to an earlier send; the next datagram may be good.
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return None,
            }
        }
    }

    /// How many sockets there are.
    pub(super) fn count(&self) -> usize {
        self.sockets.len()
    }
}

/// The address that the host would send from; nothing is sent. For a name it is the one of the default route.
fn routed_from(trunk: &config::Trunk) -> Result<IpAddr, Error> {
    let to = trunk.next_hop().socket();
    let to = to.unwrap_or(SocketAddr::new(IpAddr::V4(ANYWHERE), config::SIP_PORT));
    let any = match to {
        SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    let routed = StdSocket::bind((any, 0)).and_then(|socket| {
        socket.connect(to)?;
        socket.local_addr()
    });
    let no_route = |source| Error::NoRoute {
        trunk: trunk.name.clone(),
        address: trunk.next_hop().to_string(),
        source,
    };
    routed.map(|local| local.ip()).map_err(no_route)
}
