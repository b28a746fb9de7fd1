//! Ports that nobody else holds.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// Below the range that the kernel lends to clients.
const FIRST: u16 = 20_000;
const LAST: u16 = 32_000;

/// The next port to be handed out in each network.
static NEXT: Mutex<BTreeMap<PathBuf, u16>> = Mutex::new(BTreeMap::new());

/// The first of `count` consecutive ports that are free for UDP and TCP on loopback; even, and handed out once.
pub(crate) fn free(count: u16) -> u16 {
    let network = fs::read_link("/proc/thread-self/ns/net").unwrap();
    let mut networks = NEXT.lock().unwrap_or_else(PoisonError::into_inner);
    // Test runs beside each other begin at different places.
    let begin = || FIRST + u16::try_from(std::process::id() % 20).unwrap() * 100;
    let next = networks.entry(network).or_insert_with(begin);
    let mut wraps = 0;
    loop {
        if *next >= LAST - count {
            // Only where tests share a network, one after the other: the first ones have given theirs back.
            (*next, wraps) = (FIRST, wraps + 1);
            assert!(wraps < 2, "no {count} free ports in a row between {FIRST} and {LAST}");
        }
        let first = *next;
        *next += count.next_multiple_of(2);
        if (first..first + count).all(is_free) {
            return first;
        }
    }
}

/// Whether nobody listens there.
fn is_free(port: u16) -> bool {
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
