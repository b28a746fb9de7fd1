//! Alarms: what a person has to look into, as one table; raised and cleared with patience, kept, shown and sent.
//!
//! [`rows`] is the table, [`board`] decides what stands, `watchman` looks every second and carries what changed to the
//! log, to the store (`keeper`) and to the webhook (`webhook`). None of them ever waits for another.

pub(crate) mod board;
mod keeper;
pub(crate) mod rows;
mod watchman;
pub(crate) mod webhook;

use std::fmt::Write;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::moment::Wall;

pub(super) use watchman::{Condition, WAITING, Watchman};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Somebody is to be called: no calls are made, or something may be lost.
    Critical,
    /// Somebody is to look in the morning.
    Warning,
}

impl Severity {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
        }
    }
}

/// A row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Alarm {
    /// Its name.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// It is raised when things have been wrong for so long.
    pub raised_after: Duration,
    /// It is cleared when things have been well for so long.
    pub cleared_after: Duration,
    /// What it means.
    pub en: &'static str,
    /// The same in Chinese.
    pub zh: &'static str,
    /// What to do about it.
    pub to_do_en: &'static str,
    /// The same in Chinese.
    pub to_do_zh: &'static str,
}

/// An alarm that stands or stood, as it is shown and sent. It holds nobody's name or number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Which alarm.
    pub id: String,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about, a trunk's name for one; may be empty.
    pub subject: String,
    /// When it was raised.
    pub since: Wall,
    /// When it was cleared; none while it stands.
    pub until: Option<Wall>,
    /// What it means, in Chinese.
    pub text_zh: String,
    /// What it means.
    pub text_en: String,
    /// What to do about it, in Chinese.
    pub to_do_zh: String,
    /// What to do about it.
    pub to_do_en: String,
    /// What was seen.
    pub detail: String,
}

/// The table as Markdown, as docs/operations.md has it.
pub fn markdown() -> String {
    let mut text = "| alarm | severity | raised, cleared | meaning | what to do |\n|---|---|---|---|---|\n".to_owned();
    for alarm in rows::ALL {
        let Alarm { id, en, zh, .. } = alarm;
        let (severity, to_do, zh_do) = (alarm.severity.as_str(), alarm.to_do_en, alarm.to_do_zh);
        let (after, quiet) = (shown(alarm.raised_after), shown(alarm.cleared_after));
        // Writing to a string never fails.
        let _ = writeln!(
            text,
            "| `{id}` | {severity} | {after}, {quiet} | {en}<br>{zh} | {to_do}<br>{zh_do} |"
        );
    }
    text
}

fn shown(duration: Duration) -> String {
    if duration.is_zero() {
        "at once".to_owned()
    } else {
        format!("after {}", crate::document::show_duration(duration))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::manual;

    #[test]
    fn the_manual_lists_exactly_the_alarms_there_are() {
        manual::holds("alarms", &markdown());
    }

    #[test]
    fn an_alarm_has_a_name_of_its_own_and_says_what_to_do_in_both_languages() {
        let mut names: Vec<&str> = rows::ALL.iter().map(|alarm| alarm.id).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        for alarm in rows::ALL {
            assert!(alarm.en.is_ascii() && alarm.to_do_en.is_ascii(), "{}", alarm.id);
            assert!(!alarm.zh.is_ascii() && !alarm.to_do_zh.is_ascii(), "{}", alarm.id);
        }
    }
}
