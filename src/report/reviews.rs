//! Signed reviews as one table, mark by mark: CSV and workbook.

use rust_xlsxwriter::Workbook;

use super::render::Table;
use super::sheet::Sheet;
use super::workbook::plain;

/// One mark of a review, with the review.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// The review.
    pub review: i64,
    /// The call.
    pub call: i64,
    /// When it was answered, local.
    pub answered: String,
    /// The campaign.
    pub campaign: String,
    /// The department.
    pub department: String,
    /// The patient's name, masked.
    pub patient: String,
    /// How the attempt ended.
    pub disposition: String,
    /// `sample`, `own`, `second` or `appeal`.
    pub kind: String,
    /// Why it was sampled.
    pub why: String,
    /// Who judged.
    pub reviewer: String,
    /// When it was signed, local.
    pub signed: String,
    /// By which scorecard and version.
    pub scorecard: String,
    /// What the review comes to.
    pub score: Option<u32>,
    /// What is said to the whole.
    pub note: String,
    /// Judged blind yet: nothing of it is told.
    pub hidden: bool,
    /// What is judged.
    pub item: String,
    /// Its weight.
    pub weight: Option<u32>,
    /// What was marked.
    pub option: String,
    /// What that is worth.
    pub points: Option<u32>,
    /// What is said to the item.
    pub remark: String,
}

const HEADING: [&str; 19] = [
    "质检 review",
    "呼叫 call",
    "接通时间 answered",
    "任务 campaign",
    "科室 department",
    "患者 patient",
    "结果 disposition",
    "类别 kind",
    "为何入样 why sampled",
    "质检员 reviewer",
    "签名时间 signed",
    "评分卡 scorecard",
    "总分 score",
    "总评 note",
    "项目 item",
    "权重 weight",
    "选项 option",
    "得分 points",
    "备注 remark",
];

/// The table.
pub fn judgements(marks: &[Judgement]) -> Vec<Vec<String>> {
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    let mut rows = vec![HEADING.map(str::to_owned).to_vec()];
    rows.extend(marks.iter().map(|mark| {
        vec![
            mark.review.to_string(),
            mark.call.to_string(),
            mark.answered.clone(),
            mark.campaign.clone(),
            mark.department.clone(),
            mark.patient.clone(),
            mark.disposition.clone(),
            mark.kind.clone(),
            mark.why.clone(),
            mark.reviewer.clone(),
            mark.signed.clone(),
            mark.scorecard.clone(),
            match mark.hidden {
                true => "盲评中 blind".to_owned(),
                false => number(mark.score),
            },
            mark.note.clone(),
            mark.item.clone(),
            number(mark.weight),
            mark.option.clone(),
            number(mark.points),
            mark.remark.clone(),
        ]
    }));
    rows
}

/// The table as CSV that a spreadsheet opens as it is meant.
///
/// # Errors
/// What writing says.
pub fn judgements_csv(rows: &[Vec<String>]) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let mut sheet = Sheet::begin(&mut out).map_err(|why| why.to_string())?;
    for row in rows {
        sheet.row(row.iter().map(String::as_str)).map_err(|why| why.to_string())?;
    }
    sheet.end().map_err(|why| why.to_string())?;
    Ok(out)
}

/// A correction of an answer, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Corrected {
    /// The call.
    pub call: i64,
    /// The question.
    pub question: String,
    /// What stood there.
    pub from: String,
    /// What stands there now.
    pub to: String,
    /// Why.
    pub reason: String,
    /// Who.
    pub who: String,
    /// When, local.
    pub at: String,
}

/// The tables as a workbook, the corrections on a sheet of their own: text is text, whatever it begins with.
///
/// # Errors
/// What writing says.
pub fn judgements_workbook(rows: &[Vec<String>], corrections: &[Corrected]) -> Result<Vec<u8>, String> {
    let heading = ["呼叫 call", "题目 question", "原答案 original", "更正为 corrected to", "理由 reason", "更正人 who", "时间 at"];
    let mut corrected = vec![heading.map(str::to_owned).to_vec()];
    corrected.extend(corrections.iter().map(|one| {
        vec![
            one.call.to_string(),
            one.question.clone(),
            one.from.clone(),
            one.to.clone(),
            one.reason.clone(),
            one.who.clone(),
            one.at.clone(),
        ]
    }));
    let mut book = Workbook::new();
    for (title, rows) in [("质检 reviews", rows.to_vec()), ("更正 corrections", corrected)] {
        let table = Table {
            title: title.to_owned(),
            rows,
        };
        plain(&mut book, &table).map_err(|why| why.to_string())?;
    }
    book.save_to_buffer().map_err(|why| why.to_string())
}

#[cfg(test)]
mod tests {
    use super::{Judgement, judgements, judgements_csv, judgements_workbook};

    #[test]
    fn no_note_becomes_a_formula_or_another_row() {
        let rows = judgements(&[Judgement {
            remark: "=cmd|' /C calc'!A0".to_owned(),
            note: "一\r\n二,\"三\"".to_owned(),
            patient: "@张*".to_owned(),
            score: Some(85),
            ..Judgement::default()
        }]);
        let csv = String::from_utf8(judgements_csv(&rows).unwrap()).unwrap();
        assert!(csv.starts_with('\u{feff}'));
        assert!(csv.contains("'=cmd|"));
        assert!(csv.contains("'@张*"));
        assert!(csv.contains("\"一\r\n二,\"\"三\"\"\""));
        assert!(judgements_workbook(&rows, &[]).unwrap().starts_with(b"PK"));
    }

    #[test]
    fn what_is_judged_blind_tells_no_score() {
        let rows = judgements(&[Judgement {
            hidden: true,
            ..Judgement::default()
        }]);
        assert_eq!(rows[1][12], "盲评中 blind");
    }
}
