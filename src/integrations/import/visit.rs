//! One visit, one row: what happens when a list names a visit twice.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::change::{Change, changes};
use super::record::DischargeRow;

/// A row that says nothing new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duplicate {
    /// The later row, left out.
    pub row: u32,
    /// The earlier row that says the same.
    pub first_row: u32,
}

/// A row that a later row of the same file overrides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replaced {
    /// The earlier row, left out.
    pub row: u32,
    /// The later row that wins.
    pub by_row: u32,
    /// Where they differ.
    pub changes: Vec<Change>,
}

/// The visits of a file: the same content twice counts once; of two contents the later wins.
#[derive(Default)]
pub(super) struct Visits {
    rows: Vec<Option<DischargeRow>>,
    places: BTreeMap<String, usize>,
    pub(super) duplicates: Vec<Duplicate>,
    pub(super) replaced: Vec<Replaced>,
}

impl Visits {
    pub(super) fn add(&mut self, row: DischargeRow, time_zone: Tz) {
        let place = self.places.get(&row.encounter.visit_no).copied();
        if let Some(before) = place
            .and_then(|place| self.rows.get_mut(place))
            .and_then(|slot| slot.take_if(|before| !says_the_same(before, &row)))
        {
            let changes = changes(&before, &row, time_zone);
            self.replaced.push(Replaced {
                row: before.row,
                by_row: row.row,
                changes,
            });
        } else if let Some(Some(first)) = place.and_then(|place| self.rows.get(place)) {
            self.duplicates.push(Duplicate {
                row: row.row,
                first_row: first.row,
            });
            return;
        }
        self.places.insert(row.encounter.visit_no.clone(), self.rows.len());
        self.rows.push(Some(row));
    }

    /// The rows that count, in the order of the file.
    pub(super) fn take_rows(&mut self) -> Vec<DischargeRow> {
        std::mem::take(&mut self.rows).into_iter().flatten().collect()
    }
}

fn says_the_same(a: &DischargeRow, b: &DischargeRow) -> bool {
    a.patient == b.patient && a.encounter == b.encounter && a.numbers == b.numbers
}
