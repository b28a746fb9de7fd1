//! How long a file may be. Tables are exempt, by name.

use crate::report;
use crate::source::{self, Source};

const MEDIAN: usize = 200;
const NINETIETH: usize = 500;
const LONGEST: usize = 600;

/// Files that are one table each; a table is as long as its subject.
const TABLES: &[&str] = &[];

#[test]
fn files_are_short() {
    let mut lengths: Vec<(usize, String)> = source::shipped()
        .into_iter()
        .filter(|source| !TABLES.contains(&source.path.as_str()))
        .map(|source| (length(&source), source.path))
        .collect();
    lengths.sort();
    let mut faults = Vec::new();
    let median = &lengths[lengths.len() / 2];
    if median.0 > MEDIAN {
        faults.push(format!(
            "{}:{}: the median file is longer than {MEDIAN} lines; split the long ones",
            median.1, median.0
        ));
    }
    let ninetieth = &lengths[(lengths.len() * 9).div_ceil(10) - 1];
    if ninetieth.0 > NINETIETH {
        faults.push(format!(
            "{}:{}: a tenth of the files is longer than {NINETIETH} lines; split by procedure",
            ninetieth.1, ninetieth.0
        ));
    }
    faults.extend(lengths.iter().filter(|(length, _)| *length > LONGEST).map(too_long));
    report(&faults);
}

#[test]
fn tests_are_short_too() {
    let tests = source::all().into_iter().filter(Source::is_test);
    let lengths = tests.map(|source| (source.text.lines().count(), source.path));
    let faults: Vec<String> = lengths
        .filter(|(length, _)| *length > LONGEST)
        .map(|l| too_long(&l))
        .collect();
    report(&faults);
}

#[test]
fn the_tables_that_are_named_exist() {
    let paths: Vec<String> = source::shipped().into_iter().map(|source| source.path).collect();
    let gone = TABLES.iter().filter(|table| !paths.iter().any(|path| path == *table));
    report(
        &gone
            .map(|table| format!("tests/tidy/sizes.rs: {table} is gone; take it off TABLES"))
            .collect::<Vec<_>>(),
    );
}

fn too_long((length, path): &(usize, String)) -> String {
    format!("{path}:{length}: longer than {LONGEST} lines; split by procedure, or name it in TABLES if it is one")
}

/// Lines of the file without its inline test modules.
fn length(source: &Source) -> usize {
    let shipped = source.shipped();
    let pairs = source.text.lines().zip(source.code.lines()).zip(shipped.lines());
    pairs.filter(|((_, code), shipped)| code == shipped).count()
}
