//! What came to a socket, in one system call: packets wait in the kernel until their leg is due, each with the moment at
//! which the kernel took it.

use std::io::{self, IoSliceMut};
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::Duration;

use nix::cmsg_space;
use nix::errno::Errno;
use nix::sys::socket::sockopt::ReceiveTimestampns;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, MultiHeaders, RecvMsg, SockaddrStorage, recvmmsg, setsockopt};
use nix::sys::time::TimeSpec;

/// Packets of one call; a leg that is read every 20 ms has one or two.
const BATCH: usize = 16;

/// Calls per turn, so that a flooded leg cannot starve the others.
const CALLS: usize = 4;

/// The longest datagram that is read whole; no RTP packet of ours comes near.
const DATAGRAM_MAX: usize = 2_048;

/// Reads the sockets of a worker, one after another.
pub(super) struct Inlet {
    buffers: Vec<u8>,
    four: Headers,
    six: Headers,
    /// Errors of reading, ICMP reports among them.
    pub(super) failed: u64,
}

type Headers = MultiHeaders<SockaddrStorage>;

/// Whether a socket was emptied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Came {
    All,
    More,
}

/// One packet.
pub(super) struct Packet<'b> {
    pub(super) from: SocketAddr,
    pub(super) bytes: &'b [u8],
    /// When the kernel took it, as civil time since 1970.
    pub(super) stamp: Option<Duration>,
}

impl Inlet {
    pub(super) fn new() -> Self {
        Self {
            buffers: vec![0; BATCH * DATAGRAM_MAX],
            four: headers(),
            six: headers(),
            failed: 0,
        }
    }

    /// Makes a socket fit to be read: it never blocks, and its packets are stamped.
    pub(super) fn prepare(socket: &UdpSocket) -> io::Result<()> {
        socket.set_nonblocking(true)?;
        setsockopt(socket, ReceiveTimestampns, &true)?;
        Ok(())
    }

    /// Hands out everything that came, up to the turn's share.
    pub(super) fn read(&mut self, socket: &UdpSocket, is_ipv4: bool, mut take: impl FnMut(Packet<'_>)) -> Came {
        for _ in 0..CALLS {
            let headers = if is_ipv4 { &mut self.four } else { &mut self.six };
            let mut slices: [[IoSliceMut<'_>; 1]; BATCH] = slices(&mut self.buffers);
            let read = recvmmsg(
                socket.as_raw_fd(),
                headers,
                slices.iter_mut(),
                MsgFlags::MSG_DONTWAIT,
                None,
            );
            let packets = match read {
                Ok(packets) => packets,
                Err(Errno::EAGAIN) => return Came::All,
                // ICMP: nobody listens there yet. Early media is often like that.
                Err(_) => {
                    self.failed += 1;
                    continue;
                }
            };
            let mut count = 0;
            let mut are_whole = true;
            for packet in packets {
                count += 1;
                let stamp = stamp(&packet);
                are_whole &= stamp.is_some();
                if let (Some(from), Some(bytes)) = (packet.address.as_ref().and_then(address), packet.iovs().next()) {
                    take(Packet { from, bytes, stamp });
                }
            }
            // The kernel writes into the headers how much room it used; where that was none, there is none left.
            if !are_whole {
                *(if is_ipv4 { &mut self.four } else { &mut self.six }) = self::headers();
            }
            if count < BATCH {
                return Came::All;
            }
        }
        Came::More
    }
}

fn headers() -> Headers {
    MultiHeaders::preallocate(BATCH, Some(cmsg_space!(TimeSpec)))
}

fn slices(buffers: &mut [u8]) -> [[IoSliceMut<'_>; 1]; BATCH] {
    let mut chunks = buffers.chunks_exact_mut(DATAGRAM_MAX);
    std::array::from_fn(|_| [IoSliceMut::new(chunks.next().unwrap_or_default())])
}

fn stamp(packet: &RecvMsg<'_, '_, SockaddrStorage>) -> Option<Duration> {
    packet.cmsgs().ok()?.find_map(|control| {
        let ControlMessageOwned::ScmTimestampns(time) = control else {
            return None;
        };
        Some(Duration::from(time))
    })
}

fn address(storage: &SockaddrStorage) -> Option<SocketAddr> {
    let four = storage.as_sockaddr_in().map(|a| SocketAddr::from((a.ip(), a.port())));
    four.or_else(|| storage.as_sockaddr_in6().map(|a| SocketAddr::from((a.ip(), a.port()))))
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    use super::*;

    fn pair(ip: IpAddr) -> (UdpSocket, UdpSocket) {
        let (near, far) = (UdpSocket::bind((ip, 0)).unwrap(), UdpSocket::bind((ip, 0)).unwrap());
        Inlet::prepare(&near).unwrap();
        (near, far)
    }

    fn read(inlet: &mut Inlet, socket: &UdpSocket, is_ipv4: bool) -> (Vec<(SocketAddr, Vec<u8>)>, Came) {
        let mut packets = Vec::new();
        let came = inlet.read(socket, is_ipv4, |packet| {
            assert!(packet.stamp.is_some());
            packets.push((packet.from, packet.bytes.to_vec()));
        });
        (packets, came)
    }

    #[test]
    fn packets_come_in_order_with_their_sender_from_sockets_of_both_families() {
        let mut inlet = Inlet::new();
        for ip in [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)] {
            let (near, far) = pair(ip);
            let from = far.local_addr().unwrap();
            for round in 0..3_u8 {
                assert_eq!(read(&mut inlet, &near, ip.is_ipv4()), (Vec::new(), Came::All));
                let sent: Vec<_> = (0..20)
                    .map(|n| vec![round, n, 9][..usize::from(n % 3) + 1].to_vec())
                    .collect();
                for bytes in &sent {
                    far.send_to(bytes, near.local_addr().unwrap()).unwrap();
                }
                let expected = sent.into_iter().map(|bytes| (from, bytes)).collect();
                assert_eq!(read(&mut inlet, &near, ip.is_ipv4()), (expected, Came::All));
            }
        }
    }

    #[test]
    fn a_flood_is_read_by_shares() {
        let mut inlet = Inlet::new();
        let (near, far) = pair(IpAddr::V4(Ipv4Addr::LOCALHOST));
        for _ in 0..BATCH * CALLS + 5 {
            far.send_to(&[1], near.local_addr().unwrap()).unwrap();
        }
        let (first, came) = read(&mut inlet, &near, true);
        assert_eq!((first.len(), came), (BATCH * CALLS, Came::More));
        let (rest, came) = read(&mut inlet, &near, true);
        assert_eq!((rest.len(), came), (5, Came::All));
    }
}
