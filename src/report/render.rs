//! A report as text for a terminal, and as CSV: the same tables, so that both always say the same.

use std::fmt::Write as _;
use std::io;

use unicode_width::UnicodeWidthStr;

use super::sheet::Sheet;
use super::{QuestionReport, Ratio, Report, Success};

/// A titled table; its first row is the heading.
pub(super) struct Table {
    pub(super) title: String,
    pub(super) rows: Vec<Vec<String>>,
}

impl Table {
    fn new(title: impl Into<String>, heading: &[&str]) -> Self {
        Self {
            title: title.into(),
            rows: vec![heading.iter().map(|&cell| cell.to_owned()).collect()],
        }
    }

    fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }

    /// Columns padded to the width that a terminal gives them: a Chinese character takes two cells.
    fn text(&self, out: &mut String) {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns)
            .map(|at| {
                self.rows
                    .iter()
                    .filter_map(|row| row.get(at))
                    .map(|cell| cell.width())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let _ = writeln!(out, "{}", self.title);
        for row in &self.rows {
            let mut line = String::from(" ");
            for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let pad = " ".repeat(width.saturating_sub(cell.width()));
                // The first column is words, the others are figures.
                let _ = if at == 0 {
                    write!(line, " {cell}{pad}")
                } else {
                    write!(line, "  {pad}{cell}")
                };
            }
            let _ = writeln!(out, "{}", line.trim_end());
        }
        out.push('\n');
    }
}

impl Report {
    /// For a terminal, Chinese and English side by side.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for table in self.tables() {
            table.text(&mut out);
        }
        out
    }

    /// The same tables as CSV, one below the other.
    ///
    /// # Errors
    /// What writing to `out` says.
    pub fn csv(&self, out: impl io::Write) -> io::Result<()> {
        let mut sheet = Sheet::begin(out)?;
        for table in self.tables() {
            sheet.row([table.title.as_str()])?;
            for row in &table.rows {
                sheet.row(row.iter().map(String::as_str))?;
            }
            sheet.row([""])?;
        }
        sheet.end()
    }

    /// One JSON object; shares carry `n`, `of` and `percent`, which is null without a denominator.
    ///
    /// # Errors
    /// None that a report can cause.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }

    pub(super) fn tables(&self) -> Vec<Table> {
        let mut tables = vec![
            self.case_table(),
            self.attempt_table(),
            self.cause_table(),
            self.satisfaction_table(),
        ];
        tables.extend(self.questions.iter().map(question_table));
        tables.push(self.aapor_table());
        tables
    }

    fn case_table(&self) -> Table {
        let mut table = Table::new(
            match &self.department {
                None => format!("回访任务 campaign: {}", self.campaign),
                Some(department) => format!("回访任务 campaign: {} · 科室 department: {department}", self.campaign),
            },
            &["指标 figure", "数量 n", "比例 share"],
        );
        let cases = &self.cases;
        let counted = |n: u64| [n.to_string(), String::new()];
        let mut line = |name: &str, [n, share]: [String; 2]| table.row([name.to_owned(), n, share]);
        if let Some(paused) = &self.paused {
            line("已暂停 paused since", [paused.since_local.clone(), String::new()]);
        }
        line("应回访数 due (D)", counted(cases.due));
        line("已回访数 attempted (A) · 回访率 A/D", shared(cases.follow_up_rate));
        let success = match self.success {
            Success::Completed => "成功数 completed (C) · 回访成功率 C/A",
            Success::CompletedOrPartial => "成功数 completed or partial (C) · 回访成功率 C/A",
        };
        line(success, shared(cases.success_rate));
        line("未结案 open", counted(cases.open));
        line("不计入 not eligible, not in D", counted(cases.not_eligible));
        line("录音 recordings", counted(self.recordings.n));
        line("录音秒数 recording seconds", counted(self.recordings.seconds));
        for outcome in &cases.outcomes {
            let (word, id) = (outcome.outcome.zh(), outcome.outcome.as_str());
            line(&format!("结论 {word} {id}"), shared(outcome.share));
        }
        table
    }

    fn attempt_table(&self) -> Table {
        let mut table = Table::new("呼叫 attempts", &["结果码 disposition", "数量 n", "比例 share"]);
        let attempts = &self.attempts;
        let mut line = |name: String, [n, share]: [String; 2]| table.row([name, n, share]);
        line("已结束 ended".to_owned(), [attempts.ended.to_string(), String::new()]);
        line("接通 answered (200 OK)".to_owned(), shared(attempts.answered));
        line("接通有按键 answered by a human".to_owned(), shared(attempts.human));
        for disposition in &attempts.dispositions {
            let name = format!("{} {}", disposition.disposition.zh(), disposition.disposition.as_str());
            line(name, shared(disposition.share));
        }
        table
    }

    fn cause_table(&self) -> Table {
        let title = "失访构成 causes of failure (A−C)";
        let mut table = Table::new(title, &["失败原因 cause", "数量 n", "比例 share"]);
        for cause in &self.causes {
            let [n, share] = shared(cause.share);
            table.row([cause.cause.label().to_owned(), n, share]);
        }
        table
    }

    fn satisfaction_table(&self) -> Table {
        let title = "满意度 satisfaction";
        let mut table = Table::new(title, &["问题 question", "满意率 rate", "得分 score", "有效 valid"]);
        for question in self.questions.iter().filter(|question| question.satisfied.is_some()) {
            table.row([
                question.title.clone(),
                question.satisfied.map_or_else(String::new, Ratio::percent),
                question.score.map_or_else(String::new, super::Mean::text),
                question.satisfied.map_or(0, |ratio| ratio.of).to_string(),
            ]);
        }
        let all = &self.satisfaction;
        table.row([
            "合计 all".to_owned(),
            all.rate.percent(),
            all.score.text(),
            all.rate.of.to_string(),
        ]);
        table
    }

    fn aapor_table(&self) -> Table {
        let mut table = Table::new(
            "应答率 response rates (AAPOR, list sample)",
            &["指标 figure", "数量 n", "比例 share"],
        );
        let aapor = &self.aapor;
        for (name, ratio) in [
            ("RR1 完成 complete", aapor.rr1),
            ("RR2 完成或部分完成 complete or partial", aapor.rr2),
            ("COOP1 合作 cooperation", aapor.coop1),
            ("REF1 拒访 refusal", aapor.ref1),
            ("CON1 联系上 contact", aapor.con1),
        ] {
            let [n, share] = shared(ratio);
            table.row([name.to_owned(), n, share]);
        }
        table
    }
}

fn shared(ratio: Ratio) -> [String; 2] {
    [ratio.n.to_string(), ratio.percent()]
}

fn question_table(question: &QuestionReport) -> Table {
    let title = format!("{} [{}]", question.title, question.id);
    let mut table = Table::new(title, &["答案 answer", "数量 n", "比例 share"]);
    for value in &question.values {
        let [n, share] = shared(value.share);
        table.row([
            format!("{} {}", value.value, value.label).trim_end().to_owned(),
            n,
            share,
        ]);
    }
    for (name, n) in [
        ("拒答 refused", question.refused),
        ("未按键 silent", question.silent),
        ("无效按键 invalid", question.invalid),
    ] {
        table.row([name.to_owned(), n.to_string(), String::new()]);
    }
    if let Some(mean) = question.mean {
        table.row(["平均 mean".to_owned(), mean.n.to_string(), mean.text()]);
    }
    table
}
