//! RTCP of a leg: where reports go, whose are believed.

use std::net::{IpAddr, SocketAddr};

use super::super::rtcp::COMPOUND_MAX;
use super::super::rtcp::session::{Output, beside};
use super::super::rtcp::write::Last;
use super::super::samples;
use super::{Leg, Link, Reports};
use crate::moment::Moment;

impl Link {
    /// Where its RTCP came from, or its SDP sends it, or the port above its RTP.
    fn reports_to(&self) -> Option<SocketAddr> {
        let named = self.rtcp_source.or(self.rtcp);
        named.or_else(|| beside(self.latch.destination()))
    }

    fn is_near(&self, host: IpAddr) -> bool {
        let known = [self.latch.announced(), self.latch.destination()];
        known.into_iter().chain(self.rtcp).any(|address| address.ip() == host)
    }
}

impl Leg {
    /// Takes a datagram that came to the leg's RTCP port.
    pub fn handle_report(&mut self, now: Moment, from: SocketAddr, bytes: &[u8]) {
        if self.take_report(now, from, bytes)
            && let Some(link) = &mut self.link
        {
            link.rtcp_source = Some(from);
        }
    }

    /// The same, wherever it came. Tells whether it was the far end's.
    pub(super) fn take_report(&mut self, now: Moment, from: SocketAddr, bytes: &[u8]) -> bool {
        let is_known = self.link.is_some_and(|link| link.is_near(from.ip()));
        let is_taken = is_known && self.rtcp.take(now, bytes).is_ok();
        if !is_taken {
            self.unused.rtcp = self.unused.rtcp.saturating_add(1);
        }
        is_taken
    }

    /// Writes the report that is due, if one is, and says where it goes. `chance` puts the next one down.
    pub fn report<'a>(
        &mut self,
        now: Moment,
        chance: impl FnOnce() -> u32,
        datagram: &'a mut [u8; COMPOUND_MAX],
    ) -> Option<(SocketAddr, &'a [u8])> {
        let link = self.link?;
        if self.reports == Reports::NotSent || !self.rtcp.is_due(now, chance) {
            return None;
        }
        self.write_report(now, link, Last::No, datagram)
    }

    /// Writes the last report with a BYE, if there is anybody to say it to (RFC 3550 section 6.6).
    pub fn farewell<'a>(
        &mut self,
        now: Moment,
        datagram: &'a mut [u8; COMPOUND_MAX],
    ) -> Option<(SocketAddr, &'a [u8])> {
        let link = self.link?;
        if self.reports == Reports::NotSent || self.packets_sent == 0 {
            return None;
        }
        self.write_report(now, link, Last::Yes, datagram)
    }

    fn write_report<'a>(
        &mut self,
        now: Moment,
        link: Link,
        last: Last,
        datagram: &'a mut [u8; COMPOUND_MAX],
    ) -> Option<(SocketAddr, &'a [u8])> {
        let to = link.reports_to()?;
        // The timestamp belongs to the next frame.
        let ahead = samples::position(now) - samples::position(link.next_frame);
        let output = Output {
            timestamp: self.outgoing.timestamp.wrapping_add(ahead as u32),
            packets: self.packets_sent,
            octets: self.octets_sent,
        };
        let stream = self.streams.present_mut();
        Some((to, self.rtcp.report(now, output, stream, last, datagram)))
    }
}
