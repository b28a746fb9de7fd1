//! A network that has no room, and one that says something of an earlier datagram.

use std::process::Command;

use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use socket2::Protocol;

use super::*;

/// A far end, and a bench that knows it.
fn pair() -> (UdpSocket, Bench, Path) {
    let there = UdpSocket::bind(loopback()).unwrap();
    there.set_read_timeout(Some(PATIENCE)).unwrap();
    let peer = there.local_addr().unwrap();
    let bench = Bench::new("udp", peer);
    let path = bench.path(Transport::Udp, peer);
    (there, bench, path)
}

/// Moves this thread to a network of its own, where the test may.
fn enter_own() -> bool {
    match unshare(CloneFlags::CLONE_NEWNET) {
        Ok(()) => {
            run("ip", &["link", "set", "lo", "up"]);
            true
        }
        Err(Errno::EPERM) => false,
        Err(error) => panic!("no network of its own for the test: {error}"),
    }
}

fn run(program: &str, arguments: &[&str]) {
    assert!(Command::new(program).args(arguments).status().unwrap().success());
}

/// What a router on the way says of a datagram that it would have to cut and may not (RFC 1191).
fn too_large(from: SocketAddr, to: SocketAddr) -> Vec<u8> {
    let length = 8_u16;
    let mut datagram = vec![0x45, 0, 0, 28, 0, 0, 0x40, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1];
    datagram.extend([from.port(), to.port(), length, 0].map(u16::to_be_bytes).concat());
    let mut said = [&[3, 4, 0, 0, 0, 0, 4, 0], datagram.as_slice()].concat();
    let words = said.chunks(2).map(|word| u32::from(word[0]) << 8 | u32::from(word[1]));
    let sum: u32 = words.sum();
    let folded = (sum & 0xFFFF) + (sum >> 16);
    let check = !u16::try_from((folded & 0xFFFF) + (folded >> 16)).unwrap();
    said[2..4].copy_from_slice(&check.to_be_bytes());
    said
}

#[test]
fn a_network_that_has_no_room_loses_a_datagram_and_says_nothing_of_the_far_end() {
    let is_full = enter_own();
    let (there, mut bench, path) = pair();
    if is_full {
        run("tc", &["qdisc", "add", "dev", "lo", "root", "bfifo", "limit", "1"]);
    }
    bench.send(path, b"lost");
    assert_eq!(bench.heard(QUIET), None);
    if is_full {
        run("tc", &["qdisc", "delete", "dev", "lo", "root"]);
    }
    bench.send(path, b"kept");
    let mut bytes = [0; 16];
    let (length, _) = there.recv_from(&mut bytes).unwrap();
    assert_eq!(&bytes[..length], if is_full { b"kept" } else { b"lost" });
}

#[test]
fn what_a_router_says_of_one_datagram_keeps_no_other_from_leaving() {
    let (there, mut bench, path) = pair();
    let mut bytes = [0; 16];
    for round in 0..3_u8 {
        // Where the test may not say it, nothing is said.
        if let Ok(router) = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::ICMPV4)) {
            let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            router
                .send_to(&too_large(bench.local, path.peer), &loopback.into())
                .unwrap();
        }
        if round == 2 {
            there.send_to(b"back", bench.local).unwrap();
            assert_eq!(bench.next(), Got::Message(path, b"back".to_vec()));
        }
        bench.send(path, &[round]);
        assert_eq!(bench.heard(QUIET), None);
        assert_eq!(there.recv_from(&mut bytes).unwrap(), (1, bench.local));
        assert_eq!(bytes[0], round);
    }
}
