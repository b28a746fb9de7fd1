//! Signalling by datagrams: one socket per local address.

use std::collections::VecDeque;
use std::io::{ErrorKind, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsRawFd;

use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};
use nix::errno::Errno;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt};
use tracing::field::display;

use crate::events;

/// The largest datagram that is read; SIP over UDP never exceeds it.
const DATAGRAM: usize = 65_535;

/// How many errors of the network are taken from a socket's queue in one go.
const ERRORS: usize = 64;

/// How many sent datagrams are remembered by each socket.
const REMEMBERED: usize = 128;

/// How much of a datagram tells it from others; the network quotes less, or nothing.
const BEGINNING: usize = 2048;

/// How often a call is repeated that only told an error of an earlier one.
const TRIES: usize = 8;

/// Room for one error of the network and the address that told it.
const ERROR_ROOM: usize = 256;

/// What says that a destination cannot be reached, and not only that a datagram was too large or too old.
const UNREACHABLE: [Errno; 4] = [
    Errno::ECONNREFUSED,
    Errno::EHOSTUNREACH,
    Errno::ENETUNREACH,
    Errno::ENOPROTOOPT,
];

/// All datagram sockets.
#[derive(Debug)]
pub(super) struct Datagrams {
    sockets: Vec<Own>,
    /// Which socket is read next.
    turn: usize,
    /// Messages that certainly did not arrive: from where, to where, what.
    lost: VecDeque<(SocketAddr, SocketAddr, Vec<u8>)>,
    buffer: Vec<u8>,
}

#[derive(Debug)]
struct Own {
    local: SocketAddr,
    socket: UdpSocket,
    errors: Errors,
    /// What was last sent, and to whom: the network tells of a datagram by its beginning.
    sent: VecDeque<(SocketAddr, Vec<u8>)>,
}

/// Whether the network may have told of a datagram that did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Errors {
    None,
    Perhaps,
}

/// What came in.
#[derive(Debug)]
pub(super) enum Heard<'a> {
    Datagram {
        local: SocketAddr,
        from: SocketAddr,
        bytes: &'a [u8],
    },
    /// The system could not send this, or the network says that it did not arrive (ICMP).
    Lost {
        local: SocketAddr,
        to: SocketAddr,
        bytes: Vec<u8>,
    },
}

impl Datagrams {
    pub(super) fn new() -> Self {
        Self {
            sockets: Vec::new(),
            turn: 0,
            lost: VecDeque::new(),
            buffer: vec![0; DATAGRAM],
        }
    }

    /// Binds a local address, or finds it bound; the address that it got. The poll reports it under its number.
    pub(super) fn bind(&mut self, wanted: SocketAddr, registry: &Registry) -> std::io::Result<SocketAddr> {
        let mut shared = self.sockets.iter();
        if let Some(own) = shared.find(|own| wanted.port() != 0 && own.local == wanted) {
            return Ok(own.local);
        }
        let mut socket = UdpSocket::bind(wanted)?;
        report_errors(&socket, wanted);
        let local = socket.local_addr()?;
        registry.register(&mut socket, Token(self.sockets.len()), Interest::READABLE)?;
        self.sockets.push(Own {
            local,
            socket,
            errors: Errors::None,
            sent: VecDeque::with_capacity(REMEMBERED),
        });
        Ok(local)
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.sockets.len()
    }

    /// The poll says that the network told of an error.
    pub(super) fn notice_error(&mut self, number: usize) {
        if let Some(own) = self.sockets.get_mut(number) {
            own.errors = Errors::Perhaps;
        }
    }

    /// Sends one datagram from a local address. If it cannot leave, it comes out of [`receive`](Self::receive) as lost.
    pub(super) fn send(&mut self, local: SocketAddr, to: SocketAddr, bytes: Vec<u8>) {
        let own = self.sockets.iter_mut().find(|own| own.local == local);
        let sent = match own {
            Some(own) => own.send(to, bytes),
            None => Err((ErrorKind::AddrNotAvailable.into(), bytes)),
        };
        if let Err((error, bytes)) = sent {
            events::datagram_unsent(display(to), display(error));
            self.lost.push_back((local, to, bytes));
        }
    }

    /// What comes next, each socket in its turn; `None` when nothing waits on any.
    pub(super) fn receive(&mut self) -> Option<Heard<'_>> {
        for _ in 0..self.sockets.len() {
            let number = self.turn % self.sockets.len();
            self.turn = self.turn.wrapping_add(1);
            let own = self.sockets.get_mut(number)?;
            let read = own.read(&mut self.buffer);
            if own.errors == Errors::Perhaps {
                own.errors = Errors::None;
                own.take_errors(&mut self.lost);
            }
            if let Some((from, length)) = read {
                let local = own.local;
                let bytes = self.buffer.get(..length)?;
                return Some(Heard::Datagram { local, from, bytes });
            }
        }
        let (local, to, bytes) = self.lost.pop_front()?;
        Some(Heard::Lost { local, to, bytes })
    }
}

impl Own {
    fn send(&mut self, to: SocketAddr, bytes: Vec<u8>) -> Result<(), (std::io::Error, Vec<u8>)> {
        let mut last: std::io::Error = ErrorKind::HostUnreachable.into();
        for _ in 0..TRIES {
            match self.socket.send_to(&bytes, to) {
                Ok(_) => {
                    if self.sent.len() >= REMEMBERED {
                        self.sent.pop_front();
                    }
                    self.sent.push_back((to, bytes));
                    return Ok(());
                }
                // A full buffer, of the socket or of the network card, is a lost datagram: SIP sends it again.
                Err(error) if has_no_room(&error) => return Ok(()),
                // Perhaps what the network told of an earlier datagram comes out here, once, and this one has not left yet.
                // What it tells is not only that nobody is there: also that one was too large for a router on the way.
                Err(error) => {
                    self.errors = Errors::Perhaps;
                    last = error;
                }
            }
        }
        Err((last, bytes))
    }

    /// Finds the datagrams that the network says did not arrive.
    fn take_errors(&mut self, lost: &mut VecDeque<(SocketAddr, SocketAddr, Vec<u8>)>) {
        for (to, beginning) in (0..ERRORS).map_while(|_| next_error(&self.socket)).flatten() {
            let is_it = |sent: &(SocketAddr, Vec<u8>)| sent.0 == to && sent.1.starts_with(&beginning);
            let place = self.sent.iter().rposition(is_it);
            if let Some((to, bytes)) = place.and_then(|place| self.sent.remove(place)) {
                events::datagram_bounced(display(to));
                lost.push_back((self.local, to, bytes));
            }
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> Option<(SocketAddr, usize)> {
        for _ in 0..TRIES {
            match self.socket.recv_from(buffer) {
                Ok((length, from)) => return Some((from, length)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
                Err(_) => self.errors = Errors::Perhaps,
            }
        }
        None
    }
}

/// The kernel tells a socket that hears ICMP of a card's full queue, too.
fn has_no_room(error: &std::io::Error) -> bool {
    error.kind() == ErrorKind::WouldBlock || error.raw_os_error() == Some(Errno::ENOBUFS as i32)
}

/// Has the kernel keep what ICMP says of our datagrams. Without it an unanswered request takes 32 s to fail, and
/// everything else works: so a refusal is only noted.
fn report_errors(socket: &UdpSocket, local: SocketAddr) {
    let set = if local.is_ipv4() {
        setsockopt(socket, sockopt::Ipv4RecvErr, &true)
    } else {
        setsockopt(socket, sockopt::Ipv6RecvErr, &true)
    };
    if let Err(error) = set {
        events::icmp_unheard(display(local), display(error));
    }
}

/// Takes one error from the queue: where the datagram was to go, and how it began; `None` within for an error of another
/// kind (RFC 3261 section 18.4).
fn next_error(socket: &UdpSocket) -> Option<Option<(SocketAddr, Vec<u8>)>> {
    let mut datagram = [0; BEGINNING];
    let mut space = [0; ERROR_ROOM];
    let mut pieces = [IoSliceMut::new(&mut datagram)];
    let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
    let message = recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut pieces, Some(&mut space), flags).ok()?;
    let destination = message.address.as_ref().and_then(socket_address);
    let length = message.bytes;
    let mut notes = message.cmsgs().ok()?;
    let is_lost = notes.any(|note| {
        use ControlMessageOwned::{Ipv4RecvErr, Ipv6RecvErr};
        let (Ipv4RecvErr(error, _) | Ipv6RecvErr(error, _)) = note else {
            return false;
        };
        UNREACHABLE
            .iter()
            .any(|errno| i64::from(error.ee_errno) == *errno as i64)
    });
    let destination = destination.filter(|_| is_lost);
    Some(destination.map(|to| (to, datagram.get(..length).unwrap_or_default().to_vec())))
}

fn socket_address(address: &SockaddrStorage) -> Option<SocketAddr> {
    let four = address
        .as_sockaddr_in()
        .map(|address| SocketAddr::new(IpAddr::V4(address.ip()), address.port()));
    four.or_else(|| {
        let address = address.as_sockaddr_in6()?;
        Some(SocketAddr::new(IpAddr::V6(address.ip()), address.port()))
    })
}
