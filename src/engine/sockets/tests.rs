//! Signalling sockets on loopback, in time that the tests make.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path as FilePath;
use std::time::Duration;

use mio::{Events, Poll};
use socket2::{Domain, Socket, Type};

use super::connection::{CONNECT, SILENCE, WHOLE_MESSAGE};
use super::{Heard, Sockets};
use crate::config;
use crate::moment::Moment;
use crate::sip::{Path, Transport};

mod network;

/// How long a test waits for what has to come.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long it looks for what must not come.
const QUIET: Duration = Duration::from_millis(200);

const MESSAGE: &[u8] = b"OPTIONS sip:a SIP/2.0\r\nContent-Length: 2\r\n\r\nhi";

/// What was heard, owned.
#[derive(Debug, PartialEq)]
enum Got {
    Message(Path, Vec<u8>),
    Failed(Path, Vec<u8>),
    Closed(Path),
}

struct Bench {
    poll: Poll,
    events: Events,
    sockets: Sockets,
    local: SocketAddr,
    now: Moment,
}

impl Bench {
    /// Sockets for one trunk that is at `peer`.
    fn new(transport: &str, peer: SocketAddr) -> Self {
        let text = format!("[[trunk]]\naddress = \"{peer}\"\ntransport = \"{transport}\"\nlocal = \"127.0.0.1:0\"\n");
        let (settings, _) = config::parse(&text, FilePath::new(".")).unwrap();
        let poll = Poll::new().unwrap();
        let registry = poll.registry().try_clone().unwrap();
        let sockets = Sockets::bind(&settings.trunks, None, registry).unwrap();
        Self {
            poll,
            events: Events::with_capacity(64),
            local: sockets.locals()[0],
            sockets,
            now: Moment::ZERO,
        }
    }

    fn path(&self, transport: Transport, peer: SocketAddr) -> Path {
        Path {
            transport,
            local: self.local,
            peer,
        }
    }

    fn send(&mut self, path: Path, bytes: &[u8]) {
        self.sockets.send(self.now, path, bytes.to_vec());
    }

    /// What comes within so long.
    fn heard(&mut self, within: Duration) -> Option<Got> {
        // Each empty poll takes a hundredth of a second.
        for _ in 0..within.as_millis() / 10 {
            match self.sockets.receive(self.now) {
                Some(Heard::Message(path, bytes)) => return Some(Got::Message(path, bytes.to_vec())),
                Some(Heard::Failed(path, bytes)) => return Some(Got::Failed(path, bytes.to_vec())),
                Some(Heard::Closed(path)) => return Some(Got::Closed(path)),
                None => {}
            }
            self.poll
                .poll(&mut self.events, Some(Duration::from_millis(10)))
                .unwrap();
            for event in &self.events {
                self.sockets.notice(self.now, event);
            }
        }
        None
    }

    fn next(&mut self) -> Got {
        self.heard(PATIENCE).unwrap()
    }

    fn later(&mut self, by: Duration) {
        self.now += by;
        self.sockets.check(self.now);
    }

    fn connections(&self) -> usize {
        self.sockets.streams.count()
    }

    /// Turns until so many connections stand.
    fn until_connections(&mut self, count: usize) {
        for _ in 0..2000 {
            if self.connections() == count {
                return;
            }
            let got = self.heard(Duration::from_millis(10));
            assert!(matches!(got, None | Some(Got::Closed(_))), "{got:?}");
        }
        panic!("{} connections, not {count}", self.connections());
    }
}

fn loopback() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind(loopback()).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn read(stream: &mut TcpStream, length: usize) -> Vec<u8> {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}

/// Whether the other side has closed it.
fn is_closed(stream: &mut TcpStream) -> bool {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    match stream.read(&mut [0; 16]) {
        Ok(0) => true,
        Err(error) if error.kind() == ErrorKind::ConnectionReset => true,
        Ok(_) | Err(_) => false,
    }
}

#[test]
fn messages_are_whole_however_the_stream_was_cut_and_answers_go_back_on_it() {
    let mut bench = Bench::new("tcp", listener().1);
    let mut peer = TcpStream::connect(bench.local).unwrap();
    let path = bench.path(Transport::Tcp, peer.local_addr().unwrap());
    let (head, tail) = MESSAGE.split_at(30);
    peer.write_all(head).unwrap();
    assert_eq!(bench.heard(QUIET), None);
    peer.write_all(&[tail, MESSAGE, &MESSAGE[..7]].concat()).unwrap();
    assert_eq!(bench.next(), Got::Message(path, MESSAGE.to_vec()));
    assert_eq!(bench.next(), Got::Message(path, MESSAGE.to_vec()));
    peer.write_all(&MESSAGE[7..]).unwrap();
    assert_eq!(bench.next(), Got::Message(path, MESSAGE.to_vec()));
    bench.send(path, b"answer");
    assert_eq!(read(&mut peer, 6), b"answer");
}

#[test]
fn who_is_no_trunk_is_closed_at_once() {
    let mut bench = Bench::new("tcp", listener().1);
    let stranger = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    stranger.bind(&SocketAddr::from(([127, 0, 0, 2], 0)).into()).unwrap();
    stranger.connect(&bench.local.into()).unwrap();
    let mut stranger = TcpStream::from(stranger);
    assert_eq!(bench.heard(QUIET), None);
    assert!(is_closed(&mut stranger));
    assert_eq!(bench.connections(), 0);
}

#[test]
fn a_connection_is_opened_when_needed_and_used_again_by_both_sides() {
    let (listener, address) = listener();
    let mut bench = Bench::new("tcp", address);
    let path = bench.path(Transport::Tcp, address);
    bench.send(path, b"first");
    assert_eq!(bench.heard(QUIET), None);
    let (mut peer, from) = listener.accept().unwrap();
    assert_eq!(from.ip(), bench.local.ip());
    bench.send(path, b"second");
    assert_eq!(read(&mut peer, 11), b"firstsecond");
    peer.write_all(MESSAGE).unwrap();
    assert_eq!(bench.next(), Got::Message(path, MESSAGE.to_vec()));
    assert_eq!(bench.connections(), 1);
    drop(peer);
    bench.until_connections(0);
    bench.send(path, b"third");
    assert_eq!(bench.heard(QUIET), None);
    let (mut peer, _) = listener.accept().unwrap();
    assert_eq!(read(&mut peer, 5), b"third");
}

#[test]
fn a_refused_connection_is_told_at_once() {
    let (listener, address) = listener();
    drop(listener);
    let mut bench = Bench::new("tcp", address);
    let path = bench.path(Transport::Tcp, address);
    bench.send(path, MESSAGE);
    assert_eq!(bench.next(), Got::Failed(path, MESSAGE.to_vec()));
    assert_eq!(bench.connections(), 0);
}

#[test]
fn a_connection_that_is_not_made_in_time_is_given_up() {
    // Its queue holds one connection; what comes after it hears nothing.
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.bind(&loopback().into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    let _first = TcpStream::connect(address).unwrap();
    let mut bench = Bench::new("tcp", address);
    let path = bench.path(Transport::Tcp, address);
    bench.send(path, MESSAGE);
    bench.later(CONNECT - Duration::from_secs(1));
    assert_eq!(bench.heard(QUIET), None);
    bench.later(Duration::from_secs(1));
    assert_eq!(bench.next(), Got::Failed(path, MESSAGE.to_vec()));
}

#[test]
fn a_message_that_does_not_become_whole_ends_its_connection_and_idle_ones_stay() {
    let mut bench = Bench::new("tcp", listener().1);
    let mut idle = TcpStream::connect(bench.local).unwrap();
    let mut slow = TcpStream::connect(bench.local).unwrap();
    bench.until_connections(2);
    for octet in &MESSAGE[..40] {
        slow.write_all(&[*octet]).unwrap();
        assert_eq!(bench.heard(Duration::from_millis(10)), None);
        bench.later(Duration::from_millis(500));
    }
    assert_eq!(bench.connections(), 2);
    bench.later(WHOLE_MESSAGE - Duration::from_secs(15));
    assert!(is_closed(&mut slow));
    assert_eq!(bench.connections(), 1);
    assert!(matches!(bench.next(), Got::Closed(_)));
    idle.write_all(MESSAGE).unwrap();
    assert!(matches!(bench.next(), Got::Message(..)));
}

#[test]
fn what_is_no_sip_ends_its_connection_and_what_came_whole_before_is_taken() {
    let mut bench = Bench::new("tcp", listener().1);
    let mut peer = TcpStream::connect(bench.local).unwrap();
    peer.write_all(&[MESSAGE, b"GET / HTTP/1.1\r\n\r\n"].concat()).unwrap();
    assert!(matches!(bench.next(), Got::Message(..)));
    assert!(matches!(bench.next(), Got::Closed(_)));
    assert!(is_closed(&mut peer));
}

#[test]
fn a_ping_is_answered_and_a_long_silence_on_our_own_connection_is_asked_about() {
    let (listener, address) = listener();
    let mut bench = Bench::new("tcp", address);
    let path = bench.path(Transport::Tcp, address);
    bench.send(path, b"x");
    assert_eq!(bench.heard(QUIET), None);
    let (mut peer, _) = listener.accept().unwrap();
    peer.write_all(b"\r\n\r\n").unwrap();
    assert_eq!(bench.heard(QUIET), None);
    assert_eq!(read(&mut peer, 3), b"x\r\n");
    bench.later(SILENCE);
    assert_eq!(read(&mut peer, 4), b"\r\n\r\n");
    peer.write_all(b"\r\n").unwrap();
    assert_eq!(bench.heard(QUIET), None);
    bench.later(WHOLE_MESSAGE);
    assert_eq!(bench.connections(), 1, "a pong is no unfinished message");
}

#[test]
fn a_connection_that_breaks_under_a_message_is_told_as_closed_and_the_next_message_opens_another() {
    let (listener, address) = listener();
    let mut bench = Bench::new("tcp", address);
    let path = bench.path(Transport::Tcp, address);
    bench.send(path, MESSAGE);
    assert_eq!(bench.heard(QUIET), None);
    let (peer, _) = listener.accept().unwrap();
    // Gone with our message unread, so the close is a reset.
    drop(peer);
    assert_eq!(bench.next(), Got::Closed(path));
    bench.send(path, MESSAGE);
    assert_eq!(bench.heard(QUIET), None);
    let (mut peer, _) = listener.accept().unwrap();
    assert_eq!(read(&mut peer, MESSAGE.len()), MESSAGE);
}

#[test]
fn who_does_not_read_is_given_up_before_much_is_kept_for_it() {
    let (listener, address) = listener();
    let mut bench = Bench::new("tcp", address);
    let path = bench.path(Transport::Tcp, address);
    bench.send(path, b"x");
    assert_eq!(bench.heard(QUIET), None);
    let (_peer, _) = listener.accept().unwrap();
    let large = vec![b'x'; 40_000];
    let got = (0..2_000).find_map(|_| {
        bench.send(path, &large);
        bench.heard(Duration::from_millis(10))
    });
    assert_eq!(
        got,
        Some(Got::Failed(path, large)),
        "what never left is told, the rest is not"
    );
    assert_eq!(bench.next(), Got::Closed(path));
    assert_eq!(bench.connections(), 0);
}

#[test]
fn beyond_the_limit_the_connection_goes_that_was_idle_longest() {
    let mut bench = Bench::new("tcp", listener().1);
    bench.sockets.streams.limit(3);
    let mut peers: Vec<TcpStream> = Vec::new();
    for count in 1..=3 {
        peers.push(TcpStream::connect(bench.local).unwrap());
        bench.until_connections(count);
        bench.later(Duration::from_secs(1));
    }
    peers[0].write_all(MESSAGE).unwrap();
    assert!(matches!(bench.next(), Got::Message(..)));
    let _fourth = TcpStream::connect(bench.local).unwrap();
    assert!(matches!(bench.next(), Got::Closed(_)));
    assert_eq!(bench.connections(), 3);
    assert!(is_closed(&mut peers[1]));
    peers[2].write_all(MESSAGE).unwrap();
    assert!(matches!(bench.next(), Got::Message(..)));
}

#[test]
fn a_datagram_to_a_closed_port_is_told_and_others_still_leave() {
    let gone = UdpSocket::bind(loopback()).unwrap();
    let closed = gone.local_addr().unwrap();
    drop(gone);
    let there = UdpSocket::bind(loopback()).unwrap();
    there.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut bench = Bench::new("udp", closed);
    let (nowhere, path) = (
        bench.path(Transport::Udp, closed),
        bench.path(Transport::Udp, there.local_addr().unwrap()),
    );
    for _ in 0..3 {
        bench.send(nowhere, b"lost");
        bench.send(path, b"kept");
        assert_eq!(bench.next(), Got::Failed(nowhere, b"lost".to_vec()));
        let mut bytes = [0; 16];
        assert_eq!(there.recv_from(&mut bytes).unwrap(), (4, bench.local));
    }
    there.send_to(b"back", bench.local).unwrap();
    assert_eq!(bench.next(), Got::Message(path, b"back".to_vec()));
}
