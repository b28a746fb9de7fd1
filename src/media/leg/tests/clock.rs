//! A quarter of an hour with a far end whose clock is not ours.

use super::*;

/// Minutes of talk.
const MINUTES: u64 = 15;

/// A frame that is heard as a click: loud, and nothing else is.
const CLICK: i16 = 16_000;

/// Clicks are 5 s apart.
const CLICK_EVERY: u64 = 250;

/// Numbers below a limit that look like chance.
fn chance(seed: u32) -> impl FnMut(u32) -> u32 {
    let mut state = seed | 1;
    move |below| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 8) % below
    }
}

/// When a far end whose clock is off says its nth frame.
fn spoken(n: u64, drift_ppm: i64) -> Duration {
    let nanos = n as i64 * 20_000_000;
    Duration::from_nanos((nanos - nanos / 1_000_000 * drift_ppm) as u64)
}

#[test]
fn voice_stays_within_60_ms_of_the_truth_over_15_minutes_of_drift_jitter_and_loss() {
    for (drift_ppm, seed) in [(200, 1), (-200, 2)] {
        let mut chance = chance(seed);
        let mut far_end = FarEnd::new(Codec::Pcma);
        let origin = ms(1_000);
        let mut arrivals = Vec::new();
        for n in 0..MINUTES * 60 * 50 {
            let is_click = n % CLICK_EVERY == 25;
            let packet = far_end.audio(&[if is_click { CLICK } else { 40 }; 160]);
            let delay = Duration::from_micros(u64::from(chance(60_000)));
            // What is measured is never lost.
            if is_click || chance(20) > 0 {
                arrivals.push((origin + spoken(n, drift_ppm) + delay, packet));
            }
        }
        arrivals.sort();
        let mut bench = Bench::connected(Codec::Pcma);
        bench.leg.record(origin);
        for (at, packet) in arrivals {
            bench.hear(at, announced(), &packet);
        }
        let closing = bench.close(ms(1_000 + MINUTES * 60_000));
        assert_eq!(closing.patient.len() as u64, MINUTES * 60 * 8_000);

        let loud = |&(_, sample): &(usize, &i16)| i32::from(*sample) > i32::from(CLICK) / 2;
        let mut begins = Vec::new();
        let mut last = 0;
        for (place, _) in closing.patient.iter().enumerate().filter(loud) {
            if begins.is_empty() || place > last + 800 {
                begins.push(place);
            }
            last = place;
        }
        let clicks = (0..MINUTES * 60 * 50).filter(|n| n % CLICK_EVERY == 25);
        let mut worst = 0;
        for (begin, n) in begins.iter().zip(clicks) {
            let truth = samples(spoken(n, drift_ppm));
            let off = *begin as i64 - truth;
            assert!(off.abs() <= 60 * 8, "frame {n}: {} ms", off / 8);
            if n > 1_000 {
                worst = worst.max(off.abs());
            }
        }
        assert_eq!(begins.len() as u64, MINUTES * 60 / 5);
        assert!(worst <= 35 * 8, "once settled, {worst} samples");
    }
}

fn samples(duration: Duration) -> i64 {
    (duration.as_nanos() / 125_000) as i64
}

#[test]
fn a_tone_is_carried_over_drift_without_a_click() {
    for drift_ppm in [200, -200] {
        let mut far_end = FarEnd::new(Codec::Pcma);
        let mut bench = Bench::connected(Codec::Pcma);
        bench.leg.record(ms(1_000));
        let step = std::f64::consts::TAU * 400.0 / 8_000.0;
        for n in 0..3_000_u64 {
            let tone: Vec<_> = (n * 160..(n + 1) * 160)
                .map(|place| ((place as f64 * step).sin() * 8_000.0) as i16)
                .collect();
            bench.hear(ms(1_000) + spoken(n, drift_ppm), announced(), &far_end.audio(&tone));
        }
        let closing = bench.close(ms(60_900));
        assert_eq!(closing.gap, 0);
        let steepest = 8_000.0 * step;
        for pair in closing.patient.windows(2) {
            let change = f64::from(pair[1]) - f64::from(pair[0]);
            assert!(change.abs() <= steepest * 2.2, "{drift_ppm} ppm: a step of {change}");
        }
    }
}
