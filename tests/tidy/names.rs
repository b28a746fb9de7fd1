//! Names of files and modules, and that each file has its place in the map.

use std::fs;
use std::path::Path;

use crate::report;
use crate::source::{self, ROOT, Source};

/// Names that say nothing about what is inside.
const FORBIDDEN: &[&str] = &["util", "utils", "common", "helper", "helpers", "manager", "misc"];

#[test]
fn no_file_is_named_after_nothing() {
    let mut faults = Vec::new();
    for source in source::all() {
        let says_nothing = |part: &str| part.split('_').any(|word| FORBIDDEN.contains(&word));
        if source.path.trim_end_matches(".rs").split('/').any(says_nothing) {
            faults.push(format!("{}:1: name the file after what it holds", source.path));
        }
        for (at, line) in source.code.lines().enumerate() {
            let name = line
                .trim()
                .trim_start_matches("pub ")
                .strip_prefix("mod ")
                .unwrap_or_default();
            if says_nothing(name.trim_end_matches([' ', '{', ';'])) {
                faults.push(format!(
                    "{}:{}: name the module after what it holds",
                    source.path,
                    at + 1
                ));
            }
        }
    }
    report(&faults);
}

#[test]
fn every_file_says_first_what_it_is() {
    let silent = source::all().into_iter().filter(|source| {
        let first = source.text.lines().next().unwrap_or_default();
        first
            .strip_prefix("//! ")
            .is_none_or(|said| said.split_whitespace().count() < 2)
    });
    let faults = silent.map(|source| format!("{}:1: begin with a `//!` line that says what this is", source.path));
    report(&faults.collect::<Vec<_>>());
}

#[test]
fn no_file_is_empty() {
    let empty = source::all().into_iter().filter(|source| source.code.trim().is_empty());
    report(
        &empty
            .map(|source| format!("{}:1: holds no code; delete it", source.path))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn every_module_is_on_the_map() {
    let sources = source::all();
    let lib = sources
        .iter()
        .find(|source| source.path == "src/lib.rs")
        .expect("src/lib.rs");
    let map: String = lib.text.lines().filter(|line| line.starts_with("//!")).collect();
    let mut modules: Vec<&str> = sources
        .iter()
        .filter_map(Source::module)
        .filter(|m| !["lib", "main"].contains(m))
        .collect();
    modules.dedup();
    let is_named = |module: &str| map.split(|c: char| !source::is_word(c)).any(|word| word == module);
    let absent = modules.iter().filter(|module| !is_named(module));
    let faults = absent
        .map(|module| format!("src/lib.rs:1: the map (the `//!` lines) does not name `{module}`; say what it is"));
    report(&faults.collect::<Vec<_>>());
}

#[test]
fn every_file_is_declared_in_its_parent() {
    let sources = source::all();
    let mut faults = Vec::new();
    for source in &sources {
        let Some((parents, name)) = parents(&source.path) else {
            continue;
        };
        let Some(parent) = sources.iter().find(|other| parents.contains(&other.path)) else {
            faults.push(format!(
                "{}:1: no {} declares it; it is never built",
                source.path,
                parents.join(" or ")
            ));
            continue;
        };
        let declared = parent
            .code
            .lines()
            .filter_map(|line| line.trim().split_once("mod "))
            .any(|(_, rest)| rest.trim_end() == format!("{name};"));
        if !declared {
            faults.push(format!(
                "{}:1: {} has no `mod {name};`, so it is never built",
                source.path, parent.path
            ));
        }
    }
    report(&faults);
}

/// The files that may declare a file, and the name it has there; `None` for the roots of crates.
fn parents(path: &str) -> Option<(Vec<String>, &str)> {
    let stem = path.strip_suffix(".rs")?;
    let (folder, name) = stem.rsplit_once('/')?;
    let is_root = matches!(path, "src/lib.rs" | "src/main.rs")
        || matches!(folder, "tests" | "benches" | "fuzz/fuzz_targets")
        || name == "main";
    if is_root {
        return None;
    }
    let (folder, name) = if name == "mod" {
        folder.rsplit_once('/')?
    } else {
        (folder, name)
    };
    let own = ["mod.rs", "main.rs", "lib.rs"]
        .iter()
        .map(|file| format!("{folder}/{file}"));
    Some((own.chain([format!("{folder}.rs")]).collect(), name))
}

#[test]
fn every_folder_of_tests_is_a_target_of_cargo_and_a_kind_of_scripts_test() {
    let manifest = fs::read_to_string(Path::new(ROOT).join("Cargo.toml")).unwrap();
    let script = fs::read_to_string(Path::new(ROOT).join("scripts/test")).unwrap();
    let kinds = script
        .lines()
        .find(|line| line.starts_with("kinds=("))
        .expect("kinds=( in scripts/test");
    let mut faults = Vec::new();
    for source in source::all() {
        let Some(inside) = source.path.strip_prefix("tests/") else {
            continue;
        };
        let kind = inside
            .strip_suffix("/main.rs")
            .or_else(|| inside.strip_suffix(".rs").filter(|stem| !stem.contains('/')));
        let Some(kind) = kind else { continue };
        if !manifest.contains(&format!("path = \"{}\"", source.path)) {
            faults.push(format!(
                "{}:1: Cargo.toml has no [[test]] with this path, so it never runs",
                source.path
            ));
        }
        if !kinds.split(|c: char| !source::is_word(c)).any(|word| word == kind) {
            faults.push(format!(
                "{}:1: scripts/test has no kind {kind}, so it never runs",
                source.path
            ));
        }
    }
    report(&faults);
}
