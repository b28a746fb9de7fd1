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
    let mut receiver = Receiver::default();
    packets
        .iter()
        .filter_map(|(timestamp, payload)| match receiver.take(1, *timestamp, payload) {
            Heard::Pressed(key) => Some(key.as_char()),
            Heard::Known | Heard::Other(_) | Heard::Malformed => None,
        })
        .collect()
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
        receiver.take(1, 5, &packet(7, 10, 160)),
        Heard::Pressed(Key::from_char('7').unwrap())
    );
    for (timestamp, payload) in press(7, 5, 800) {
        assert_eq!(receiver.take(1, timestamp, &payload), Heard::Known);
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
fn a_sender_that_moves_the_timestamp_with_every_packet_presses_once() {
    let packets: Vec<_> = (1..=6)
        .map(|n| (1_000 + 160 * u32::from(n), packet(3, 10, 160 * n)))
        .collect();
    assert_eq!(keys(&packets), "3");
}

#[test]
fn flash_tones_and_stumps_are_no_keys() {
    let mut receiver = Receiver::default();
    assert_eq!(receiver.take(1, 1, &packet(16, 0, 160)), Heard::Other(16));
    assert_eq!(receiver.take(1, 1, &[1, 2, 3]), Heard::Malformed);
    assert_eq!(receiver.take(1, 1, &[]), Heard::Malformed);
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
            receiver.take(1, timestamp, &payload);
        }
    }
}
