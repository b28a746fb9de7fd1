//! RTP with loss, jitter, packets that overtake each other and doubles: recordings are as long as the calls, keys exact.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::rig::attempts::{self, Attempt};
use crate::rig::capture::Capture;
use crate::rig::daemon::{Campaign, Site, Trunk};
use crate::rig::folder::Folder;
use crate::rig::ladder;
use crate::rig::line::{Line, Trouble};
use crate::rig::pcap::Press;
use crate::rig::sipp::{self, Behaviour, Script, Sipp};
use crate::rig::speech::RATE;
use crate::rig::table::Table;
use crate::rig::wav::{self, Match};
use crate::rig::{night, size};

const TROUBLE: Trouble = Trouble {
    lost_per_mille: 50,
    jitter: Duration::from_millis(60),
    doubled_per_mille: 10,
};
const SEED: u64 = 0x5EED_0003;
/// A recording is as long as its call within this.
const NEAR_MS: f64 = 60.0;
/// A second of voice that lost some of its packets is still more alike than any other.
const ALIKE: f64 = 0.6;

/// SIPp speaks from our ACK on, which waits so long at most until the dialog is written down.
const ACK_MS: f64 = 400.0;

/// The keys of each script, and when they are pressed.
const PRESSED: [(&str, [usize; 4]); 4] = [
    ("172", [4000, 6000, 8000, 0]),
    ("4101", [3800, 5800, 6300, 9000]),
    ("352", [4300, 6100, 7900, 0]),
    ("2991", [4000, 6500, 6900, 9500]),
];

#[test]
fn recordings_are_as_long_as_the_calls_and_keys_exact_over_a_bad_line() {
    rtp_trouble(size::of(4, 50));
}

fn rtp_trouble(calls: usize) {
    let folder = Folder::new("rtp_trouble");
    let mut table = Table::new("rtp_trouble");
    let numbers = night::numbers(calls);
    let patient = |(index, number): (usize, &String)| {
        let behaviour = Behaviour::Answers {
            ring_ms: 250,
            talk_ms: None,
            script: index % PRESSED.len(),
        };
        (number.clone(), behaviour)
    };
    let patients: BTreeMap<String, Behaviour> = numbers.iter().enumerate().map(patient).collect();
    let scripts = PRESSED.map(|(keys, at)| {
        let presses: Vec<Press> = keys.chars().zip(at).map(|(key, at)| Press::new(key, at)).collect();
        Script::of(&presses)
    });
    let sipp = Sipp::start(&folder.inside("sipp"), &patients, &scripts);
    let line = Line::start(sipp.port(), TROUBLE, SEED);
    let site = Site::new(&folder.inside("site"), &[Trunk::open("line", line.port())]);
    let capture = Capture::start(folder.path());
    let daemon = site.run();
    night::begin(&site, &Campaign::over("line", "line", 20), &numbers);
    night::wait_until_over(&site, &daemon, &["line"], Duration::from_secs(120));
    daemon.stop();
    drop(line);
    drop(sipp);
    let captured = capture.finish();
    captured.assert_well_formed(&site);
    let messages = captured.messages();
    let attempts = attempts::read(&site);
    assert_eq!(attempts.len(), calls);

    let ours = site.signalling_port(0);
    let calls_by_id = ladder::by_call(&messages);
    let (mut exact, mut furthest) = (0, 0.0_f64);
    let mut wrong = Vec::new();
    for attempt in &attempts {
        let call = &calls_by_id[attempt.call_id()];
        let answered = call.iter().find(|m| m.to == ours && m.accepts()).expect("a 200");
        let ended = call.iter().find(|m| m.asks("BYE")).expect("a BYE");
        let apart = attempt.duration_ms as f64 - (ended.at - answered.at) * 1000.0;
        furthest = furthest.max(apart.abs());
        let index = numbers
            .iter()
            .position(|number| *number == attempt.digits)
            .expect("a number");
        let keys = PRESSED[index % PRESSED.len()].0;
        let is_exact = attempt.keys == keys;
        exact += usize::from(is_exact);
        if !is_exact || apart.abs() > NEAR_MS || attempt.disposition != "completed" {
            wrong.push(format!("pressed {keys}, length {apart:.1} ms apart: {attempt:?}"));
        }
    }
    table.row(
        "rtp-trouble: calls with exact keys",
        &calls.to_string(),
        &exact.to_string(),
    );
    let voices: Vec<Match> = attempts
        .iter()
        .flat_map(|attempt| voice_of(attempt, &site, &numbers))
        .collect();
    // Elsewhere the best place found is anyone's guess: what was lost, or bent to bring the stream to its place.
    let alike: Vec<&Match> = voices.iter().filter(|second| second.correlation > ALIKE).collect();
    let offsets = || alike.iter().map(|second| second.offset_ms);
    let (earliest, latest) = (offsets().fold(f64::MAX, f64::min), offsets().fold(f64::MIN, f64::max));
    table.row(
        "rtp-trouble: the patient's voice in the recording",
        "within 60 ms of the ACK",
        &format!(
            "{earliest:.1} to {latest:.1} ms, {} of {} s with a correlation over 0.6",
            alike.len(),
            voices.len()
        ),
    );
    table.row(
        "rtp-trouble: length of the recording, against the wire",
        "within 60 ms",
        &format!("within {furthest:.1} ms"),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        alike.len() >= calls && earliest >= -NEAR_MS && latest <= NEAR_MS + ACK_MS,
        "{voices:#?}"
    );
}

/// The first three seconds of a patient's voice, before any key, found in our recording.
fn voice_of(attempt: &Attempt, site: &Site, numbers: &[String]) -> Vec<Match> {
    let index = numbers
        .iter()
        .position(|number| *number == attempt.digits)
        .expect("a number");
    let said = sipp::voice(index % PRESSED.len(), 30);
    wav::lay_over(&said[..3 * RATE], &wav::channel(&site.data(&attempt.recording), 0), 500)
}
