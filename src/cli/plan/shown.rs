//! A plan on the screen and as JSON.

use std::collections::BTreeMap;

use anyhow::Result;
use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::Serialize;

use crate::calendar::local;
use crate::cli::show;
use crate::engine::forecast::House;
use crate::ids::CaseId;
use crate::moment::Wall;
use crate::night::forecast::{Tonight, median};
use crate::store::{CaseLabel, Reader};

/// Which night is planned, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) night: NaiveDate,
    pub(super) zone: Tz,
    pub(super) now: Wall,
}

/// The figures of a night over all runs.
#[derive(Debug, Serialize)]
pub(super) struct Figures {
    night: NaiveDate,
    campaigns: Vec<String>,
    runs: usize,
    attempts: Range,
    answered: Range,
    completed: Range,
    /// When the last call is over, local; none if nobody is called.
    finish: Option<Finish>,
    /// The most lines in use, in the middle run.
    lines_peak: usize,
    /// The most lines in use if there were as many as anybody could want.
    lines_needed: usize,
    /// Attempts by local hour, in the middle run.
    by_hour: BTreeMap<u32, usize>,
    /// Due and not called, in the middle run.
    not_called: Vec<NotCalled>,
}

/// The middle of all runs, and the ends.
#[derive(Clone, Copy, Debug, Serialize)]
struct Range {
    median: usize,
    least: usize,
    most: usize,
}

#[derive(Clone, Debug, Serialize)]
struct Finish {
    median: String,
    earliest: String,
    latest: String,
    /// The same in seconds from now.
    median_in_s: f64,
    earliest_in_s: f64,
    latest_in_s: f64,
}

#[derive(Clone, Debug, Serialize)]
struct NotCalled {
    campaign: String,
    why: &'static str,
    words: &'static str,
    cases: usize,
}

impl Figures {
    pub(super) fn of(house: &House, asked: Asked, nights: &[Tonight], lines_needed: usize) -> Self {
        let Asked { night, zone, now } = asked;
        let range = |count: fn(&Tonight) -> usize| Range {
            median: median(nights.iter().map(count)).unwrap_or_default(),
            least: nights.iter().map(count).min().unwrap_or_default(),
            most: nights.iter().map(count).max().unwrap_or_default(),
        };
        let clock = |wall: Wall| local(wall, zone).format("%H:%M").to_string();
        let ends = || nights.iter().filter_map(|night| night.ends);
        let finish = ends().min().zip(median(ends())).zip(ends().max());
        let middle = range(|night| night.attempts.len()).median;
        let middle = nights.iter().find(|night| night.attempts.len() == middle);
        let not_called = middle.map(|night| &night.not_called).into_iter().flatten();
        Self {
            night,
            campaigns: house.campaigns.iter().map(|campaign| campaign.name.clone()).collect(),
            runs: nights.len(),
            attempts: range(|night| night.attempts.len()),
            answered: range(|night| night.answered),
            completed: range(|night| night.completed),
            finish: finish.map(|((earliest, median), latest)| Finish {
                median: clock(median),
                median_in_s: median.since(now).as_secs_f64(),
                earliest_in_s: earliest.since(now).as_secs_f64(),
                latest_in_s: latest.since(now).as_secs_f64(),
                earliest: clock(earliest),
                latest: clock(latest),
            }),
            lines_peak: middle.map_or(0, |night| night.lines),
            lines_needed,
            by_hour: middle.map(|night| night.by_hour.clone()).unwrap_or_default(),
            not_called: not_called
                .map(|((campaign, stands), cases)| NotCalled {
                    campaign: house.name_of(*campaign).to_owned(),
                    why: stands.as_str(),
                    words: stands.zh(),
                    cases: cases.len(),
                })
                .collect(),
        }
    }

    pub(super) fn table(&self) {
        let row = |name: &str, value: String| vec![name.to_owned(), value];
        let range = |range: Range| format!("{}  ({} – {})", range.median, range.least, range.most);
        let mut rows = vec![
            row("批次 night", self.night.to_string()),
            row("回访任务 campaigns", self.campaigns.join("、")),
            row("尝试 attempts", range(self.attempts)),
            row("接通 answered", range(self.answered)),
            row("完成 completed", range(self.completed)),
        ];
        rows.push(match &self.finish {
            Some(finish) => row(
                "结束 finish",
                format!("{}  ({} – {})", finish.median, finish.earliest, finish.latest),
            ),
            None => row("结束 finish", "无人可呼 nobody is called".to_owned()),
        });
        rows.push(row(
            "线路 lines",
            format!(
                "最多 {}，不限时需要 {} (peak, needed without a limit)",
                self.lines_peak, self.lines_needed
            ),
        ));
        for (hour, attempts) in &self.by_hour {
            rows.push(row(&format!("  {hour:02}:00"), attempts.to_string()));
        }
        if !self.not_called.is_empty() {
            rows.push(row("到期未呼 due, not called", String::new()));
        }
        for one in &self.not_called {
            rows.push(row(
                &format!("  {} {}", one.words, one.why),
                format!("{}  {}", one.cases, one.campaign),
            ));
        }
        show::table(&rows);
    }
}

/// Who is called when, and who is not, one line each; names masked.
pub(super) async fn who(reader: &Reader, house: &House, night: &Tonight, zone: Tz) -> Result<()> {
    let called = night.attempts.iter().map(|made| made.case);
    let others = night.not_called.values().flatten().copied();
    let ids: Vec<CaseId> = called.chain(others).collect();
    let labels = reader.case_labels(&ids).await?;
    let nobody = CaseLabel::default();
    let mut rows = Vec::new();
    for made in &night.attempts {
        let label = labels.get(&made.case).unwrap_or(&nobody);
        let at = local(made.at, zone).format("%H:%M:%S").to_string();
        rows.push(line(at, label, house.name_of(made.campaign), made.disposition.zh()));
    }
    for ((campaign, stands), cases) in &night.not_called {
        for case in cases {
            let label = labels.get(case).unwrap_or(&nobody);
            rows.push(line("—".to_owned(), label, house.name_of(*campaign), stands.zh()));
        }
    }
    show::table(&rows);
    Ok(())
}

fn line(at: String, label: &CaseLabel, campaign: &str, word: &str) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    vec![
        at,
        label.visit_no.clone(),
        text(&label.name),
        text(&label.department),
        campaign.to_owned(),
        word.to_owned(),
    ]
}
