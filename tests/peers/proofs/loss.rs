//! Every fifth SIP datagram is lost, both ways: calls end right all the same, and nobody is called twice.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::rig::attempts::{self, Attempt};
use crate::rig::capture::Capture;
use crate::rig::daemon::{Campaign, Site, Trunk};
use crate::rig::folder::Folder;
use crate::rig::ladder::{self, Message};
use crate::rig::pcap::Press;
use crate::rig::sipp::{Behaviour, Script, Sipp};
use crate::rig::table::Table;
use crate::rig::{network, night, size};

const PERCENT: u32 = 20;
/// Long enough for a 200 that is lost a few times.
const RING_S: u32 = 12;
/// An ACK leaves within this time of the 200 that it acknowledges.
const SOON: f64 = 0.5;

/// What patients do by turns, and what has to come of it. A number that SIPp does not list is vacant.
const CAST: [(Option<Behaviour>, &str); 10] = [
    (Some(answers(500, None, 0)), "completed"),
    (Some(Behaviour::Busy), "busy"),
    (Some(answers(250, Some(2000), 2)), "early_hangup"),
    (Some(Behaviour::Silent), "no_answer"),
    (Some(answers(1000, None, 0)), "completed"),
    (Some(Behaviour::Absent { tone_ms: 1000 }), "power_off"),
    (Some(answers(250, Some(6000), 1)), "partial"),
    (None, "vacant"),
    (Some(answers(250, None, 0)), "completed"),
    (Some(answers(2000, None, 0)), "completed"),
];

const fn answers(ring_ms: u32, talk_ms: Option<u32>, script: usize) -> Behaviour {
    Behaviour::Answers {
        ring_ms,
        talk_ms,
        script,
    }
}

#[test]
fn calls_end_right_although_every_fifth_datagram_is_lost() {
    loss(size::of(16, 200));
}

fn loss(calls: usize) {
    let folder = Folder::new("loss");
    let mut table = Table::new("loss");
    let numbers = night::numbers(calls);
    let cast: BTreeMap<&str, _> = numbers.iter().map(String::as_str).zip(CAST.iter().cycle()).collect();
    let patients: BTreeMap<String, Behaviour> = cast
        .iter()
        .filter_map(|(number, (behaviour, _))| behaviour.map(|behaviour| ((*number).to_owned(), behaviour)))
        .collect();
    let scripts = [
        Script::of(&[Press::new('1', 4000), Press::new('7', 6000), Press::new('2', 8000)]),
        Script::of(&[Press::new('4', 4000)]),
        Script::of(&[]),
    ];
    let sipp = Sipp::start_patient(&folder.inside("sipp"), &patients, &scripts);
    let site = Site::with_rtp_ports(&folder.inside("site"), &[Trunk::open("loss", sipp.port())], 1000);
    let ours = site.signalling_port(0);
    network::lose(&[ours], &[sipp.port()], PERCENT);
    let capture = Capture::start(folder.path());
    let daemon = site.run();
    night::begin(&site, &Campaign::over("loss", "loss", RING_S), &numbers);
    // Fifty calls a minute, and a minute for the last to be given up.
    let limit = Duration::from_secs(90 + calls as u64 * 60 / 50);
    night::wait_until_over(&site, &daemon, &["loss"], limit);
    daemon.stop();
    let lost = network::lost();
    let captured = capture.finish();
    captured.assert_well_formed(&site);
    let messages = captured.messages();
    let attempts = attempts::read(&site);

    let right = attempts
        .iter()
        .filter(|attempt| attempt.disposition == cast[attempt.digits.as_str()].1)
        .count();
    let wrong: Vec<&Attempt> = attempts
        .iter()
        .filter(|attempt| attempt.disposition != cast[attempt.digits.as_str()].1)
        .collect();
    let sent = messages.iter().filter(|message| message.from == ours).count();
    let came = messages.len() - sent;
    let (accepted, unacknowledged) = unacknowledged(&messages, ours);
    let called = attempts.iter().map(|attempt| &attempt.digits).collect::<BTreeSet<_>>();
    let again = dialed_again(&messages, ours);
    table.row(
        "loss: datagrams lost",
        "20 % each way",
        &format!(
            "{:.0} % of {sent} of ours, {:.0} % of {} of theirs",
            lost.1 as f64 * 100.0 / sent as f64,
            lost.0 as f64 * 100.0 / (came as f64 + lost.0 as f64),
            came as u64 + lost.0,
        ),
    );
    table.row("loss: calls that end right", "99 %", &format!("{right} of {calls}"));
    table.row(
        "loss: 200 OK without ACK",
        "0",
        &format!("{} of {accepted}", unacknowledged.len()),
    );
    table.row("loss: calls dialed again", "0", &again.len().to_string());
    table.row(
        "loss: patients called",
        &calls.to_string(),
        &format!("{} in {} attempts", called.len(), attempts.len()),
    );
    assert!(lost.0 > 0 && lost.1 > 0, "nothing was lost: {lost:?}");
    assert!(right * 100 >= calls * 99, "{wrong:#?}");
    assert!(unacknowledged.is_empty(), "{unacknowledged:#?}");
    assert!(again.is_empty(), "{again:#?}");
    assert_eq!((called.len(), attempts.len()), (calls, calls));
    drop(sipp);
}

/// How many 2xx to an INVITE came in, and those that no ACK of the same dialog followed soon.
fn unacknowledged(messages: &[Message], ours: u16) -> (usize, Vec<&Message>) {
    let accepted: Vec<&Message> = messages.iter().filter(|m| m.to == ours && m.accepts()).collect();
    let calls = ladder::by_call(messages);
    let is_acknowledged = |accepted: &Message| {
        calls[accepted.call_id.as_str()].iter().any(|m| {
            m.from == ours
                && m.asks("ACK")
                && m.to_tag == accepted.to_tag
                && (accepted.at..accepted.at + SOON).contains(&m.at)
        })
    };
    let without = accepted
        .iter()
        .copied()
        .filter(|accepted| !is_acknowledged(accepted))
        .collect();
    (accepted.len(), without)
}

/// Call-IDs under which more than one INVITE transaction began, and numbers that were called under several Call-IDs.
fn dialed_again(messages: &[Message], ours: u16) -> Vec<String> {
    let mut transactions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut calls: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for invite in messages.iter().filter(|m| m.from == ours && m.calls()) {
        transactions.entry(&invite.call_id).or_default().insert(&invite.branch);
        calls.entry(&invite.called).or_default().insert(&invite.call_id);
    }
    let several = transactions.into_iter().chain(calls).filter(|(_, of)| of.len() > 1);
    several.map(|(what, of)| format!("{what}: {of:?}")).collect()
}
