//! Where the far end really is: symmetric RTP (RFC 4961) behind address translation.
//!
//! The address of the SDP is believed at once. Any other source has to show first that it is no stray: by going on with
//! the very stream that we know, or by a steady run of packets while nobody better is heard.

use std::net::SocketAddr;
use std::time::Duration;

use super::rtp::Packet;
use crate::moment::Moment;

/// While an answer is this young another host may take over: early media and the answer may come from different places.
const YOUNG: Duration = Duration::from_secs(1);

/// A source that still speaks is not replaced: silent for this long before its own stream may go on from elsewhere.
const QUIET: Duration = Duration::from_millis(60);

/// The same for another stream from the same host.
const QUIET_NEAR: Duration = Duration::from_millis(200);

/// And for another stream from another host, in an answer that is no longer young: the call would soon be given up.
const QUIET_FAR: Duration = Duration::from_secs(10);

/// So many packets in a row prove a source that the SDP did not name: five frames.
const STEADY: u32 = 5;

/// And so many one that the SDP before named, or that spoke then: it may just not have heard of the new one.
const STEADY_FORMER: u32 = 25;

/// Sources that are watched at a time; who sprays from many addresses does not push out one with a run.
const CANDIDATES: usize = 4;

/// A run that has paused for so long keeps its place no better than a single packet.
const RUN_PAUSE: Duration = Duration::from_millis(500);

/// Follows the far end from the address in its SDP to the one that its packets come from.
#[derive(Clone, Copy, Debug)]
pub struct Latch {
    announced: SocketAddr,
    since: Moment,
    source: Option<Source>,
    former: Option<SocketAddr>,
    candidates: [Option<Candidate>; CANDIDATES],
}

#[derive(Clone, Copy, Debug)]
struct Source {
    address: SocketAddr,
    heard: Moment,
}

/// A source that is not believed yet.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    address: SocketAddr,
    ssrc: u32,
    sequence: u16,
    heard: Moment,
    run: u32,
}

/// Whether a packet is the far end's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is: take the packet.
    FarEnd,
    /// It is, and the far end was elsewhere before.
    Moved,
    /// It comes from somewhere else: drop it.
    Stranger,
}

/// How a packet stands to the stream that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// It goes on with it.
    GoesOn,
    /// It does not, or none is known.
    Other,
}

impl Latch {
    /// Starts with the address in the SDP.
    pub const fn new(now: Moment, announced: SocketAddr) -> Self {
        Self {
            announced,
            since: now,
            source: None,
            former: None,
            candidates: [None; CANDIDATES],
        }
    }

    /// Takes a later SDP. A new address starts over: the last answer wins, whoever spoke before.
    pub fn announce(&mut self, now: Moment, announced: SocketAddr) {
        if self.announced == announced {
            self.since = now;
        } else {
            *self = Self {
                former: Some(self.destination()),
                ..Self::new(now, announced)
            };
        }
    }

    /// The address in the SDP.
    pub const fn announced(&self) -> SocketAddr {
        self.announced
    }

    /// Where to send now.
    pub fn destination(&self) -> SocketAddr {
        self.source.map_or(self.announced, |source| source.address)
    }

    /// Judges a valid packet by its source.
    pub fn judge(&mut self, now: Moment, from: SocketAddr, packet: &Packet<'_>, known: Known) -> Verdict {
        let source = Source {
            address: from,
            heard: now,
        };
        match self.source {
            Some(present) if present.address == from => {
                self.source = Some(source);
                Verdict::FarEnd
            }
            Some(_) | None => {
                if !self.is_believed(now, from, packet, known) {
                    return Verdict::Stranger;
                }
                let present = self.source.replace(source).map(|present| present.address);
                self.candidates = [None; CANDIDATES];
                match present.or(self.former) {
                    Some(before) if before != from => Verdict::Moved,
                    Some(_) | None => Verdict::FarEnd,
                }
            }
        }
    }

    fn is_believed(&mut self, now: Moment, from: SocketAddr, packet: &Packet<'_>, known: Known) -> bool {
        if from == self.announced {
            return true;
        }
        let run = self.run(now, from, packet);
        let Some(present) = self.source else {
            let enough = if self.former == Some(from) {
                STEADY_FORMER
            } else {
                STEADY
            };
            return run >= enough;
        };
        let quiet = now.since(present.heard);
        if known == Known::GoesOn {
            return quiet >= QUIET;
        }
        let is_near = from.ip() == present.address.ip() || from.ip() == self.announced.ip();
        let limit = match () {
            () if is_near => QUIET_NEAR,
            () if now.since(self.since) < YOUNG => QUIET,
            () => QUIET_FAR,
        };
        run >= STEADY && quiet >= limit
    }

    /// How many packets came in a row from this source.
    fn run(&mut self, now: Moment, from: SocketAddr, packet: &Packet<'_>) -> u32 {
        let known = self.candidates.iter_mut().flatten();
        let known = known
            .into_iter()
            .find(|known| known.address == from && known.ssrc == packet.ssrc);
        if let Some(known) = known {
            // A packet may be lost or doubled in between.
            known.run = match packet.sequence.wrapping_sub(known.sequence) {
                0 => known.run,
                1..=3 => known.run.saturating_add(1),
                _ => 1,
            };
            (known.sequence, known.heard) = (packet.sequence, now);
            return known.run;
        }
        let worth = |candidate: &Option<Candidate>| {
            candidate.map(|candidate| {
                let is_running = candidate.run > 1 && now.since(candidate.heard) < RUN_PAUSE;
                (is_running, candidate.heard)
            })
        };
        if let Some(least) = self.candidates.iter_mut().min_by_key(|candidate| worth(candidate)) {
            *least = Some(Candidate {
                address: from,
                ssrc: packet.ssrc,
                sequence: packet.sequence,
                heard: now,
                run: 1,
            });
        }
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "10.0.0.1:4000";

    fn at(millis: u64) -> Moment {
        Moment::ZERO + Duration::from_millis(millis)
    }

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn packet(ssrc: u32, sequence: u16) -> Packet<'static> {
        Packet {
            payload_type: 8,
            marker: false,
            sequence,
            timestamp: 0,
            ssrc,
            payload: &[],
        }
    }

    /// Judges `count` packets, 20 ms apart; those of SSRC 1 go on with what is known.
    fn stream(latch: &mut Latch, from: &str, ssrc: u32, start_ms: u64, count: u16) -> Vec<Verdict> {
        let known = if ssrc == 1 { Known::GoesOn } else { Known::Other };
        (0..count)
            .map(|n| latch.judge(at(start_ms + u64::from(n) * 20), address(from), &packet(ssrc, n), known))
            .collect()
    }

    fn believed(verdicts: &[Verdict]) -> usize {
        verdicts.iter().filter(|verdict| **verdict != Verdict::Stranger).count()
    }

    fn talking() -> Latch {
        let mut latch = Latch::new(at(0), address(A));
        stream(&mut latch, A, 1, 0, 250);
        latch
    }

    #[test]
    fn the_sdp_address_is_the_destination_until_a_steady_stream_shows_the_real_one() {
        let mut latch = Latch::new(at(0), address(A));
        assert_eq!(latch.destination(), address(A));
        let verdicts = stream(&mut latch, "192.0.2.7:9000", 2, 0, 6);
        assert_eq!(believed(&verdicts), 2);
        assert_eq!(latch.destination(), address("192.0.2.7:9000"));
    }

    #[test]
    fn single_packets_from_everywhere_prove_nothing() {
        let mut latch = Latch::new(at(0), address(A));
        for n in 0..1_000_u16 {
            let from = SocketAddr::from(([192, 0, 2, 7], 1_000 + n));
            assert_eq!(
                latch.judge(at(u64::from(n)), from, &packet(u32::from(n) + 5, n), Known::Other),
                Verdict::Stranger
            );
        }
        assert_eq!(latch.destination(), address(A));
    }

    #[test]
    fn a_stranger_cannot_take_over_while_the_far_end_speaks_nor_in_a_pause_of_it() {
        for from in ["192.0.2.7:9000", "10.0.0.1:9000"] {
            let mut latch = talking();
            for n in 0..500_u16 {
                let now = at(5_000 + u64::from(n) * 20);
                assert_eq!(
                    latch.judge(now, address(from), &packet(7, n), Known::Other),
                    Verdict::Stranger
                );
                latch.judge(now, address(A), &packet(1, 250 + n), Known::GoesOn);
            }
            assert_eq!(latch.destination(), address(A));
        }
        let mut latch = talking();
        assert_eq!(believed(&stream(&mut latch, "192.0.2.7:9000", 7, 5_000, 400)), 0);
    }

    #[test]
    fn the_known_stream_is_followed_anywhere_once_its_old_source_is_quiet() {
        for from in ["192.0.2.7:9000", "10.0.0.1:9000"] {
            let mut latch = talking();
            // The last packet came at 4980.
            assert_eq!(
                latch.judge(at(5_000), address(from), &packet(1, 250), Known::GoesOn),
                Verdict::Stranger
            );
            assert_eq!(
                latch.judge(at(5_040), address(from), &packet(1, 252), Known::GoesOn),
                Verdict::Moved
            );
            assert_eq!(latch.destination(), address(from));
        }
    }

    #[test]
    fn another_stream_of_the_same_host_is_followed_when_it_is_steady_and_the_old_one_quiet() {
        let mut latch = talking();
        let verdicts = stream(&mut latch, "10.0.0.1:4002", 7, 5_000, 20);
        assert_eq!(believed(&verdicts), 11, "from 180 ms on, 200 ms after the last packet");
    }

    #[test]
    fn another_host_may_take_over_in_the_first_second_and_again_after_ten_of_silence() {
        let mut latch = Latch::new(at(0), address(A));
        latch.judge(at(0), address(A), &packet(1, 0), Known::Other);
        assert_eq!(believed(&stream(&mut latch, "10.0.0.2:4000", 7, 20, 6)), 2);
        let mut latch = talking();
        let verdicts = stream(&mut latch, "192.0.2.7:9000", 7, 5_000, 600);
        assert_eq!(believed(&verdicts), 101);
    }

    #[test]
    fn what_is_left_of_a_former_call_does_not_keep_the_far_end_out() {
        let mut latch = Latch::new(at(0), address("10.0.0.1:4004"));
        assert_eq!(believed(&stream(&mut latch, A, 7, 0, 10)), 6);
        let own = latch.judge(at(220), address("10.0.0.1:4004"), &packet(8, 0), Known::Other);
        assert_eq!(own, Verdict::Moved);
        assert_eq!(believed(&stream(&mut latch, A, 7, 221, 3)), 0);
        assert_eq!(latch.destination(), address("10.0.0.1:4004"));
    }

    #[test]
    fn a_new_sdp_address_starts_over_and_the_same_one_does_not() {
        let mut latch = Latch::new(at(0), address(A));
        stream(&mut latch, "192.0.2.7:9000", 7, 0, 6);
        latch.announce(at(200), address(A));
        assert_eq!(latch.destination(), address("192.0.2.7:9000"));
        latch.announce(at(300), address("10.0.0.3:4000"));
        assert_eq!(latch.destination(), address("10.0.0.3:4000"));
        let former = stream(&mut latch, "192.0.2.7:9000", 7, 320, 24);
        assert_eq!(believed(&former), 0, "the last answer wins over early media");
        assert_eq!(
            latch.judge(at(810), address("10.0.0.3:4000"), &packet(9, 0), Known::Other),
            Verdict::Moved
        );
    }

    #[test]
    fn a_far_end_that_only_changes_its_words_is_believed_again_after_half_a_second() {
        let mut latch = talking();
        latch.announce(at(5_000), address("10.9.9.9:4000"));
        let verdicts = stream(&mut latch, A, 1, 5_000, 30);
        assert_eq!(believed(&verdicts), 6);
    }
}
