//! Packets that are not the far end's, from its own address and from others.

use super::*;

/// A far end that says something else in every frame, and presses 5 in the middle.
fn talk(frames: usize) -> Vec<(u64, Vec<u8>)> {
    let mut far_end = FarEnd::new(Codec::Pcma);
    let mut packets = Vec::new();
    for n in 0..frames {
        packets.push(far_end.audio(&noise_samples(160, 1_000 + n as u32)));
        if n == frames / 2 {
            packets.extend(far_end.key('5'));
        }
    }
    (1_000..).step_by(20).zip(packets).collect()
}

fn said(frames: usize) -> Vec<i16> {
    let voice = |n: usize| coded(Codec::Pcma, &noise_samples(160, 1_000 + n as u32));
    let (first, rest) = (0..=frames / 2, frames / 2 + 1..frames);
    let key = std::iter::repeat_n(0, 7 * 160);
    first.flat_map(voice).chain(key).chain(rest.flat_map(voice)).collect()
}

/// What the leg makes of a talk with strays from `from` in between.
fn disturbed(from: SocketAddr, mut stray: impl FnMut(u64) -> Option<Vec<u8>>) -> Closing {
    let mut bench = Bench::connected(Codec::Pcma);
    bench.leg.record(ms(1_000));
    for (at, packet) in talk(200) {
        bench.hear(ms(at), announced(), &packet);
        if let Some(packet) = stray(at) {
            bench.hear(ms(at + 7), from, &packet);
        }
        assert_eq!(bench.leg.destination(), Some(announced()));
    }
    let closing = bench.close(ms(1_000 + 207 * 20));
    assert_eq!(keys(&closing.facts), "5");
    assert_eq!(closing.patient, said(200));
    assert_eq!((closing.closed.packets_lost, closing.gap), (0, 0));
    closing
}

#[test]
fn strangers_change_neither_recording_nor_keys_nor_destination() {
    for from in ["203.0.113.5:4000", "192.0.2.1:4002"] {
        let mut stranger = FarEnd::other(666, 1);
        let mut presses = FarEnd::other(667, 1);
        let closing = disturbed(from.parse().unwrap(), |at| {
            Some(if at % 100 == 0 {
                presses.key('9').remove(0)
            } else {
                stranger.audio(&[9_000; 160])
            })
        });
        assert!(closing.unused.strangers >= 200);
        // One that knows the SSRC and the number of the next packet.
        let mut twin = FarEnd::new(Codec::Pcma);
        twin.outgoing.timestamp = 5;
        disturbed(from.parse().unwrap(), |_| Some(twin.audio(&[9_000; 160])));
    }
}

#[test]
fn the_rest_of_another_call_from_the_same_address_destroys_nothing() {
    let mut other = FarEnd::other(5, 800);
    let mut presses = Vec::new();
    let closing = disturbed(announced(), |at| {
        if at == 2_000 {
            presses = other.key('9');
        }
        Some(if presses.is_empty() {
            other.audio(&[9_000; 160])
        } else {
            presses.remove(0)
        })
    });
    assert_eq!(closing.unused.strays, 207);
}

#[test]
fn the_same_ssrc_with_far_numbers_from_the_same_address_destroys_nothing() {
    for sequence in [1_000_u16, 30_000, 62_000, 65_000] {
        let mut other = FarEnd::other(77, sequence);
        disturbed(announced(), |_| Some(other.audio(&[9_000; 160])));
    }
}

#[test]
fn single_wild_packets_destroy_nothing() {
    let mut number = 1_u32;
    disturbed(announced(), |_| {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let mut other = FarEnd::other(if number & 1 == 0 { 77 } else { number }, (number >> 8) as u16);
        Some(other.audio(&[9_000; 160]))
    });
}

#[test]
fn a_far_end_that_pauses_between_its_words_gets_its_place_back_from_a_stray() {
    let mut bench = Bench::connected(Codec::Pcma);
    bench.leg.record(ms(1_000));
    let (mut far_end, mut other) = (FarEnd::new(Codec::Pcma), FarEnd::other(5, 800));
    for n in 0..600_u64 {
        let at = 1_000 + n * 20;
        if n % 150 < 75 {
            bench.hear(ms(at), announced(), &far_end.audio(&[500; 160]));
        } else {
            far_end.pause(20);
        }
        bench.hear(ms(at + 7), announced(), &other.audio(&[9_000; 160]));
    }
    let closing = bench.close(ms(13_000));
    // Its own pauses apart, which nobody can tell from its end, it loses three packets at most each time.
    let voiced = closing
        .patient
        .iter()
        .filter(|&&sample| (400..600).contains(&sample))
        .count();
    assert!(voiced >= (300 - 4 * 3) * 160, "{}", voiced / 160);
}

#[test]
fn a_new_ssrc_is_followed_at_once_when_the_old_one_is_quiet() {
    let mut bench = Bench::connected(Codec::Pcma);
    bench.leg.record(ms(1_000));
    let (mut before, mut after) = (FarEnd::new(Codec::Pcma), FarEnd::other(5, 800));
    for n in 0..50 {
        bench.hear(ms(1_000 + n * 20), announced(), &before.audio(&[500; 160]));
    }
    for n in 0..50 {
        bench.hear(ms(2_060 + n * 20), announced(), &after.audio(&[900; 160]));
    }
    let closing = bench.close(ms(3_060));
    assert_eq!(closing.patient[1_060 * 8..2_060 * 8], coded(Codec::Pcma, &[900; 8_000]));
    assert_eq!((closing.unused.strays, closing.closed.packets_received), (0, 100));
}

#[test]
fn the_rest_of_a_former_call_that_came_first_gives_way_to_the_far_end() {
    let mut bench = Bench::open();
    let mut former = FarEnd::other(5, 800);
    for n in 0..20 {
        bench.hear(ms(1_000 + n * 20), announced(), &former.audio(&[9_000; 160]));
    }
    bench.leg.connect(ms(1_400), remote(Codec::Pcma));
    bench.leg.record(ms(1_400));
    let mut far_end = FarEnd::new(Codec::Pcma);
    for n in 0..100 {
        bench.hear(ms(1_400 + n * 20), announced(), &former.audio(&[9_000; 160]));
        bench.hear(ms(1_410 + n * 20), announced(), &far_end.audio(&[500; 160]));
    }
    let closing = bench.close(ms(3_420));
    let voiced = closing
        .patient
        .iter()
        .filter(|&&sample| (400..600).contains(&sample))
        .count();
    assert!(voiced >= 97 * 160, "{}", voiced / 160);
}

#[test]
fn a_sender_that_starts_its_numbers_anew_is_followed_within_60_ms() {
    for (sequence, timestamp) in [(300, 1), (40_000, 3_000_000_000), (65_400, 7)] {
        let mut bench = Bench::connected(Codec::Pcma);
        bench.leg.record(ms(1_000));
        let (mut before, mut after) = (FarEnd::new(Codec::Pcma), FarEnd::new(Codec::Pcma));
        (after.outgoing.sequence, after.outgoing.timestamp) = (sequence, timestamp);
        for n in 0..50 {
            bench.hear(ms(1_000 + n * 20), announced(), &before.audio(&[500; 160]));
        }
        for n in 0..50 {
            bench.hear(ms(2_000 + n * 20), announced(), &after.audio(&[900; 160]));
        }
        let closing = bench.close(ms(3_000));
        assert_eq!(
            closing.patient[1_060 * 8..],
            coded(Codec::Pcma, &[900; 940 * 8]),
            "from {sequence}"
        );
        assert!(closing.closed.packets_lost <= 3);
    }
}

#[test]
fn a_far_end_that_moves_is_followed_with_its_stream_and_without() {
    for is_same_stream in [true, false] {
        let mut bench = Bench::connected(Codec::Pcma);
        bench.leg.record(ms(1_000));
        let (mut far_end, mut other) = (FarEnd::new(Codec::Pcma), FarEnd::other(5, 800));
        for n in 0..100 {
            bench.hear(ms(1_000 + n * 20), announced(), &far_end.audio(&[500; 160]));
        }
        let moved = "192.0.2.1:40000".parse().unwrap();
        for n in 0..100 {
            let packet = if is_same_stream {
                far_end.audio(&[900; 160])
            } else {
                other.audio(&[900; 160])
            };
            bench.hear(ms(3_000 + n * 20), moved, &packet);
        }
        assert_eq!(bench.leg.destination(), Some(moved));
        let closing = bench.close(ms(5_000));
        let heard = closing.patient.iter().filter(|&&sample| sample > 800).count();
        assert!(heard >= if is_same_stream { 97 } else { 90 } * 160, "{}", heard / 160);
    }
}

#[test]
fn a_far_end_behind_translation_is_found_and_a_spray_is_not() {
    let mut bench = Bench::connected(Codec::Pcma);
    let mut far_end = FarEnd::new(Codec::Pcma);
    let real = "198.51.100.3:9000".parse().unwrap();
    for n in 0..200_u64 {
        let spray = SocketAddr::from(([203, 0, 113, 5], 1_000 + n as u16));
        bench.hear(
            ms(1_100 + n * 20),
            spray,
            &FarEnd::other(n as u32, n as u16).key('9').remove(0),
        );
        if n >= 50 {
            bench.hear(ms(1_105 + n * 20), real, &far_end.audio(&[0; 160]));
        }
    }
    assert_eq!(bench.leg.destination(), Some(real));
    assert_eq!(bench.keys(), "");
    let closing = bench.close(ms(5_200));
    assert_eq!(closing.closed.packets_received, 146);
}
