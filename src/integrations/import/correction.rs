//! Cells that a person put right before the list is taken: they stand in the place of what the file holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Error;
use super::sheet::{Cell, Line, column_index};

/// A cell that a person put right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// Row of the sheet, from 1.
    pub row: u32,
    /// Letters of the column.
    pub column: String,
    /// What stands there from now on, as it would be typed; empty: nothing.
    pub value: String,
}

/// The corrections of a list that have not met their cells yet.
#[derive(Debug, Default)]
pub(super) struct Corrections(BTreeMap<u32, BTreeMap<usize, String>>);

impl Corrections {
    pub(super) fn new(corrections: &[Correction]) -> Result<Self, Error> {
        let mut all = Self::default();
        for Correction { row, column, value } in corrections {
            let no_cell = || Error::NoCell {
                row: *row,
                column: column.clone(),
            };
            let at = column_index(column).ok_or_else(no_cell)?;
            // Of two the later one is what the person wants.
            all.0.entry(*row).or_default().insert(at, value.clone());
        }
        Ok(all)
    }

    /// Puts right what is corrected of a row below the header, which has so many columns.
    pub(super) fn apply(&mut self, line: &mut Line, columns: usize) -> Result<(), Error> {
        for (at, value) in self.0.remove(&line.row).unwrap_or_default() {
            if at >= columns {
                return Err(Error::NoCell {
                    row: line.row,
                    column: super::sheet::column_letters(at),
                });
            }
            if line.cells.len() <= at {
                line.cells.resize(at + 1, Cell::Empty);
            }
            if let Some(cell) = line.cells.get_mut(at) {
                *cell = Cell::Text(value);
            }
        }
        Ok(())
    }

    /// None may be left when the list has been read.
    pub(super) fn finish(&self) -> Result<(), Error> {
        let left = self.0.iter().next();
        match left.and_then(|(row, cells)| Some((*row, *cells.keys().next()?))) {
            None => Ok(()),
            Some((row, at)) => Err(Error::NoCell {
                row,
                column: super::sheet::column_letters(at),
            }),
        }
    }
}
