//! The parsed text and the places in it.

use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::DeTable;

use super::{Faults, Table, Wrong};

/// A place in a text: line and column, both from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl Default for Place {
    fn default() -> Self {
        Self { line: 1, column: 1 }
    }
}

/// A TOML text, parsed as far as it goes.
#[derive(Debug)]
pub struct Document<'t> {
    lines: Lines<'t>,
    root: Spanned<DeTable<'t>>,
}

impl<'t> Document<'t> {
    /// Parses a text. What breaks TOML's own rules is among the faults; the rest of the document can still be read, so
    /// that faults of grammar and faults of content are told in one go.
    pub fn parse(text: &'t str) -> (Self, Faults) {
        let lines = Lines::of(text);
        let mut faults = Faults::new();
        let (root, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let offset = error.span().map_or(text.len(), |span| span.start);
            let why = error.message().replace('\n', ", ");
            faults.error(lines.place(offset), Wrong::NotToml { why });
        }
        (Self { lines, root }, faults)
    }

    /// The table of the keys before the first header, which holds all others.
    pub fn root(&self) -> Table<'_> {
        Table::new(self.root.get_ref(), &self.lines, Place::default())
    }
}

/// Where each line of a text begins.
#[derive(Debug)]
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        let after_breaks = text
            .bytes()
            .enumerate()
            .filter(|(_, byte)| *byte == b'\n')
            .map(|(at, _)| at + 1);
        Self {
            text,
            starts: std::iter::once(0).chain(after_breaks).collect(),
        }
    }

    /// The place of a byte offset; an offset past the end is the end.
    pub(super) fn place(&self, offset: usize) -> Place {
        let offset = offset.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let line_text = self.text.get(start..).unwrap_or_default();
        let before = line_text
            .char_indices()
            .take_while(|(at, _)| start + at < offset)
            .count();
        Place {
            line: count(line),
            column: count(before + 1),
        }
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
