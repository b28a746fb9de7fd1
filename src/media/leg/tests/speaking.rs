//! What a leg sends.

use super::*;
use crate::phone::Key;

#[test]
fn a_connected_leg_sends_silence_at_its_slot_from_the_first_20_ms_on() {
    for codec in [Codec::Pcma, Codec::Pcmu] {
        let mut bench = Bench::connected(codec);
        bench.run(ms(1_107));
        let times: Vec<_> = bench.sent.iter().map(|(at, ..)| *at).collect();
        assert_eq!(times, [1_007, 1_027, 1_047, 1_067, 1_087, 1_107].map(ms));
        for (place, packet) in bench.packets().iter().enumerate() {
            assert_eq!(
                (packet.payload_type, packet.ssrc, packet.marker),
                (codec.payload(), 9, place == 0)
            );
            assert_eq!(packet.payload, [g711::silence(codec); 160]);
            assert_eq!(packet.sequence, 65_530_u16.wrapping_add(place as u16));
            assert_eq!(packet.timestamp, (u32::MAX - 1_000).wrapping_add(place as u32 * 160));
        }
        assert!(bench.sent.iter().all(|(_, to, _)| *to == announced()));
    }
}

#[test]
fn every_packet_time_from_10_to_60_ms_is_kept() {
    for ptime_ms in [10, 20, 30, 40, 60] {
        let mut bench = Bench::open();
        bench.leg.connect(
            bench.now,
            Remote {
                ptime_ms,
                ..remote(Codec::Pcma)
            },
        );
        bench.leg.play(1, &["a".to_owned()]);
        bench.run(ms(2_300));
        let step = u64::from(ptime_ms);
        assert!(
            bench
                .sent
                .windows(2)
                .all(|pair| pair[1].0 - pair[0].0 == Duration::from_millis(step))
        );
        assert!(
            bench
                .packets()
                .windows(2)
                .all(|pair| pair[1].timestamp.wrapping_sub(pair[0].timestamp) == step as u32 * 8)
        );
        let audio = bench
            .packets()
            .iter()
            .flat_map(|packet| packet.payload.to_vec())
            .take(8_000)
            .collect::<Vec<_>>();
        assert_eq!(audio, noise(8_000, 1).bytes(Codec::Pcma));
    }
}

#[test]
fn prompts_follow_each_other_and_done_is_told_when_the_last_sample_has_left() {
    let mut bench = Bench::connected(Codec::Pcmu);
    bench.leg.play(4, &["a", "empty", "b"].map(str::to_owned));
    // 8840 samples are 55 frames and a quarter.
    bench.run(ms(1_007 + 54 * 20));
    assert_eq!(bench.facts, []);
    bench.run(ms(1_007 + 55 * 20));
    assert_eq!(bench.facts, [Fact::PromptDone { play: 4 }]);
    let audio = bench
        .packets()
        .iter()
        .flat_map(|packet| packet.payload.to_vec())
        .collect::<Vec<_>>();
    let expected = [
        noise(8_000, 1).bytes(Codec::Pcmu),
        noise(840, 2).bytes(Codec::Pcmu),
        &[0xFF; 120],
    ]
    .concat();
    assert_eq!(audio, expected);
}

#[test]
fn a_stopped_play_is_never_done_and_a_new_one_replaces_the_old() {
    let mut bench = Bench::connected(Codec::Pcma);
    bench.leg.play(1, &["a".to_owned()]);
    bench.run(ms(1_200));
    bench.leg.stop();
    bench.leg.play(2, &["a".to_owned()]);
    bench.run(ms(1_300));
    bench.leg.play(3, &["b".to_owned()]);
    bench.run(ms(4_000));
    assert_eq!(bench.facts, [Fact::PromptDone { play: 3 }]);
}

#[test]
fn a_missing_prompt_is_told_and_nothing_plays() {
    let mut bench = Bench::connected(Codec::Pcma);
    bench.leg.play(1, &["a".to_owned()]);
    bench.leg.play(2, &["a", "nobody"].map(str::to_owned));
    bench.run(ms(3_000));
    assert_eq!(bench.facts, [Fact::PromptMissing { play: 2 }]);
    assert!(bench.packets().iter().all(|packet| packet.payload == [0xD5; 160]));
}

#[test]
fn a_play_before_connect_begins_with_the_connection() {
    let mut bench = Bench::open();
    bench.leg.play(1, &["b".to_owned()]);
    bench.run(ms(1_500));
    assert_eq!(bench.sent, []);
    bench.leg.connect(bench.now, remote(Codec::Pcma));
    bench.run(ms(2_000));
    assert_eq!(bench.facts, [Fact::PromptDone { play: 1 }]);
}

#[test]
fn keys_that_we_press_pause_the_prompt_and_are_heard_once_each_by_another_leg() {
    let mut bench = Bench::connected(Codec::Pcma);
    bench.leg.play(1, &["a".to_owned()]);
    for key in ['1', '1', '#'] {
        bench.leg.press(Key::from_char(key).unwrap());
    }
    bench.run(ms(4_000));
    let audio = bench
        .packets()
        .iter()
        .filter(|packet| packet.payload.iter().any(|&byte| byte != 0xD5) && packet.payload_type == 8)
        .flat_map(|packet| packet.payload.to_vec())
        .collect::<Vec<_>>();
    assert_eq!(audio, noise(8_000, 1).bytes(Codec::Pcma));

    let mut other = Bench::connected(Codec::Pcma);
    for (at, _, bytes) in &bench.sent {
        other.hear(*at, announced(), bytes);
    }
    assert_eq!(other.keys(), "11#");
    let ends = bench
        .packets()
        .iter()
        .filter(|packet| packet.payload_type == EVENTS && packet.payload[1] & 0x80 != 0)
        .count();
    assert_eq!(ends, 9);
}

#[test]
fn without_telephone_event_a_press_has_no_effect() {
    let mut bench = Bench::open();
    bench.leg.connect(
        bench.now,
        Remote {
            events: None,
            ..remote(Codec::Pcma)
        },
    );
    bench.leg.press(Key::STAR);
    bench.run(ms(1_500));
    assert!(bench.packets().iter().all(|packet| packet.payload_type == 8));
}

#[test]
fn a_short_stall_is_made_up_and_a_long_one_leaves_the_timestamps_with_the_wall() {
    let mut bench = Bench::connected(Codec::Pcma);
    bench.leg.play(1, &["a".to_owned()]);
    bench.run(ms(1_047));
    bench.now = ms(1_127);
    bench.tick();
    assert_eq!(bench.sent.len(), 7, "four frames were overdue");
    bench.now = ms(1_607);
    bench.tick();
    assert_eq!(bench.sent.len(), 8, "one frame, not 24");
    bench.run(ms(3_000));
    let (last_at, _, last) = bench.sent.last().unwrap();
    let elapsed = (*last_at - bench.sent[0].0).as_millis() as u32 * 8;
    let first = rtp::read(&bench.sent[0].2).unwrap().timestamp;
    assert_eq!(rtp::read(last).unwrap().timestamp.wrapping_sub(first), elapsed);
    let audio = bench
        .packets()
        .iter()
        .flat_map(|packet| packet.payload.to_vec())
        .take(8_000)
        .collect::<Vec<_>>();
    assert_eq!(audio, noise(8_000, 1).bytes(Codec::Pcma), "the prompt lost nothing");
}

#[test]
fn a_second_connect_changes_codec_and_address_and_keeps_the_stream() {
    let mut bench = Bench::connected(Codec::Pcma);
    bench.run(ms(1_047));
    let address = "192.0.2.9:5000".parse().unwrap();
    bench.leg.connect(
        bench.now,
        Remote {
            address,
            ..remote(Codec::Pcmu)
        },
    );
    bench.run(ms(1_067));
    let (_, to, last) = bench.sent.last().unwrap();
    let last = rtp::read(last).unwrap();
    assert_eq!(*to, address);
    assert_eq!((last.payload_type, last.ssrc, last.marker), (0, 9, true));
    assert_eq!(last.sequence, 65_530_u16.wrapping_add(3));
}
