//! A discharge list as text; workbooks are calamine's to read, and left out here.

use std::collections::BTreeSet;

use aftercall::integrations::import::{Scope, read};
use chrono::NaiveDate;

/// Holds for any octets.
pub(crate) fn check(bytes: &[u8]) {
    if bytes.starts_with(b"PK") || bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        return;
    }
    let today = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap_or_default();
    let reading = read(bytes, "list.csv", today, chrono_tz::Asia::Shanghai);
    let again = read(bytes, "list.csv", today, chrono_tz::Asia::Shanghai);
    assert_eq!(format!("{reading:?}"), format!("{again:?}"));
    let Ok(reading) = reading else { return };
    let refused = reading.refused.iter().filter(|refusal| refusal.scope == Scope::Row);
    // A row may be refused for two reasons.
    let refused: BTreeSet<u32> = refused.map(|refusal| refusal.row).collect();
    let rows = reading.rows.len() + reading.duplicates.len() + reading.replaced.len() + refused.len();
    assert_eq!(reading.rows_read as usize, rows, "{reading:?}");
}
