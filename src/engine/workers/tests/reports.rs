//! RTCP over real sockets.

use super::*;
use crate::media::rtcp::read::{self, Packet};

/// Two ports beside each other that are free.
fn free_pair() -> (SocketAddr, SocketAddr) {
    loop {
        let lower = free_port();
        let Some(port) = lower.port().checked_add(1) else {
            continue;
        };
        let upper = SocketAddr::new(lower.ip(), port);
        if UdpSocket::bind(upper).is_ok() {
            return (lower, upper);
        }
    }
}

/// A receiver report of the far end on our packets: 7 lost, a jitter of 24 ms.
fn report(ssrc: [u8; 4]) -> Vec<u8> {
    let [a, b, c, d] = ssrc;
    [
        &[0x81, 201, 0, 7, 0, 0, 0, 1, a, b, c, d, 0, 0, 0, 7][..],
        &[0, 0, 1, 0, 0, 0, 0, 192, 0, 0, 0, 0, 0, 0, 0, 0],
    ]
    .concat()
}

/// Connects a leg to a far end and closes it again after both have spoken.
fn talked(bench: &mut Bench, local: SocketAddr) -> (Closed, Vec<u8>) {
    let leg = LegId(1);
    let (rtp, rtcp) = [(); 2]
        .map(|()| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap())
        .into();
    rtp.set_read_timeout(Some(SOON)).unwrap();
    rtcp.set_nonblocking(true).unwrap();
    let remote = Remote {
        address: rtp.local_addr().unwrap(),
        rtcp: Some(rtcp.local_addr().unwrap()),
        codec: Codec::Pcma,
        events: None,
        ptime_ms: 20,
        flow: Flow::SendRecv,
    };
    bench.send(leg, Command::Connect { remote });
    let mut buffer = [0; 1_500];
    let (length, _) = rtp.recv_from(&mut buffer).unwrap();
    assert_eq!(length, 172);
    let ssrc = [buffer[8], buffer[9], buffer[10], buffer[11]];
    let above = SocketAddr::new(local.ip(), local.port() + 1);
    rtcp.send_to(&report(ssrc), above).unwrap();
    bench.send(leg, Command::Close);
    let closed = loop {
        if let (_, Fact::Closed(closed)) = bench.fact() {
            break closed;
        }
    };
    let mut last = Vec::new();
    while let Ok((length, from)) = rtcp.recv_from(&mut buffer) {
        assert_eq!(from, above);
        last = buffer[..length].to_vec();
    }
    (closed, last)
}

#[test]
fn reports_are_read_and_a_goodbye_is_sent_from_the_port_above() {
    let mut bench = Bench::start(1, 1_000);
    let (address, _) = free_pair();
    bench.send(LegId(1), Command::Open { address, beside: None });
    assert_eq!(bench.fact(), (LegId(1), Fact::Opened));
    let (closed, last) = talked(&mut bench, address);
    assert_eq!((closed.remote_lost, closed.remote_jitter_ms), (Some(7), Some(24)));
    let packets: Vec<_> = read::read(&last).map(Result::unwrap).collect();
    assert!(
        matches!(
            packets[..],
            [
                Packet::Sender { .. },
                Packet::Description { cname: Some(_), .. },
                Packet::Bye { ssrc: Some(_) }
            ]
        ),
        "{packets:?}"
    );
    assert_eq!(bench.workers.counts().without_rtcp, 0);
    bench.workers.join();
}

#[test]
fn a_leg_whose_rtcp_port_is_taken_works_without_and_is_counted() {
    let mut bench = Bench::start(1, 1_000);
    let (address, above) = free_pair();
    let _taken = UdpSocket::bind(above).unwrap();
    bench.send(LegId(1), Command::Open { address, beside: None });
    assert_eq!(bench.fact(), (LegId(1), Fact::Opened));
    let (closed, last) = talked(&mut bench, address);
    assert!(closed.packets_sent > 0);
    assert_eq!((closed.remote_lost, last), (None, Vec::new()));
    assert_eq!(bench.workers.counts().without_rtcp, 1);
    bench.workers.join();
}
