//! Compounds written and read, and reports that lie.

use std::time::Duration;

use proptest::prelude::*;

use super::super::stream::Reception;
use super::read::{Error, Packet, read};
use super::session::{Learned, Output, Session};
use super::write::{Compound, Last};
use super::*;
use crate::moment::Moment;

fn ms(millis: u64) -> Moment {
    Moment::ZERO + Duration::from_millis(millis)
}

fn packets(bytes: &[u8]) -> Vec<Packet<'_>> {
    read(bytes).map(Result::unwrap).collect()
}

#[test]
fn sdes_app_and_unknown_packets_are_passed_over() {
    let bytes = [
        &[0x81, 202, 0, 3, 0, 0, 0, 7, 2, 1, b'x', 1, 2, b'm', b'e', 0][..],
        &[0x80, 204, 0, 2, 0, 0, 0, 7, b'n', b'a', b'm', b'e'],
        &[0x81, 206, 0, 2, 0, 0, 0, 7, 0, 0, 0, 9],
        &[0x80, 203, 0, 0],
    ]
    .concat();
    let expected = [
        Packet::Description {
            ssrc: 7,
            cname: Some(b"me"),
        },
        Packet::Other(204),
        Packet::Other(206),
        Packet::Bye { ssrc: None },
    ];
    assert_eq!(packets(&bytes), expected);
}

#[test]
fn a_length_beyond_the_end_means_the_end_and_padding_is_left_out() {
    let truncated = [0x81, 201, 0, 7, 0, 0, 0, 5, 1, 2, 3];
    let [Packet::Receiver { ssrc: 5, blocks }] = &packets(&truncated)[..] else {
        panic!("a receiver report")
    };
    assert_eq!(blocks.clone().count(), 0, "half a block is none");
    let padded = [0xA0, 201, 0, 2, 0, 0, 0, 5, 0, 0, 0, 4];
    assert!(matches!(packets(&padded)[..], [Packet::Receiver { ssrc: 5, .. }]));
}

#[test]
fn what_is_no_rtcp_is_told_precisely_and_ends_the_reading() {
    let fault = |bytes: &[u8]| {
        let mut found = read(bytes);
        let fault = found.find_map(Result::err);
        assert_eq!(found.next(), None);
        fault.map(|fault| fault.to_string())
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        fault(&[0x80, 201]),
        text("an RTCP packet of 2 octets, expected 4 or more")
    );
    assert_eq!(fault(&[0x40, 201, 0, 0, 9, 9]), text("RTCP version 1, expected 2"));
    assert_eq!(
        fault(&[0x80, 200, 0, 1, 0, 0, 0, 1]),
        text("an RTCP packet of 4 octets, expected 24 or more")
    );
    assert_eq!(
        fault(&[0xA0, 201, 0, 1, 0, 0, 0, 9]),
        text("9 octets of padding in a shorter RTCP packet")
    );
    assert_eq!(read(&[0x80]).next(), Some(Err(Error::Short { found: 1, expected: 4 })));
}

#[test]
fn a_report_that_answers_none_of_ours_tells_no_round_trip() {
    let mut session = Session::new(9, [b'c'; CNAME_LENGTH]);
    let block = |ssrc, last_report, lost| Compound {
        ssrc: 5,
        sent: None,
        block: Some(Block {
            reception: Reception {
                ssrc,
                fraction: 0,
                lost,
                highest: 0,
                jitter: 81,
            },
            last_report,
            delay: 0,
        }),
        cname: [b'x'; CNAME_LENGTH],
        last: Last::No,
    };
    let mut datagram = [0; COMPOUND_MAX];
    session.take(ms(5_000), block(10, 0, 3).write(&mut datagram)).unwrap();
    assert_eq!(session.learned(), Learned::default(), "another stream than ours");
    session
        .take(ms(5_000), block(9, 0x1234_5678, 3).write(&mut datagram))
        .unwrap();
    let expected = Learned {
        rtt_ms: None,
        remote_lost: Some(3),
        remote_jitter_ms: Some(10),
    };
    assert_eq!(session.learned(), expected);
    let output = Output {
        timestamp: 1,
        packets: 10,
        octets: 1_600,
    };
    session.report(ms(6_500), output, None, Last::No, &mut datagram);
    // 6.5 s in 2^-16: the middle of its NTP time.
    session
        .take(ms(6_575), block(9, 6 << 16 | 0x8000, 3).write(&mut datagram))
        .unwrap();
    assert_eq!(session.learned().rtt_ms, Some(75));
}

#[test]
fn who_sends_no_rtp_for_two_reports_is_a_receiver() {
    let mut session = Session::new(9, [b'c'; CNAME_LENGTH]);
    let mut kinds = Vec::new();
    for packets in [5, 10, 10, 10, 11] {
        let output = Output {
            timestamp: 0,
            packets,
            octets: 0,
        };
        let mut datagram = [0; COMPOUND_MAX];
        kinds.push(session.report(ms(1), output, None, Last::No, &mut datagram)[1]);
    }
    assert_eq!(kinds, [200, 200, 200, 201, 200]);
}

#[test]
fn intervals_lie_between_half_and_one_and_a_half_times_five_seconds() {
    for (chance, first, later) in [(0, 1_250, 2_500), (u32::MAX, 3_740, 7_480)] {
        let mut session = Session::new(9, [b'c'; CNAME_LENGTH]);
        assert!(!session.is_due(ms(0), || chance));
        assert_eq!(session.next().map(|at| at.since(ms(0)).as_millis()), Some(first));
        assert!(!session.is_due(ms(first as u64 - 1), || chance));
        let due = ms(first as u64 + 1);
        assert!(session.is_due(due, || chance));
        assert_eq!(session.next().map(|at| at.since(due).as_millis()), Some(later));
    }
}

proptest! {
    #[test]
    fn any_octets_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut session = Session::new(9, [b'c'; CNAME_LENGTH]);
        let read_whole = read(&bytes).count();
        prop_assert!(read_whole <= bytes.len());
        for packet in read(&bytes).flatten() {
            if let Packet::Sender { blocks, .. } | Packet::Receiver { blocks, .. } = packet {
                prop_assert!(blocks.count() <= 31);
            }
        }
        let _: Result<(), Error> = session.take(ms(1), &bytes);
    }

    #[test]
    fn anything_like_rtcp_is_read(
        kinds in proptest::collection::vec((0_u8..32, any::<bool>(), 198_u8..210, 0_u16..20, any::<[u8; 80]>()), 0..6),
        cut in 0_usize..600,
    ) {
        let mut bytes = Vec::new();
        for (count, padded, kind, length, body) in kinds {
            bytes.extend([0x80 | u8::from(padded) << 5 | count, kind, 0, length as u8]);
            bytes.extend(&body[..usize::from(length) * 4]);
        }
        bytes.truncate(cut);
        let mut session = Session::new(9, [b'c'; CNAME_LENGTH]);
        let _: Result<(), Error> = session.take(ms(1), &bytes);
        prop_assert!(read(&bytes).count() <= 6);
    }

    #[test]
    fn what_is_written_reads_back(
        ssrc: u32,
        sent in proptest::option::of(any::<(u64, u32, u32, u32)>()),
        block in proptest::option::of(any::<(u32, u8, u32, u32, u32, u32, u32)>()),
        leaves: bool,
    ) {
        let sent = sent.map(|(ntp, timestamp, packets, octets)| Sent { ntp, timestamp, packets, octets });
        let block = block.map(|(of, fraction, lost, highest, jitter, last_report, delay)| {
            let reception = Reception { ssrc: of, fraction, lost: lost & 0x7F_FFFF, highest, jitter };
            Block { reception, last_report, delay }
        });
        let last = if leaves { Last::Yes } else { Last::No };
        let compound = Compound { ssrc, sent, block, cname: *b"abcdefghijklmnop", last };
        let mut datagram = [0; COMPOUND_MAX];
        let bytes = compound.write(&mut datagram);
        prop_assert_eq!(bytes.len() % 4, 0);
        let found = packets(bytes);
        let blocks = match (&found[0], sent) {
            (Packet::Sender { ssrc: of, sent, blocks }, Some(expected)) => {
                prop_assert_eq!((*of, *sent), (ssrc, expected));
                blocks.clone()
            }
            (Packet::Receiver { ssrc: of, blocks }, None) => {
                prop_assert_eq!(*of, ssrc);
                blocks.clone()
            }
            (other, _) => panic!("{other:?}"),
        };
        prop_assert_eq!(blocks.collect::<Vec<_>>(), Vec::from_iter(block));
        prop_assert_eq!(&found[1], &Packet::Description { ssrc, cname: Some(b"abcdefghijklmnop") });
        prop_assert_eq!(found.get(2).cloned(), leaves.then_some(Packet::Bye { ssrc: Some(ssrc) }));
    }
}
