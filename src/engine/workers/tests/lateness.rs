//! How late workers wake, as others read it.

use super::*;

#[test]
fn each_time_that_a_worker_wakes_for_packets_is_counted_with_how_late_it_was() {
    let mut bench = Bench::start(1, 100);
    let punctuality = bench.workers.punctuality();
    assert_eq!(punctuality.late(), Late::default());
    let local = bench.opened(LegId(1));
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let remote = Remote {
        address: socket.local_addr().unwrap(),
        rtcp: None,
        codec: Codec::Pcmu,
        events: Some(EVENTS),
        ptime_ms: 20,
        flow: Flow::SendRecv,
    };
    bench.send(LegId(1), Command::Connect { remote });
    bench.send(
        LegId(1),
        Command::Play {
            play: 1,
            prompts: vec!["tone".to_owned()],
        },
    );
    far_end(&socket, local, 20);
    let late = punctuality.late();
    assert!(late.count() >= 1 && late.count() < 200 && late.sum_us > 0, "{late:?}");
}
