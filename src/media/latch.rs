//! Where the far end really is: symmetric RTP (RFC 4961) behind address translation.

use std::net::SocketAddr;
use std::time::Duration;

use crate::moment::Moment;

/// While the call is this young any source may take over: early media and the answer may come from different places.
const YOUNG: Duration = Duration::from_secs(1);

/// A source that still speaks is not replaced: silent for this long before another one takes over.
const QUIET: Duration = Duration::from_millis(60);

/// Follows the far end from the address in its SDP to the one that its packets come from.
#[derive(Clone, Copy, Debug)]
pub struct Latch {
    announced: SocketAddr,
    source: Option<Source>,
}

#[derive(Clone, Copy, Debug)]
struct Source {
    address: SocketAddr,
    since: Moment,
    heard: Moment,
}

/// Whether a packet is the far end's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is: take the packet.
    FarEnd,
    /// It comes from somewhere else: drop it.
    Stranger,
}

impl Latch {
    /// Starts with the address in the SDP.
    pub const fn new(announced: SocketAddr) -> Self {
        Self {
            announced,
            source: None,
        }
    }

    /// Takes a new address from a later SDP; the same one changes nothing.
    pub fn announce(&mut self, announced: SocketAddr) {
        if self.announced != announced {
            *self = Self::new(announced);
        }
    }

    /// Where to send now.
    pub fn destination(&self) -> SocketAddr {
        self.source.map_or(self.announced, |source| source.address)
    }

    /// Judges a valid packet by its source. The address of the SDP is believed at once, whoever spoke before: what came
    /// first may be the rest of a former call. Another source is believed from the same host, or in the first second,
    /// and only when the present one is quiet.
    pub fn judge(&mut self, now: Moment, from: SocketAddr) -> Verdict {
        match &mut self.source {
            Some(source) if source.address == from || from == self.announced => {
                (source.address, source.heard) = (from, now);
                Verdict::FarEnd
            }
            Some(source) => {
                let is_young = now.since(source.since) < YOUNG;
                let is_near = source.address.ip() == from.ip();
                if (is_near || is_young) && now.since(source.heard) >= QUIET {
                    (source.address, source.heard) = (from, now);
                    Verdict::FarEnd
                } else {
                    Verdict::Stranger
                }
            }
            None => {
                self.source = Some(Source {
                    address: from,
                    since: now,
                    heard: now,
                });
                Verdict::FarEnd
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Moment {
        Moment::ZERO + Duration::from_millis(millis)
    }

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn we_send_to_the_sdp_address_until_a_packet_shows_the_real_one() {
        let mut latch = Latch::new(address("10.0.0.1:4000"));
        assert_eq!(latch.destination(), address("10.0.0.1:4000"));
        assert_eq!(latch.judge(at(0), address("192.0.2.7:9000")), Verdict::FarEnd);
        assert_eq!(latch.destination(), address("192.0.2.7:9000"));
    }

    #[test]
    fn a_stranger_cannot_take_over_a_call_that_is_no_longer_young() {
        let mut latch = Latch::new(address("10.0.0.1:4000"));
        latch.judge(at(0), address("10.0.0.1:4000"));
        assert_eq!(latch.judge(at(5_000), address("192.0.2.7:9000")), Verdict::Stranger);
        assert_eq!(latch.destination(), address("10.0.0.1:4000"));
    }

    #[test]
    fn the_same_host_may_move_its_port_once_the_old_one_is_quiet() {
        let mut latch = Latch::new(address("10.0.0.1:4000"));
        latch.judge(at(5_000), address("10.0.0.1:4000"));
        assert_eq!(latch.judge(at(5_020), address("10.0.0.1:4002")), Verdict::Stranger);
        assert_eq!(latch.judge(at(5_060), address("10.0.0.1:4002")), Verdict::FarEnd);
        assert_eq!(latch.destination(), address("10.0.0.1:4002"));
    }

    #[test]
    fn what_is_left_of_a_former_call_does_not_keep_the_far_end_out() {
        let mut latch = Latch::new(address("10.0.0.1:4004"));
        assert_eq!(latch.judge(at(0), address("10.0.0.1:4000")), Verdict::FarEnd);
        assert_eq!(latch.judge(at(20), address("10.0.0.1:4004")), Verdict::FarEnd);
        assert_eq!(latch.judge(at(21), address("10.0.0.1:4000")), Verdict::Stranger);
        assert_eq!(latch.destination(), address("10.0.0.1:4004"));
    }

    #[test]
    fn another_host_may_take_over_in_the_first_second() {
        let mut latch = Latch::new(address("10.0.0.1:4000"));
        latch.judge(at(0), address("10.0.0.1:4000"));
        assert_eq!(latch.judge(at(900), address("10.0.0.2:4000")), Verdict::FarEnd);
    }

    #[test]
    fn a_new_sdp_address_starts_over_and_the_same_one_does_not() {
        let mut latch = Latch::new(address("10.0.0.1:4000"));
        latch.judge(at(0), address("192.0.2.7:9000"));
        latch.announce(address("10.0.0.1:4000"));
        assert_eq!(latch.destination(), address("192.0.2.7:9000"));
        latch.announce(address("10.0.0.3:4000"));
        assert_eq!(latch.destination(), address("10.0.0.3:4000"));
    }
}
