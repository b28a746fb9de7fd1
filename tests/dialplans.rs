//! The shipped dialplans: no fault, and every golden conversation beside them goes as it is written.
//!
//! `AFTERCALL_BLESS=1` writes the conversations anew from their scripts.

#![expect(clippy::unwrap_used, reason = "a shipped file that cannot be read ends the test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use aftercall::dialplan::{self, Dialplan};

fn dialplans() -> Vec<PathBuf> {
    let found = files(&root().join("dialplans"), "toml");
    assert!(!found.is_empty(), "no dialplan is shipped");
    found
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    found.sort();
    found
}

fn read(path: &Path) -> Dialplan {
    dialplan::parse(&text_of(path)).unwrap_or_else(|faults| panic!("{}: {faults:?}", path.display()))
}

fn text_of(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_shipped_dialplans_have_no_fault() {
    for path in dialplans() {
        let told: Vec<String> = dialplan::check_text(&text_of(&path), None)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert!(told.is_empty(), "{}: {told:#?}", path.display());
    }
}

#[test]
fn every_golden_conversation_goes_as_it_is_written() {
    let bless = std::env::var_os("AFTERCALL_BLESS").is_some();
    let mut differing = Vec::new();
    for path in dialplans() {
        let plan = read(&path);
        let walks = files(&path.with_extension(""), "walk");
        assert!(!walks.is_empty(), "{} has no golden conversation", path.display());
        for walk in walks {
            let written = text_of(&walk);
            let goes = dialplan::replay(&plan, &written).unwrap_or_else(|error| panic!("{}: {error}", walk.display()));
            if goes != written && bless {
                fs::write(&walk, &goes).unwrap();
            } else if goes != written {
                differing.push(first_difference(&walk, &written, &goes));
            }
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn the_examples_of_the_reference_go_as_they_are_written() {
    let reference = text_of(&root().join("docs/dialplan.md"));
    let blocks: Vec<&str> = reference
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert!(!blocks.is_empty());
    for block in blocks {
        assert_eq!(dialplan::check_text(block, None), []);
    }
    let conversation = reference
        .split("\n```\n# ")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .unwrap_or_default();
    let plan = read(&root().join("dialplans/inpatient-satisfaction.toml"));
    let goes = dialplan::replay(&plan, conversation).unwrap_or_else(|error| panic!("{error}"));
    for (written, goes) in conversation.lines().zip(goes.lines()) {
        assert!(
            goes.starts_with(written.trim_end_matches('…')),
            "written {written:?}, goes {goes:?}"
        );
    }
}

fn first_difference(walk: &Path, written: &str, goes: &str) -> String {
    let pairs = written
        .lines()
        .chain(std::iter::repeat("(nothing)"))
        .zip(goes.lines().chain(["(nothing)"]));
    let found = pairs.enumerate().find(|(_, (written, goes))| written != goes);
    let (line, (written, goes)) = found.unwrap_or((0, ("(blank lines)", "(blank lines)")));
    format!("{}:{}: written {written:?}, goes {goes:?}", walk.display(), line + 1)
}

#[test]
fn the_texts_to_record_are_those_of_the_dialplans() {
    let mut texts: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for path in dialplans() {
        let plan = read(&path);
        for (name, text) in plan.prompt_texts() {
            let recording = plan.recording(name);
            let (language, name) = recording.split_once('/').unwrap();
            let texts = texts.entry(language.to_owned()).or_default();
            let before = texts.insert(name.to_owned(), text.to_owned());
            assert!(
                before.is_none_or(|before| before == text),
                "{name} has two texts in {language}"
            );
        }
    }
    assert_eq!(texts.keys().collect::<Vec<_>>(), ["en-US", "zh-CN"]);
    for (language, texts) in texts {
        let mut listed = listed(&language);
        // Said in agents' conversations, whatever the dialplan.
        assert!(listed.remove("agent-lost").is_some(), "{language}");
        assert_eq!(texts, listed, "{language}");
    }
}

/// What the folder of a language is to hold, by name.
fn listed(language: &str) -> BTreeMap<String, String> {
    let listed = text_of(&root().join(format!("prompts/{language}/texts.tsv")));
    let lines = listed
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines
        .map(|line| {
            let [name, own, text] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("three columns: {line}")
            };
            assert_eq!(own, language, "{line}");
            (name.to_owned(), text.to_owned())
        })
        .collect()
}

/// The prompts as they lie there, under the names by which a dialplan plays them.
fn prompts(plan: &Dialplan) -> dialplan::Prompts {
    let mut prompts = dialplan::Prompts::default();
    for language in plan.languages() {
        let manifest: toml::Value =
            toml::from_str(&text_of(&root().join(format!("prompts/{language}/manifest.toml")))).unwrap();
        for entry in manifest["prompt"].as_array().unwrap() {
            let name = entry["name"].as_str().unwrap();
            let played = if language == plan.language() {
                name.to_owned()
            } else {
                format!("{language}/{name}")
            };
            let text = entry["text"].as_str().map(str::to_owned);
            let millis = entry["duration_ms"].as_integer().unwrap().unsigned_abs();
            let duration = std::time::Duration::from_millis(millis);
            prompts.recorded.insert(played, dialplan::Recorded { text, duration });
        }
    }
    prompts
}

#[test]
fn every_prompt_of_the_shipped_dialplans_is_recorded_and_says_its_text() {
    for path in dialplans() {
        let plan = read(&path);
        let told = dialplan::check(&plan, Some(&prompts(&plan)));
        assert!(told.is_empty(), "{}: {told:#?}", path.display());
    }
}

#[test]
fn synthetic_prompts_have_the_level_and_the_length_that_patients_need() {
    for language in ["zh-CN", "en-US"] {
        let manifest: toml::Value =
            toml::from_str(&text_of(&root().join(format!("prompts/{language}/manifest.toml")))).unwrap();
        for entry in manifest["prompt"].as_array().unwrap() {
            let (name, level) = (&entry["name"], entry["loudness_dbfs"].as_float().unwrap());
            assert!((-21.0..=-18.0).contains(&level), "{language}/{name}: {level} dBFS");
            let millis = entry["duration_ms"].as_integer().unwrap();
            assert!((300..30_000).contains(&millis), "{language}/{name}: {millis} ms");
        }
    }
}

#[test]
fn every_survey_begins_with_who_calls_the_automated_voice_and_the_recording() {
    for path in dialplans() {
        let plan = read(&path);
        for language in plan.languages() {
            let opening = dialplan::walk(&plan, Some(language), &[]);
            let opening = opening.iter().find(|line| line.starts_with("says")).unwrap();
            let notices = match language.as_str() {
                "zh-CN" => ["智能语音", "录音", "按9"],
                _ => ["automated voice", "recorded", "press 9"],
            };
            // Whoever calls us need not be told how not to be called.
            let calls_us = path
                .file_stem()
                .is_some_and(|name| name.to_string_lossy().starts_with("incoming"));
            let wanted = if calls_us { 2 } else { 3 };
            assert!(
                notices.iter().take(wanted).all(|notice| opening.contains(notice)),
                "{}: {opening}",
                path.display()
            );
        }
    }
}
