//! Words that may not be in code: the world in the cores, and everywhere what the house does without.

use crate::layers::is_core;
use crate::paths;
use crate::report;
use crate::source::{self, Source, is_word};

/// Crates and modules that touch the world.
const WORLD: &[&[&str]] = &[
    &["tokio"],
    &["sqlx"],
    &["axum"],
    &["hyper"],
    &["mio"],
    &["socket2"],
    &["getrandom"],
    &["tracing"],
    &["std", "fs"],
    &["std", "env"],
    &["std", "thread"],
    &["std", "process"],
    &["std", "net", "UdpSocket"],
    &["std", "net", "TcpStream"],
    &["std", "net", "TcpListener"],
    &["std", "time", "Instant"],
    &["std", "time", "SystemTime"],
    &["rand", "rng"],
    &["rand", "random"],
];

/// Words of the world, as they stand in code.
const WORLD_WORDS: &[(&str, &str)] = &[
    ("async", "a core is polled, never awaited"),
    ("await", "a core is polled, never awaited"),
    ("::now()", "time is an argument"),
    ("thread_rng", "chance is an argument"),
    ("println!", "outputs are data"),
    ("eprintln!", "outputs are data"),
    ("print!", "outputs are data"),
    ("eprint!", "outputs are data"),
];

/// What no file may hold, tests included.
const NOWHERE: &[(&str, &str)] = &[
    ("todo!", "write it, or file an issue"),
    ("unimplemented!", "write it, or file an issue"),
    ("#[ignore", "assert today's behaviour with a remark instead"),
    ("thread::sleep", "wait for the event, with a deadline"),
    ("unbounded_channel", "bound it"),
    ("mpsc::channel()", "bound it: sync_channel"),
    ("#[allow(", "use #[expect(…, reason = \"…\")]"),
    ("#![allow(", "use #![expect(…, reason = \"…\")]"),
];

#[test]
fn the_cores_do_not_touch_the_world() {
    let mut faults = Vec::new();
    for source in source::shipped() {
        let Some(module) = source.module().filter(|m| is_core(m)) else {
            continue;
        };
        let code = source.shipped();
        for (word, why) in WORLD_WORDS {
            faults.extend(find(&code, word).map(|line| format!("{}:{line}: {word} in {module}: {why}", source.path)));
        }
        for named in paths::all(&code) {
            if WORLD
                .iter()
                .any(|world| named.segments.iter().zip(*world).filter(|(a, b)| a == *b).count() == world.len())
            {
                let path = named.segments.join("::");
                faults.push(format!(
                    "{}:{}: {path} in {module}: rows 0-3 never touch the world; take the value as an argument",
                    source.path, named.line
                ));
            }
        }
    }
    report(&faults);
}

#[test]
fn nothing_is_unfinished_unbounded_or_silenced() {
    let mut faults = Vec::new();
    for source in source::all() {
        for (word, instead) in NOWHERE {
            faults.extend(find(&source.code, word).map(|line| format!("{}:{line}: {word}: {instead}", source.path)));
        }
        faults.extend(promises(&source));
    }
    report(&faults);
}

/// What is logged is a row of the table of events: docs/operations.md explains each, and the macro counts it.
#[test]
fn the_log_is_written_through_the_table_of_events_alone() {
    let levels = ["trace!", "debug!", "info!", "warn!", "error!", "event!"];
    let mut faults = Vec::new();
    for source in source::shipped() {
        if source.path.starts_with("src/events/") {
            continue;
        }
        for level in levels {
            faults.extend(find(&source.code, level).map(|line| {
                let path = &source.path;
                format!("{path}:{line}: {level}: add a row to src/events/rows.rs and call its function")
            }));
        }
    }
    report(&faults);
}

/// Promises in comments.
fn promises(source: &Source) -> Vec<String> {
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    let found = words
        .iter()
        .flat_map(|word| find(&source.prose, word).map(move |line| (line, word)));
    found
        .map(|(line, word)| format!("{}:{line}: {word}: do it, or file an issue", source.path))
        .collect()
}

/// The lines on which a word stands, from 1; it is not the tail or the head of a longer word.
fn find<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.lines()
        .enumerate()
        .filter(move |(_, line)| stands(line, word))
        .map(|(at, _)| at + 1)
}

fn stands(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let joins_before = word.starts_with(is_word) && before.is_some_and(is_word);
        let joins_after = word.ends_with(is_word) && after.is_some_and(is_word);
        !joins_before && !joins_after
    })
}

#[test]
fn a_word_inside_a_longer_one_is_another_word() {
    assert!(stands("pub async fn x()", "async") && stands("Instant::now()", "::now()"));
    assert!(!stands("let asynchronous = 1;", "async") && !stands("let my_async = 1;", "async"));
    assert!(!stands("eprintln!(1)", "println!"));
}
