//! Every input that the fuzzers of `fuzz/` found worth keeping, read again.
//!
//! `corpus/` has a folder for each reader. `scripts/fuzz` looks for more; `scripts/fuzz --keep` writes the fifteen
//! inputs that reach the most.

#![expect(clippy::unwrap_used, reason = "a corpus that cannot be read fails the test")]

mod readers;

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use aftercall::sip::Output;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A reader and what must hold of it.
type Reader = (&'static str, fn(&[u8]));

/// In the order of their names.
const READERS: &[Reader] = &[
    ("config", readers::config::check),
    ("dialplan", readers::dialplan::check),
    ("digest", readers::digest::check),
    ("import", readers::import::check),
    ("leg", readers::leg::check),
    ("registrar", readers::registrar::check),
    ("rtcp", readers::rtcp::check),
    ("rtp", readers::rtp::check),
    ("sdp_answer", readers::sdp_answer::check),
    ("sdp_offer", readers::sdp_offer::check),
    ("sip_agent", readers::sip_agent::check),
    ("sip_field", readers::sip_field::check),
    ("sip_message", readers::sip_message::check),
    ("sip_stream", readers::sip_stream::check),
    ("telephone_event", readers::telephone_event::check),
];

/// The files of a folder, in the order of their names.
fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(ROOT).join(folder)).unwrap_or_else(|fault| panic!("{folder}: {fault}"));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn every_input_that_was_kept_is_read_without_panic_and_the_same_each_time() {
    let mut failed = Vec::new();
    for (name, check) in READERS {
        let corpus = files(&format!("tests/fuzz/corpus/{name}"));
        assert!(!corpus.is_empty(), "{name} has no corpus");
        for file in corpus {
            let bytes = fs::read(&file).unwrap();
            if catch_unwind(|| check(&bytes)).is_err() {
                failed.push(file);
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn every_torture_message_is_read_by_the_fuzzers_rules_too() {
    for folder in ["tests/vectors/rfc4475", "tests/vectors/rfc5118"] {
        for file in files(folder) {
            let bytes = fs::read(&file).unwrap();
            readers::sip_message::check(&bytes);
            readers::sip_agent::check(&bytes);
            readers::sip_stream::check(&[b"\x07", bytes.as_slice()].concat());
        }
    }
}

/// A fuzzer learns from its seeds what there is to reach.
#[test]
fn the_seeds_of_a_call_reach_what_they_are_named_after() {
    let reached = |seed: &str| {
        let bytes = fs::read(Path::new(ROOT).join("fuzz/seeds/sip_agent").join(seed)).unwrap();
        let told = readers::sip_agent::night(&bytes);
        let told = told.iter().filter(|output| !matches!(output, Output::Send { .. }));
        format!("{:?}", told.collect::<Vec<_>>())
    };
    for (seed, words) in [
        ("answered", &["Answered", "KeyInfo", "HungUp", "q850: Some(16)"][..]),
        ("forked", &["Progressed", "Answered", "Closed"]),
        ("challenged", &["CredentialsRefused"]),
        ("gone", &["Closed { answered: false"]),
        ("small_interval", &["Answered", "Closed { answered: true"]),
        ("refused", &["Failed", "q850: Some(17)", "retry_after: Some(120)"]),
        ("redirected", &["status: Some(302)"]),
        ("cancelled", &["Trying", "Closed { answered: true"]),
        ("reliable", &["Progressed", "Answered"]),
        ("changed", &["Answered", "Closed { answered: true"]),
        ("strangers", &["InviteRefused", "caller: Some(****38)"]),
    ] {
        let told = reached(seed);
        let missing: Vec<_> = words.iter().filter(|word| !told.contains(**word)).collect();
        assert!(missing.is_empty(), "{seed}: {missing:?} is not in {told}");
    }
}

#[test]
fn the_seeds_of_the_hall_reach_what_they_are_named_after() {
    let reached = |seed: &str| {
        let bytes = fs::read(Path::new(ROOT).join("fuzz/seeds/registrar").join(seed)).unwrap();
        let told = readers::registrar::hall(&bytes);
        let sent = told.iter().filter_map(|output| {
            let Output::Send { bytes, .. } = output else {
                return None;
            };
            Some(
                String::from_utf8_lossy(bytes)
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
            )
        });
        let sent: Vec<String> = sent.collect();
        let told = told.iter().filter(|output| !matches!(output, Output::Send { .. }));
        format!("{sent:?} {:?}", told.collect::<Vec<_>>())
    };
    for (seed, words) in [
        (
            "registers",
            &[
                "SIP/2.0 200",
                "Registered",
                "INVITE sip:8001@10.1.1.1:5062",
                "Unregistered",
            ][..],
        ),
        ("stranger", &["SIP/2.0 401"]),
        ("guesses", &["Guessing", "SIP/2.0 401"]),
        ("forged", &["SIP/2.0 403", "SIP/2.0 401"]),
        ("withdrawn", &["Registered", "Withdrawn"]),
        (
            "comes_in",
            &["Incoming", "SIP/2.0 180", "SIP/2.0 200", "Confirmed", "HungUp"],
        ),
        ("given_up", &["Incoming", "SIP/2.0 487"]),
        ("unanswered", &["Incoming", "SIP/2.0 200"]),
    ] {
        let told = reached(seed);
        let missing: Vec<_> = words.iter().filter(|word| !told.contains(**word)).collect();
        assert!(missing.is_empty(), "{seed}: {missing:?} is not in {told}");
    }
}

#[test]
fn every_reader_has_its_fuzzer_and_the_corpus_is_small() {
    let manifest = fs::read_to_string(Path::new(ROOT).join("fuzz/Cargo.toml")).unwrap();
    let fuzzers: Vec<String> = files("fuzz/fuzz_targets")
        .iter()
        .map(|file| file.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    let readers: Vec<&str> = READERS.iter().map(|(name, _)| *name).collect();
    assert_eq!(fuzzers, readers, "fuzz/fuzz_targets and READERS differ");
    for name in &readers {
        assert!(
            manifest.contains(&format!("name = \"{name}\"")),
            "fuzz/Cargo.toml has no bin {name}"
        );
    }
    let corpus: Vec<String> = files("tests/fuzz/corpus")
        .iter()
        .map(|folder| folder.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(corpus, readers, "tests/fuzz/corpus and READERS differ");
    let kept: Vec<u64> = readers
        .iter()
        .flat_map(|name| files(&format!("tests/fuzz/corpus/{name}")))
        .map(|file| file.metadata().unwrap().len())
        .collect();
    assert!(
        kept.len() <= 250 && kept.iter().sum::<u64>() <= 1 << 20,
        "{} files",
        kept.len()
    );
}
