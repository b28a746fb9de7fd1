//! The order of received packets: lost, late and doubled ones by their sequence numbers (RFC 3550 A.1 and A.3).

/// A jump forward up to this is loss; a longer one is a sender that started anew (RFC 3550 A.1).
const DROPOUT_MAX: i64 = 3_000;

/// How far back a packet may come and still be told from a copy; one from further back is a stray.
const WINDOW: i64 = 128;

/// Where a packet stands in its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The newest so far.
    Newest,
    /// Overtaken by others, and not here before.
    Late,
    /// A copy of one that is here.
    Copy,
    /// Far from the others: dropped, unless the next one follows it.
    Stray,
}

/// What was received of one stream, and of the streams before it.
#[derive(Clone, Debug, Default)]
pub struct Sequence {
    stream: Option<Stream>,
    /// Lost in streams that ended by a new SSRC or a restart.
    lost_before: u32,
    received: u32,
    copies: u32,
}

#[derive(Clone, Debug)]
struct Stream {
    ssrc: u32,
    first: i64,
    newest: i64,
    received: i64,
    /// Bit n: the packet n before the newest is here.
    seen: u128,
    /// The number that would prove a restart.
    restart_at: Option<u16>,
}

impl Sequence {
    /// Takes note of a packet.
    pub fn take(&mut self, ssrc: u32, number: u16) -> Place {
        let place = match &mut self.stream {
            Some(stream) if stream.ssrc == ssrc => stream.take(number),
            Some(_) | None => {
                self.begin(ssrc, number);
                Place::Newest
            }
        };
        match place {
            Place::Newest | Place::Late => self.received = self.received.saturating_add(1),
            Place::Copy => self.copies = self.copies.saturating_add(1),
            Place::Stray => {
                if let Some(stream) = &mut self.stream
                    && stream.restart_at.replace(number.wrapping_add(1)) == Some(number)
                {
                    self.begin(ssrc, number);
                    self.received = self.received.saturating_add(1);
                    return Place::Newest;
                }
            }
        }
        place
    }

    /// Packets taken, copies left out.
    pub const fn received(&self) -> u32 {
        self.received
    }

    /// Packets that came twice.
    pub const fn copies(&self) -> u32 {
        self.copies
    }

    /// Packets expected and never received, so far.
    pub fn lost(&self) -> u32 {
        self.lost_before
            .saturating_add(self.stream.as_ref().map_or(0, Stream::lost))
    }

    fn begin(&mut self, ssrc: u32, number: u16) {
        self.lost_before = self.lost();
        let first = i64::from(number);
        self.stream = Some(Stream {
            ssrc,
            first,
            newest: first,
            received: 1,
            seen: 1,
            restart_at: None,
        });
    }
}

impl Stream {
    fn take(&mut self, number: u16) -> Place {
        // The low 16 bits of `newest` are the newest number on the wire.
        let ahead = i64::from(number.wrapping_sub(self.newest as u16).cast_signed());
        if ahead > DROPOUT_MAX || ahead <= -WINDOW {
            return Place::Stray;
        }
        self.restart_at = None;
        if ahead > 0 {
            self.seen = u32::try_from(ahead)
                .ok()
                .and_then(|by| self.seen.checked_shl(by))
                .unwrap_or(0)
                | 1;
            self.newest += ahead;
            self.received += 1;
            return Place::Newest;
        }
        if self.seen & (1 << -ahead) != 0 {
            return Place::Copy;
        }
        self.seen |= 1 << -ahead;
        self.first = self.first.min(self.newest + ahead);
        self.received += 1;
        Place::Late
    }

    fn lost(&self) -> u32 {
        u32::try_from(self.newest - self.first + 1 - self.received).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn after(numbers: &[u16]) -> (Vec<Place>, u32) {
        let mut sequence = Sequence::default();
        let places = numbers.iter().map(|&n| sequence.take(1, n)).collect();
        (places, sequence.lost())
    }

    #[test]
    fn a_gap_is_loss_until_the_late_packet_comes() {
        assert_eq!(after(&[5, 7]).1, 1);
        assert_eq!(after(&[5, 7, 6]), (vec![Place::Newest, Place::Newest, Place::Late], 0));
    }

    #[test]
    fn a_packet_overtaken_at_the_very_start_is_not_minus_one_lost() {
        assert_eq!(after(&[5, 4, 6]), (vec![Place::Newest, Place::Late, Place::Newest], 0));
    }

    #[test]
    fn numbers_wrap() {
        assert_eq!(after(&[65_534, 65_535, 0, 2]).1, 1);
    }

    #[test]
    fn a_copy_is_counted_once() {
        assert_eq!(
            after(&[5, 5, 6, 5]).0,
            [Place::Newest, Place::Copy, Place::Newest, Place::Copy]
        );
    }

    #[test]
    fn a_restarted_sender_is_believed_at_its_second_packet() {
        let (places, lost) = after(&[5, 6, 30_000, 30_001, 30_003]);
        assert_eq!(places[2..], [Place::Stray, Place::Newest, Place::Newest]);
        assert_eq!(lost, 1);
    }

    #[test]
    fn a_new_ssrc_keeps_what_was_lost_before() {
        let mut sequence = Sequence::default();
        for (ssrc, number) in [(1, 5), (1, 8), (2, 100), (2, 102)] {
            sequence.take(ssrc, number);
        }
        assert_eq!((sequence.received(), sequence.lost()), (4, 3));
    }

    proptest! {
        #[test]
        fn loss_copies_and_disorder_are_counted_exactly(
            start: u16,
            fates in proptest::collection::vec((0_u8..4, 0_usize..10), 1..400),
        ) {
            // Each packet is lost, sent once or twice, and delayed by a few places.
            let mut arrivals = Vec::new();
            for (index, &(copies, delay)) in fates.iter().enumerate() {
                for copy in 0..copies.min(2) {
                    arrivals.push((index + delay + usize::from(copy), start.wrapping_add(index as u16)));
                }
            }
            arrivals.sort_by_key(|&(at, _)| at);
            let mut sequence = Sequence::default();
            for &(_, number) in &arrivals {
                sequence.take(9, number);
            }
            let alive: Vec<usize> = (0..fates.len()).filter(|&i| fates[i].0 > 0).collect();
            let span = alive.last().map_or(0, |last| last - alive[0] + 1);
            prop_assert_eq!(sequence.received() as usize, alive.len());
            prop_assert_eq!(sequence.lost() as usize, span - alive.len());
        }
    }
}
