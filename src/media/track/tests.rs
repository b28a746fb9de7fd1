//! Lines under jitter, drift, jumps and pauses.

use proptest::prelude::*;

use super::*;

const FRAME: i64 = 160;

fn arrival(at: i64, timestamp: u32) -> Arrival {
    Arrival {
        at,
        timestamp,
        spurt: Spurt::GoesOn,
        order: Order::Newest,
    }
}

/// Numbers between 0 and `below` that look like chance.
fn chance(seed: u32, below: i64) -> impl FnMut() -> i64 {
    let mut state = seed | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        i64::from(state >> 8) % below
    }
}

#[test]
fn jitter_does_not_move_audio() {
    let mut track = Track::default();
    let positions: Vec<_> = [0, 165, 600, 610, 640]
        .iter()
        .zip(0..)
        .map(|(&at, n)| track.place(arrival(at, n * 160)))
        .collect();
    assert_eq!(positions, [0, 160, 320, 480, 640].map(Some));
}

#[test]
fn a_late_first_packet_is_made_good_in_one_step() {
    let mut track = Track::default();
    // 55 ms late; all others are in time.
    assert_eq!(track.place(arrival(440, 0)), Some(440));
    for n in 1..250_i64 {
        assert_eq!(track.place(arrival(n * FRAME, n as u32 * 160)), Some(n * FRAME));
    }
    assert_eq!(track.jumps(), 0);
}

#[test]
fn under_60_ms_of_jitter_the_voice_has_at_most_two_seams() {
    for seed in 1..200 {
        let (mut track, mut jitter) = (Track::default(), chance(seed, 60 * 8));
        let mut arrivals: Vec<_> = (0..1_500_i64).map(|n| (n * FRAME + jitter(), n)).collect();
        arrivals.sort_unstable();
        let (mut newest, mut seams, mut before) = (-1, 0, None);
        for (at, n) in arrivals {
            let order = if n > newest { Order::Newest } else { Order::Late };
            newest = newest.max(n);
            let off = track
                .place(Arrival {
                    order,
                    ..arrival(at, n as u32 * 160)
                })
                .unwrap()
                - n * FRAME;
            seams += u32::from(before.is_some_and(|before: i64| (off - before).abs() > LARGE_STEP));
            before = Some(off);
        }
        assert!(seams <= 2, "{seed}: {seams}");
    }
}

#[test]
fn a_talk_spurt_may_jump_at_once_and_others_after_60_ms() {
    let mut track = Track::default();
    track.place(arrival(0, 100_000));
    let spurt = Arrival {
        spurt: Spurt::Begins,
        ..arrival(8_000, 100_160)
    };
    assert_eq!(track.place(spurt), Some(8_000));
    let positions: Vec<_> = (0..5)
        .map(|n| track.place(arrival(20_000 + n * FRAME, 100_320 + n as u32 * 160)))
        .collect();
    assert_eq!(positions, [None, None, None, Some(20_480), Some(20_640)]);
}

#[test]
fn a_clock_that_leaps_forward_is_believed_at_its_second_packet_and_costs_nothing() {
    let mut track = Track::default();
    track.place(arrival(0, 0));
    let leap = 900_000;
    let positions: Vec<_> = (1..4)
        .map(|n| track.place(arrival(n * FRAME, leap + n as u32 * 160)))
        .collect();
    assert_eq!(positions, [160, 320, 480].map(Some));
    assert_eq!(track.jumps(), 1);
}

#[test]
fn one_packet_with_a_wild_timestamp_does_not_move_the_others() {
    let mut track = Track::default();
    let positions: Vec<_> = [0, 160, 3_000_000_000, 480, 1_500_000_000, 800]
        .iter()
        .zip(0..)
        .map(|(&timestamp, n)| track.place(arrival(n * FRAME, timestamp)))
        .collect();
    assert_eq!(positions[3], Some(480));
    assert_eq!(positions[5], Some(800));
    assert_eq!(track.jumps(), 0);
}

#[test]
fn a_burst_after_a_pause_of_the_network_lands_where_it_was_said() {
    let mut track = Track::default();
    track.place(arrival(0, 0));
    // 25 packets held back for half a second; those within the window are placed, the line stays.
    let positions: Vec<_> = (1..=25).map(|n| track.place(arrival(4_000, n * 160))).collect();
    assert_eq!(positions[..14], [None; 14]);
    assert_eq!(positions[14..], (15..=25).map(|n| Some(n * FRAME)).collect::<Vec<_>>());
    assert_eq!(track.jumps(), 0);
}

#[test]
fn a_quarter_of_an_hour_of_drift_jitter_and_loss_stays_in_place_without_a_jump() {
    for drift_ppm in [-200_i64, 0, 200] {
        let (mut track, mut jitter, mut loss) = (Track::default(), chance(5, 60 * 8), chance(9, 20));
        let (mut worst, mut newest, mut before) = (0, -1, None);
        let spoken = |n: i64| n * FRAME + n * FRAME * drift_ppm / 1_000_000;
        let mut arrivals: Vec<_> = (0..45_000_i64).map(|n| (spoken(n) + jitter(), n)).collect();
        arrivals.retain(|_| loss() != 0);
        arrivals.sort_unstable();
        for (at, n) in arrivals {
            let order = if n > newest { Order::Newest } else { Order::Late };
            newest = newest.max(n);
            let position = track
                .place(Arrival {
                    order,
                    ..arrival(at, n as u32 * 160)
                })
                .unwrap();
            let off = position - spoken(n);
            assert!(off.abs() <= 60 * 8, "{drift_ppm} ppm, packet {n}: {off}");
            // Once it has settled, it is better than that, and moves by no more than a sample or two at a time.
            if n > 500 {
                worst = worst.max(off.abs());
                let moved = before.map_or(0, |before: i64| (off - before).abs());
                assert!(moved <= 4, "{drift_ppm} ppm, packet {n} moved by {moved}");
            }
            before = Some(off);
        }
        assert!(worst <= 35 * 8, "{drift_ppm} ppm: {worst}");
        assert_eq!(track.jumps(), 0);
    }
}

#[test]
fn a_network_that_became_slower_for_good_is_followed() {
    let mut track = Track::default();
    let mut position = 0;
    for n in 0..1_000_i64 {
        let slower = if n >= 100 { 100 * 8 } else { 0 };
        position = track.place(arrival(n * FRAME + slower, n as u32 * 160)).unwrap();
    }
    assert!((position - 999 * FRAME - 800).abs() <= SLACK + LARGE_STEP);
}

#[test]
fn timestamps_wrap() {
    let mut track = Track::default();
    track.place(arrival(0, u32::MAX - 79));
    assert_eq!(track.place(arrival(165, 80)), Some(160));
}

proptest! {
    #[test]
    fn jitter_and_disorder_keep_audio_within_60_ms_of_the_wall(
        start: u32,
        delays in proptest::collection::vec(0_i64..60 * 8, 1..600),
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
            prop_assert!((position - n * FRAME).abs() <= 60 * 8);
        }
    }

    #[test]
    fn any_arrivals_are_taken(
        packets in proptest::collection::vec((0_i64..1_000_000, any::<u32>(), any::<bool>(), any::<bool>()), 0..300),
    ) {
        let mut track = Track::default();
        for (at, timestamp, begins, newest) in packets {
            let spurt = if begins { Spurt::Begins } else { Spurt::GoesOn };
            let order = if newest { Order::Newest } else { Order::Late };
            if let Some(position) = track.place(Arrival { at, timestamp, spurt, order }) {
                prop_assert!((-JUMP - LARGE_STEP..=EARLY + LARGE_STEP).contains(&(position - at)));
            }
        }
    }
}
