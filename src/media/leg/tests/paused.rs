//! Passages that are not recorded.

use super::super::super::Paused;
use super::*;

#[test]
fn a_pause_is_silent_on_both_channels_and_moves_nothing() {
    let mut bench = Bench::connected(Codec::Pcma);
    let mut far_end = FarEnd::new(Codec::Pcma);
    bench.leg.record(ms(1_000));
    bench.leg.play_looped(1, &["a".to_owned()]);
    let said = noise_samples(160 * 100, 9);
    for (number, frame) in said.chunks(160).enumerate() {
        let at = 1_000 + number as u64 * 20;
        match at {
            1_500 => bench.leg.pause_recording(ms(at)),
            2_000 => bench.leg.resume_recording(ms(at)),
            2_500 => bench.leg.pause_recording(ms(at)),
            _ => {}
        }
        bench.hear(ms(at), announced(), &far_end.audio(frame));
    }
    let paused = bench.leg.paused(ms(3_000));
    let closing = bench.close(ms(3_000));
    let stretches = [(500, 1_000), (1_500, 2_000)].map(|(from_ms, to_ms)| Paused { from_ms, to_ms });
    assert_eq!(paused, stretches);
    assert_eq!((closing.patient.len(), closing.gap), (2_000 * 8, 0));
    let said = coded(Codec::Pcma, &said);
    for (from, to) in [(0, 4_000), (8_000, 12_000)] {
        assert_eq!(closing.patient[from..to], said[from..to]);
        assert!(closing.us[from + 200..to].iter().any(|sample| *sample != 0));
    }
    for (from, to) in [(4_000, 8_000), (12_000, 16_000)] {
        for channel in [&closing.patient, &closing.us] {
            assert!(channel[from..to].iter().all(|sample| *sample == 0));
        }
    }
}

#[test]
fn without_a_recording_there_is_nothing_to_pause() {
    let mut bench = Bench::connected(Codec::Pcma);
    bench.leg.pause_recording(ms(1_100));
    assert_eq!(bench.leg.paused(ms(1_200)), []);
}

#[test]
fn pauses_without_number_end_in_one_long_silence() {
    let mut bench = Bench::connected(Codec::Pcma);
    bench.leg.record(ms(1_000));
    for number in 0..500 {
        bench.leg.pause_recording(ms(1_000 + number * 10));
        bench.leg.resume_recording(ms(1_005 + number * 10));
    }
    let paused = bench.leg.paused(ms(7_000));
    assert_eq!(paused.len(), 100);
    assert_eq!(paused.last().map(|last| (last.from_ms, last.to_ms)), Some((990, 4_995)));
}
