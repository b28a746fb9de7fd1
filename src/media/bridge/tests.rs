//! Voices over a bridge in virtual time: what is heard, when, and how much of it.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const SECOND: i64 = 8_000;

/// A sender whose every moment sounds like no other, so that what is heard can be told to the sample.
struct Voice {
    /// Samples of a packet.
    length: i64,
    /// How many samples of ours its second has.
    second: i64,
    /// Quiet in the last so many samples of each two seconds.
    pause: i64,
}

impl Voice {
    const fn of(length: i64) -> Self {
        Self {
            length,
            second: SECOND,
            pause: 0,
        }
    }

    fn sample(&self, index: i64) -> i16 {
        if index % (2 * SECOND) >= 2 * SECOND - self.pause {
            return 0;
        }
        (mixed(index) >> 40) as i16 / 2
    }

    fn bytes(&self, packet: i64) -> Vec<u8> {
        let indices = packet * self.length..(packet + 1) * self.length;
        indices
            .map(|index| g711::encoded(Codec::Pcma, self.sample(index)))
            .collect()
    }

    /// When a packet is sent: when its last sample has been spoken.
    fn sent(&self, packet: i64) -> i64 {
        (packet + 1) * self.length * self.second / SECOND
    }

    /// When a sample's packet should come.
    fn due(&self, index: i64) -> i64 {
        self.sent(index / self.length) + index % self.length
    }
}

/// What came out, and the position of its first sample.
struct Heard {
    begun: i64,
    played: Vec<i16>,
}

const START: i64 = 10 * SECOND;

fn moment(position: i64) -> Moment {
    Moment::ZERO + samples::duration(u64::try_from(position).unwrap())
}

/// Lets a listener with this packet time, whose ticks are so late after the start, hear a voice over a network that holds
/// each packet back by so much, or loses it.
fn hear(voice: &Voice, frame: i64, phase: i64, seconds: i64, network: impl Fn(i64) -> Option<i64>) -> Heard {
    let packets = seconds * SECOND / voice.length;
    let mut arrivals: Vec<_> = (0..packets)
        .filter_map(|packet| network(packet).map(|late| (START + voice.sent(packet) + late, packet)))
        .collect();
    arrivals.sort_unstable();
    let mut arrivals = arrivals.into_iter().peekable();
    let tick = |at: i64| Tick {
        at: moment(at),
        frame: u16::try_from(frame).unwrap(),
    };
    let mut queue = Queue::new(tick(START + phase));
    let mut played = Vec::new();
    for number in 0..seconds * SECOND / frame {
        let at = START + phase + number * frame;
        while let Some((arrived, packet)) = arrivals.next_if(|(arrived, _)| *arrived <= at) {
            let piece = Piece {
                at: moment(arrived),
                ssrc: 1,
                timestamp: (packet * voice.length) as u32,
                codec: Codec::Pcma,
                bytes: &voice.bytes(packet),
            };
            queue.put(tick(at), piece);
        }
        let mut buffer = vec![0; usize::try_from(frame).unwrap()];
        queue.take(tick(at), &mut buffer);
        played.extend(buffer);
    }
    let begun = START + phase;
    Heard { begun, played }
}

impl Heard {
    /// Of each stretch of a millisecond that the voice spoke: how long after its time it was heard, in samples.
    fn delays(&self, voice: &Voice, spoken: i64) -> Vec<Option<i64>> {
        let windows = self.played.windows(8).map(name);
        let places: BTreeMap<i64, i64> = windows.zip(self.begun..).collect();
        let loud = |index: &i64| voice.sample(*index) != 0 && voice.sample(index + 8) != 0;
        let starts = (0..spoken).step_by(8).filter(loud);
        let found = starts.map(|start| {
            let coded = |index| g711::decoded(Codec::Pcma, g711::encoded(Codec::Pcma, voice.sample(index)));
            let window: Vec<_> = (start..start + 8).map(coded).collect();
            places.get(&name(&window)).map(|at| at - START - voice.due(start))
        });
        found.collect()
    }
}

/// So many pieces of a millisecond were not heard.
fn lost(delays: &[Option<i64>]) -> usize {
    delays.iter().filter(|delay| delay.is_none()).count()
}

fn most(delays: &[Option<i64>]) -> i64 {
    delays.iter().flatten().copied().max().unwrap_or(0)
}

fn least(delays: &[Option<i64>]) -> i64 {
    delays.iter().flatten().copied().min().unwrap_or(0)
}

/// Any number, the same each time.
fn chance(seed: i64, below: i64) -> i64 {
    mixed(seed) % below
}

/// A short name for a few samples.
fn name(samples: &[i16]) -> i64 {
    samples.iter().fold(0, |name, sample| mixed(name ^ i64::from(*sample)))
}

const fn mixed(seed: i64) -> i64 {
    let mixed = (seed as u64).wrapping_add(7).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((mixed ^ (mixed >> 29)) >> 1) as i64
}

#[test]
fn an_even_voice_is_heard_whole_after_less_than_a_frame_and_its_margin() {
    for phase in 0..20 {
        let voice = Voice::of(160);
        let delays = hear(&voice, 160, ms(phase), 4, |_| Some(0)).delays(&voice, 3 * SECOND);
        // The first samples are faded in.
        assert_eq!(lost(&delays[4..]), 0, "phase {phase}");
        assert!(
            least(&delays) >= SPARE && most(&delays) < SPARE + ms(20),
            "phase {phase}: {}",
            most(&delays)
        );
        assert_eq!(least(&delays), most(&delays), "phase {phase}");
    }
}

#[test]
fn packets_and_frames_of_other_lengths_are_cut_to_fit() {
    // The wait for the last packet that a frame holds is unavoidable.
    for (length, frame, wait) in [
        (160, 480, 60),
        (480, 160, 20),
        (240, 160, 30),
        (80, 160, 20),
        (160, 80, 20),
        (480, 480, 60),
    ] {
        for phase in [0, 7, 13, 19] {
            let voice = Voice::of(length);
            let delays = hear(&voice, frame, ms(phase), 4, |_| Some(0)).delays(&voice, 3 * SECOND);
            assert_eq!(lost(&delays[4..]), 0, "{length} into {frame}, phase {phase}");
            assert!(
                most(&delays) < SPARE + ms(wait),
                "{length} into {frame}, phase {phase}: {}",
                most(&delays)
            );
        }
    }
}

#[test]
fn a_lost_packet_is_a_silence_of_its_length_and_nothing_moves() {
    let voice = Voice::of(160);
    let heard = hear(&voice, 160, ms(3), 4, |packet| (packet % 25 != 24).then_some(0));
    let delays = heard.delays(&voice, 3 * SECOND);
    // 20 ms of each lost one, and the fade after it.
    let packets = 3 * 50 / 25;
    assert!(
        (packets * 20..=packets * 25 + 4).contains(&lost(&delays)),
        "{}",
        lost(&delays)
    );
    assert_eq!(least(&delays), most(&delays));
}

#[test]
fn jitter_is_learned_and_then_costs_nothing() {
    for seed in 0..10 {
        let voice = Voice::of(160);
        let network = |packet| Some(chance(packet * 31 + seed, ms(18)));
        let delays = hear(&voice, 160, ms(chance(seed, 20)), 20, network).delays(&voice, 19 * SECOND);
        let after = &delays[10_000..];
        assert!(
            lost(after) * 200 < after.len(),
            "seed {seed}: {} of {} ms",
            lost(after),
            after.len()
        );
        assert!(most(after) <= SPARE_MAX + ms(20), "seed {seed}: {}", most(after));
    }
}

#[test]
fn packets_that_overtake_each_other_are_put_in_order() {
    let voice = Voice::of(160);
    let network = |packet: i64| Some(if packet % 10 == 4 { ms(25) } else { 0 });
    let delays = hear(&voice, 160, ms(2), 20, network).delays(&voice, 19 * SECOND);
    let (before, after) = (&delays[..4_000], &delays[12_000..]);
    assert!(lost(before) > 0, "which could not be known at first");
    assert!(lost(after) <= 12, "{} of {} ms", lost(after), after.len());
}

#[test]
fn a_stall_of_the_network_moves_what_comes_and_the_delay_goes_down_again() {
    let voice = Voice {
        pause: SECOND / 2,
        ..Voice::of(160)
    };
    // Five packets come together with the sixth.
    let network = |packet: i64| {
        Some(if (100..105).contains(&packet) {
            (105 - packet) * ms(20)
        } else {
            0
        })
    };
    let delays = hear(&voice, 160, ms(9), 12, network).delays(&voice, 11 * SECOND);
    assert!(lost(&delays[4..]) <= 110, "{}", lost(&delays));
    assert!(most(&delays) <= SPARE_MAX + ms(100));
    assert!(most(&delays[5_500..]) < SPARE + ms(20), "{}", most(&delays[5_500..]));
}

#[test]
fn clocks_that_drift_apart_cost_nothing_of_what_is_said() {
    // A thousandth in both directions, far more than telephones have.
    for second in [SECOND - 8, SECOND + 8] {
        let voice = Voice {
            second,
            pause: SECOND / 2,
            ..Voice::of(160)
        };
        let delays = hear(&voice, 160, ms(4), 100, |_| Some(0)).delays(&voice, 99 * SECOND);
        assert!(
            lost(&delays[4..]) < 150,
            "{second}: {} of {} ms",
            lost(&delays),
            delays.len()
        );
        assert!(most(&delays) < ms(40), "{second}: {}", most(&delays));
    }
}

#[test]
fn a_voice_without_pauses_keeps_its_delay_low_all_the_same() {
    let voice = Voice {
        second: SECOND - 8,
        ..Voice::of(160)
    };
    let delays = hear(&voice, 160, ms(4), 60, |_| Some(0)).delays(&voice, 59 * SECOND);
    assert!(most(&delays) < ms(40), "{}", most(&delays));
    assert!(lost(&delays) < 200, "{}", lost(&delays));
}

#[test]
fn after_a_pause_without_packets_the_voice_is_where_it_was() {
    let voice = Voice::of(160);
    let delays = hear(&voice, 160, ms(11), 6, |packet| {
        (!(50..200).contains(&packet)).then_some(0)
    })
    .delays(&voice, 5 * SECOND);
    assert_eq!(least(&delays), most(&delays));
    assert_eq!(lost(&delays[4_005..]), 0);
}

#[test]
fn a_sender_whose_timestamps_begin_anew_is_heard_on() {
    let voice = Voice::of(160);
    let tick = |number: i64| Tick {
        at: moment(START + number * 160),
        frame: 160,
    };
    let mut queue = Queue::new(tick(0));
    let mut sounding = 0;
    for number in 0..200 {
        let (ssrc, timestamp) = match number {
            ..50 => (1, number * 160),
            50..100 => (1, 5_000_000 + number * 160),
            100..150 => (2, number * 160),
            _ => (2, number * 160 - 2_000_000),
        };
        let piece = Piece {
            at: moment(START + number * 160 - 60),
            ssrc,
            timestamp: timestamp as u32,
            codec: Codec::Pcma,
            bytes: &voice.bytes(number),
        };
        queue.put(tick(number), piece);
        let mut frame = [0; 160];
        if queue.take(tick(number), &mut frame) == Sound::Heard {
            sounding += 1;
        }
    }
    assert!(sounding >= 196, "{sounding}");
}

#[test]
fn frames_that_the_listener_left_out_are_over() {
    let voice = Voice::of(160);
    let tick = |number: i64| Tick {
        at: moment(START + number * 160),
        frame: 160,
    };
    let mut queue = Queue::new(tick(0));
    let mut frame = [0; 160];
    for number in 0..200 {
        let piece = Piece {
            at: moment(START + number * 160 - 60),
            ssrc: 1,
            timestamp: (number * 160) as u32,
            codec: Codec::Pcma,
            bytes: &voice.bytes(number),
        };
        // For two seconds nobody took anything.
        let next = if (50..150).contains(&number) { 50 } else { number };
        queue.put(tick(next), piece);
        if next == number && number != 50 {
            queue.take(tick(number), &mut frame);
        }
    }
    let last = |index: i64| g711::decoded(Codec::Pcma, g711::encoded(Codec::Pcma, voice.sample(199 * 160 + index)));
    assert_eq!(frame.to_vec(), (0..160).map(last).collect::<Vec<_>>());
}

proptest! {
    #[test]
    fn anything_may_come_at_any_time(
        pieces in proptest::collection::vec((0_i64..40_000, any::<u8>(), any::<u32>(), 0_usize..1_700, 1_u16..500), 0..200),
    ) {
        let mut now = START;
        let first = Tick { at: moment(now), frame: 160 };
        let mut queue = Queue::new(first);
        for (later, ssrc, timestamp, length, frame) in pieces {
            now += later % 700;
            let tick = Tick { at: moment(now), frame };
            let bytes = vec![0x2A; length];
            // Near each other as often as not.
            let timestamp = if timestamp % 2 == 0 { timestamp % 5_000 } else { timestamp };
            let at = moment(now - later % 300);
            queue.put(tick, Piece { at, ssrc: u32::from(ssrc % 2), timestamp, codec: Codec::Pcmu, bytes: &bytes });
            if later % 3 > 0 {
                queue.take(tick, &mut vec![0; usize::from(frame)]);
            }
        }
    }
}
