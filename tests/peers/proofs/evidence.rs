//! Phones record as well: their recordings and ours hold the same voices at the same time, on both channels.

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::rig::baresip::Phone;
use crate::rig::capture::Capture;
use crate::rig::daemon::{Running, Site, Trunk};
use crate::rig::folder::Folder;
use crate::rig::table::Table;
use crate::rig::wav::{self, Likeness};
use crate::rig::{size, speech};

const SOON: Duration = Duration::from_secs(15);
const PHONES: usize = 10;

/// How a patient takes a call: rings so long, presses these keys, each so long after the one before.
const MANNERS: [(u64, &str, u64); 4] = [
    // At once and after ringing; keys into the prompts and into the silence after them.
    (0, "171", 4500),
    (1500, "2102", 3500),
    (700, "431", 6500),
    (300, "152", 3200),
];

/// One call, recorded twice.
#[derive(Debug)]
struct Pair {
    name: String,
    keys: usize,
    ours: PathBuf,
    heard: PathBuf,
    said: PathBuf,
}

#[test]
fn our_recordings_and_the_phones_own_agree_on_both_channels() {
    evidence(size::of(20, 100));
}

fn evidence(calls: usize) {
    let folder = Folder::new("evidence");
    let mut table = Table::new("evidence");
    let names: Vec<String> = (0..PHONES).map(|n| format!("phone{n}")).collect();
    let phones: Vec<Phone> = (0..PHONES)
        .map(|n| {
            let said = speech::voice(11 + n as u64, 40, 90);
            Phone::start(&folder.inside(&names[n]), &[Phone::direct_account(&number(n))], &said)
        })
        .collect();
    let trunks: Vec<Trunk<'_>> = names
        .iter()
        .zip(&phones)
        .map(|(name, phone)| Trunk::open(name, phone.port()))
        .collect();
    let site = Site::new(&folder.inside("site"), &trunks);
    let capture = Capture::start(folder.path());
    let daemon = site.run();
    let pairs: Vec<Pair> = thread::scope(|scope| {
        let share = |n| calls / PHONES + usize::from(n < calls % PHONES);
        let (site, daemon) = (&site, &daemon);
        let callers: Vec<_> = phones
            .into_iter()
            .enumerate()
            .map(|(n, phone)| scope.spawn(move || talk(site, daemon, phone, n, share(n))))
            .collect();
        callers.into_iter().flat_map(|caller| caller.join().unwrap()).collect()
    });
    daemon.stop();
    capture.finish().assert_well_formed(&site);
    assert_eq!(pairs.len(), calls);
    // A phone sends a key in the place of voice, and so spoils a second.
    let left = laid_over(&pairs, |pair| (&pair.said, 0, pair.keys));
    let right = laid_over(&pairs, |pair| (&pair.heard, 1, 0));
    for (channel, likeness) in [("left, the patient", left), ("right, the prompts", right)] {
        table.row(
            &format!("evidence: {channel}, {calls} recordings"),
            "offset within 60 ms, correlation over 0.9",
            &format!(
                "{:.1} to {:.1} ms, from {:.3} on, {} s of voice",
                likeness.earliest_ms, likeness.latest_ms, likeness.least, likeness.seconds
            ),
        );
    }
}

fn number(phone: usize) -> String {
    format!("1990000000{phone}")
}

/// Calls one phone so many times, one call after the other.
fn talk(site: &Site, daemon: &Running, mut phone: Phone, n: usize, calls: usize) -> Vec<Pair> {
    let mut ours = Vec::new();
    for turn in 0..calls {
        let (ring_ms, keys, pause_ms) = MANNERS[(n + turn * 3) % MANNERS.len()];
        let from = phone.events.len();
        let call = site.start(
            &format!("call{n}-{turn}"),
            &[
                "call",
                &number(n),
                "--trunk",
                &format!("phone{n}"),
                "--dialplan",
                "questionnaire.toml",
                "--json",
            ],
        );
        let (_, place) = phone.wait_for(from, "CALL_INCOMING", SOON);
        phone.next(place, "CALL_CLOSED", Duration::from_millis(ring_ms));
        phone.tell("accept", "");
        let (_, place) = phone.wait_for(place, "CALL_ESTABLISHED", SOON);
        assert!(
            phone.press(place, keys, Duration::from_millis(pause_ms)),
            "the call ended before its last key\n{}",
            daemon.process.tail()
        );
        phone.wait_for(place, "CALL_CLOSED", Duration::from_secs(30));
        let said = call.finish(SOON);
        let ended: Value = said.json()["ended"].clone();
        assert_eq!(ended["disposition"], "completed", "{said:#?}");
        ours.push((keys.len(), ended["recording"].as_str().unwrap_or_default().to_owned()));
    }
    let theirs = phone.finish();
    assert_eq!(theirs.len(), ours.len());
    let pair = |((keys, name), (heard, said)): ((usize, String), (PathBuf, PathBuf))| Pair {
        ours: site.data(&name),
        name,
        keys,
        heard,
        said,
    };
    ours.into_iter().zip(theirs).map(pair).collect()
}

/// Fails unless every pair is the same voice; the likeness of the least alike.
fn laid_over<'a>(pairs: &'a [Pair], side: impl Fn(&'a Pair) -> (&'a PathBuf, usize, usize)) -> Likeness {
    let likeness = |pair: &'a Pair| {
        let (theirs, channel, keys) = side(pair);
        wav::assert_same_voice(
            &wav::channel(theirs, 0),
            &wav::channel(&pair.ours, channel),
            wav::Begins::AtOnce,
            keys,
            &format!("{}, channel {channel}", pair.name),
        )
    };
    pairs.iter().map(likeness).reduce(Likeness::and).expect("pairs")
}
