//! A worker that takes no more commands: what is refused, and what is not lost.

use super::*;

/// A worker that stands still while it wakes control.
struct Standing {
    bench: Bench,
    go_on: SyncSender<()>,
}

impl Standing {
    /// One leg is open, and no more room is for any command.
    fn with_leg(leg: LegId, address: SocketAddr) -> Self {
        let (woken, wakes) = sync_channel(1);
        let (go_on, word) = sync_channel::<()>(1);
        let gate = Mutex::new((woken, word));
        let wake = move || {
            let gate = gate.lock().unwrap();
            gate.0.try_send(()).ok();
            // Once the test is through, nothing holds it any more.
            gate.1.recv().ok();
        };
        let mut bench = Bench::waking(1, 10_000, Arc::new(wake));
        bench.send(leg, Command::Open { address, beside: None });
        wakes.recv_timeout(SOON).unwrap();
        assert_eq!(bench.fact(), (leg, Fact::Opened));
        while bench.workers.send(leg, Command::Stop).is_ok() {}
        Self { bench, go_on }
    }
}

#[test]
fn a_close_that_finds_no_room_is_kept_and_frees_the_port() {
    let leg = LegId(1);
    let address = free_port();
    let Standing { mut bench, go_on } = Standing::with_leg(leg, address);
    let prompts = vec!["tone".to_owned()];
    let played = bench.workers.send(leg, Command::Play { play: 1, prompts });
    assert_eq!(played, Err(SendError::Full));
    assert_eq!(bench.workers.send(leg, Command::Close), Ok(()));
    drop(go_on);
    // As the control loop does at every turn.
    let closed = loop {
        bench.workers.press();
        match bench.facts.recv_timeout(Duration::from_millis(50)) {
            Ok(fact) => break fact,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => panic!("the worker is gone"),
        }
    };
    assert_eq!(closed, (leg, Fact::Closed(Closed::default())));
    UdpSocket::bind(address).unwrap();
    assert_eq!(bench.workers.send(leg, Command::Stop), Err(SendError::NotOpen));
}
