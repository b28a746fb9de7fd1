//! Hold in its forms, and what other answers in mid-call change.

use super::*;
use crate::phone::Key;

fn with_flow(flow: Flow) -> Remote {
    Remote {
        flow,
        ..remote(Codec::Pcma)
    }
}

#[test]
fn a_far_end_that_does_not_listen_is_sent_nothing_and_the_prompt_waits_where_it_is() {
    for flow in [Flow::SendOnly, Flow::Inactive] {
        let mut bench = Bench::connected(Codec::Pcma);
        bench.leg.play(1, &["a".to_owned()]);
        bench.run(ms(1_500));
        let before = bench.sent.len();
        bench.leg.connect(ms(1_500), with_flow(flow));
        bench.leg.press(Key::STAR);
        bench.run(ms(9_000));
        assert_eq!(bench.sent.len(), before);
        bench.leg.connect(ms(9_000), with_flow(Flow::SendRecv));
        bench.run(ms(10_500));
        let packets = bench.packets();
        let audio: Vec<_> = packets
            .iter()
            .filter(|packet| packet.payload_type == 8 && packet.payload.iter().any(|&byte| byte != 0xD5))
            .flat_map(|packet| packet.payload.to_vec())
            .collect();
        assert_eq!(
            audio,
            noise(8_000, 1).bytes(Codec::Pcma),
            "nothing of the prompt is lost"
        );
        let elapsed = (bench.sent[before].0 - bench.sent[0].0).as_millis() as u32 * 8;
        let timestamps = packets[before].timestamp.wrapping_sub(packets[0].timestamp);
        assert_eq!(timestamps, elapsed, "the timestamps go on with the wall");
        assert_eq!(
            packets[before].sequence,
            packets[0].sequence.wrapping_add(before as u16)
        );
        assert!(packets[before].marker);
        assert!(bench.facts.contains(&Fact::PromptDone { play: 1 }));
    }
}

#[test]
fn reports_go_on_while_the_far_end_does_not_listen() {
    let mut bench = Bench::open();
    bench.leg.connect(bench.now, with_flow(Flow::Inactive));
    bench.run(ms(31_000));
    assert!((5..=7).contains(&bench.reports.len()), "{}", bench.reports.len());
    assert_eq!(bench.sent, []);
    assert_eq!(bench.facts, []);
}

#[test]
fn the_silence_of_a_far_end_that_does_not_send_is_no_fault_and_its_clock_starts_anew() {
    for flow in [Flow::RecvOnly, Flow::Inactive] {
        let mut bench = Bench::connected(Codec::Pcma);
        bench.run(ms(15_000));
        bench.leg.connect(bench.now, with_flow(flow));
        bench.run(ms(120_000));
        assert_eq!(bench.facts, []);
        bench.leg.connect(bench.now, with_flow(Flow::SendRecv));
        bench.run(ms(139_999));
        assert_eq!(bench.facts, []);
        bench.run(ms(140_000));
        let silent_for = Duration::from_secs(20);
        assert_eq!(bench.facts, [Fact::Silent { silent_for }]);
    }
}

#[test]
fn the_silence_of_a_far_end_that_holds_us_and_means_to_send_is_a_fault() {
    let mut bench = Bench::connected(Codec::Pcma);
    bench.leg.connect(bench.now, with_flow(Flow::SendOnly));
    bench.run(ms(21_000));
    assert_eq!(bench.facts.len(), 1);
}

#[test]
fn the_silence_of_a_far_end_that_does_not_send_is_no_gap_in_the_recording() {
    for closes_on_hold in [true, false] {
        let mut bench = Bench::connected(Codec::Pcma);
        let mut far_end = FarEnd::new(Codec::Pcma);
        bench.leg.record(ms(1_000));
        for n in 0..50 {
            bench.hear(ms(1_000 + n * 20), announced(), &far_end.audio(&[500; 160]));
        }
        bench.leg.connect(ms(2_000), with_flow(Flow::Inactive));
        // Sent before it knew of its own hold.
        for n in 0..3 {
            bench.hear(ms(2_000 + n * 20), announced(), &far_end.audio(&[500; 160]));
        }
        if closes_on_hold {
            assert_eq!(bench.close(ms(12_000)).gap, 0);
            continue;
        }
        bench.run(ms(12_000));
        bench.leg.connect(ms(12_000), with_flow(Flow::SendRecv));
        // After the re-INVITE its clock starts at random, and 300 ms late.
        far_end.outgoing.timestamp = 0xDEAD_BEEF;
        for n in 0..50 {
            bench.hear(ms(12_300 + n * 20), announced(), &far_end.audio(&[900; 160]));
        }
        let closing = bench.close(ms(13_300));
        assert_eq!(closing.gap, 0, "numbers go on, so nothing was lost");
        assert_eq!(closing.patient[11_300 * 8..], coded(Codec::Pcma, &[900; 8_000]));
        assert_eq!(closing.closed.gap_ms_max, 20);
    }
}

#[test]
fn a_new_address_with_a_new_stream_is_heard_from_its_first_packet() {
    let mut bench = Bench::connected(Codec::Pcma);
    let (mut far_end, mut other) = (FarEnd::new(Codec::Pcma), FarEnd::other(5, 800));
    bench.leg.record(ms(1_000));
    for n in 0..50 {
        bench.hear(ms(1_000 + n * 20), announced(), &far_end.audio(&[500; 160]));
    }
    let address = "192.0.2.9:5000".parse().unwrap();
    let remote = Remote {
        address,
        ..remote(Codec::Pcma)
    };
    bench.leg.connect(ms(1_990), remote);
    for n in 0..50 {
        bench.hear(ms(2_000 + n * 20), address, &other.audio(&[900; 160]));
    }
    let closing = bench.close(ms(3_000));
    assert_eq!(closing.patient[8_000..], coded(Codec::Pcma, &[900; 8_000]));
}

#[test]
fn music_on_hold_is_recorded_and_the_pause_before_it_is_no_gap() {
    let mut bench = Bench::connected(Codec::Pcma);
    let mut far_end = FarEnd::new(Codec::Pcma);
    bench.leg.record(bench.now);
    bench.hear(ms(1_020), announced(), &far_end.audio(&[500; 160]));
    bench.leg.connect(ms(3_000), with_flow(Flow::SendOnly));
    let mut music = FarEnd::other(99, 1);
    for n in 0..50 {
        bench.hear(ms(3_100 + n * 20), announced(), &music.audio(&[900; 160]));
    }
    let closing = bench.close(ms(4_100));
    let heard = coded(Codec::Pcma, &[900; 8_000]);
    assert_eq!(closing.patient[2_100 * 8..3_100 * 8], heard);
    assert_eq!(closing.closed.gap_ms_max, 20);
}

#[test]
fn the_packet_time_changes_in_mid_call_both_ways() {
    let mut bench = Bench::connected(Codec::Pcma);
    let mut far_end = FarEnd::new(Codec::Pcma);
    bench.leg.record(bench.now);
    bench.leg.play(1, &["a".to_owned()]);
    let said = noise_samples(8 * 1_260, 77);
    let (mut at, mut place) = (1_000, 0);
    for (part, ptime_ms) in [20, 60, 10, 40, 30, 20].into_iter().enumerate() {
        let remote = Remote {
            ptime_ms,
            ..remote(Codec::Pcma)
        };
        bench.leg.connect(ms(at), remote);
        let until = 1_000 + (part as u64 + 1) * 210;
        while at + u64::from(ptime_ms) <= until {
            let length = usize::from(ptime_ms) * 8;
            // A frame comes when its last sample has been said.
            bench.hear(ms(at + 60), announced(), &far_end.audio(&said[place..place + length]));
            (at, place) = (at + u64::from(ptime_ms), place + length);
        }
    }
    bench.run(ms(3_000));
    let audio: Vec<_> = bench
        .packets()
        .iter()
        .flat_map(|packet| packet.payload.to_vec())
        .collect();
    assert_eq!(audio[..8_000], *noise(8_000, 1).bytes(Codec::Pcma));
    let packets = bench.packets();
    for (packet, next) in packets.iter().zip(&packets[1..]) {
        assert_eq!(
            next.timestamp.wrapping_sub(packet.timestamp),
            packet.payload.len() as u32
        );
    }
    let closing = bench.close(ms(3_000));
    assert_eq!(closing.patient[480..480 + place], coded(Codec::Pcma, &said[..place]));
    assert_eq!(closing.closed.packets_lost, 0);
}

#[test]
fn the_last_answer_wins_over_early_media_that_goes_on() {
    let mut bench = Bench::connected(Codec::Pcma);
    let mut early = FarEnd::new(Codec::Pcma);
    for n in 0..50 {
        bench.hear(ms(1_020 + n * 20), announced(), &early.audio(&[500; 160]));
    }
    let address = "198.51.100.9:7000".parse().unwrap();
    let answer = Remote {
        address,
        ..remote(Codec::Pcma)
    };
    bench.leg.connect(ms(2_020), answer);
    bench.leg.record(ms(2_020));
    let mut voice = FarEnd::other(3, 500);
    for n in 0..20 {
        bench.hear(ms(2_030 + n * 20), announced(), &early.audio(&[500; 160]));
        if n >= 10 {
            bench.hear(ms(2_035 + n * 20), address, &voice.audio(&[900; 160]));
        }
        assert_eq!(bench.leg.destination(), Some(address));
    }
    let closing = bench.close(ms(2_430));
    assert!(closing.patient.iter().all(|&sample| !(600..=800).contains(&sample)));
    assert_eq!(closing.patient.iter().filter(|&&sample| sample > 800).count(), 195 * 8);
}
