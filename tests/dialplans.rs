//! The shipped dialplans: no fault, and every golden conversation beside them goes as it is written.
//!
//! `AFTERCALL_BLESS=1` writes the conversations anew from their scripts.

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
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    found.sort();
    found
}

fn read(path: &Path) -> Dialplan {
    let text = fs::read_to_string(path).unwrap();
    dialplan::parse(&text).unwrap_or_else(|faults| panic!("{}: {}", path.display(), faults[0]))
}

#[test]
fn the_shipped_dialplans_have_no_fault() {
    for path in dialplans() {
        let told: Vec<String> = dialplan::check_text(&fs::read_to_string(&path).unwrap(), None)
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
            let written = fs::read_to_string(&walk).unwrap();
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
    let mut texts: BTreeMap<(String, String), String> = BTreeMap::new();
    for path in dialplans() {
        let plan = read(&path);
        for (name, text) in plan.prompt_texts() {
            texts.insert((plan.language().to_owned(), name.to_owned()), text.to_owned());
        }
    }
    let listed = fs::read_to_string(root().join("prompts/zh-CN/texts.tsv")).unwrap();
    let mut rows = BTreeMap::new();
    for line in listed
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
    {
        let [name, language, text] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("three columns: {line}")
        };
        rows.insert((language.to_owned(), name.to_owned()), text.to_owned());
    }
    assert_eq!(texts, rows);
}
