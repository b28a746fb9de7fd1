//! RTCP of a leg over a socket of its own: reports and the goodbye leave when they are due, what came is read every three
//! seconds, each with the moment at which the kernel took it.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use rand_chacha::rand_core::Rng;

use super::inlet::Came;
use super::line::Line;
use super::obey::bind;
use super::worker::Worker;
use crate::media::rtcp::COMPOUND_MAX;
use crate::media::rtcp::session::beside;
use crate::moment::Moment;

/// How often what came is read: the far end reports every five seconds or so, and the stamps say when it did.
const READ_EVERY: Duration = Duration::from_secs(3);

/// A leg's socket for RTCP.
pub(super) struct Reports {
    socket: UdpSocket,
    read_at: Moment,
}

impl Reports {
    /// Binds the port above the one of RTP (RFC 3550 section 11).
    pub(super) fn open(rtp: SocketAddr) -> io::Result<Self> {
        let address = beside(rtp).ok_or(io::ErrorKind::AddrNotAvailable)?;
        Ok(Self {
            socket: bind(address)?,
            read_at: Moment::ZERO,
        })
    }
}

impl Worker {
    /// Sends the report of a leg that is due, and reads what came if it is time.
    pub(super) fn report(&mut self, place: usize, now: Moment) {
        let Some(line) = self.lines.get_mut(place).and_then(Option::as_mut) else {
            return;
        };
        let Some(reports) = &mut line.reports else { return };
        let mut datagram = [0; COMPOUND_MAX];
        if let Some((to, bytes)) = line.leg.report(now, || self.random.next_u32(), &mut datagram) {
            // Many far ends take none; an ICMP answer to the report before is no fault.
            drop(reports.socket.send_to(bytes, to));
        }
        if reports.read_at <= now {
            reports.read_at = now + READ_EVERY;
            self.read_reports(place);
        }
    }

    /// Reads what came last, and takes leave.
    pub(super) fn say_goodbye(&mut self, place: usize) {
        self.read_reports(place);
        let now = self.now();
        let Some(Line {
            leg,
            reports: Some(reports),
            ..
        }) = self.lines.get_mut(place).and_then(Option::as_mut)
        else {
            return;
        };
        let mut datagram = [0; COMPOUND_MAX];
        if let Some((to, bytes)) = leg.farewell(now, &mut datagram) {
            drop(reports.socket.send_to(bytes, to));
        }
    }

    fn read_reports(&mut self, place: usize) {
        let Some(Line {
            leg,
            reports: Some(reports),
            is_ipv4,
            ..
        }) = self.lines.get_mut(place).and_then(Option::as_mut)
        else {
            return;
        };
        let clocks = self.parts.setup.clock.reading();
        let failed = self.inlet.failed;
        let came = self.inlet.read(&reports.socket, *is_ipv4, |packet| {
            let arrival = packet.stamp.map_or(clocks.now, |stamp| clocks.moment_of(stamp));
            leg.handle_report(arrival, packet.from, packet.bytes);
        });
        // That nobody listens for RTCP is usual, and says nothing of the call.
        self.inlet.failed = failed;
        if came == Came::More {
            reports.read_at = clocks.now;
        }
    }
}
