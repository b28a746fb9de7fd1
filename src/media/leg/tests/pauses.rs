//! Silence that is meant, and silence that is loss.

use super::*;

/// Speaks for `frames` from `at` on, in packets of 20 ms.
fn speak(bench: &mut Bench, far_end: &mut FarEnd, at: u64, frames: u64) {
    for n in 0..frames {
        bench.hear(ms(at + n * 20), announced(), &far_end.audio(&[700; 160]));
    }
}

#[test]
fn silence_suppression_is_no_loss_and_no_gap_with_or_without_markers() {
    for marked in [true, false] {
        let mut bench = Bench::connected(Codec::Pcma);
        let mut far_end = FarEnd::new(Codec::Pcma);
        bench.leg.record(ms(1_000));
        for spurt in 0..5_u64 {
            let at = 1_000 + spurt * 3_000;
            if marked {
                let timestamp = far_end.outgoing.timestamp;
                let first = far_end.write(8, Marker::Begins, timestamp, &[0x50; 160]);
                far_end.outgoing.timestamp = timestamp.wrapping_add(160);
                bench.hear(ms(at), announced(), &first);
            } else {
                speak(&mut bench, &mut far_end, at, 1);
            }
            speak(&mut bench, &mut far_end, at + 20, 49);
            far_end.pause(2_000);
        }
        let closing = bench.close(ms(15_900));
        assert_eq!(closing.closed.packets_lost, 0);
        assert_eq!(closing.closed.gap_ms_max, 20);
        assert_eq!(closing.gap, 0, "nor is the pause that the call ends in");
        let voiced = closing.patient.iter().filter(|&&sample| sample != 0).count();
        assert_eq!(voiced, 250 * 160);
    }
}

#[test]
fn a_packet_lost_in_a_pause_is_a_gap_of_one_packet() {
    let mut bench = Bench::connected(Codec::Pcma);
    let mut far_end = FarEnd::new(Codec::Pcma);
    bench.leg.record(ms(1_000));
    speak(&mut bench, &mut far_end, 1_000, 50);
    far_end.audio(&[700; 160]);
    far_end.pause(2_980);
    speak(&mut bench, &mut far_end, 5_000, 50);
    let closing = bench.close(ms(6_000));
    assert_eq!(
        (closing.closed.packets_lost, closing.closed.gap_ms_max, closing.gap),
        (1, 40, 160)
    );
}

#[test]
fn an_outage_is_loss_and_a_gap() {
    let mut bench = Bench::connected(Codec::Pcma);
    let mut far_end = FarEnd::new(Codec::Pcma);
    bench.leg.record(ms(1_000));
    speak(&mut bench, &mut far_end, 1_000, 50);
    for _ in 0..100 {
        far_end.audio(&[700; 160]);
    }
    speak(&mut bench, &mut far_end, 4_000, 50);
    let closing = bench.close(ms(5_000));
    assert_eq!(
        (closing.closed.packets_lost, closing.closed.gap_ms_max, closing.gap),
        (100, 2_020, 16_000)
    );
}

#[test]
fn a_stall_of_the_network_is_a_gap_though_nothing_was_lost() {
    let mut bench = Bench::connected(Codec::Pcma);
    let mut far_end = FarEnd::new(Codec::Pcma);
    speak(&mut bench, &mut far_end, 1_000, 50);
    for _ in 0..25 {
        bench.hear(ms(2_480), announced(), &far_end.audio(&[700; 160]));
    }
    let closing = bench.close(ms(2_500));
    assert_eq!((closing.closed.packets_lost, closing.closed.gap_ms_max), (0, 500));
}

#[test]
fn comfort_noise_is_no_gap_and_its_pauses_are_meant() {
    let mut bench = Bench::connected(Codec::Pcma);
    let mut far_end = FarEnd::new(Codec::Pcma);
    bench.leg.record(ms(1_000));
    speak(&mut bench, &mut far_end, 1_000, 50);
    for n in 0..4 {
        let timestamp = far_end.outgoing.timestamp;
        let noise = far_end.write(13, Marker::GoesOn, timestamp, &[60, 1, 2]);
        bench.hear(ms(2_000 + n * 1_500), announced(), &noise);
        far_end.pause(1_500);
    }
    speak(&mut bench, &mut far_end, 8_000, 50);
    let timestamp = far_end.outgoing.timestamp;
    let noise = far_end.write(13, Marker::GoesOn, timestamp, &[60]);
    bench.hear(ms(9_000), announced(), &noise);
    let closing = bench.close(ms(25_000));
    assert_eq!((closing.closed.packets_lost, closing.gap), (0, 0));
    assert_eq!(closing.closed.gap_ms_max, 20);
}

#[test]
fn a_far_end_that_went_silent_after_comfort_noise_is_still_missed() {
    let mut bench = Bench::connected(Codec::Pcma);
    let mut far_end = FarEnd::new(Codec::Pcma);
    let timestamp = far_end.outgoing.timestamp;
    bench.hear(
        ms(1_100),
        announced(),
        &far_end.write(13, Marker::GoesOn, timestamp, &[60]),
    );
    bench.run(ms(21_100));
    assert!(matches!(bench.facts[..], [Fact::Heard { .. }, Fact::Silent { .. }]));
}

#[test]
fn a_gateway_that_stops_its_clock_while_nobody_speaks_stays_in_step() {
    let mut bench = Bench::connected(Codec::Pcma);
    let mut far_end = FarEnd::new(Codec::Pcma);
    bench.leg.record(ms(1_000));
    for spurt in 0..3 {
        speak(&mut bench, &mut far_end, 1_000 + spurt * 4_000, 50);
    }
    let closing = bench.close(ms(10_000));
    assert_eq!(closing.closed.packets_lost, 0);
    for spurt in 0..3 {
        let voice = &closing.patient[(spurt * 4_000 + 60) * 8..(spurt * 4_000 + 1_000) * 8];
        assert!(voice.iter().all(|&sample| sample != 0));
    }
}
