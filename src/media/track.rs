//! Where received audio belongs in time: RTP timestamps smooth the arrivals, the arrivals keep them honest.

use super::samples;

/// A packet that is off by more than this does not belong to the line that its timestamps drew so far.
const JUMP: i64 = 200 * samples::PER_MS as i64;

/// How long packets without a marker must keep on being late before they are believed: one burst after a pause of the
/// network is not a jump.
const CONFIRM: i64 = 60 * samples::PER_MS as i64;

/// A drift beyond this is corrected.
const DRIFT: i64 = 20 * samples::PER_MS as i64;

/// The least delay within such a period is the delay of the line itself; the rest is jitter.
const PERIOD: i64 = 2 * samples::RATE as i64;

/// An audio packet as the track sees it.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// When, as a sample position.
    pub at: i64,
    /// Its stream.
    pub ssrc: u32,
    /// Of its first sample.
    pub timestamp: u32,
    /// What its marker says.
    pub spurt: Spurt,
    /// Whether others overtook it.
    pub order: Order,
}

/// What the marker bit of an audio packet says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spurt {
    /// A talk spurt begins: the timestamp may jump.
    Begins,
    /// It goes on.
    GoesOn,
}

/// Whether a packet came in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The newest so far.
    Newest,
    /// Overtaken.
    Late,
}

/// The line from RTP timestamps to positions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Track {
    line: Option<Line>,
    resyncs: u32,
}

#[derive(Clone, Copy, Debug)]
struct Line {
    ssrc: u32,
    timestamp: u32,
    position: i64,
    late_since: Option<i64>,
    period_end: i64,
    least_delay: i64,
}

impl Line {
    const fn from(arrival: Arrival) -> Self {
        Self {
            ssrc: arrival.ssrc,
            timestamp: arrival.timestamp,
            position: arrival.at,
            late_since: None,
            period_end: arrival.at + PERIOD,
            least_delay: i64::MAX,
        }
    }

    fn position_of(&self, timestamp: u32) -> i64 {
        self.position + i64::from(timestamp.wrapping_sub(self.timestamp).cast_signed())
    }

    /// Keeps timestamps close to the anchor, so that they may wrap as often as they like.
    fn move_to(&mut self, timestamp: u32, position: i64) {
        (self.timestamp, self.position) = (timestamp, position);
    }
}

impl Track {
    /// The position of an audio packet's first sample; nothing if the packet is too far off to be placed.
    pub fn place(&mut self, arrival: Arrival) -> Option<i64> {
        let Some(line) = self.line.as_mut().filter(|line| line.ssrc == arrival.ssrc) else {
            self.line = Some(Line::from(arrival));
            return Some(arrival.at);
        };
        let position = line.position_of(arrival.timestamp);
        let delay = arrival.at - position;
        if arrival.order == Order::Late {
            return (delay <= JUMP).then_some(position);
        }
        if delay > JUMP {
            let since = *line.late_since.get_or_insert(arrival.at);
            if arrival.spurt == Spurt::GoesOn && arrival.at - since < CONFIRM {
                return None;
            }
            return Some(self.resync(arrival));
        }
        line.late_since = None;
        if delay < -DRIFT {
            // Earlier than it can be: the line was drawn from a packet that was late itself, or the timestamp jumped.
            return Some(self.resync(arrival));
        }
        line.move_to(arrival.timestamp, position);
        line.least_delay = line.least_delay.min(delay);
        if arrival.at >= line.period_end {
            let drift = line.least_delay;
            line.period_end = arrival.at + PERIOD;
            line.least_delay = i64::MAX;
            if drift > DRIFT {
                line.position += drift;
                self.resyncs = self.resyncs.saturating_add(1);
                return Some(position + drift);
            }
        }
        Some(position)
    }

    /// The position of a timestamp on the line as it is; for packets that are not audio.
    pub fn position(&self, ssrc: u32, timestamp: u32) -> Option<i64> {
        self.line
            .filter(|line| line.ssrc == ssrc)
            .map(|line| line.position_of(timestamp))
    }

    /// How often the line was drawn anew.
    pub const fn resyncs(&self) -> u32 {
        self.resyncs
    }

    fn resync(&mut self, arrival: Arrival) -> i64 {
        self.resyncs = self.resyncs.saturating_add(1);
        self.line = Some(Line::from(arrival));
        arrival.at
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FRAME: i64 = 160;

    fn arrival(at: i64, timestamp: u32) -> Arrival {
        Arrival {
            at,
            ssrc: 1,
            timestamp,
            spurt: Spurt::GoesOn,
            order: Order::Newest,
        }
    }

    #[test]
    fn jitter_does_not_move_audio() {
        let mut track = Track::default();
        let positions: Vec<_> = [0, 150, 600, 610, 640]
            .iter()
            .zip(0..)
            .map(|(&at, n)| track.place(arrival(at, n * 160)))
            .collect();
        assert_eq!(positions, [0, 160, 320, 480, 640].map(Some));
    }

    #[test]
    fn a_late_first_packet_is_made_good_by_the_second() {
        let mut track = Track::default();
        track.place(arrival(1_000, 0));
        assert_eq!(track.place(arrival(320, 160)), Some(320), "not 1160");
    }

    #[test]
    fn a_new_stream_begins_where_it_arrives() {
        let mut track = Track::default();
        track.place(arrival(0, 5_000));
        let other = Arrival {
            ssrc: 2,
            ..arrival(400, 77)
        };
        assert_eq!(track.place(other), Some(400));
        assert_eq!(track.resyncs(), 0);
    }

    #[test]
    fn a_talk_spurt_may_jump_at_once_and_others_after_60_ms() {
        let mut track = Track::default();
        track.place(arrival(0, 100_000));
        assert_eq!(
            track.place(Arrival {
                spurt: Spurt::Begins,
                ..arrival(8_000, 100_160)
            }),
            Some(8_000)
        );
        let positions: Vec<_> = (0..5)
            .map(|n| track.place(arrival(20_000 + n * FRAME, 100_320 + n as u32 * 160)))
            .collect();
        assert_eq!(positions, [None, None, None, Some(20_480), Some(20_640)]);
    }

    #[test]
    fn a_burst_after_a_pause_of_the_network_lands_where_it_was_said() {
        let mut track = Track::default();
        track.place(arrival(0, 0));
        // 25 packets held back for half a second; those within the window are placed, the line stays.
        let positions: Vec<_> = (1..=25).map(|n| track.place(arrival(4_000, n * 160))).collect();
        assert_eq!(positions[..14], [None; 14]);
        assert_eq!(positions[14..], (15..=25).map(|n| Some(n * FRAME)).collect::<Vec<_>>());
        assert_eq!(track.resyncs(), 0);
    }

    #[test]
    fn a_drifting_clock_is_followed_within_40_ms() {
        for drift_ppm in [-300_i64, 300] {
            let mut track = Track::default();
            for n in 0..45_000_i64 {
                let at = n * FRAME + n * FRAME * drift_ppm / 1_000_000;
                let position = track.place(arrival(at, n as u32 * 160)).unwrap();
                assert!(
                    (position - at).abs() <= 40 * 8,
                    "{drift_ppm} ppm, packet {n}: {}",
                    position - at
                );
            }
            assert!(track.resyncs() > 10);
        }
    }

    #[test]
    fn timestamps_wrap() {
        let mut track = Track::default();
        track.place(arrival(0, u32::MAX - 79));
        assert_eq!(track.place(arrival(165, 80)), Some(160));
    }

    proptest! {
        #[test]
        fn jitter_and_disorder_keep_audio_within_40_ms_of_the_wall(
            start: u32,
            delays in proptest::collection::vec(0_i64..40 * 8, 1..600),
        ) {
            let mut track = Track::default();
            let mut arrivals: Vec<_> = delays.iter().zip(0_i64..).map(|(delay, n)| (n * FRAME + delay, n)).collect();
            arrivals.sort_unstable();
            let mut newest = -1;
            for (at, n) in arrivals {
                let order = if n > newest { Order::Newest } else { Order::Late };
                newest = newest.max(n);
                let timestamp = start.wrapping_add(n as u32 * 160);
                let position = track.place(Arrival { order, ..arrival(at, timestamp) }).unwrap();
                // The mean delay is 20 ms: that is where the wall is.
                prop_assert!((position - n * FRAME - 20 * 8).abs() <= 40 * 8);
            }
        }
    }
}
