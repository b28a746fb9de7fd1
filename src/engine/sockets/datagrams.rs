//! Signalling by datagrams: one socket per local address.

use std::collections::VecDeque;
use std::io::{ErrorKind, IoSliceMut};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::os::fd::AsRawFd;

use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};
use nix::errno::Errno;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt};

/// The largest datagram that is read; SIP over UDP never exceeds it.
const DATAGRAM: usize = 65_535;

/// How many errors of the network are taken from a socket's queue in one go.
const ERRORS: usize = 64;

/// How often a call is repeated that only told an error of an earlier one.
const TRIES: usize = 8;

/// Room for one error of the network and the address that told it.
const ERROR_ROOM: usize = 256;

/// All datagram sockets.
#[derive(Debug)]
pub(super) struct Datagrams {
    sockets: Vec<Own>,
    /// Which socket is read next.
    turn: usize,
    /// Destinations that cannot be reached, each with our address.
    unreachable: VecDeque<(SocketAddr, SocketAddr)>,
    buffer: Vec<u8>,
}

#[derive(Debug)]
struct Own {
    local: SocketAddr,
    socket: UdpSocket,
    errors: Errors,
}

/// Whether the network may have told of a datagram that did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Errors {
    None,
    Perhaps,
}

/// What came of sending.
#[derive(Debug)]
pub(super) enum Sent {
    /// It left, or was lost for want of room: SIP sends it again.
    Gone,
    /// It could not leave.
    Failed(std::io::Error),
}

/// What came in.
#[derive(Debug)]
pub(super) enum Heard<'a> {
    Datagram {
        local: SocketAddr,
        from: SocketAddr,
        bytes: &'a [u8],
    },
    /// The network says that a destination cannot be reached (ICMP).
    Unreachable { local: SocketAddr, to: SocketAddr },
}

impl Datagrams {
    pub(super) fn new() -> Self {
        Self {
            sockets: Vec::new(),
            turn: 0,
            unreachable: VecDeque::new(),
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

    /// Sends one datagram from a local address.
    pub(super) fn send(&mut self, local: SocketAddr, to: SocketAddr, bytes: &[u8]) -> Sent {
        let Some(own) = self.sockets.iter_mut().find(|own| own.local == local) else {
            return Sent::Failed(ErrorKind::AddrNotAvailable.into());
        };
        let mut last = None;
        for _ in 0..TRIES {
            match own.socket.send_to(bytes, to) {
                Ok(_) => return Sent::Gone,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Sent::Gone,
                // Perhaps what the network told of an earlier datagram comes out here, and this one has not left yet.
                Err(error) if is_of_the_network(&error) => {
                    own.errors = Errors::Perhaps;
                    last = Some(error);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => last = Some(error),
                Err(error) => return Sent::Failed(error),
            }
        }
        Sent::Failed(last.unwrap_or_else(|| ErrorKind::HostUnreachable.into()))
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
                let lost = unreachable(&own.socket).into_iter().map(|to| (own.local, to));
                self.unreachable.extend(lost);
            }
            if let Some((from, length)) = read {
                let local = own.local;
                let bytes = self.buffer.get(..length)?;
                return Some(Heard::Datagram { local, from, bytes });
            }
        }
        let (local, to) = self.unreachable.pop_front()?;
        Some(Heard::Unreachable { local, to })
    }
}

impl Own {
    fn read(&mut self, buffer: &mut [u8]) -> Option<(SocketAddr, usize)> {
        for _ in 0..TRIES {
            match self.socket.recv_from(buffer) {
                Ok((length, from)) => return Some((from, length)),
                Err(error) if is_of_the_network(&error) => self.errors = Errors::Perhaps,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return None,
            }
        }
        None
    }
}

/// The destinations that the network says a socket cannot reach.
fn unreachable(socket: &UdpSocket) -> Vec<SocketAddr> {
    let errors = (0..ERRORS).map_while(|_| next_error(socket));
    let mut found: Vec<SocketAddr> = errors.flatten().collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Errors that ICMP told of an earlier datagram; which one, the queue says.
fn is_of_the_network(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused | ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable
    ) || error.raw_os_error() == Some(Errno::ENOPROTOOPT as i32)
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
        tracing::debug!(%error, "the system keeps no ICMP errors for {local}");
    }
}

/// Takes one error from the queue: the destination that cannot be reached, or `None` within for an error of another
/// kind (RFC 3261 section 18.4).
fn next_error(socket: &UdpSocket) -> Option<Option<SocketAddr>> {
    let mut datagram = [0; 1];
    let mut space = [0; ERROR_ROOM];
    let mut pieces = [IoSliceMut::new(&mut datagram)];
    let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
    let message = recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut pieces, Some(&mut space), flags).ok()?;
    let destination = message.address.as_ref().and_then(socket_address);
    let mut notes = message.cmsgs().ok()?;
    let lost = notes.any(|note| match note {
        ControlMessageOwned::Ipv4RecvErr(error, _) | ControlMessageOwned::Ipv6RecvErr(error, _) => {
            let unreachable = [
                Errno::ECONNREFUSED,
                Errno::EHOSTUNREACH,
                Errno::ENETUNREACH,
                Errno::ENOPROTOOPT,
            ];
            unreachable
                .iter()
                .any(|errno| i64::from(error.ee_errno) == *errno as i64)
        }
        _ => false,
    });
    Some(destination.filter(|_| lost))
}

fn socket_address(address: &SockaddrStorage) -> Option<SocketAddr> {
    let four = address
        .as_sockaddr_in()
        .map(|address| SocketAddr::new(IpAddr::V4(address.ip()), address.port()));
    four.or_else(|| {
        let address = address.as_sockaddr_in6()?;
        Some(SocketAddr::new(
            IpAddr::V6(Ipv6Addr::from(address.ip())),
            address.port(),
        ))
    })
}
