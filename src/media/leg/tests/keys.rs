//! One press is one key, whatever the network and the far end do to it.

use proptest::prelude::*;

use super::*;

#[test]
fn keys_come_under_any_dynamic_payload_number() {
    for number in 96..=127 {
        for events in [Some(number), Some(101), None] {
            let mut bench = Bench::open();
            let remote = Remote {
                events,
                ..remote(Codec::Pcma)
            };
            bench.leg.connect(bench.now, remote);
            let mut far_end = FarEnd::new(Codec::Pcma);
            for (at, mut packet) in (1_300..).step_by(20).zip(far_end.key('5')) {
                packet[1] = packet[1] & 0x80 | number;
                bench.hear(ms(at), announced(), &packet);
            }
            assert_eq!(bench.keys(), "5");
        }
    }
}

#[test]
fn any_one_packet_of_a_press_is_the_key() {
    for survivor in 0..7 {
        let mut bench = Bench::connected(Codec::Pcma);
        let mut far_end = FarEnd::new(Codec::Pcma);
        bench.hear(ms(1_280), announced(), &far_end.audio(&[0; 160]));
        for _ in 0..2 {
            let at = bench.now + Duration::from_millis(20);
            let packet = &far_end.key('5')[survivor];
            bench.hear(at, announced(), packet);
            bench.hear(at, announced(), packet);
            let next = far_end.audio(&[0; 160]);
            bench.hear(bench.now + Duration::from_millis(140), announced(), &next);
        }
        assert_eq!(bench.keys(), "55", "packet {survivor}");
    }
}

#[test]
fn a_key_in_comfort_noise_is_one_key() {
    let mut bench = Bench::connected(Codec::Pcma);
    let mut far_end = FarEnd::new(Codec::Pcma);
    let mut at = 1_100;
    for key in ['1', '1', '2'] {
        let timestamp = far_end.outgoing.timestamp;
        bench.hear(
            ms(at),
            announced(),
            &far_end.write(13, Marker::GoesOn, timestamp, &[60]),
        );
        far_end.pause(2_000);
        at += 2_000;
        for packet in far_end.key(key) {
            bench.hear(ms(at), announced(), &packet);
            at += 20;
        }
    }
    assert_eq!(bench.keys(), "112");
}

#[test]
fn a_key_right_after_a_change_of_ssrc_is_one_key() {
    for key_at in 0..12 {
        let mut bench = Bench::connected(Codec::Pcma);
        let mut before = FarEnd::new(Codec::Pcma);
        let mut after = FarEnd::other(123, 9);
        for n in 0..50 {
            bench.hear(ms(1_000 + n * 20), announced(), &before.audio(&[0; 160]));
        }
        let mut at = 2_000;
        for n in 0..20 {
            let packets = if n == key_at {
                after.key('8')
            } else {
                vec![after.audio(&[0; 160])]
            };
            for packet in packets {
                bench.hear(ms(at), announced(), &packet);
                at += 20;
            }
        }
        assert_eq!(bench.keys(), "8", "{key_at} frames after the change");
    }
}

#[test]
fn a_press_that_a_change_of_ssrc_cuts_is_one_key() {
    for cut in 1..7 {
        let mut bench = Bench::connected(Codec::Pcma);
        let (mut before, mut after) = (FarEnd::new(Codec::Pcma), FarEnd::other(123, 9));
        bench.hear(ms(1_000), announced(), &before.audio(&[0; 160]));
        let press = before
            .key('8')
            .into_iter()
            .take(cut)
            .chain(after.key('8').into_iter().skip(cut));
        for (at, packet) in (1_020..).step_by(20).zip(press) {
            bench.hear(ms(at), announced(), &packet);
        }
        assert_eq!(bench.keys(), "8", "cut after {cut} packets");
    }
}

#[test]
fn keys_under_an_ssrc_of_their_own_are_heard_beside_the_voice() {
    let mut bench = Bench::connected(Codec::Pcma);
    let (mut voice, mut keys) = (FarEnd::new(Codec::Pcma), FarEnd::other(4_242, 1));
    bench.leg.record(ms(1_000));
    let mut presses = Vec::new();
    for n in 0..300_u64 {
        let at = 1_000 + n * 20;
        bench.hear(ms(at), announced(), &voice.audio(&[300; 160]));
        if n % 50 == 10 {
            presses = keys.key('4');
            presses.reverse();
        }
        if let Some(packet) = presses.pop() {
            bench.hear(ms(at + 3), announced(), &packet);
        }
    }
    assert_eq!(bench.keys(), "444444");
    let closing = bench.close(ms(7_000));
    assert_eq!(closing.patient, coded(Codec::Pcma, &[300; 48_000]));
    assert_eq!((closing.closed.packets_lost, closing.gap), (0, 0));
}

#[test]
fn a_far_end_that_plays_the_same_capture_again_presses_again() {
    let mut bench = Bench::connected(Codec::Pcma);
    let keys = FarEnd::other(4_242, 1);
    let mut voice = FarEnd::new(Codec::Pcma);
    for n in 0..300_u64 {
        bench.hear(ms(1_000 + n * 20), announced(), &voice.audio(&[300; 160]));
        if n % 100 == 50 {
            let capture = keys.clone().key('4');
            for packet in capture {
                bench.hear(ms(1_005 + n * 20), announced(), &packet);
            }
        }
    }
    assert_eq!(bench.keys(), "444");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn twenty_percent_loss_copies_and_60_ms_of_jitter_leave_every_key_one_key(
        presses in proptest::collection::vec((0_usize..12, 4_u64..40), 1..12),
        seed: u32,
    ) {
        let mut state = seed | 1;
        let mut chance = move |below: u32| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state >> 8) % below
        };
        let mut far_end = FarEnd::new(Codec::Pcma);
        let (mut arrivals, mut pressed, mut slot) = (Vec::new(), String::new(), 0_u64);
        let mut order = 0;
        for (key, pause) in presses {
            let key = "0123456789*#".chars().nth(key).unwrap();
            pressed.push(key);
            let mut packets: Vec<_> = (0..pause).map(|_| (far_end.audio(&[0; 160]), false)).collect();
            packets.extend(far_end.key(key).into_iter().map(|packet| (packet, true)));
            let last = packets.len() - 1;
            for (n, (packet, _)) in packets.into_iter().enumerate() {
                // Of each press the last end survives.
                let copies = if n == last { 1 } else { u64::from(chance(5) > 0) + u64::from(chance(10) == 0) };
                for _ in 0..copies {
                    arrivals.push((1_000 + slot * 20 + u64::from(chance(60)), order, packet.clone()));
                    order += 1;
                }
                slot += 1;
            }
        }
        arrivals.sort();
        let mut bench = Bench::connected(Codec::Pcma);
        for (at, _, packet) in arrivals {
            bench.hear(ms(at), announced(), &packet);
        }
        let mut heard: Vec<_> = bench.keys().chars().collect();
        let mut expected: Vec<_> = pressed.chars().collect();
        heard.sort_unstable();
        expected.sort_unstable();
        prop_assert_eq!(heard, expected, "{} was pressed, {} was heard", pressed, bench.keys());
    }
}

#[test]
fn a_key_is_told_however_much_silence_a_leaping_clock_leaves_to_be_recorded() {
    let mut bench = Bench::connected(Codec::Pcma);
    bench.leg.record(ms(1_000));
    let mut far_end = FarEnd::new(Codec::Pcma);
    bench.hear(ms(1_280), announced(), &far_end.audio(&[0; 160]));
    let later = ms(1_300) + Duration::from_secs(2 * 3_600);
    bench.leg.handle_packet(later, announced(), &far_end.key('5')[0]);
    bench.drain();
    assert_eq!(bench.keys(), "5");
}
