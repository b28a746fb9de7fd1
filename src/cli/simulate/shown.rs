//! What a simulation came to: a table for people, one object for programs.

use std::time::Duration;

use serde::Serialize;

use crate::cli::show;
use crate::dialer::Outcome;
use crate::night::forecast::Outlook;

/// The figures of a simulation.
pub(super) struct Figures<'a> {
    pub(super) patients: u32,
    pub(super) cpu: Duration,
    pub(super) broken: usize,
    pub(super) outlook: &'a Outlook,
}

/// The last line of `--json`.
#[derive(Debug, Serialize)]
pub(super) struct Line<'a> {
    patients: u32,
    attempts: usize,
    completed: usize,
    unfinished: usize,
    days: usize,
    virtual_s: f64,
    cpu_s: f64,
    invariants_broken: usize,
    trace_sha256: &'a str,
    trace_lines: u64,
    cases: usize,
    lines_peak: usize,
    lines_mean: f64,
}

impl Figures<'_> {
    pub(super) fn json(&self) -> Line<'_> {
        Line {
            patients: self.patients,
            attempts: self.outlook.attempts.len(),
            completed: self.outlook.with_outcome(Outcome::Completed),
            unfinished: self.outlook.unfinished(),
            days: self.outlook.nights.len(),
            virtual_s: self.outlook.lasts.as_secs_f64(),
            cpu_s: rounded(self.cpu.as_secs_f64()),
            invariants_broken: self.broken,
            trace_sha256: &self.outlook.trace_sha256,
            trace_lines: self.outlook.trace_lines,
            cases: self.outlook.cases.len(),
            lines_peak: self.outlook.lines.peak,
            lines_mean: rounded(self.outlook.lines.mean()),
        }
    }
}

fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

/// The figures as a table on standard output.
pub(super) fn table(figures: &Figures<'_>) {
    let outlook = figures.outlook;
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let mut rows = vec![
        row("患者 patients", figures.patients.to_string()),
        row("个案 cases", outlook.cases.len().to_string()),
        row("尝试 attempts", outlook.attempts.len().to_string()),
        row("批次 nights", outlook.nights.len().to_string()),
        row(
            "线路 lines",
            format!("最多 {} 平均 {:.1}", outlook.lines.peak, outlook.lines.mean()),
        ),
        row("虚拟时间 virtual", format!("{:.0} s", outlook.lasts.as_secs_f64())),
        row("CPU", format!("{:.2} s", figures.cpu.as_secs_f64())),
        row("规则被破坏 broken", figures.broken.to_string()),
        row("轨迹 trace", outlook.trace_sha256.clone()),
    ];
    rows.push(row("—— 个案结论 outcomes", String::new()));
    for outcome in Outcome::ALL {
        let count = outlook.with_outcome(*outcome);
        rows.push(row(
            &format!("{} {}", outcome.zh(), outcome.as_str()),
            share(count, outlook.cases.len()),
        ));
    }
    rows.push(row("未结 unfinished", share(outlook.unfinished(), outlook.cases.len())));
    rows.push(row("—— 结果码 dispositions", String::new()));
    for (disposition, count) in &outlook.dispositions {
        let name = format!("{} {}", disposition.zh(), disposition.as_str());
        rows.push(row(&name, share(*count, outlook.attempts.len())));
    }
    show::table(&rows);
}

fn share(count: usize, of: usize) -> String {
    let percent = if of == 0 {
        0.0
    } else {
        100.0 * as_f64(count) / as_f64(of)
    };
    format!("{count}  {percent:.1} %")
}

fn as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
