//! `aftercall rule try`, and how draws are shown.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;

use crate::cli::{daemon, show};
use crate::config::{Settings, list};
use crate::engine::clock::Clock;
use crate::rules::RuleSet;
use crate::store::rules::{Drawing, RulePlace, Trial};

#[derive(Debug, Args)]
pub(in crate::cli) struct Try {
    /// The rule file (TOML).
    file: PathBuf,
    /// Only encounters from this date on, such as 2026-11-01.
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

impl Try {
    pub(super) async fn run(&self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let text =
            std::fs::read_to_string(&self.file).with_context(|| format!("cannot read {}", self.file.display()))?;
        let shown = self.file.display().to_string();
        let (set, warnings) = RuleSet::parse(&text)
            .map_err(|faults| anyhow::anyhow!("{shown} cannot be used:\n{}", list(&shown, &faults)))?;
        for warning in warnings {
            show::warn(&format!("{shown}:{warning}"));
        }
        let zone = settings.place.time_zone;
        let since = self.since.as_deref().map(|text| super::time(text, zone)).transpose()?;
        let place = RulePlace {
            zone,
            calendar: Arc::clone(&settings.place.work_calendar),
        };
        let reader = daemon::reader(settings).await?;
        let trial = reader.try_rules(&set, since, &place, Clock::start().wall()).await?;
        reader.close().await;
        if self.json {
            show::json(&trial)?;
        } else {
            tell(&trial);
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What becomes of an encounter, as people call it.
fn words(decided: &str) -> &str {
    match decided {
        "followed" => "回访 followed",
        "other_event" => "不适用 other event",
        "too_early" => "早于生效日 too early",
        "not_matched" => "条件不满足 not matched",
        "no_date" => "缺日期 no date",
        "waits" => "待抽样 in the sample's base",
        "sampled_out" => "未抽中 not drawn",
        "taken" => "不重复 taken already",
        "too_late" => "已过期 too late",
        other => other,
    }
}

fn tell(trial: &Trial) {
    show::line(&format!("试算 {} encounters; nothing was written", trial.encounters));
    let mut rows = vec![
        ["规则 rule", "结果 result", "个数 count", "依据 reason"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.extend(trial.counts.iter().map(|count| {
        vec![
            count.rule.clone(),
            words(&count.decided).to_owned(),
            count.count.to_string(),
            count.reason.clone(),
        ]
    }));
    show::table(&rows);
    if trial.strata.is_empty() {
        return;
    }
    show::line("");
    let head = [
        "规则 rule",
        "周期 period",
        "层 stratum",
        "比例 share",
        "总数 base",
        "抽取 drawn",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(trial.strata.iter().map(|stratum| {
        vec![
            stratum.rule.clone(),
            stratum.period.clone(),
            stratum.stratum.clone(),
            stratum.fraction.clone(),
            stratum.base.to_string(),
            stratum.taken.to_string(),
        ]
    }));
    show::table(&rows);
}

/// Draws with seed, strata and roles.
pub(super) fn show_drawings(drawings: &[Drawing]) {
    if drawings.is_empty() {
        show::line("no sample is due (没有到期的抽样)");
    }
    for drawing in drawings {
        show::line(&format!(
            "{} / {} {}: seed \"{}\", {} cases made",
            drawing.rule_set, drawing.rule, drawing.period, drawing.seed, drawing.cases
        ));
        let mut rows = vec![
            ["层 stratum", "比例 share", "总数 base", "抽取 drawn"]
                .map(str::to_owned)
                .to_vec(),
        ];
        rows.extend(drawing.strata.iter().map(|stratum| {
            vec![
                stratum.name.clone(),
                stratum.fraction.clone(),
                stratum.base.to_string(),
                stratum.taken.to_string(),
            ]
        }));
        rows.extend(
            drawing
                .roles
                .iter()
                .map(|(role, count)| vec![format!("→ {role}"), String::new(), String::new(), count.to_string()]),
        );
        show::table(&rows);
    }
}
