//! What a leg takes and tells.

use proptest::prelude::*;

use super::*;
use crate::phone::Key;

#[test]
fn the_first_packet_after_each_connect_is_told() {
    let mut bench = Bench::connected(Codec::Pcma);
    let mut far_end = FarEnd::new(Codec::Pcma);
    for at in [1_030, 1_050] {
        bench.hear(ms(at), announced(), &far_end.audio(&[0; 160]));
    }
    bench.leg.connect(ms(1_060), remote(Codec::Pcma));
    bench.hear(ms(1_070), announced(), &far_end.audio(&[0; 160]));
    assert_eq!(bench.facts, [1_030, 1_070].map(|at| Fact::Heard { at: ms(at) }));
}

#[test]
fn what_came_before_the_sdp_is_used_if_it_was_the_far_ends_and_lately() {
    let mut bench = Bench::open();
    let mut far_end = FarEnd::new(Codec::Pcma);
    let stranger = "192.0.2.1:4004".parse().unwrap();
    bench.hear(ms(1_001), announced(), &far_end.audio(&[0; 160]));
    for (at, packet) in (2_500..).step_by(20).zip(far_end.key('3')) {
        bench.hear(ms(at), announced(), &packet);
        bench.hear(ms(at), stranger, &FarEnd::other(5, at as u16).audio(&[0; 160]));
    }
    assert_eq!(bench.facts, [], "not connected yet");
    bench.leg.connect(ms(2_700), remote(Codec::Pcma));
    bench.drain();
    assert_eq!(bench.keys(), "3");
    assert_eq!(bench.facts[0], Fact::Heard { at: ms(2_500) });
    let closing = bench.close(ms(2_800));
    assert_eq!((closing.closed.packets_received, closing.unused.early), (7, 8));
}

#[test]
fn a_flood_before_the_sdp_is_bounded_and_counted() {
    let mut bench = Bench::open();
    let mut far_end = FarEnd::new(Codec::Pcma);
    for n in 0..10_000_u64 {
        bench.hear(
            ms(1_000) + Duration::from_micros(n),
            announced(),
            &far_end.audio(&[0; 160]),
        );
        bench.leg.handle_packet(ms(1_010), announced(), &[0x80; 1_400]);
    }
    bench.leg.connect(ms(1_010), remote(Codec::Pcma));
    let closing = bench.close(ms(1_020));
    assert_eq!((closing.closed.packets_received, closing.unused.early), (32, 19_968));
}

#[test]
fn a_key_is_told_once_with_its_place_in_the_recording_and_the_play_it_fell_into() {
    let mut bench = Bench::connected(Codec::Pcma);
    let mut far_end = FarEnd::new(Codec::Pcma);
    bench.leg.record(ms(1_000));
    bench.leg.play(6, &["a".to_owned()]);
    for (at, packet) in (1_300..).step_by(20).zip(far_end.key('5')) {
        bench.hear(ms(at), announced(), &packet);
    }
    bench.run(ms(2_100));
    for (at, packet) in (2_500..).step_by(20).zip(far_end.key('5')) {
        bench.hear(ms(at), announced(), &packet);
    }
    let key = Key::from_char('5').unwrap();
    let expected = [
        Fact::Heard { at: ms(1_300) },
        Fact::KeyHeard {
            key,
            at_ms: 300,
            during: Some(6),
        },
        Fact::PromptDone { play: 6 },
        Fact::KeyHeard {
            key,
            at_ms: 1_500,
            during: None,
        },
    ];
    assert_eq!(bench.facts, expected);
}

#[test]
fn silence_is_told_once_per_pause() {
    let mut bench = Bench::connected(Codec::Pcma);
    let mut far_end = FarEnd::new(Codec::Pcma);
    bench.run(ms(60_000));
    bench.hear(ms(61_000), announced(), &far_end.audio(&[0; 160]));
    bench.run(ms(80_999));
    let silent_for = Duration::from_secs(20);
    let expected = [Fact::Silent { silent_for }, Fact::Heard { at: ms(61_000) }];
    assert_eq!(bench.facts, expected);
    bench.run(ms(120_000));
    bench.hear(ms(120_100), announced(), &far_end.audio(&[0; 160]));
    bench.run(ms(141_000));
    assert_eq!(
        bench.facts[2..],
        [Fact::Silent { silent_for }, Fact::Silent { silent_for }]
    );
}

#[test]
fn what_is_not_used_is_counted_and_latches_nothing() {
    let mut bench = Bench::connected(Codec::Pcma);
    let mut far_end = FarEnd::new(Codec::Pcma);
    let stranger = "203.0.113.5:1".parse().unwrap();
    bench.hear(ms(1_100), stranger, &far_end.write(96, Marker::GoesOn, 0, &[0; 160]));
    bench.hear(ms(1_100), stranger, &[0x80, 200, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    bench.hear(ms(1_100), stranger, b"\r\n\r\n");
    let packet = far_end.audio(&[0; 160]);
    bench.hear(ms(1_100), announced(), &packet);
    bench.hear(ms(1_101), announced(), &packet);
    assert_eq!(bench.leg.destination(), Some(announced()));
    let unused = bench.close(ms(1_200)).unused;
    assert_eq!(
        (unused.unknown, unused.rtcp, unused.malformed, unused.copies),
        (1, 1, 1, 1)
    );
}

#[test]
fn sums_name_loss_and_the_longest_pause() {
    let mut bench = Bench::connected(Codec::Pcma);
    let mut far_end = FarEnd::new(Codec::Pcma);
    for n in 0..100 {
        let packet = far_end.audio(&[0; 160]);
        if !(40..47).contains(&n) {
            bench.hear(ms(1_000 + n * 20), announced(), &packet);
        }
    }
    let closed = bench.close(ms(3_000)).closed;
    assert_eq!(
        (closed.packets_received, closed.packets_lost, closed.gap_ms_max),
        (93, 7, 160)
    );
    assert_eq!((closed.packets_sent, closed.recording), (100, None));
}

#[test]
fn the_pause_between_early_media_and_the_answer_is_no_gap() {
    let mut bench = Bench::connected(Codec::Pcma);
    let mut far_end = FarEnd::new(Codec::Pcma);
    bench.hear(ms(1_020), announced(), &far_end.audio(&[0; 160]));
    bench.leg.connect(ms(9_000), remote(Codec::Pcma));
    bench.hear(ms(9_100), announced(), &far_end.audio(&[0; 160]));
    bench.hear(ms(9_130), announced(), &far_end.audio(&[0; 160]));
    assert_eq!(bench.close(ms(9_200)).closed.gap_ms_max, 30);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_bytes_from_anywhere_at_any_time_are_taken(
        packets in proptest::collection::vec(
            (0_u64..500, 0_u16..3, prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..64),
                // Something like RTP.
                (any::<[u8; 10]>(), prop_oneof![Just(0_u8), Just(8), Just(13), Just(101), Just(229)], 0_usize..2_000).prop_map(
                    |(rest, kind, length)| [&[0x80, kind], &rest[..], &vec![3; length]].concat()
                ),
            ]),
            0..60,
        ),
    ) {
        let mut bench = Bench::connected(Codec::Pcmu);
        bench.leg.record(bench.now);
        bench.leg.play(1, &["a".to_owned()]);
        for (pause, port, bytes) in packets {
            let at = bench.now + Duration::from_millis(pause);
            bench.hear(at, SocketAddr::new(announced().ip(), 4_000 + port), &bytes);
            bench.leg.handle_report(at, SocketAddr::new(announced().ip(), 4_000 + port), &bytes);
        }
        let end = bench.now + Duration::from_millis(5);
        let closing = bench.close(end);
        prop_assert_eq!(closing.patient.len() as u128, (end - ms(1_000)).as_millis() * 8);
    }
}
