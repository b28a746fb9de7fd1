//! What breaks is lost alone: a leg, or a worker with its legs.

use std::path::PathBuf;

use super::super::super::recorder::Job;
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

#[test]
fn a_worker_that_dies_is_noticed_and_gets_no_leg_any_more() {
    let mut bench = Bench::start(2, 64);
    let lost: Vec<_> = (1..=TOGETHER as u64).map(LegId).collect();
    let address = bench.opened(lost[0]);
    bench.open_so_many(&mut lost[1..].iter().copied(), TOGETHER);
    let [kept, third, fourth] = [1_000, 1_001, 1_002].map(LegId);
    bench.opened(kept);
    assert_eq!(bench.workers.take_lost(), []);
    bench.workers.hands[0].inbox.put(Order::Break);
    let mut told = Vec::new();
    while told.is_empty() {
        std::thread::yield_now();
        told = bench.workers.take_lost();
    }
    assert_eq!((told, bench.workers.take_lost()), (lost.clone(), Vec::new()));
    UdpSocket::bind(address).unwrap();
    assert_eq!(bench.workers.send(lost[0], Command::Stop), Err(SendError::NotOpen));
    for leg in [third, fourth] {
        bench.opened(leg);
    }
    for leg in [kept, third, fourth] {
        bench.send(leg, Command::Close);
    }
    assert_eq!(bench.until_closed(3).len(), 3);
}

#[test]
fn a_recorder_that_is_gone_fails_recordings_and_keeps_no_leg_open() {
    let mut bench = Bench::start(1, 64);
    let jobs = bench.workers.recorder.jobs();
    let begin = |leg| Job::Begin {
        leg,
        path: PathBuf::from("/dev/null/1.wav"),
        reply: Arc::new(|_, _| panic!("a recorder under test breaks")),
    };
    while jobs.send(begin(LegId(9))).is_ok() {}
    let leg = LegId(1);
    bench.opened(leg);
    let path = PathBuf::from("/dev/null/2.wav");
    bench.send(leg, Command::Record { path });
    assert_eq!(bench.fact(), (leg, Fact::RecordingFailed));
    bench.send(leg, Command::Close);
    let (_, Fact::Closed(closed)) = bench.fact() else {
        panic!("the last fact is Closed")
    };
    assert_eq!(closed.recording, None);
}
