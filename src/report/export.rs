//! `export answers`: one row per case, with what its attempts came to, two columns per question with the answers as they
//! count, and one with those that were corrected as they were given.

use std::io::{self, Write};

use crate::ids::{CampaignId, CaseId};
use crate::pii::mask_name;
use crate::store::{Error, ExportRow, Question, Reader};

use super::sheet::Sheet;
use super::words;

/// Cases read at a time: memory does not grow with the campaign.
const PAGE: u32 = 500;

/// How names are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Names {
    /// 张*明
    #[default]
    Masked,
    /// 张建明
    Shown,
}

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
    /// The file.
    #[error("the export could not be written: {0}")]
    Write(#[from] io::Error),
}

const COLUMNS: [&str; 14] = [
    "个案 case",
    "就诊号 visit_no",
    "患者号 patient_no",
    "姓名 name",
    "科室 department",
    "应访时间 due",
    "结论 outcome",
    "结果码 disposition",
    "原因 cause",
    "尝试次数 attempts",
    "接通时间 answered_at",
    "通话秒数 talk_s",
    "录音 recording",
    "录音校验 sha256",
];

/// Writes the cases of a campaign as CSV (UTF-8 with byte order mark) and gives their count. Times are local, by the
/// offsets in the database.
///
/// # Errors
/// [`Error::NoCampaign`], what the database says, or what writing to `out` says.
pub async fn export_answers<W: Write>(
    reader: &Reader,
    campaign: CampaignId,
    names: Names,
    out: W,
) -> Result<u64, ExportError> {
    let questions = reader.questions(campaign).await?;
    let mut sheet = Sheet::begin(out)?;
    let mut heading: Vec<String> = COLUMNS.iter().map(|&column| column.to_owned()).collect();
    for question in &questions {
        heading.push(format!("{} {}", question.title, question.id));
        heading.push(format!("{} {} 标签 label", question.title, question.id));
    }
    heading.push("更正前 as given".to_owned());
    sheet.row(heading.iter().map(String::as_str))?;
    let mut last = CaseId(0);
    let mut written = 0;
    loop {
        let page = reader.export_page(campaign, last, PAGE).await?;
        let Some(end) = page.last() else {
            break;
        };
        last = end.case;
        for row in &page {
            let cells = cells(row, &questions, names);
            sheet.row(cells.iter().map(String::as_str))?;
            written += 1;
        }
    }
    sheet.end()?;
    Ok(written)
}

fn cells(row: &ExportRow, questions: &[Question], names: Names) -> Vec<String> {
    let name = row.name.reveal().as_deref().unwrap_or_default();
    let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
    let mut cells = vec![
        row.case.to_string(),
        row.visit_no.clone(),
        text(&row.patient_no),
        match names {
            Names::Masked => mask_name(name),
            Names::Shown => name.to_owned(),
        },
        text(&row.department),
        text(&row.due_local),
        row.outcome
            .map_or_else(String::new, |outcome| outcome.as_str().to_owned()),
        row.last.map_or_else(String::new, |last| last.as_str().to_owned()),
        row.last.map_or_else(String::new, |last| last.zh().to_owned()),
        row.attempts.to_string(),
        text(&row.answered_local),
        row.talk_ms.map_or_else(String::new, |ms| (ms / 1000).to_string()),
        text(&row.recording),
        text(&row.sha256),
    ];
    for question in questions {
        let answer = row.answers.get(&question.id);
        let (code, label) = match answer {
            None => (String::new(), String::new()),
            Some(answer) => match (answer.value, words::missing(&answer.kind)) {
                (Some(value), _) => (value.to_string(), answer.label.clone().unwrap_or_default()),
                (None, Some(word)) => (answer.kind.clone(), word.to_owned()),
                (None, None) => (answer.kind.clone(), String::new()),
            },
        };
        cells.push(code);
        cells.push(label);
    }
    // What was corrected stands in its column; what the patient gave, in the last one.
    let given = row.answers.iter().filter_map(|(question, answer)| {
        let given = answer.given.as_ref()?;
        Some(format!("{question}: {}", words::given(given)))
    });
    cells.push(given.collect::<Vec<_>>().join("; "));
    cells
}
