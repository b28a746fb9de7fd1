//! The trace of a forecast: one canonical line for every decision and happening, hashed as it grows; the last ones are kept.

use std::collections::VecDeque;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// So many lines are kept, to show what led to a broken invariant.
const KEPT: usize = 40;

/// Everything that was decided and that happened, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Trace {
    digest: Sha256,
    last: VecDeque<String>,
    lines: u64,
}

impl Trace {
    /// Adds a line.
    pub(super) fn note(&mut self, said: std::fmt::Arguments<'_>) {
        let mut line = match self.last.len() {
            KEPT.. => self.last.pop_front().unwrap_or_default(),
            _ => String::with_capacity(96),
        };
        line.clear();
        // Writing to a text cannot fail.
        let _written = writeln!(line, "{said}");
        self.digest.update(line.as_bytes());
        self.lines += 1;
        self.last.push_back(line);
    }

    /// The SHA-256 of all lines, as 64 hexadecimal digits.
    pub(super) fn sha256(&self) -> String {
        let digest = self.digest.clone().finalize();
        digest.iter().map(|octet| format!("{octet:02x}")).collect()
    }

    /// The last lines, the oldest first.
    pub(super) fn last(&self) -> Vec<String> {
        self.last.iter().map(|line| line.trim_end().to_owned()).collect()
    }

    /// How many lines there are.
    pub(super) const fn lines(&self) -> u64 {
        self.lines
    }
}
