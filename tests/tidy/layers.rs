//! The layering rule of docs/architecture.md: which module may name which.

use crate::paths::{self, from_root};
use crate::report;
use crate::source::{self, Source};

/// Row 0: the vocabulary, open to all.
const VOCABULARY: &[&str] = &["ids", "phone", "pii", "moment", "document"];
/// Row 1.
const WIRE: &[&str] = &["sip", "sdp", "media"];
/// Row 2.
const WORK: &[&str] = &["dialplan", "calendar", "rules", "outcome", "dialer", "agents"];
/// Row 3.
const COMPOSITION: &[&str] = &["call", "control", "night"];

/// What a call says to the store.
const LEDGER: &[&str] = &[
    "dialer::Excerpt",
    "dialer::Keep",
    "dialer::LegEnd",
    "dialer::LegEnding",
    "dialer::MediaSums",
    "dialer::PressedKey",
    "dialer::Recording",
    "dialer::RecordingPause",
];

/// What a module may name besides the vocabulary and itself. `a::b` opens only that part of `a`.
fn may_name(module: &str) -> Option<Vec<&'static str>> {
    let work_but_dialer = ["dialplan", "calendar", "rules", "outcome"];
    Some(match module {
        "ids" | "phone" | "pii" | "moment" | "document" => vec![],
        "sip" | "sdp" | "media" => vec![],
        "dialplan" | "calendar" => vec![],
        "outcome" => vec!["dialplan"],
        "rules" => vec!["calendar", "outcome"],
        "dialer" => vec!["calendar", "outcome", "dialplan"],
        // What is asked for by hand, and why it is refused.
        "agents" => vec!["dialer::ByHand", "dialer::Refusal"],
        // The words in which an attempt is written down, not the dialer itself.
        "call" => [WIRE, &work_but_dialer, LEDGER].concat(),
        "control" => [WIRE, WORK, &["call"]].concat(),
        "night" => [WIRE, WORK, &["call", "control"]].concat(),
        // Of the integrations only the reading of a list, which its office turns into rows for the store.
        "events" => vec![],
        "engine" => [
            WIRE,
            WORK,
            COMPOSITION,
            &["store", "config", "events", "integrations::import"],
        ]
        .concat(),
        "store" => [WORK, &["events"]].concat(),
        "config" => WORK.to_vec(),
        "report" => [WORK, &["store"]].concat(),
        "access" => vec!["store"],
        "proof" => vec!["outcome"],
        "http" => vec![
            "store",
            "report",
            "access",
            "proof",
            "config",
            "engine::Office",
            "engine::office",
            "engine::Snapshot",
            "agents",
            "events",
            "dialplan",
            "calendar",
            "outcome",
            "night",
        ],
        "integrations" => vec!["store", "events"],
        // The far end shares nothing with our own packets but the tables that the codecs are defined by.
        "far_end" => vec!["media::g711"],
        "cli" | "main" | "lib" => [
            WIRE,
            WORK,
            COMPOSITION,
            &[
                "engine",
                "store",
                "config",
                "events",
                "report",
                "access",
                "proof",
                "http",
                "integrations",
                "far_end",
                "cli",
            ],
        ]
        .concat(),
        _ => return None,
    })
}

/// Whether a module belongs to rows 0-3, which never touch the world.
pub(crate) fn is_core(module: &str) -> bool {
    [VOCABULARY, WIRE, WORK, COMPOSITION].concat().contains(&module)
}

#[test]
fn modules_name_only_what_their_row_allows() {
    let mut faults = Vec::new();
    for source in source::shipped() {
        let Some(module) = source.module() else { continue };
        let Some(open) = may_name(module) else {
            faults.push(format!(
                "{}:1: module {module} is in no row; add it to docs/architecture.md and to may_name in tests/tidy/layers.rs",
                source.path
            ));
            continue;
        };
        faults.extend(forbidden(&source, module, &open));
    }
    report(&faults);
}

fn forbidden(source: &Source, module: &str, open: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    for named in paths::all(&source.shipped()) {
        let Some(path) = from_root(&source.path, &named) else {
            continue;
        };
        let Some(target) = path.first().map(String::as_str) else {
            continue;
        };
        let is_module = may_name(target).is_some();
        let is_open = target == module
            || VOCABULARY.contains(&target)
            || open
                .iter()
                .any(|o| path.join("::").starts_with(o) && (*o == target || o.contains("::")));
        if is_module && !is_open {
            faults.push(format!(
                "{}:{}: {module} may not name {}; move what is shared down a row, or hand it over as a value",
                source.path,
                named.line,
                path.join("::")
            ));
        }
    }
    faults
}

#[test]
fn the_crate_is_named_by_its_own_name_only() {
    let mut faults = Vec::new();
    for source in source::shipped() {
        for (at, line) in source.code.lines().enumerate() {
            if line.contains("crate as ") || line.contains("use crate::*") {
                faults.push(format!(
                    "{}:{}: write crate::module, so that the layers can be read",
                    source.path,
                    at + 1
                ));
            }
        }
    }
    report(&faults);
}

#[test]
fn the_vocabulary_knows_only_std_and_serde() {
    let mut faults = Vec::new();
    for source in source::shipped() {
        let Some(module) = source.module().filter(|m| VOCABULARY.contains(m)) else {
            continue;
        };
        for line in source.shipped().lines().filter_map(|l| l.trim().strip_prefix("use ")) {
            let first = line.split(|c: char| !source::is_word(c)).next().unwrap_or_default();
            let is_open = ["std", "core", "serde", "thiserror", "crate", "super", "self"].contains(&first)
                || (module == "document" && first == "toml")
                || (module == "ids" && first == "sha2");
            if !is_open {
                faults.push(format!(
                    "{}: {module} may not use {first}; row 0 has std and serde",
                    source.path
                ));
            }
        }
    }
    report(&faults);
}

#[test]
fn a_forbidden_import_is_found() {
    let source = Source {
        path: "src/sip/parse.rs".to_owned(),
        text: String::new(),
        code: "use crate::{phone::Number,\n    media};\nuse super::super::call::Call;".to_owned(),
        prose: String::new(),
    };
    let faults = forbidden(&source, "sip", &[]);
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].starts_with("src/sip/parse.rs:2: sip may not name media"));
}
