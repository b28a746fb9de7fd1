//! `aftercall judge`: a night looked at again, by its rules and by what the trunk saw.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use chrono::NaiveDate;
use clap::{Args, ValueEnum};

use super::{daemon, runtime, settings, show};
use crate::calendar::{self, Hours};
use crate::engine::clock::Clock;
use crate::engine::judging::{self, Question};
use crate::moment::Wall;
use crate::night::judge::trunk_log::{self, TrunkLog};
use crate::night::judge::{Breach, Judgement, Said};

/// Prove that a night kept its rules, from what was stored and what the trunk saw.
///
/// Windows, caps, budget, at most one call after another, do-not-call, pace, lines, deadlines, nobody passed over; with
/// --trunk-log also that the trunk saw our calls and no others. Each breach is a line. The rules are stated apart from the
/// dialer's own, and campaigns are judged by their files as they are now. The exit status is 0 for a night without a breach,
/// 1 for one with a breach, 2 where nothing could be judged. docs/operations.md explains the rules.
#[derive(Debug, Args)]
pub(super) struct Judge {
    /// A date (2026-11-22), `last` for the last one with a call, `tonight`, or `all`.
    night: String,
    /// Only this campaign.
    #[arg(long, value_name = "NAME")]
    campaign: Option<String>,
    /// What a trunk wrote down: the far end's --evidence, or a carrier's list as CSV or lines of JSON with `called`, `at`,
    /// `call_id`. TRUNK=FILE if it lists the calls of one trunk only. May be given several times.
    #[arg(long, value_name = "[TRUNK=]FILE")]
    trunk_log: Vec<String>,
    /// The daemon ran in test mode (`run --any-time`): calling windows did not hold.
    #[arg(long)]
    any_time: bool,
    /// The language of the words.
    #[arg(long, value_enum, default_value = "zh")]
    lang: Lang,
    /// One line of JSON for each night.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Lang {
    Zh,
    En,
}

impl Lang {
    fn of(self, said: &Said) -> &str {
        self.either(&said.zh, &said.en)
    }

    fn either<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// Nothing could be judged.
const NO_VERDICT: u8 = 2;

impl Judge {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        match self.judge(config) {
            Ok(0) => Ok(ExitCode::SUCCESS),
            Ok(_) => Ok(ExitCode::FAILURE),
            Err(error) => {
                show::note(&format!("aftercall: {}", super::chain(&error)));
                Ok(ExitCode::from(NO_VERDICT))
            }
        }
    }

    /// Judges, shows it, and says how often a rule was broken.
    fn judge(self, config: &Path) -> anyhow::Result<usize> {
        let settings = settings(config)?;
        let zone = settings.place.time_zone;
        let logs = self.trunk_log.iter().map(|given| read_log(given, &settings));
        let question = Question {
            logs: logs.collect::<anyhow::Result<_>>()?,
            campaign: self.campaign.clone(),
            hours: if self.any_time { Hours::AnyTime } else { Hours::Windows },
            now: Clock::start().wall(),
        };
        runtime()?.block_on(async {
            let reader = daemon::reader(&settings).await?;
            let today = calendar::local(question.now, zone).date();
            let with_calls = judging::nights(&reader, &settings).await?;
            let nights = match self.night.as_str() {
                "tonight" => vec![today],
                "all" => with_calls,
                "last" => with_calls.last().copied().into_iter().collect(),
                date => vec![date.parse::<NaiveDate>().with_context(|| {
                    format!("\"{date}\" is no night: expected a date such as 2026-11-22, last, tonight or all")
                })?],
            };
            if nights.is_empty() {
                bail!("nobody was ever called: there is no night to judge");
            }
            let mut broken = 0;
            for night in nights {
                let judgement = judging::judge_night(&reader, &settings, night, &question).await?;
                broken += judgement.broken();
                if self.json {
                    show::json(&judgement)?;
                } else {
                    self.tell(&judgement, zone);
                }
            }
            reader.close().await;
            Ok(broken)
        })
    }

    fn tell(&self, judgement: &Judgement, zone: chrono_tz::Tz) {
        let lang = self.lang;
        let (night, attempts) = (judgement.night, judgement.attempts);
        show::line(&match lang {
            Lang::Zh => format!("复核 {night}:{attempts} 次尝试"),
            Lang::En => format!("night of {night}: {attempts} attempts"),
        });
        let head = match lang {
            Lang::Zh => ["规则", "检查", "违反"],
            Lang::En => ["rule", "checked", "broken"],
        };
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        rows.extend(judgement.rules.iter().map(|result| {
            let (zh, en) = result.rule.said();
            vec![
                format!("  {} ({})", lang.either(zh, en), result.rule.as_str()),
                result.checked.to_string(),
                result.broken.len().to_string(),
            ]
        }));
        show::table(&rows);
        for result in &judgement.rules {
            for breach in &result.broken {
                show::line(&format!("! {}: {}", result.rule.as_str(), line_of(breach, lang, zone)));
            }
        }
        for said in &judgement.not_provable {
            show::line(&format!(
                "? {}: {}",
                lang.either("不可证", "not provable"),
                lang.of(said)
            ));
        }
        let broken = judgement.broken();
        show::line(&match (lang, broken) {
            (Lang::Zh, 0) => "没有违反规则".to_owned(),
            (Lang::Zh, _) => format!("违反规则 {broken} 处"),
            (Lang::En, 0) => "no rule was broken".to_owned(),
            (Lang::En, _) => format!("rules were broken {broken} times"),
        });
    }
}

fn line_of(breach: &Breach, lang: Lang, zone: chrono_tz::Tz) -> String {
    let clock = |at: Wall| calendar::local(at, zone).format("%Y-%m-%d %H:%M:%S%.3f");
    let mut line = format!("{} {}", clock(breach.at), lang.of(&breach.what));
    let mut add = |zh: &str, en: &str, value: String| {
        if !value.is_empty() {
            line.push_str(&format!(" · {} {value}", lang.either(zh, en)));
        }
    };
    add("号码", "number", breach.number.clone().unwrap_or_default());
    add("个案", "case", list(breach.cases.iter()));
    add("尝试", "attempt", list(breach.attempts.iter()));
    add("Call-ID", "Call-ID", breach.call_id.clone().unwrap_or_default());
    line
}

/// The first of them: a burst has many.
fn list<T: ToString>(ids: impl ExactSizeIterator<Item = T>) -> String {
    const MOST: usize = 8;
    let more = if ids.len() > MOST { " …" } else { "" };
    let ids: Vec<String> = ids.take(MOST).map(|id| id.to_string()).collect();
    ids.join(" ") + more
}

/// `FILE`, or `TRUNK=FILE` where the settings have a trunk of that name.
fn read_log(given: &str, settings: &crate::config::Settings) -> anyhow::Result<TrunkLog> {
    let named = given.split_once('=').filter(|(name, _)| settings.trunk(name).is_some());
    let (trunk, file) = named.map_or((None, given), |(name, file)| (Some(name), file));
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {file}"))?;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        // Carriers' lists come out of Excel.
        Err(other) => encoding_rs::GB18030.decode(other.as_bytes()).0.into_owned(),
    };
    let name = Path::new(file)
        .file_name()
        .map_or(file.into(), std::ffi::OsStr::to_string_lossy);
    let log = trunk_log::read(&name, trunk, &text, settings.place.time_zone);
    log.with_context(|| format!("{file} is no log of a trunk"))
}
