//! What git tracks besides Rust: machine paths, executable bits, the case of SQL.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::report;
use crate::source::{ROOT, is_word};

/// Every tracked file, and every new one that git does not ignore.
fn files() -> Vec<String> {
    let listed = Command::new("git")
        .args([
            "-c",
            "safe.directory=*",
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(ROOT)
        .output()
        .expect("git is needed to list the tracked files: scripts/setup test");
    assert!(
        listed.status.success(),
        "git ls-files: {}",
        String::from_utf8_lossy(&listed.stderr)
    );
    let names = String::from_utf8(listed.stdout).unwrap();
    names
        .split('\0')
        .filter(|name| Path::new(ROOT).join(name).is_file())
        .map(str::to_owned)
        .collect()
}

/// The text of a file; `None` when it is none.
fn text(name: &str) -> Option<String> {
    String::from_utf8(fs::read(Path::new(ROOT).join(name)).unwrap())
        .ok()
        .filter(|text| !text.contains('\0'))
}

#[test]
fn no_file_holds_a_path_of_the_machine_it_was_written_on() {
    let machine = [concat!("/wo", "rk/"), concat!("/ho", "me/"), concat!("/ro", "ot/")];
    let mut faults = Vec::new();
    for name in files() {
        for (at, line) in text(&name).unwrap_or_default().lines().enumerate() {
            let found = machine.iter().find(|path| {
                let mut before = line.match_indices(**path).map(|(at, _)| line[..at].chars().next_back());
                before.any(|c| c.is_none_or(|c| !is_word(c) && !['/', '.', '-', '~', '}'].contains(&c)))
            });
            if let Some(path) = found {
                faults.push(format!(
                    "{name}:{}: {path}… is a path of one machine; make it relative",
                    at + 1
                ));
            }
        }
    }
    report(&faults);
}

#[test]
fn what_begins_with_an_interpreter_may_be_executed() {
    let mut faults = Vec::new();
    for name in files() {
        let path = Path::new(ROOT).join(&name);
        let is_data = name.ends_with(".rs") || name.ends_with(".cfg") || name.starts_with("tests/fuzz/corpus/");
        let is_script = fs::read(&path).unwrap().starts_with(b"#!") && !is_data;
        if is_script && path.metadata().unwrap().permissions().mode() & 0o111 != 0o111 {
            faults.push(format!("{name}:1: chmod +x"));
        }
    }
    report(&faults);
}

#[test]
fn the_commands_of_the_readme_are_scripts() {
    let missing = ["scripts/setup", "scripts/demo", "scripts/test", ".ci/run"]
        .into_iter()
        .filter(|name| {
            let path = Path::new(ROOT).join(name);
            path.metadata().map_or(0, |found| found.permissions().mode()) & 0o111 != 0o111
        });
    report(
        &missing
            .map(|name| format!("{name}:1: is missing or not executable"))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn sql_is_written_in_lower_case() {
    let keywords = [
        "SELECT",
        "INSERT",
        "UPDATE",
        "DELETE",
        "CREATE",
        "TABLE",
        "INDEX",
        "VIEW",
        "PRIMARY",
        "KEY",
        "NOT",
        "NULL",
        "REFERENCES",
        "UNIQUE",
        "DEFAULT",
        "CHECK",
        "FROM",
        "WHERE",
        "JOIN",
        "AND",
        "OR",
        "INTEGER",
        "TEXT",
        "REAL",
        "BLOB",
        "STRICT",
    ];
    let mut faults = Vec::new();
    for name in files().into_iter().filter(|name| name.ends_with(".sql")) {
        for (at, line) in text(&name).unwrap_or_default().lines().enumerate() {
            let code = line.split("--").next().unwrap_or_default();
            // Every second part stands between quotes.
            let outside = code.split(['\'', '"']).step_by(2);
            let loud = outside
                .flat_map(|part| part.split(|c: char| !is_word(c)))
                .find(|word| keywords.contains(word));
            if let Some(word) = loud {
                faults.push(format!(
                    "{name}:{}: write {} in lower case",
                    at + 1,
                    word.to_lowercase()
                ));
            }
        }
    }
    report(&faults);
}

#[test]
fn the_discharge_lists_are_what_their_script_writes() {
    let script = Path::new(ROOT).join("tests/fixtures/make_discharge_list.py");
    let checked = Command::new("python3")
        .arg(script)
        .arg("--check")
        .output()
        .expect("python3 is needed: scripts/setup test");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}
