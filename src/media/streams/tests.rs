//! Which stream is the call's, packet by packet.

use proptest::prelude::*;

use super::*;

fn ms(millis: u64) -> Moment {
    Moment::ZERO + Duration::from_millis(millis)
}

fn packet(ssrc: u32, sequence: u16) -> Packet<'static> {
    Packet {
        payload_type: 8,
        marker: false,
        sequence,
        timestamp: u32::from(sequence) * 160,
        ssrc,
        payload: &[0; 160],
    }
}

const AUDIO: Kind = Kind::Audio { length: 160 };
const EVENT: Kind = Kind::Event { length: 160 };

/// Takes and lays a packet as a leg does; tells whether it was the call's.
fn take(streams: &mut Streams, at: u64, ssrc: u32, sequence: u16, kind: Kind) -> bool {
    let packet = packet(ssrc, sequence);
    match streams.take(ms(at), &packet, kind) {
        Belongs::Present(place) => {
            streams.lay(ms(at), &packet, place, kind);
            true
        }
        Belongs::Keys(_) | Belongs::Stray => false,
    }
}

fn talking() -> Streams {
    let mut streams = Streams::default();
    for n in 0..100 {
        assert!(take(&mut streams, u64::from(n) * 20, 1, n, AUDIO));
    }
    streams
}

#[test]
fn another_stream_waits_until_the_present_one_is_quiet() {
    let mut streams = talking();
    let taken: Vec<_> = (0..6)
        .map(|n| take(&mut streams, 2_000 + u64::from(n) * 20, 2, n, AUDIO))
        .collect();
    assert_eq!(taken, [false, false, true, true, true, true]);
}

#[test]
fn one_that_came_between_waits_longer() {
    let mut streams = talking();
    for n in 0..50_u16 {
        let at = 2_000 + u64::from(n) * 20;
        assert!(!take(&mut streams, at, 2, n, AUDIO));
        assert!(take(&mut streams, at + 1, 1, 100 + n, AUDIO));
    }
    let taken = (50..80).map(|n| take(&mut streams, 2_000 + u64::from(n) * 20, 2, n, AUDIO));
    assert_eq!(taken.filter(|taken| *taken).count(), 20, "from 200 ms on");
}

#[test]
fn a_stream_of_keys_alone_gives_its_place_to_the_first_voice() {
    let mut streams = Streams::default();
    assert!(take(&mut streams, 0, 2, 0, EVENT));
    assert!(take(&mut streams, 5, 1, 0, AUDIO));
    assert_eq!(
        streams.take(ms(10), &packet(2, 1), EVENT),
        Belongs::Keys(Place::Newest { skipped: 0 })
    );
}

#[test]
fn loss_is_counted_over_all_streams_that_were_the_calls_and_no_other() {
    let mut streams = Streams::default();
    for (at, ssrc, sequence) in [
        (0, 1, 5),
        (60, 1, 8),
        (200, 2, 100),
        (240, 2, 102),
        (245, 3, 7),
        (255, 3, 20),
    ] {
        take(&mut streams, at, ssrc, sequence, AUDIO);
    }
    assert_eq!((streams.received(), streams.sums().lost), (4, 3));
    // However many others come and go.
    for n in 10..100 {
        take(&mut streams, 260, n, 1, AUDIO);
    }
    assert_eq!((streams.received(), streams.sums().lost), (4, 3));
}

#[test]
fn a_copy_is_counted_and_neither_taken_nor_lost() {
    let mut streams = talking();
    assert_eq!(
        streams.take(ms(2_000), &packet(1, 99), AUDIO),
        Belongs::Present(Place::Copy)
    );
    assert_eq!((streams.received(), streams.copies(), streams.sums().lost), (100, 1, 0));
}

proptest! {
    #[test]
    fn any_packets_are_taken(packets in proptest::collection::vec((0_u64..400, 0_u32..6, any::<u16>(), 0_u8..3), 0..200)) {
        let mut streams = Streams::default();
        let mut at = 0;
        for (pause, ssrc, sequence, kind) in packets {
            at += pause;
            let kind = [AUDIO, EVENT, Kind::Comfort][usize::from(kind)];
            take(&mut streams, at, ssrc, sequence, kind);
        }
        prop_assert!(streams.received() <= 200);
    }
}
