//! Whole files through the door.

mod files;
mod report;
mod rows;

use chrono::NaiveDate;
use chrono_tz::Asia::Shanghai;

use super::*;

const HEADER: &str =
    "住院号,姓名,性别,年龄,联系电话,联系人,关系,联系人电话,出院科室,入院日期,出院日期,出院诊断,离院方式,总费用(元)";
/// A sound row to spoil in the tests.
const SOUND: &str =
    "1001,张建国,男,65岁,13987654321,张明,儿子,13711112222,心内科,2024-01-01,2024-01-05,高血压,1,12345.6";

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 1, 10).unwrap()
}

fn read_text(text: &str) -> Result<Reading, Error> {
    read(text.as_bytes(), "list.csv", day(), Shanghai)
}

/// A list with one column changed: `header` holds `value` in the only row.
fn with(header: &str, value: &str) -> Reading {
    let place = HEADER.split(',').position(|name| name == header).unwrap();
    let mut cells: Vec<&str> = SOUND.split(',').collect();
    let quoted = format!("\"{}\"", value.replace('"', "\"\""));
    cells[place] = &quoted;
    read_text(&format!("{HEADER}\n{}\n", cells.join(","))).unwrap()
}

fn refusals(reading: &Reading) -> Vec<(u32, &str, &str, Reason)> {
    let short = |r: &'_ Refusal| (r.row, r.reason);
    reading
        .refused
        .iter()
        .map(|r| {
            let (row, reason) = short(r);
            (row, r.column.as_str(), r.value.as_str(), reason)
        })
        .collect()
}

fn doubts(reading: &Reading) -> Vec<Doubt> {
    reading.warnings.iter().map(|warning| warning.doubt).collect()
}
