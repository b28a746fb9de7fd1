//! RTCP of a leg: what leaves, what is believed, what is learned.

use super::super::super::rtcp::read::{self, Packet as Rtcp};
use super::super::super::rtcp::session::{Output as Sums, Session};
use super::super::super::rtcp::write::Last;
use super::super::super::stream::Stream;
use super::*;

fn beside() -> SocketAddr {
    "192.0.2.1:4001".parse().unwrap()
}

/// The packets of a compound.
fn compound(bytes: &[u8]) -> Vec<Rtcp<'_>> {
    read::read(bytes).map(Result::unwrap).collect()
}

#[test]
fn reports_leave_about_every_five_seconds_to_the_port_above() {
    let mut bench = Bench::connected(Codec::Pcma);
    bench.run(ms(60_000));
    assert_eq!(bench.reports.len(), 12);
    assert!(bench.reports.iter().all(|(_, to, _)| *to == beside()));
    let gaps = bench.reports.windows(2).map(|pair| pair[1].0 - pair[0].0);
    assert!(gaps.into_iter().all(|gap| gap.as_millis().abs_diff(5_000) <= 20));
    let (_, _, first) = &bench.reports[0];
    let packets = compound(first);
    let [Rtcp::Sender { ssrc: 9, sent, blocks }, Rtcp::Description { cname, .. }] = &packets[..] else {
        panic!("{packets:?}")
    };
    // At 3.5 s, 125 packets after the first.
    assert_eq!((sent.packets, sent.octets), (125, 125 * 160));
    assert_eq!(blocks.clone().count(), 0);
    assert_eq!(*cname, Some(&b"0123456789abcdef"[..]));
}

#[test]
fn the_sdp_may_name_another_place_and_the_far_end_shows_the_real_one() {
    let mut bench = Bench::open();
    let named = "192.0.2.8:9999".parse().unwrap();
    let remote = Remote {
        rtcp: Some(named),
        ..remote(Codec::Pcma)
    };
    bench.leg.connect(bench.now, remote);
    bench.run(ms(8_000));
    let real = "192.0.2.8:10001".parse().unwrap();
    bench.leg.handle_report(bench.now, real, &[0x80, 201, 0, 1, 0, 0, 0, 5]);
    bench.leg.handle_report(
        bench.now,
        "203.0.113.5:10001".parse().unwrap(),
        &[0x80, 201, 0, 1, 0, 0, 0, 5],
    );
    bench.run(ms(16_000));
    let to: Vec<_> = bench.reports.iter().map(|(_, to, _)| *to).collect();
    assert_eq!(to, [named, real, real]);
    assert_eq!(bench.close(ms(16_100)).unused.rtcp, 1);
}

#[test]
fn a_call_ends_with_a_goodbye_and_one_that_never_spoke_with_none() {
    let mut bench = Bench::connected(Codec::Pcma);
    let mut datagram = [0; COMPOUND_MAX];
    assert_eq!(bench.leg.farewell(ms(1_000), &mut datagram), None);
    bench.run(ms(1_500));
    let (to, bytes) = bench.leg.farewell(ms(1_500), &mut datagram).unwrap();
    assert_eq!(to, beside());
    assert_eq!(compound(bytes).last(), Some(&Rtcp::Bye { ssrc: Some(9) }));
}

#[test]
fn reception_is_reported_by_rfc_3550() {
    let mut bench = Bench::connected(Codec::Pcma);
    let mut far_end = FarEnd::new(Codec::Pcma);
    for n in 0..600_u64 {
        let packet = far_end.audio(&[0; 160]);
        if n % 10 != 3 {
            bench.hear(ms(1_000 + n * 20 + n % 2 * 10), announced(), &packet);
        }
    }
    let (_, _, last) = bench.reports.last().unwrap();
    let packets = compound(last);
    let Rtcp::Sender { blocks, .. } = &packets[0] else {
        panic!("{packets:?}")
    };
    let block = blocks.clone().next().unwrap();
    assert_eq!(
        (block.reception.ssrc, block.reception.highest >> 16),
        (77, 1),
        "65500 wraps once"
    );
    assert!((24..=27).contains(&block.reception.fraction), "a tenth of 256");
    assert!((37..=39).contains(&block.reception.lost), "{}", block.reception.lost);
    // The swing is 10 ms, but for the neighbours of what is lost.
    assert!((60..=80).contains(&block.reception.jitter));
    let closed = bench.close(ms(13_000)).closed;
    assert_eq!(
        (closed.packets_lost, closed.jitter_ms, closed.rtt_ms),
        (60, Some(8), None)
    );
}

#[test]
fn round_trip_and_what_the_far_end_lost_are_learned_over_either_port() {
    for is_multiplexed in [false, true] {
        let mut bench = Bench::connected(Codec::Pcma);
        let mut far_end = Session::new(4_242, *b"fedcba9876543210");
        let mut stream: Option<Stream> = None;
        let (mut read_sent, mut read_reports) = (0, 0);
        // 35 ms each way; the far end loses every fifth packet.
        for step in 0..6_000_u64 {
            let now = ms(1_000 + step * 5);
            bench.run(now);
            while let Some((at, _, bytes)) = bench.sent.get(read_sent)
                && *at + Duration::from_millis(35) <= now
            {
                let packet = rtp::read(bytes).unwrap();
                if read_sent % 5 != 4 {
                    let stream = stream.get_or_insert_with(|| Stream::begin(now, &packet));
                    stream.take(now, &packet);
                }
                read_sent += 1;
            }
            while let Some((at, _, bytes)) = bench.reports.get(read_reports)
                && *at + Duration::from_millis(35) <= now
            {
                far_end.take(now, bytes).unwrap();
                read_reports += 1;
            }
            if far_end.is_due(now, || 0) {
                let sums = Sums {
                    timestamp: 0,
                    packets: 0,
                    octets: 0,
                };
                let mut datagram = [0; COMPOUND_MAX];
                let bytes = far_end
                    .report(now, sums, stream.as_mut(), Last::No, &mut datagram)
                    .to_vec();
                let at = now + Duration::from_millis(35);
                bench.run(at);
                if is_multiplexed {
                    bench.leg.handle_packet(at, announced(), &bytes);
                } else {
                    bench.leg.handle_report(at, beside(), &bytes);
                }
            }
        }
        let closing = bench.close(ms(31_000));
        let closed = closing.closed;
        assert!(closed.rtt_ms.is_some_and(|rtt| (68..=76).contains(&rtt)), "{closed:?}");
        assert!(
            closed.remote_lost.is_some_and(|lost| (250..=300).contains(&lost)),
            "{closed:?}"
        );
        assert_eq!(closed.remote_jitter_ms, Some(0));
        assert_eq!(closing.unused.rtcp, 0);
    }
}

#[test]
fn a_leg_without_a_port_for_it_sends_none_and_never_wakes_for_it() {
    let mut bench = Bench::open();
    bench.leg.reports = Reports::NotSent;
    let remote = Remote {
        flow: Flow::Inactive,
        ..remote(Codec::Pcma)
    };
    bench.leg.connect(bench.now, remote);
    assert_eq!(bench.leg.deadline(), None);
    bench.run(ms(60_000));
    assert_eq!(bench.reports, []);
    assert_eq!(bench.leg.farewell(ms(60_000), &mut [0; COMPOUND_MAX]), None);
}
