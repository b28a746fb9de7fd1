//! The sockets of the far end: one for SIP, for each call one of RTP, with the kernel's receive stamps, and one above it
//! where the caller's RTCP may go (RFC 3550 section 11) instead of to another call.

use std::collections::BTreeMap;
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::Duration;

use nix::cmsg_space;
use nix::errno::Errno;
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt::ReceiveTimestampns,
};
use nix::sys::time::TimeSpec;

/// Packets that are read from one port in one go; the rest waits for the next 20 ms.
const MOST_AT_ONCE: usize = 64;
/// Ports that are tried for a call.
const MOST_TRIED: usize = 200;
/// The longest RTP packet that is read whole.
const LONGEST: usize = 1_500;

/// RTP ports by call.
pub(super) struct Ports {
    host: IpAddr,
    open: BTreeMap<u64, Pair>,
    spare: Option<(Pair, SocketAddr)>,
    buffer: Vec<u8>,
    control: Vec<u8>,
}

/// Where a call's media comes.
struct Pair {
    rtp: UdpSocket,
    /// Nobody reads it.
    _rtcp: UdpSocket,
}

/// One packet that was read.
pub(super) struct Packet {
    /// Who sent it.
    pub(super) from: SocketAddr,
    /// When the kernel took it, as civil time since 1970.
    pub(super) stamp: Option<Duration>,
    /// What it holds.
    pub(super) datagram: Vec<u8>,
}

impl Ports {
    /// Ports on the address of the SIP socket.
    pub(super) fn new(host: IpAddr) -> Self {
        Self {
            host,
            open: BTreeMap::new(),
            spare: None,
            buffer: vec![0; LONGEST],
            control: cmsg_space!(TimeSpec),
        }
    }

    /// A port for the next call, as the caller will see it.
    pub(super) fn spare(&mut self, caller: SocketAddr) -> io::Result<SocketAddr> {
        let port = match &self.spare {
            Some((_, address)) => address.port(),
            None => {
                let pair = self.pair()?;
                pair.rtp.set_nonblocking(true)?;
                setsockopt(&pair.rtp, ReceiveTimestampns, &true)?;
                let address = pair.rtp.local_addr()?;
                self.spare = Some((pair, address));
                address.port()
            }
        };
        Ok(SocketAddr::new(seen_by(self.host, caller), port))
    }

    /// Two free ports, the lower one even.
    fn pair(&self) -> io::Result<Pair> {
        let mut refused = io::Error::from(io::ErrorKind::AddrInUse);
        for _ in 0..MOST_TRIED {
            let rtp = UdpSocket::bind((self.host, 0))?;
            let port = rtp.local_addr()?.port();
            if port % 2 == 0 {
                match UdpSocket::bind((self.host, port + 1)) {
                    Ok(rtcp) => return Ok(Pair { rtp, _rtcp: rtcp }),
                    Err(error) => refused = error,
                }
            }
        }
        Err(refused)
    }

    /// Gives the spare port to a call.
    pub(super) fn take(&mut self, key: u64) {
        if let Some((pair, _)) = self.spare.take() {
            self.open.insert(key, pair);
        }
    }

    /// Closes a call's port.
    pub(super) fn close(&mut self, key: u64) {
        self.open.remove(&key);
    }

    /// Everything that came on a call's port.
    pub(super) fn read(&mut self, key: u64) -> Vec<Packet> {
        let mut packets = Vec::new();
        let Some(Pair { rtp: socket, .. }) = self.open.get(&key) else {
            return packets;
        };
        while packets.len() < MOST_AT_ONCE {
            let mut parts = [IoSliceMut::new(&mut self.buffer)];
            let flags = MsgFlags::MSG_DONTWAIT;
            let read = recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut parts, Some(&mut self.control), flags);
            let message = match read {
                Ok(message) => message,
                // The caller's port was closed: an ICMP of a packet of ours.
                Err(Errno::ECONNREFUSED | Errno::EINTR) => continue,
                Err(_) => break,
            };
            let stamp = message.cmsgs().ok().and_then(|mut list| {
                list.find_map(|control| {
                    let ControlMessageOwned::ScmTimestampns(time) = control else {
                        return None;
                    };
                    Some(Duration::from(time))
                })
            });
            let (bytes, from) = (message.bytes, message.address.as_ref().and_then(address));
            if let Some(from) = from {
                let datagram = self.buffer.get(..bytes).unwrap_or_default().to_vec();
                packets.push(Packet { from, stamp, datagram });
            }
        }
        packets
    }

    /// Sends from a call's port. What cannot be sent is lost, as on any network.
    pub(super) fn send(&self, key: u64, to: SocketAddr, datagram: &[u8]) {
        if let Some(pair) = self.open.get(&key) {
            let _lost = pair.rtp.send_to(datagram, to);
        }
    }
}

/// Our address as a caller sees it: the bound one, or the one that routes to the caller.
pub(super) fn seen_by(host: IpAddr, caller: SocketAddr) -> IpAddr {
    if !host.is_unspecified() {
        return host;
    }
    let probe = || {
        let socket = UdpSocket::bind((host, 0))?;
        socket.connect(caller)?;
        socket.local_addr()
    };
    probe().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |address| address.ip())
}

fn address(storage: &SockaddrStorage) -> Option<SocketAddr> {
    let four = storage.as_sockaddr_in().map(|a| SocketAddr::from((a.ip(), a.port())));
    four.or_else(|| storage.as_sockaddr_in6().map(|a| SocketAddr::from((a.ip(), a.port()))))
}
