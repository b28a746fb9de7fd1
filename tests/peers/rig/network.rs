//! A network of its own for every test: a loopback without anybody else's packets and ports.

use std::process::Command;

use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};

use super::process::installed;

/// Which loopback a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Network {
    /// One that ends with the test and all that it started.
    Own,
    /// The host's: the test may not make another.
    Shared,
}

/// Moves this thread, and all threads and processes that it starts from now on, to a new network with a loopback alone.
pub(crate) fn enter() -> Network {
    match unshare(CloneFlags::CLONE_NEWNET) {
        Ok(()) => {
            run("ip", &["link", "set", "lo", "up"]);
            Network::Own
        }
        Err(Errno::EPERM) => Network::Shared,
        Err(error) => panic!("no network of its own for the test: {error}"),
    }
}

/// From now on, so many of a hundred UDP datagrams between these ports of ours and these of theirs are lost by chance.
///
/// A capture sees what we see: of theirs only what came through, of ours everything that we sent.
pub(crate) fn lose(ours: &[u16], theirs: &[u16], percent: u32) {
    let chance = format!("numgen random mod 100 < {percent} counter drop");
    let (ours, theirs) = (set(ours), set(theirs));
    run(
        "nft",
        &[&format!(
            "table netdev loss {{ chain theirs {{ type filter hook egress device \"lo\" priority 0; udp dport {ours} \
             {chance}; }}; }}"
        )],
    );
    run(
        "nft",
        &[&format!(
            "table inet loss {{ chain ours {{ type filter hook input priority 0; udp dport {theirs} {chance}; }}; }}"
        )],
    );
}

/// From now on, of the datagrams to this port that begin with these four letters only every `nth` comes through.
pub(crate) fn lose_all_but(nth: u32, to: u16, beginning: [u8; 4]) {
    let letters = u32::from_be_bytes(beginning);
    let lost = nth - 1;
    run(
        "nft",
        &[&format!(
            "table inet loss{to} {{ chain ours {{ type filter hook input priority 0; udp dport {to} @th,64,32 {letters} \
             numgen inc mod {nth} < {lost} drop; }}; }}"
        )],
    );
}

/// From now on, what leaves from one port seems to come from another, as behind address translation.
pub(crate) fn move_source(from: u16, to: u16) {
    run(
        "nft",
        &[&format!(
            "table netdev move{from} {{ chain out {{ type filter hook egress device \"lo\" priority 0; udp sport {from} \
             udp sport set {to}; }}; }}"
        )],
    );
}

/// From now on, nothing comes from these ports or reaches them: `ports` as nft has them, such as `{ 5060, 4000-4039 }`.
pub(crate) fn cut(name: &str, ports: &str) {
    run(
        "nft",
        &[&format!(
            "table inet {name} {{ chain both {{ type filter hook input priority 0; udp dport {ports} drop; udp sport {ports} \
             drop; }}; }}"
        )],
    );
}

/// What was cut is whole again.
pub(crate) fn mend(name: &str) {
    run("nft", &["delete", "table", "inet", name]);
}

/// How many datagrams of theirs, and of ours, were lost so far.
pub(crate) fn lost() -> (u64, u64) {
    (counted("netdev"), counted("inet"))
}

fn counted(family: &str) -> u64 {
    let listed = run("nft", &["list", "table", family, "loss"]);
    let count = listed
        .split_once("counter packets ")
        .and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
    count.unwrap_or_else(|| panic!("no counter in\n{listed}"))
}

fn set(ports: &[u16]) -> String {
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    format!("{{ {} }}", ports.join(", "))
}

fn run(program: &str, arguments: &[&str]) -> String {
    let ran = Command::new(installed(program)).args(arguments).output().unwrap();
    assert!(
        ran.status.success(),
        "{program} {arguments:?}, which takes root: {}",
        String::from_utf8_lossy(&ran.stderr)
    );
    String::from_utf8_lossy(&ran.stdout).into_owned()
}
