//! A campaign file: whom to call over which trunk, with which dialplan, when, how often.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono_tz::Tz;

use super::Trunk;
use crate::calendar::{DueAfter, Hours, Schedule, Span, Windows};
use crate::call::Limits;
use crate::dialer::{Campaign, RetryPolicy};
use crate::document::{Document, Fault, Faults, Table};
use crate::ids::{CampaignId, TrunkId};
use crate::outcome::Disposition;

/// A campaign file, read and checked.
#[derive(Clone, Debug)]
pub struct CampaignFile {
    /// Its name, unique.
    pub name: String,
    /// The dialplan file, relative to this one.
    pub dialplan: String,
    /// The trunk's name in the settings.
    pub trunk: String,
    /// How long after the discharge a case is due.
    pub due_after: DueAfter,
    /// How long after it became due a case is given up.
    pub deadline_after: Option<Duration>,
    /// When it may dial.
    pub windows: Windows,
    /// Attempts that count, per case.
    pub budget: u16,
    /// Lines at one time.
    pub lines: u32,
    /// New calls per second.
    pub pace: f64,
    /// When to try again.
    pub retry: RetryPolicy,
    /// Ringing and call limits.
    pub limits: Limits,
}

const KEYS: &[&str] = &[
    "name", "dialplan", "trunk", "due_after", "deadline_after", "windows", "budget", "lines", "pace", "ring",
    "ring_from_invite", "retry", "retry_after",
];

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const SECOND: Duration = Duration::from_secs(1);

impl CampaignFile {
    /// Reads a campaign file; warnings come with it.
    pub fn parse(text: &str) -> Result<(Self, Vec<Fault>), Vec<Fault>> {
        let (document, mut faults) = Document::parse(text);
        let file = Self::read(&document.root(), &mut faults);
        match file {
            Some(file) if !faults.has_errors() => Ok((file, faults.into_sorted())),
            Some(_) | None => Err(faults.into_sorted()),
        }
    }

    fn read(root: &Table<'_>, faults: &mut Faults) -> Option<Self> {
        root.unknown_keys(KEYS, faults);
        let name = root.required_str("name", faults);
        let dialplan = root.required_str("dialplan", faults);
        let trunk = root.required_str("trunk", faults);
        let due_after = root.optional_parsed("due_after", "a time after the discharge", str::parse, faults);
        let day = Duration::from_secs(86_400);
        let deadline_after = root.optional_duration("deadline_after", day / 24..=day * 3650, faults);
        let windows = windows(root, faults);
        let budget = root.optional_integer("budget", 1..=50, faults).unwrap_or(5);
        let lines = root.optional_integer("lines", 1..=10_000, faults).unwrap_or(10);
        let pace = root.optional_float("pace", 0.01..=100.0, faults).unwrap_or(1.0);
        let defaults = Limits::default();
        let ring = root.optional_duration("ring", SECOND * 5..=SECOND * 180, faults);
        let from_invite = root.optional_duration("ring_from_invite", SECOND * 5..=SECOND * 240, faults);
        let from_ringing = ring.unwrap_or(defaults.from_ringing);
        let from_invite = from_invite.unwrap_or(defaults.from_invite.max(from_ringing + SECOND * 15));
        let retry = retry(root, faults);
        Some(Self {
            name: name?.to_owned(),
            dialplan: dialplan?.to_owned(),
            trunk: trunk?.to_owned(),
            due_after: due_after.unwrap_or_default(),
            deadline_after,
            windows: windows?,
            budget: u16::try_from(budget).unwrap_or(1),
            lines: u32::try_from(lines).unwrap_or(1),
            pace,
            retry,
            limits: Limits { from_ringing, from_invite, ..defaults },
        })
    }
}

fn windows(root: &Table<'_>, faults: &mut Faults) -> Option<Windows> {
    if !root.has("windows") {
        return Some(Windows::default());
    }
    let Some(table) = root.optional_table("windows", faults) else { return None };
    let known: Vec<&str> = DAYS.into_iter().chain(["every_day"]).collect();
    table.unknown_keys(&known, faults);
    let every_day = spans(&table, "every_day", faults);
    let week = DAYS.map(|day| if table.has(day) { spans(&table, day, faults) } else { every_day.clone() });
    let windows = Windows::new(week).and_then(|windows| windows.legal().map(|()| windows));
    match windows {
        Ok(windows) => Some(windows),
        Err(error) => {
            faults.error(table.place(), error.to_string());
            None
        }
    }
}

fn spans(table: &Table<'_>, key: &str, faults: &mut Faults) -> Vec<Span> {
    let texts = table.strings(key, faults);
    let mut spans = Vec::new();
    for (text, place) in texts {
        match text.parse::<Span>() {
            Ok(span) => spans.push(span),
            Err(error) => faults.error(place, error.to_string()),
        }
    }
    spans
}
