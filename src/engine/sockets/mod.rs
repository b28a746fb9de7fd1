//! The signalling sockets: one per local address and transport, shared by the trunks that use it.

mod connection;
mod datagrams;
mod streams;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use mio::event::Event;
use mio::{Registry, Token};

use self::datagrams::Datagrams;
use self::streams::{Came, Streams};
use crate::config;
use crate::moment::Moment;
use crate::sip::{Path, Target, Transport};

/// Some address beyond the default route (RFC 5737); nothing is ever sent there.
const ANYWHERE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

/// How often the connections' limits of time are looked at.
const CHECK_EVERY: Duration = Duration::from_secs(1);

/// Descriptors that connections of trunks may take.
pub(super) const CONNECTIONS: usize = streams::CONNECTIONS;

/// Descriptors that connections of phones may take.
pub(super) const PHONE_CONNECTIONS: usize = 512;

/// Connections that may come from one address at the phones' socket: a NAT may be in front of many.
const FROM_ONE: usize = 64;

/// The first token of the phones' connections; those of the trunks never get so far.
const PHONES: usize = 1 << 40;

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
    /// The phones' address cannot be used.
    #[error("cannot listen on {address} for phones: {source}; set `listen` of [phones] to a free address of this host")]
    Phones {
        /// The address.
        address: SocketAddr,
        /// The system's word.
        source: std::io::Error,
    },
}

/// All signalling sockets.
#[derive(Debug)]
pub(super) struct Sockets {
    datagrams: Datagrams,
    streams: Streams,
    /// Apart, so that strangers who connect there take no trunk's connection away.
    phones: Option<PhoneStreams>,
    trunks: Vec<Place>,
    /// The message that was last given out.
    message: Vec<u8>,
    checked_at: Moment,
    turn: u64,
}

/// The connections of phones, and where they come.
#[derive(Debug)]
struct PhoneStreams {
    local: SocketAddr,
    streams: Streams,
}

/// Where a trunk is.
#[derive(Debug)]
struct Place {
    local: SocketAddr,
    current: Vec<IpAddr>,
    former: Vec<IpAddr>,
}

/// What the sockets heard.
#[derive(Debug)]
pub(super) enum Heard<'a> {
    /// A datagram, or a whole message of a stream.
    Message(Path, &'a [u8]),
    /// This message certainly did not arrive.
    Failed(Path, &'a [u8]),
    /// A connection that had been open is gone.
    Closed(Path),
}

impl Sockets {
    /// Binds the local address of every trunk, and that of the phones where there is one; the poll behind the registry
    /// reports under tokens that [`notice`](Self::notice) knows.
    pub(super) fn bind(
        trunks: &[config::Trunk],
        phones: Option<SocketAddr>,
        registry: Registry,
    ) -> Result<Self, Error> {
        let mut datagrams = Datagrams::new();
        // Tokens: datagram sockets from 0, listeners from the number of trunks and the phones' socket, connections far above.
        let mut streams = Streams::new(registry, CONNECTIONS, streams::FIRST);
        let mut places = Vec::new();
        for (number, trunk) in trunks.iter().enumerate() {
            let wanted = match trunk.local {
                Some(local) => local,
                None => SocketAddr::new(routed_from(trunk)?, config::SIP_PORT),
            };
            let local = match trunk.transport {
                config::Transport::Udp => datagrams.bind(wanted, streams.registry()),
                config::Transport::Tcp => streams.listen(wanted, trunks.len() + 1 + number),
            };
            let local = local.map_err(|source| Error::Bind {
                trunk: trunk.name.clone(),
                address: wanted,
                source,
            })?;
            places.push(Place {
                local,
                current: trunk
                    .next_hop()
                    .socket()
                    .map(|socket| socket.ip())
                    .into_iter()
                    .collect(),
                former: Vec::new(),
            });
        }
        let phones = match phones {
            Some(wanted) => {
                let registry = streams.registry().try_clone();
                let bound = registry.and_then(|registry| PhoneStreams::bind(wanted, &mut datagrams, registry));
                Some(bound.map_err(|source| Error::Phones {
                    address: wanted,
                    source,
                })?)
            }
            None => None,
        };
        let mut sockets = Self {
            datagrams,
            streams,
            phones,
            trunks: places,
            message: Vec::new(),
            checked_at: Moment::ZERO,
            turn: 0,
        };
        sockets.admit();
        Ok(sockets)
    }

    /// The signalling address that each trunk got, in their order.
    pub(super) fn locals(&self) -> Vec<SocketAddr> {
        self.trunks.iter().map(|place| place.local).collect()
    }

    /// The phones' signalling address.
    pub(super) fn phones(&self) -> Option<SocketAddr> {
        self.phones.as_ref().map(|phones| phones.local)
    }

    /// A trunk's name was resolved: connections come from there, too.
    pub(super) fn resolved(&mut self, trunk: usize, targets: &[Target]) {
        if let Some(place) = self.trunks.get_mut(trunk)
            && !targets.is_empty()
        {
            // Those of the last time may still have to say something.
            let last = std::mem::take(&mut place.current);
            place.current = targets.iter().map(|target| target.address.ip()).collect();
            place.former = last;
            self.admit();
        }
    }

    fn admit(&mut self) {
        for place in &self.trunks {
            let here = self.trunks.iter().filter(|other| other.local == place.local);
            let sources = here
                .flat_map(|other| other.current.iter().chain(&other.former).copied())
                .collect();
            self.streams.admit(place.local, sources);
        }
    }

    /// The poll says that something happened.
    pub(super) fn notice(&mut self, now: Moment, event: &Event) {
        let Token(token) = event.token();
        let is_phones = |phones: &&mut PhoneStreams| phones.streams.knows(token);
        if let Some(phones) = self.phones.as_mut().filter(is_phones) {
            phones.streams.notice(now, token, event.is_writable());
        } else if token >= self.datagrams.count() {
            self.streams.notice(now, token, event.is_writable());
        } else if event.is_error() {
            self.datagrams.notice_error(token);
        }
    }

    /// Sends a message. What fails at once or later comes out of [`receive`](Self::receive).
    pub(super) fn send(&mut self, now: Moment, path: Path, bytes: Vec<u8>) {
        match path.transport {
            Transport::Tcp => match self.phones.as_mut().filter(|phones| phones.local == path.local) {
                Some(phones) => phones.streams.send(now, path, bytes),
                None => self.streams.send(now, path, bytes),
            },
            Transport::Udp => self.datagrams.send(path.local, path.peer, bytes),
        }
    }

    /// The next thing that was heard, by streams and datagrams in turn; `None` when nothing waits.
    pub(super) fn receive(&mut self, now: Moment) -> Option<Heard<'_>> {
        self.turn = self.turn.wrapping_add(1);
        if self.turn.is_multiple_of(2) {
            if let Some(heard) = self.datagrams.receive() {
                return Some(of_datagrams(heard, &mut self.message));
            }
            let came = next_of_streams(&mut self.streams, self.phones.as_mut(), self.turn, now);
            return came.map(|came| of_streams(came, &mut self.message));
        }
        match next_of_streams(&mut self.streams, self.phones.as_mut(), self.turn, now) {
            Some(came) => Some(of_streams(came, &mut self.message)),
            None => {
                let heard = self.datagrams.receive()?;
                Some(of_datagrams(heard, &mut self.message))
            }
        }
    }

    /// Looks at the limits of time; call it often.
    pub(super) fn check(&mut self, now: Moment) {
        if now.since(self.checked_at) >= CHECK_EVERY {
            self.checked_at = now;
            self.streams.check(now);
            if let Some(phones) = &mut self.phones {
                phones.streams.check(now);
            }
        }
    }
}

impl PhoneStreams {
    /// Binds the phones' address for datagrams and listens there; the connections of any address are taken.
    fn bind(wanted: SocketAddr, datagrams: &mut Datagrams, registry: Registry) -> std::io::Result<Self> {
        let mut streams = Streams::new(registry, PHONE_CONNECTIONS, PHONES);
        let local = datagrams.bind(wanted, streams.registry())?;
        // Above every other listener and below the connections of trunks.
        streams.listen(local, streams::FIRST - 1)?;
        streams.admit_all(local, FROM_ONE);
        Ok(Self { local, streams })
    }
}

/// The next thing of a stream, of trunks and of phones in turn.
fn next_of_streams(trunks: &mut Streams, phones: Option<&mut PhoneStreams>, turn: u64, now: Moment) -> Option<Came> {
    let Some(phones) = phones.map(|phones| &mut phones.streams) else {
        return trunks.receive(now);
    };
    if turn % 4 < 2 {
        trunks.receive(now).or_else(|| phones.receive(now))
    } else {
        phones.receive(now).or_else(|| trunks.receive(now))
    }
}

fn of_streams(came: Came, message: &mut Vec<u8>) -> Heard<'_> {
    match came {
        Came::Message(path, bytes) => {
            *message = bytes;
            Heard::Message(path, message)
        }
        Came::Failed(path, bytes) => {
            *message = bytes;
            Heard::Failed(path, message)
        }
        Came::Closed(path) => Heard::Closed(path),
    }
}

fn of_datagrams<'a>(heard: datagrams::Heard<'a>, message: &'a mut Vec<u8>) -> Heard<'a> {
    match heard {
        datagrams::Heard::Datagram { local, from, bytes } => Heard::Message(datagram(local, from), bytes),
        datagrams::Heard::Lost { local, to, bytes } => {
            *message = bytes;
            Heard::Failed(datagram(local, to), message)
        }
    }
}

const fn datagram(local: SocketAddr, peer: SocketAddr) -> Path {
    Path {
        transport: Transport::Udp,
        local,
        peer,
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
    let routed = UdpSocket::bind((any, 0)).and_then(|socket| {
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
