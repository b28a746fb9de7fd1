//! Keys under loss, disorder and odd senders.

use proptest::prelude::*;

use super::super::rtp::Marker;
use super::*;

const END: u8 = 0x80;

fn packet(code: u8, flags: u8, duration: u16) -> [u8; 4] {
    let [high, low] = duration.to_be_bytes();
    [code, flags, high, low]
}

fn keys(packets: &[(u32, [u8; 4])]) -> String {
    let origin = packets.first().map_or(0, |(timestamp, _)| *timestamp);
    let timed = packets.iter().map(|(timestamp, payload)| {
        // Each packet comes when its event has lasted as long as it says.
        let samples = timestamp.wrapping_sub(origin).cast_signed() + i32::from(duration(payload));
        (
            at(80_000_u64.saturating_add_signed(samples.into())),
            1,
            *timestamp,
            *payload,
        )
    });
    keys_heard(timed)
}

fn keys_heard(packets: impl IntoIterator<Item = (Moment, u32, u32, [u8; 4])>) -> String {
    let mut receiver = Receiver::default();
    packets
        .into_iter()
        .filter_map(
            |(now, ssrc, timestamp, payload)| match receiver.take(now, ssrc, timestamp, &payload) {
                Heard::Pressed(key) => Some(key.as_char()),
                Heard::Known | Heard::Other(_) | Heard::Malformed => None,
            },
        )
        .collect()
}

/// So many samples after the beginning.
fn at(samples: u64) -> Moment {
    Moment::ZERO + samples::duration(samples)
}

/// All packets of one press of `samples` samples at `timestamp`.
fn press(code: u8, timestamp: u32, samples: u16) -> Vec<(u32, [u8; 4])> {
    let rising = (160..samples).step_by(160).map(|duration| packet(code, 10, duration));
    let ends = [packet(code, 10 | END, samples); 3];
    rising.chain(ends).map(|payload| (timestamp, payload)).collect()
}

#[test]
fn a_press_is_one_key_at_its_first_packet() {
    let mut receiver = Receiver::default();
    assert_eq!(
        receiver.take(at(0), 1, 5, &packet(7, 10, 160)),
        Heard::Pressed(Key::from_char('7').unwrap())
    );
    for (timestamp, payload) in press(7, 5, 800) {
        assert_eq!(receiver.take(at(0), 1, timestamp, &payload), Heard::Known);
    }
}

#[test]
fn the_same_key_twice_is_two_keys() {
    assert_eq!(keys(&[press(1, 1_000, 800), press(1, 2_600, 800)].concat()), "11");
}

#[test]
fn a_press_of_which_only_the_last_end_arrives_is_a_key() {
    assert_eq!(keys(&press(11, 77, 640)[5..]), "#");
}

#[test]
fn ends_that_come_after_the_next_key_began_are_known() {
    let (one, two) = (press(1, 1_000, 800), press(2, 2_000, 800));
    assert_eq!(keys(&[&one[..5], &two[..2], &one[5..], &two[2..]].concat()), "12");
}

#[test]
fn a_long_press_in_segments_is_one_key() {
    let first = [(10, packet(5, 10, 160)), (10, packet(5, 10, 0xFFFF))];
    let next = [
        (10 + 0xFFFF, packet(5, 10, 160)),
        (10 + 0xFFFF, packet(5, 10 | END, 320)),
    ];
    assert_eq!(keys(&[first, next].concat()), "5");
    assert_eq!(
        keys(&[&first[..1], &next].concat()),
        "5",
        "the last packet of the first segment was lost"
    );
}

#[test]
fn a_press_of_20_s_is_one_key_however_it_is_cut_and_whatever_is_lost_at_the_cuts() {
    for segment in [0xFFFF_u32, 0xFF00, 65_440] {
        for lost in 0..25 {
            let mut packets = Vec::new();
            let mut start = 10_u32;
            for part in 0..3 {
                let whole = (160..segment).step_by(160).chain([segment]).collect::<Vec<_>>();
                let first = if part > 0 { lost.min(10) } else { 0 };
                let kept = whole.len() - if part < 2 { lost } else { 0 };
                packets.extend(
                    whole[first..kept]
                        .iter()
                        .map(|&duration| (start, packet(5, 10, duration as u16))),
                );
                start += segment;
            }
            packets.push((start, packet(5, 10 | END, 160)));
            assert_eq!(keys(&packets), "5", "segments of {segment}, {lost} packets lost");
        }
    }
}

#[test]
fn a_sender_that_moves_the_timestamp_with_every_packet_presses_once() {
    for step in [80, 160, 240, 320, 480_u32] {
        for claims in ["all so far", "one packet"] {
            for lost in [usize::MAX, 0, 1, 2, 4, 6] {
                let press = |start: u32| {
                    let packets = (0..8_u32).map(move |n| {
                        let duration = if claims == "one packet" { step } else { step * (n + 1) };
                        let end = if n >= 5 { END } else { 0 };
                        (start + n * step, packet(3, 10 | end, duration as u16))
                    });
                    packets
                        .enumerate()
                        .filter(move |(n, _)| *n != lost)
                        .map(|(_, packet)| packet)
                };
                let next = 1_000 + 8 * step + 800;
                let mut packets: Vec<_> = press(1_000).chain(press(next)).collect();
                assert_eq!(keys(&packets), "33", "{step} samples, {claims}, without {lost}");
                if lost == usize::MAX {
                    packets.swap(1, 2);
                    assert_eq!(keys(&packets), "33", "the network changed the order");
                }
            }
        }
    }
}

#[test]
fn the_same_key_again_after_40_ms_is_another_key_though_ends_were_lost() {
    // 40 ms of tone and 40 of pause are the least that ITU-T Q.24 allows.
    for length in [320, 480, 800] {
        for survivors in 1..=length / 160 {
            let first = press(7, 1_000, length);
            let second = press(7, 1_000 + u32::from(length) + 320, length);
            let survivors = usize::from(survivors);
            // Ends are lost only where their pause leaves room for the loss.
            let whole = survivors == usize::from(length / 160);
            let kept = if whole { &first[..] } else { &first[..survivors - 1] };
            let heard = keys(&[kept, &second].concat());
            let expected = if kept.is_empty() { "7" } else { "77" };
            assert_eq!(heard, expected, "{length} samples, {survivors} packets");
        }
    }
}

#[test]
fn keys_that_overlap_are_one_each() {
    let (one, two) = (press(1, 1_000, 1_600), press(2, 1_400, 1_600));
    let mut mixed: Vec<_> = one.iter().zip(&two).flat_map(|(a, b)| [*a, *b]).collect();
    assert_eq!(keys(&mixed), "12");
    mixed.reverse();
    assert_eq!(keys(&mixed), "21");
}

#[test]
fn a_press_that_goes_on_under_another_ssrc_or_clock_is_one_key_and_a_later_one_is_another() {
    for (ssrc, timestamp) in [(2, 1_000), (2, 99_000), (1, 900_000_000), (1, 3_000_000_000)] {
        let before = press(4, 1_000, 800).into_iter().take(3);
        let after = press(4, timestamp, 1_600).into_iter().skip(3);
        let again = press(4, timestamp + 3_000, 800);
        let timed = before
            .map(|packet| (1, packet))
            .chain(after.map(|packet| (ssrc, packet)))
            .zip(0..)
            .map(|(packet, n)| (packet, n * 160))
            .chain(
                again
                    .into_iter()
                    .map(|packet| (ssrc, packet))
                    .zip(0..)
                    .map(|(packet, n)| (packet, 3_500 + n * 160)),
            )
            .map(|((ssrc, (timestamp, payload)), when)| (at(when), ssrc, timestamp, payload));
        assert_eq!(keys_heard(timed), "44", "SSRC {ssrc}, timestamp {timestamp}");
    }
}

#[test]
fn a_far_end_that_plays_the_same_packets_again_presses_again() {
    let twice = [0, 16_000, 32_000].into_iter().flat_map(|pause| {
        let packets = press(6, 5_000, 800).into_iter().zip(0..);
        packets.map(move |((timestamp, payload), n)| (at(pause + n * 160), 1, timestamp, payload))
    });
    assert_eq!(keys_heard(twice), "666");
}

#[test]
fn a_long_press_that_is_told_only_at_its_beginning_and_end_is_one_key() {
    let packets = [
        (0, packet(8, 10, 0)),
        (32_000, packet(8, 10 | END, 32_000)),
        (32_160, packet(8, 10 | END, 32_000)),
    ];
    assert_eq!(
        keys_heard(packets.map(|(when, payload)| (at(when), 1, 7_000, payload))),
        "8"
    );
}

#[test]
fn flash_tones_and_stumps_are_no_keys() {
    let mut receiver = Receiver::default();
    assert_eq!(receiver.take(at(0), 1, 1, &packet(16, 0, 160)), Heard::Other(16));
    assert_eq!(receiver.take(at(0), 1, 1, &[1, 2, 3]), Heard::Malformed);
    assert_eq!(receiver.take(at(0), 1, 1, &[]), Heard::Malformed);
}

#[test]
fn a_key_that_we_press_rises_and_ends_three_times() {
    for samples in [80, 160, 240, 480] {
        let mut press = Press::new(Key::from_char('9').unwrap(), 4_000);
        let frames: Vec<_> = std::iter::from_fn(|| press.next(samples)).collect();
        let mut durations = Vec::new();
        for (place, frame) in frames.iter().enumerate() {
            let Frame::Event {
                timestamp,
                payload,
                marker,
            } = frame
            else {
                continue;
            };
            assert_eq!((*timestamp, payload[0]), (4_000, 9));
            assert_eq!(*marker, if place == 0 { Marker::Begins } else { Marker::GoesOn });
            durations.push((u16::from_be_bytes([payload[2], payload[3]]), payload[1] & END != 0));
        }
        let whole = 800_u16.div_ceil(samples);
        let expected: Vec<_> = (1..whole)
            .map(|n| (n * samples, false))
            .chain([(whole * samples, true); 3])
            .collect();
        assert_eq!(durations, expected, "{samples} samples a packet");
        assert_eq!(frames.last(), Some(&Frame::Pause));
        assert_eq!(keys(&sent(&frames)), "9");
    }
}

fn sent(frames: &[Frame]) -> Vec<(u32, [u8; 4])> {
    frames
        .iter()
        .filter_map(|frame| match frame {
            Frame::Event { timestamp, payload, .. } => Some((*timestamp, *payload)),
            Frame::Pause => None,
        })
        .collect()
}

proptest! {
    #[test]
    fn keys_survive_loss_and_disorder(
        start: u32,
        presses in proptest::collection::vec((0_u8..16, 2_u16..20, 4_u32..100, any::<u64>()), 1..30),
    ) {
        // Each press loses any of its packets but one; neighbours within a press may change places.
        let mut timestamp = start;
        let mut arrivals = Vec::new();
        let mut expected = String::new();
        for (code, length, pause, fate) in presses {
            let mut packets = press(code, timestamp, length * 160);
            let survivor = fate as usize % packets.len();
            if fate & 1 == 1 {
                packets.reverse();
            }
            arrivals.extend(packets.iter().enumerate().filter(|(i, _)| *i == survivor || fate >> (i % 60) & 3 == 0).map(|(_, p)| *p));
            expected.push(Key::from_event(code).unwrap().as_char());
            timestamp = timestamp.wrapping_add(u32::from(length) * 160 + pause * 160);
        }
        prop_assert_eq!(keys(&arrivals), expected);
    }

    #[test]
    fn any_bytes_are_taken(packets in proptest::collection::vec((any::<u32>(), proptest::collection::vec(any::<u8>(), 0..8)), 0..50)) {
        let mut receiver = Receiver::default();
        for (timestamp, payload) in packets {
            receiver.take(at(0), 1, timestamp, &payload);
        }
    }
}
