//! Malformed messages by the thousand, from the trunk's own address and from strangers, while calls are running.

mod doors;
mod mangle;

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use crate::rig::attempts::{self, Attempt};
use crate::rig::capture::Capture;
use crate::rig::chance::Chance;
use crate::rig::daemon::{Campaign, Running, Site, Trunk};
use crate::rig::folder::Folder;
use crate::rig::journal;
use crate::rig::ladder;
use crate::rig::line::{Line, Trouble};
use crate::rig::pcap::Press;
use crate::rig::sipp::{Behaviour, Script, Sipp};
use crate::rig::table::Table;
use crate::rig::{night, ports, size};

use doors::Doors;

const SEED: u64 = 0x5EED_0004;
/// The daemon may not grow by more.
const GROWTH_KB: u64 = 5 * 1024;
/// A recording is as long as its call within this.
const NEAR_MS: f64 = 60.0;
/// Messages are sent evenly within this time; the calls last longer.
const FLOOD: Duration = Duration::from_secs(14);
/// So many are sent at once.
const BURST: usize = 10;

#[test]
fn malformed_messages_harm_neither_the_daemon_nor_its_calls() {
    malformed(size::of(5, 20), size::of(1000, 10_000));
}

fn malformed(calls: usize, messages: usize) {
    let folder = Folder::new("malformed");
    let mut table = Table::new("malformed");
    let numbers = night::numbers(calls);
    let stays = Behaviour::Answers {
        ring_ms: 250,
        talk_ms: None,
        script: 0,
    };
    let patients: BTreeMap<String, Behaviour> = numbers.iter().map(|number| (number.clone(), stays)).collect();
    // Keys before, amid and after the flood.
    let script = Script::of(&[Press::new('1', 4000), Press::new('7', 12_000), Press::new('2', 20_000)]);
    let sipp = Sipp::start(&folder.inside("sipp"), &patients, &[script]);
    let line = Line::start(sipp.port(), Trouble::NONE, SEED);
    // Nobody calls over the second trunk; it has us listen on TCP.
    let quiet = Trunk {
        more: "transport = \"tcp\"",
        ..Trunk::open("quiet", ports::free(2))
    };
    let site = Site::new(&folder.inside("site"), &[Trunk::open("trunk", line.port()), quiet]);
    let capture = Capture::start(folder.path());
    let daemon = site.run();
    night::begin(&site, &Campaign::over("trunk", "trunk", 20), &numbers);
    wait_until_talking(&daemon, calls);
    let real: Vec<Vec<u8>> = line.carried().into_iter().map(harmless).collect();
    assert!(real.len() >= calls * 3, "the line carried {} messages", real.len());
    // What a call does for the first time takes its memory then: that is not the flood's.
    wait_until_pressed(&site, &daemon, calls);
    let before = resident_kb(&daemon);
    let doors = Doors::open(site.signalling_port(0), site.signalling_port(1), &line);
    let (sent, most) = flood(&daemon, doors, &real, messages);
    night::wait_until_over(&site, &daemon, &["trunk"], Duration::from_secs(60));
    let after = resident_kb(&daemon).max(most);
    let said = daemon.process.lines.all();
    daemon.stop();
    let panics: Vec<&String> = said.iter().filter(|line| line.contains("panicked")).collect();
    let messages = capture.finish().messages();
    let attempts = attempts::read(&site);

    let calls_by_id = ladder::by_call(&messages);
    let ours = site.signalling_port(0);
    let is_unharmed = |attempt: &&Attempt| {
        let call = &calls_by_id[attempt.call_id()];
        let at = |found: Option<&&ladder::Message>| found.map_or(0.0, |message| message.at);
        let answered = at(call
            .iter()
            .find(|m| m.from == line.port() && m.to == ours && m.accepts()));
        let ended = at(call.iter().find(|m| m.from == ours && m.asks("BYE")));
        let apart = attempt.duration_ms as f64 - (ended - answered) * 1000.0;
        attempt.disposition == "completed" && attempt.keys == "172" && apart.abs() <= NEAR_MS
    };
    let unharmed = attempts.iter().filter(is_unharmed).count();
    table.row(
        "malformed: messages sent",
        &format!("{}", sent.iter().map(|(_, n)| n).sum::<usize>()),
        &told(&sent),
    );
    table.row("malformed: panics", "0", &panics.len().to_string());
    table.row(
        "malformed: growth of the daemon",
        "5120 kB at most",
        &format!("{} kB, from {before} kB", after.saturating_sub(before)),
    );
    table.row("malformed: calls unharmed", &calls.to_string(), &unharmed.to_string());
    assert!(panics.is_empty(), "{panics:#?}");
    assert_eq!((attempts.len(), unharmed), (calls, calls), "{attempts:#?}");
    assert!(
        after.saturating_sub(before) <= GROWTH_KB,
        "from {before} kB to {after} kB"
    );
}

/// A 200 to an INVITE gets another Call-ID: with another To tag it would be a second dialog of a running call, which we
/// rightly end, and SIPp, which knows calls by their Call-ID alone, would take that for the end of the first.
fn harmless(message: Vec<u8>) -> Vec<u8> {
    if message.starts_with(b"SIP/2.0 2") {
        String::from_utf8_lossy(&message)
            .replace("Call-ID: ", "Call-ID: not")
            .into_bytes()
    } else {
        message
    }
}

fn told(sent: &[(&str, usize)]) -> String {
    let parts: Vec<String> = sent.iter().map(|(door, count)| format!("{count} {door}")).collect();
    parts.join(", ")
}

fn wait_until_talking(daemon: &Running, calls: usize) {
    let mut place = 0;
    for _ in 0..calls {
        let found = daemon
            .process
            .lines
            .wait(place, Duration::from_secs(20), |line| line.contains("answered"));
        place = found
            .unwrap_or_else(|| panic!("not all answer\n{}", daemon.process.tail()))
            .1;
    }
}

/// Waits until the first key of every call is in the database.
fn wait_until_pressed(site: &Site, daemon: &Running, calls: usize) {
    let lines = &daemon.process.lines;
    let until = journal::now() + Duration::from_secs(20);
    let pressed = || {
        attempts::read(site)
            .iter()
            .filter(|attempt| !attempt.keys.is_empty())
            .count()
    };
    while pressed() < calls {
        let left = journal::remaining(until).unwrap_or_else(|| panic!("no keys\n{}", daemon.process.tail()));
        lines.wait(lines.len(), left.min(Duration::from_millis(200)), |_| false);
    }
}

/// Sends so many messages by turns through all doors; how many went through each, and the most memory meanwhile.
fn flood(daemon: &Running, mut doors: Doors<'_>, real: &[Vec<u8>], count: usize) -> (Vec<(&'static str, usize)>, u64) {
    let mut chance = Chance::new(SEED);
    let bursts = count.div_ceil(BURST);
    let pause = FLOOD / u32::try_from(bursts).unwrap();
    let mut most = 0;
    let lines = &daemon.process.lines;
    let mut next = journal::now();
    for burst in 0..bursts {
        for _ in 0..BURST.min(count - burst * BURST) {
            doors.send(&mut chance, |chance| mangle::message(chance, real));
        }
        if burst % 50 == 0 {
            most = most.max(resident_kb(daemon));
        }
        next += pause;
        if let Some(left) = journal::remaining(next) {
            lines.wait(lines.len(), left, |_| false);
        }
    }
    (doors.counts(), most)
}

/// The memory that the daemon has taken: what it holds of its own, and not which pages of the program's file it has touched, of which
/// malformed messages find ever new ones.
fn resident_kb(daemon: &Running) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", daemon.process.pid())).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))
        .expect("RssAnon");
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
