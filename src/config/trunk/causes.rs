//! `[[trunk.cause]]`: what a status or Q.850 value means on a trunk, where it differs from the table.

use crate::document::{Faults, Table};
use crate::outcome::{CauseRow, CauseTable, Disposition};

pub(super) fn read(table: &Table<'_>, faults: &mut Faults) -> CauseTable {
    let mut rows = Vec::new();
    for row in table.tables("cause", faults) {
        row.unknown_keys(&["status", "q850", "disposition"], faults);
        let status = row
            .optional_integer("status", 300..=699, faults)
            .and_then(|status| u16::try_from(status).ok());
        let q850 = row
            .optional_integer("q850", 0..=127, faults)
            .and_then(|q850| u8::try_from(q850).ok());
        let disposition = row.required_parsed("disposition", "a disposition (docs/outcomes.md)", disposition, faults);
        let Some(disposition) = disposition else { continue };
        rows.push(CauseRow {
            status,
            q850,
            disposition,
        });
        // Told where the row stands that brings the fault in.
        if let Err(error) = CauseTable::new(rows.clone()) {
            faults.error(row.place(), error.to_string());
            rows.pop();
        }
    }
    CauseTable::new(rows).unwrap_or_default()
}

fn disposition(text: &str) -> Result<Disposition, String> {
    Disposition::parse(text).ok_or_else(|| format!("there is no disposition {text:?}"))
}
