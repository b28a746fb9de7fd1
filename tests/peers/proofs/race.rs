//! CANCEL and 200 cross on the wire: whoever wins, the call ends at once, with one result.

mod racer;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::rig::capture::Capture;
use crate::rig::daemon::{Campaign, Site, Trunk};
use crate::rig::folder::Folder;
use crate::rig::table::Table;
use crate::rig::{attempts, night, size};

use racer::{Race, Racer, Won};

/// ACK and BYE follow the 200 within this time.
const SOON_MS: u128 = 500;

#[test]
fn a_call_answered_while_we_cancel_it_is_ended_at_once() {
    race(size::of(30, 1000));
}

fn race(calls: usize) {
    let folder = Folder::new("race");
    let mut table = Table::new("race");
    let numbers = night::numbers(calls);
    let racer = Racer::start(0x5EED_0005);
    // Every call rings for the five seconds of the campaign, and its ports rest afterwards.
    let trunk = Trunk {
        lines: 400,
        pace: 40.0,
        ..Trunk::open("race", racer.port())
    };
    let rtp_ports = u16::try_from(calls * 2 + 200).unwrap();
    let site = Site::with_rtp_ports(&folder.inside("site"), &[trunk], rtp_ports);
    let capture = Capture::start(folder.path());
    let daemon = site.run();
    night::begin(&site, &Campaign::over("race", "race", 5), &numbers);
    let limit = Duration::from_secs(60 + calls as u64 / 10);
    night::wait_until_over(&site, &daemon, &["race"], limit);
    daemon.stop();
    capture.finish().assert_well_formed(&site);
    let races = racer.finish();

    let attempts = attempts::read(&site);
    let won = |by: Won| races.iter().filter(|race| race.won == by).collect::<Vec<&Race>>();
    let (crossed, first, late) = (won(Won::Crossed), won(Won::ByAnswer), won(Won::ByCancel));
    let slowest = |of: fn(&Race) -> Option<u128>, races: &[&Race]| {
        let slowest = races.iter().map(|race| of(race).unwrap_or(u128::MAX)).max();
        slowest.unwrap_or_default()
    };
    table.row(
        "race: CANCEL against 200",
        &format!("{calls} races"),
        &format!(
            "{} crossed, {} answered before CANCEL, {} refused after it",
            crossed.len(),
            first.len(),
            late.len()
        ),
    );
    let answered: Vec<&Race> = crossed.iter().chain(&first).copied().collect();
    let (ack, bye) = (
        slowest(|race| race.ack_ms, &answered),
        slowest(|race| race.bye_ms, &crossed),
    );
    table.row("race: 200 to ACK", "500 ms at most", &format!("{ack} ms at most"));
    table.row("race: 200 to BYE", "500 ms at most", &format!("{bye} ms at most"));
    table.row("race: results", &calls.to_string(), &attempts.len().to_string());
    assert_eq!((races.len(), attempts.len()), (calls, calls));
    assert!(crossed.len() * 2 >= calls, "too few crossed");
    assert!(ack <= SOON_MS && bye <= SOON_MS, "{races:#?}");

    let by_number: BTreeMap<&str, &Race> = races.iter().map(|race| (race.number.as_str(), race)).collect();
    assert_eq!(by_number.len(), calls, "a patient was called twice");
    for attempt in &attempts {
        let race = by_number[attempt.digits.as_str()];
        let expected = match race.won {
            Won::Crossed | Won::ByCancel => "no_answer",
            Won::ByAnswer => "early_hangup",
        };
        assert_eq!(attempt.disposition, expected, "{race:?}\n{attempt:?}");
    }
}
