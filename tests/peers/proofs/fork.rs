//! Every number rings two phones at once, behind a proxy that wants credentials: one answers, the other, or both.

mod pair;

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::Duration;

use crate::rig::attempts;
use crate::rig::capture::Capture;
use crate::rig::daemon::{Campaign, Site, Trunk};
use crate::rig::folder::Folder;
use crate::rig::kamailio::{Kamailio, TRUNK};
use crate::rig::ladder::{self, Message};
use crate::rig::table::Table;
use crate::rig::{night, size};

use pair::{Pair, Taken};

/// What follows a 200 follows within this time.
const SOON: f64 = 0.5;

#[test]
fn a_forked_call_has_one_winner_one_recording_and_one_result() {
    fork(size::of(6, 200));
}

fn fork(calls: usize) {
    let folder = Folder::new("fork");
    let mut table = Table::new("fork");
    let kamailio = Kamailio::start_forking(&folder.inside("kamailio"));
    let count = if calls < 20 { 2 } else { 5 };
    let mut pairs: Vec<Pair> = (1..=count)
        .map(|n| Pair::start(&folder.inside(&format!("pair{n}")), n, &kamailio))
        .collect();
    let trunk = Trunk {
        account: Some((TRUNK.0, TRUNK.1, "peers.test")),
        ..Trunk::open("kamailio", kamailio.port())
    };
    let site = Site::new(&folder.inside("site"), &[trunk]);
    let capture = Capture::start(folder.path());
    let daemon = site.run();
    kamailio.wait_for_contacts(TRUNK.0, 1);
    let campaigns: Vec<String> = (1..=count).map(|n| format!("pair{n}")).collect();
    let mut called = 0;
    for (n, campaign) in (1..=count).zip(&campaigns) {
        // The pair of a number is its last digit.
        let share = calls / count + usize::from(n <= calls % count);
        let numbers: Vec<String> = (0..share).map(|turn| format!("1990000{turn:03}{n}")).collect();
        let campaign = Campaign {
            lines: 1,
            ..Campaign::over("kamailio", campaign, 30)
        };
        night::begin(&site, &campaign, &numbers);
        called += numbers.len();
        pairs[n - 1].expect(numbers.len());
    }
    assert_eq!(called, calls);
    let limit = Duration::from_secs(60 + calls as u64 * 8 / count as u64);
    let taken: Vec<Taken> = thread::scope(|scope| {
        let pairs: Vec<_> = pairs.iter_mut().map(|pair| scope.spawn(|| pair.take_calls())).collect();
        let names: Vec<&str> = campaigns.iter().map(String::as_str).collect();
        night::wait_until_over(&site, &daemon, &names, limit);
        pairs.into_iter().flat_map(|pair| pair.join().unwrap()).collect()
    });
    daemon.stop();
    let captured = capture.finish();
    captured.assert_well_formed(&site);
    let messages = captured.messages();
    let attempts = attempts::read(&site);

    let answers = answers(&messages, site.signalling_port(0));
    let of = |count: usize| answers.values().filter(|call| call.tags.len() == count).count();
    let both = taken.iter().filter(|call| call.manner == pair::Manner::Both).count();
    let recordings = attempts.iter().filter(|attempt| {
        let file = site.data(&attempt.recording);
        !attempt.recording.is_empty() && file.is_file()
    });
    let recorded = recordings
        .map(|attempt| &attempt.recording)
        .collect::<BTreeSet<_>>()
        .len();
    let numbers = attempts
        .iter()
        .map(|attempt| &attempt.digits)
        .collect::<BTreeSet<_>>()
        .len();
    let right = taken.iter().filter(|call| {
        let found = attempts.iter().find(|attempt| attempt.call_id() == call.call_id);
        found.is_some_and(|attempt| attempt.disposition == call.disposition())
    });
    let right = right.count();
    let losers: usize = answers.values().map(|call| call.tags.len() - 1).sum();
    let ended = answers.values().map(|call| call.ended_soon).sum::<usize>();
    let unacknowledged: Vec<_> = answers.values().flat_map(|call| &call.unacknowledged).collect();
    table.row(
        "fork: results, one a call",
        &calls.to_string(),
        &format!("{} for {numbers} numbers", attempts.len()),
    );
    table.row(
        "fork: recordings, one a call",
        &calls.to_string(),
        &recorded.to_string(),
    );
    table.row("fork: calls that end right", &calls.to_string(), &right.to_string());
    table.row(
        "fork: answered by one phone, by both",
        &format!("{}, up to {both}", calls - both),
        &format!("{}, {}", of(1), of(2)),
    );
    table.row(
        "fork: losing 200s that got ACK and BYE",
        &losers.to_string(),
        &ended.to_string(),
    );
    assert_eq!(
        (attempts.len(), numbers, recorded, right),
        (calls, calls, calls, calls),
        "{attempts:#?}\n{taken:#?}"
    );
    assert_eq!(of(1) + of(2), calls);
    assert!(of(2) > 0, "no race had two winners");
    assert!(unacknowledged.is_empty(), "{unacknowledged:#?}");
    assert_eq!(ended, losers);
    for pair in pairs {
        pair.finish();
    }
}

/// The 2xx of one call.
#[derive(Debug, Default)]
struct Answered<'a> {
    /// To tags, one for each phone that answered.
    tags: BTreeSet<&'a str>,
    unacknowledged: Vec<&'a Message>,
    /// How many of these dialogs we ended soon after they began.
    ended_soon: usize,
}

/// What came in answer to our INVITEs, by Call-ID.
fn answers(messages: &[Message], ours: u16) -> BTreeMap<&str, Answered<'_>> {
    let mut answers: BTreeMap<&str, Answered<'_>> = BTreeMap::new();
    for (call_id, call) in ladder::by_call(messages) {
        let mut answered = Answered::default();
        for accepted in call.iter().filter(|m| m.to == ours && m.accepts()) {
            let follows = |method: &str| {
                call.iter().any(|m| {
                    m.from == ours
                        && m.asks(method)
                        && m.to_tag == accepted.to_tag
                        && (accepted.at..accepted.at + SOON).contains(&m.at)
                })
            };
            if !follows("ACK") {
                answered.unacknowledged.push(accepted);
            }
            if answered.tags.insert(&accepted.to_tag) && follows("BYE") {
                answered.ended_soon += 1;
            }
        }
        if !answered.tags.is_empty() {
            answers.insert(call_id, answered);
        }
    }
    answers
}
