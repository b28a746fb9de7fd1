//! What the tests expected and what they got, for the table that scripts/test and scripts/proof print at their end.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

/// The part of the table that one test writes: `TEST.tsv` in target/tmp/peers/table.
#[derive(Debug)]
pub(crate) struct Table {
    file: File,
}

impl Table {
    /// An empty table. Rows stand in it even when the test fails later.
    pub(crate) fn new(test: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers/table");
        fs::create_dir_all(&folder).unwrap();
        Self {
            file: File::create(folder.join(format!("{test}.tsv"))).unwrap(),
        }
    }

    /// One row.
    #[expect(clippy::print_stderr, reason = "figures for whoever runs this with --nocapture")]
    pub(crate) fn row(&mut self, scenario: &str, expected: &str, got: &str) {
        eprintln!("{scenario}: expected {expected}, got {got}");
        writeln!(self.file, "{scenario}\t{expected}\t{got}").unwrap();
    }

    /// One row, and whether the two agree.
    pub(crate) fn compare(&mut self, scenario: &str, expected: &str, got: &str) -> bool {
        self.row(scenario, expected, got);
        expected == got
    }
}
