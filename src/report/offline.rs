//! The offline list as a file: one line for each case, with room for what the call brings.

use rust_xlsxwriter::Workbook;

use super::render::Table;
use super::sheet::Sheet;
use super::workbook::plain;

/// A line, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfflineLine {
    /// The visit's number.
    pub visit: String,
    /// The patient's name.
    pub patient: String,
    /// The numbers in their order.
    pub numbers: String,
    /// Department and doctor.
    pub department: String,
    /// The day of discharge.
    pub discharged: String,
    /// The time at which the patient asked to be called.
    pub appointment: String,
    /// When it is too late.
    pub deadline: String,
    /// Attempts so far, and how the last one ended.
    pub before: String,
}

const HEADING: [&str; 11] = [
    "就诊号 visit",
    "患者 patient",
    "号码 numbers",
    "科室 department",
    "出院 discharged",
    "约定 appointment",
    "期限 deadline",
    "已呼 tried",
    "呼叫时间 called at",
    "结果 result",
    "答案与备注 answers, notes",
];

fn rows(lines: &[OfflineLine]) -> Vec<Vec<String>> {
    let mut rows = vec![HEADING.map(str::to_owned).to_vec()];
    rows.extend(lines.iter().map(|line| {
        vec![
            line.visit.clone(),
            line.patient.clone(),
            line.numbers.clone(),
            line.department.clone(),
            line.discharged.clone(),
            line.appointment.clone(),
            line.deadline.clone(),
            line.before.clone(),
            String::new(),
            String::new(),
            String::new(),
        ]
    }));
    rows
}

/// The list as CSV that a spreadsheet opens as it is meant.
///
/// # Errors
/// What writing says.
pub fn offline_csv(lines: &[OfflineLine]) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let mut sheet = Sheet::begin(&mut out).map_err(|why| why.to_string())?;
    for row in rows(lines) {
        sheet
            .row(row.iter().map(String::as_str))
            .map_err(|why| why.to_string())?;
    }
    sheet.end().map_err(|why| why.to_string())?;
    Ok(out)
}

/// The list as a workbook.
///
/// # Errors
/// What writing says.
pub fn offline_workbook(title: &str, lines: &[OfflineLine]) -> Result<Vec<u8>, String> {
    let mut book = Workbook::new();
    let table = Table {
        title: title.to_owned(),
        rows: rows(lines),
    };
    plain(&mut book, &table).map_err(|why| why.to_string())?;
    book.save_to_buffer().map_err(|why| why.to_string())
}

#[cfg(test)]
mod tests {
    use super::{OfflineLine, offline_csv, offline_workbook};

    #[test]
    fn a_line_has_room_for_what_the_call_brings_and_is_no_formula() {
        let line = OfflineLine {
            visit: "=1+1".to_owned(),
            numbers: "138 0000 1111".to_owned(),
            ..OfflineLine::default()
        };
        let csv = String::from_utf8(offline_csv(std::slice::from_ref(&line)).unwrap()).unwrap();
        assert!(csv.contains("'=1+1,,138 0000 1111,,,,,,,,\r\n"), "{csv}");
        assert!(
            offline_workbook("断线清单 2026-07-20", &[line])
                .unwrap()
                .starts_with(b"PK")
        );
    }
}
