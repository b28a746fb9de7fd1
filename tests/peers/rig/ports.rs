//! Ports that nobody else holds.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::sync::atomic::{AtomicU32, Ordering};

/// Below the range that the kernel lends to clients.
const FIRST: u16 = 20_000;
const LAST: u16 = 32_000;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// The first of `count` consecutive ports that are free for UDP and TCP on loopback; even, and handed out once.
pub(crate) fn free(count: u16) -> u16 {
    // Test runs beside each other begin at different places.
    let shift = std::process::id() % 97 * 100;
    for _ in 0..200 {
        let step = NEXT.fetch_add(u32::from(count.next_multiple_of(2)), Ordering::Relaxed);
        let first = u32::from(FIRST) + (shift + step) % u32::from(LAST - FIRST - count);
        let first = u16::try_from(first).unwrap() & !1;
        if (first..first + count).all(is_free) {
            return first;
        }
    }
    panic!("no {count} free ports in a row between {FIRST} and {LAST}");
}

/// Whether nobody listens there.
pub(crate) fn is_free(port: u16) -> bool {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_ok() && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Whether somebody has bound the UDP port or listens on the TCP port. Looked up, not tried: a trial would be in the way
/// of whoever is about to bind it.
pub(crate) fn is_bound(port: u16) -> bool {
    let has = |table: &str| {
        // The tables of this thread's own network.
        let table = fs::read_to_string(format!("/proc/thread-self/net/{table}")).unwrap();
        let local = |line: &str| {
            let (_, hex) = line.split_whitespace().nth(1)?.split_once(':')?;
            u16::from_str_radix(hex, 16).ok()
        };
        table.lines().filter_map(local).any(|bound| bound == port)
    };
    ["udp", "tcp"].into_iter().any(has)
}
