//! Trunks that speak SIP over TCP.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use aftercall::outcome::Disposition;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::house::House;
use crate::relay::Relay;
use crate::site::Site;

const COMPLETES: &str =
    "[[behaviour]]\nname = \"completes\"\nnumbers = \"*\"\nring = \"200ms\"\npress_after = \"150ms\"\n";

const BY_TCP: &str = "transport = \"tcp\"";

async fn house() -> (House, Relay) {
    let mut relay = None;
    let house = House::open_by(COMPLETES, |site, far_end| {
        let started = Relay::start(far_end);
        site.settings("", &started.address().to_string(), BY_TCP);
        relay = Some(started);
    });
    let house = house.await;
    (house, relay.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_over_one_stream_are_whole_however_it_is_cut_and_a_closed_one_is_opened_again() {
    let (house, relay) = house().await;
    assert_eq!(house.call("13800000001").await.0, Disposition::Completed);
    assert_eq!(house.call("13800000002").await.0, Disposition::Completed);
    assert_eq!(relay.accepted(), 1, "the second call used the first one's connection");
    relay.hang_up();
    assert_eq!(house.call("13800000003").await.0, Disposition::Completed);
    assert_eq!(relay.accepted(), 2);
    let (_, last, seen) = house.close().await;
    assert_eq!((seen.len(), last.answered), (3, 3));
    for seen in &seen {
        seen.assert_faultless();
        assert_eq!((seen.keys().as_str(), seen.acked), ("1271", true));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_connection_ends_the_call_at_once_as_our_own_fault() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let closed = listener.local_addr().unwrap();
    drop(listener);
    let house = House::open_by(COMPLETES, |site, _| site.settings("", &closed.to_string(), BY_TCP)).await;
    let (disposition, after) = house.call("13800000001").await;
    assert_eq!(disposition, Disposition::OwnLineFault);
    assert!(after < Duration::from_secs(5), "{after:?}");
    house.close().await;
}

/// Connections from the trunk's own address.
fn idle(us: SocketAddr, many: u64) -> Vec<TcpStream> {
    let (now, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    // Both ends of each are in this process.
    let needed = many * 2 + 512;
    assert!(needed <= most, "this test needs {needed} open files: ulimit -Hn");
    setrlimit(Resource::RLIMIT_NOFILE, needed.max(now), most).unwrap();
    (0..many).map(|_| TcpStream::connect(us).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_idle_connections_harm_no_call() {
    let (house, _relay) = house().await;
    let us: SocketAddr = Site::trunk_local(&house.site);
    let connections = tokio::task::spawn_blocking(move || idle(us, 1000)).await.unwrap();
    assert_eq!(house.call("13800000001").await.0, Disposition::Completed);
    let is_open = |stream: &TcpStream| {
        stream.set_nonblocking(true).unwrap();
        stream
            .peek(&mut [0; 1])
            .is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
    };
    assert!(connections.iter().all(is_open), "none had to go");
    house.close().await;
}
