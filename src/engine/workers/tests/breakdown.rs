//! A leg whose handling panics is lost alone.

use super::*;

#[test]
fn a_leg_that_breaks_closes_by_itself_and_the_others_play_on() {
    let mut bench = Bench::start(1, 64);
    let (broken, sound) = (LegId(1), LegId(2));
    bench.opened(broken);
    let address = bench.opened(sound);
    let far_end = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    far_end.set_read_timeout(Some(SOON)).unwrap();
    let remote = Remote {
        address: far_end.local_addr().unwrap(),
        rtcp: None,
        codec: Codec::Pcmu,
        events: Some(EVENTS),
        ptime_ms: 20,
        flow: Flow::SendRecv,
    };
    bench.send(sound, Command::Connect { remote });
    let prompts = vec![BREAKS.to_owned()];
    bench.send(broken, Command::Play { play: 1, prompts });
    assert_eq!(bench.fact(), (broken, Fact::Closed(Closed::default())));
    // Its own end, when control says it, is answered as that of any leg that is not open.
    bench.send(broken, Command::Close);
    assert_eq!(bench.fact(), (broken, Fact::Closed(Closed::default())));
    let mut packet = [0; 1_500];
    for _ in 0..20 {
        let (_, from) = far_end.recv_from(&mut packet).unwrap();
        assert_eq!(from, address);
    }
    bench.opened(LegId(3));
    bench.send(sound, Command::Close);
    bench.send(LegId(3), Command::Close);
    assert_eq!(bench.until_closed(2).len(), 2);
}
