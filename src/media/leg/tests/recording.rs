//! What a leg records, and where in time.

use proptest::prelude::*;

use super::*;

/// 20 ms of a far end that says something else in every frame.
fn frame(n: usize) -> Vec<i16> {
    noise_samples(160, 1_000 + n as u32 * 7)
}

#[test]
fn both_voices_lie_in_the_recording_when_they_were_said() {
    for codec in [Codec::Pcma, Codec::Pcmu] {
        let mut bench = Bench::connected(codec);
        let mut far_end = FarEnd::new(codec);
        bench.run(ms(1_100));
        bench.leg.record(ms(1_100));
        for n in 0..100 {
            if n == 50 {
                bench.leg.play(1, &["b".to_owned()]);
            }
            bench.hear(ms(1_300 + n as u64 * 20), announced(), &far_end.audio(&frame(n)));
        }
        let closing = bench.close(ms(4_000));
        assert_eq!((closing.patient.len(), closing.us.len()), (2_900 * 8, 2_900 * 8));
        let said: Vec<_> = (0..100).flat_map(frame).collect();
        assert_eq!(closing.patient[200 * 8..2_200 * 8], coded(codec, &said));
        assert!(
            closing.patient[..200 * 8]
                .iter()
                .chain(&closing.patient[2_200 * 8..])
                .all(|&sample| sample == 0)
        );
        // Packet 49 came at 2280; the next frame of ours leaves at 2287.
        let begun = (2_287 - 1_100) * 8;
        assert_eq!(closing.us[begun..begun + 840], coded(codec, &noise_samples(840, 2)));
        assert!(closing.us[..begun].iter().all(|&sample| sample == 0));
        assert_eq!(closing.gap, 900 * 8);
    }
}

#[test]
fn a_recording_is_as_long_as_the_talk_whatever_came() {
    for length in [0, 1, 19, 20, 21, 999, 123_457] {
        let mut bench = Bench::connected(Codec::Pcma);
        bench.leg.record(ms(1_000));
        assert_eq!(bench_length(bench, length), length * 8);
    }
}

fn bench_length(bench: Bench, millis: u64) -> u64 {
    bench.close(ms(1_000 + millis)).us.len() as u64
}

#[test]
fn a_key_leaves_silence_and_no_gap() {
    let mut bench = Bench::connected(Codec::Pcma);
    let mut far_end = FarEnd::new(Codec::Pcma);
    bench.leg.record(ms(1_000));
    for n in 0..10 {
        bench.hear(ms(1_000 + n as u64 * 20), announced(), &far_end.audio(&frame(n)));
    }
    for (at, packet) in (1_200..).step_by(20).zip(far_end.key('5')) {
        bench.hear(ms(at), announced(), &packet);
    }
    for n in 17..27 {
        bench.hear(ms(1_000 + n as u64 * 20), announced(), &far_end.audio(&frame(n)));
    }
    let closing = bench.close(ms(1_540));
    assert!(
        closing.patient[1_600..1_600 + 7 * 160]
            .iter()
            .all(|&sample| sample == 0)
    );
    assert_eq!(closing.patient[17 * 160..18 * 160], coded(Codec::Pcma, &frame(17)));
    assert_eq!(closing.gap, 0);
}

#[test]
fn a_gateway_that_changes_stream_and_clock_in_mid_call_stays_in_step() {
    let mut bench = Bench::connected(Codec::Pcma);
    bench.leg.record(ms(1_000));
    let mut ringback = FarEnd::new(Codec::Pcma);
    for n in 0..50 {
        bench.hear(ms(1_000 + n * 20), announced(), &ringback.audio(&[50; 160]));
    }
    let mut voice = FarEnd::new(Codec::Pcma);
    (voice.outgoing.ssrc, voice.outgoing.timestamp) = (3, 123_456);
    for n in 0..50 {
        bench.hear(ms(2_500 + n as u64 * 20), announced(), &voice.audio(&frame(n)));
    }
    let closing = bench.close(ms(3_600));
    assert_eq!(
        closing.patient[1_500 * 8..2_500 * 8],
        coded(Codec::Pcma, &(0..50).flat_map(frame).collect::<Vec<_>>())
    );
    assert_eq!(closing.closed.packets_lost, 0);
}

#[test]
fn comfort_noise_is_no_gap() {
    let mut bench = Bench::connected(Codec::Pcma);
    let mut far_end = FarEnd::new(Codec::Pcma);
    bench.leg.record(ms(1_000));
    bench.hear(ms(1_000), announced(), &far_end.audio(&frame(0)));
    let timestamp = far_end.outgoing.timestamp;
    bench.hear(
        ms(1_020),
        announced(),
        &far_end.write(13, Marker::GoesOn, timestamp, &[60]),
    );
    far_end.outgoing.timestamp = timestamp.wrapping_add(1_980 * 8);
    bench.hear(ms(3_000), announced(), &far_end.audio(&frame(1)));
    let closing = bench.close(ms(3_020));
    assert_eq!(closing.gap, 0);
    assert_eq!(closing.patient[2_000 * 8..], coded(Codec::Pcma, &frame(1)));
}

#[test]
fn a_recording_that_was_given_up_leaves_no_tail() {
    let mut bench = Bench::connected(Codec::Pcma);
    bench.leg.record(ms(1_000));
    bench.run(ms(1_100));
    bench.leg.stop_recording();
    assert_eq!(bench.close(ms(5_000)).us, Vec::<i16>::new());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn loss_disorder_and_copies_keep_voice_in_place_and_keys_right(
        fates in proptest::collection::vec((any::<u8>(), 0_u64..60), 60..200),
        key_at in 5_usize..50,
        survivor in 0_usize..7,
    ) {
        let mut far_end = FarEnd::new(Codec::Pcma);
        // (arrival in ms, packet); a key takes the place of seven frames.
        let mut arrivals = Vec::new();
        let mut heard = Vec::new();
        let mut slot = 0;
        for (n, &(fate, delay)) in fates.iter().enumerate() {
            let is_key = n == key_at;
            let packets = if is_key { far_end.key('7') } else { vec![far_end.audio(&frame(n))] };
            for (place, packet) in packets.into_iter().enumerate() {
                let survives = if is_key { place == survivor || fate >> place & 1 == 1 } else { fate % 8 != 0 };
                if survives {
                    arrivals.push((1_000 + slot * 20 + delay, packet.clone()));
                    if fate % 16 == 1 {
                        arrivals.push((1_000 + slot * 20 + delay + 3, packet));
                    }
                    if !is_key {
                        heard.push((slot, n));
                    }
                }
                slot += 1;
            }
        }
        arrivals.sort_by_key(|(at, _)| *at);
        let mut bench = Bench::connected(Codec::Pcma);
        bench.leg.record(ms(1_000));
        for (at, packet) in arrivals {
            bench.hear(ms(at), announced(), &packet);
        }
        let closing = bench.close(ms(1_000 + slot * 20 + 300));
        prop_assert_eq!(keys(&closing.facts), "7");
        prop_assert_eq!(closing.patient.len() as u64, (slot * 20 + 300) * 8);
        let mut misplaced = 0;
        for (slot, n) in heard.iter() {
            // Anywhere between its own time and the longest delay; slides may cost single frames their edges.
            let window = &closing.patient[*slot as usize * 160..][..60 * 8 + 160];
            let said = coded(Codec::Pcma, &frame(*n));
            if !window.windows(80).any(|part| part == &said[40..120]) {
                misplaced += 1;
            }
        }
        prop_assert!(misplaced <= 4, "{} frames out of place", misplaced);
    }
}
