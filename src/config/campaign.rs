//! A campaign file: whom to call over which trunk, with which dialplan, when, how often.

mod limits;
mod windows;

pub(super) use windows::hours;
mod years;

use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
pub use limits::CarrierCaps;
pub use years::MissingYear;

use crate::calendar::{DueAfter, Hours, Pause, Schedule, Windows, WorkCalendar};
use crate::dialer::{Campaign, LEASE, Limits, Outcome, Pace, RetryPolicy, RetryRule, RingLimits, Route};
use crate::document::{Document, Expected, Fault, Faults, Table, Wrong};
use crate::ids::{CampaignId, TrunkId};
use crate::outcome::Disposition;
use crate::phone::Number;

/// A campaign file, read and checked.
#[derive(Clone, Debug)]
pub struct CampaignFile {
    /// Its name, unique.
    pub name: String,
    /// The dialplan file, relative to this one.
    pub dialplan: String,
    /// The names of its trunks in the settings: the first one serves, the others are its spares.
    pub trunks: Vec<String>,
    /// Which of the trunks' caller numbers its calls show; none: all.
    pub callers: Vec<Number>,
    /// How long after the discharge a case is due.
    pub due_after: DueAfter,
    /// How long after it became due a case is given up.
    pub deadline_after: Option<DueAfter>,
    /// When it may dial.
    pub windows: Windows,
    /// Lines at one time.
    pub lines: u16,
    /// How close new calls may follow each other.
    pub pace: Pace,
    /// When to try again, and how often.
    pub retry: RetryPolicy,
    /// How often numbers, patients and cases may be tried, and what stops a case.
    pub limits: Limits,
    /// Whether the caps that carriers put on every number are among them.
    pub carrier_caps: CarrierCaps,
    /// What it is for: who is on the do-not-call list for this purpose is not called.
    pub purpose: Option<String>,
    /// The higher one goes first where campaigns share a trunk.
    pub priority: i16,
    /// How long it may ring.
    pub ring: RingLimits,
}

const KEYS: &[&str] = &[
    "name",
    "dialplan",
    "trunk",
    "trunks",
    "callers",
    "due_after",
    "deadline_after",
    "windows",
    "budget",
    "limits",
    "lines",
    "pace",
    "priority",
    "purpose",
    "ring",
    "ring_from_invite",
    "retry",
    "retry_after",
    "stops",
];

const OUTCOMES: [(&str, Outcome); 5] = [
    ("not_reached", Outcome::NotReached),
    ("number_dead", Outcome::NumberDead),
    ("partial", Outcome::Partial),
    ("refused", Outcome::Refused),
    ("withdrawn", Outcome::Withdrawn),
];

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
        let trunks = trunks(root, faults);
        let callers = callers(root, faults);
        let due_after = root.optional_parsed("due_after", Expected::AfterDischarge, str::parse, faults);
        let deadline_after = root.optional_parsed("deadline_after", Expected::AfterDue, deadline, faults);
        let windows = windows::read(root, faults);
        let lines = root.optional_integer("lines", 1..=10_000, faults).unwrap_or(10);
        let pace = root.optional_float("pace", 0.01..=100.0, faults).unwrap_or(1.0);
        let defaults = RingLimits::default();
        let ring = root.optional_duration("ring", SECOND * 5..=SECOND * 180, faults);
        let from_invite = root.optional_duration("ring_from_invite", SECOND * 5..=SECOND * 240, faults);
        let from_ringing = ring.unwrap_or(defaults.from_ringing);
        let from_invite = from_invite.unwrap_or(defaults.from_invite.max(from_ringing + SECOND * 15));
        let retry = retry(root, faults);
        let (limits, carrier_caps) = limits::limits(root, faults);
        let purpose = root.optional_str("purpose", faults);
        let priority = root.optional_integer("priority", -100..=100, faults);
        Some(Self {
            name: name?.to_owned(),
            dialplan: dialplan?.to_owned(),
            trunks: trunks?,
            callers,
            due_after: due_after.unwrap_or_default(),
            deadline_after,
            windows: windows?,
            lines: u16::try_from(lines).unwrap_or(1),
            pace: Pace::per_second(pace)?,
            retry,
            limits,
            carrier_caps,
            purpose: purpose.map(|purpose| purpose.trim().to_owned()),
            priority: priority.and_then(|priority| i16::try_from(priority).ok()).unwrap_or(0),
            ring: RingLimits {
                from_ringing,
                from_invite,
            },
        })
    }

    /// When it may dial, by the clocks and the calendar of this place.
    pub fn schedule(&self, zone: Tz, hours: Hours, calendar: &Arc<WorkCalendar>) -> Schedule {
        Schedule {
            windows: self.windows.clone(),
            zone,
            hours,
            calendar: Arc::clone(calendar),
        }
    }

    /// The campaign as the dialer takes it; `trunks` are those of its names, in their order.
    pub fn to_campaign(&self, id: CampaignId, trunks: &[TrunkId], dialplan: &str, schedule: Schedule) -> Campaign {
        let route = |(trunk, name): (&TrunkId, &String)| Route {
            trunk: *trunk,
            name: name.clone(),
        };
        Campaign {
            id,
            name: self.name.clone(),
            callers: self.callers.clone(),
            routes: trunks.iter().zip(&self.trunks).map(route).collect(),
            schedule,
            lines: self.lines,
            pace: self.pace,
            priority: self.priority,
            retry: self.retry.clone(),
            limits: self.limits.clone(),
            ring: self.ring,
            dialplan: dialplan.to_owned(),
            lease: LEASE,
        }
    }
}

/// `trunk = "a"`, or several in the order of trying: `trunks = ["a", "b"]`. Either key takes either form.
fn trunks(root: &Table<'_>, faults: &mut Faults) -> Option<Vec<String>> {
    let key = if root.has("trunks") { "trunks" } else { "trunk" };
    if !root.has(key) {
        root.required_str(key, faults);
        return None;
    }
    if key == "trunks" && root.has("trunk") {
        faults.error(root.place_of("trunk"), Wrong::TrunkAndTrunks);
    }
    let mut trunks: Vec<String> = Vec::new();
    for (name, place) in root.strings(key, faults) {
        if trunks.iter().any(|known| known == name) {
            faults.error(place, Wrong::TrunkTwice { name: name.to_owned() });
        }
        trunks.push(name.to_owned());
    }
    if trunks.is_empty() {
        faults.error(root.place_of(key), Wrong::NoTrunk { key: key.to_owned() });
        return None;
    }
    Some(trunks)
}

fn callers(root: &Table<'_>, faults: &mut Faults) -> Vec<Number> {
    let mut callers = Vec::new();
    for (text, place) in root.strings("callers", faults) {
        match Number::parse(text) {
            Ok(number) => callers.push(number),
            Err(error) => faults.error(
                place,
                Wrong::NotACaller {
                    found: text.to_owned(),
                    why: error.to_string(),
                },
            ),
        }
    }
    callers
}

fn retry(root: &Table<'_>, faults: &mut Faults) -> RetryPolicy {
    let delay = root.optional_duration("retry_after", SECOND..=SECOND * 86_400, faults);
    let budget = root
        .optional_integer("budget", 1..=30, faults)
        .and_then(|budget| u16::try_from(budget).ok());
    let mut policy = delay.map_or_else(RetryPolicy::default, RetryPolicy::immediate);
    policy = budget.into_iter().fold(policy, RetryPolicy::with_budget);
    let Some(table) = root.optional_table("retry", faults) else {
        return policy;
    };
    for (name, rule) in table.sub_tables(faults) {
        let Some(disposition) = Disposition::parse(name) else {
            faults.error(rule.place(), Wrong::UnknownDisposition { name: name.to_owned() });
            continue;
        };
        rule.unknown_keys(&["after", "max", "then"], faults);
        let given = policy.rule(disposition);
        let after = pauses(&rule, faults);
        let max = rule
            .optional_integer("max", 0..=30, faults)
            .and_then(|max| u16::try_from(max).ok());
        let then = rule.optional_one_of("then", &OUTCOMES, faults);
        let changed = RetryRule {
            after: if after.is_empty() { given.after } else { after },
            max: max.unwrap_or(given.max),
            then: then.unwrap_or(given.then),
        };
        match policy.clone().try_with_rule(disposition, changed) {
            Ok(with_rule) => policy = with_rule,
            Err(wrong) => faults.error(rule.place(), wrong),
        }
    }
    policy
}

fn pauses(rule: &Table<'_>, faults: &mut Faults) -> Vec<Pause> {
    let mut pauses = Vec::new();
    for (text, place) in rule.strings("after", faults) {
        match text.parse::<Pause>() {
            Ok(pause) => pauses.push(pause),
            Err(error) => faults.error(
                place,
                Wrong::NotAPause {
                    found: text.to_owned(),
                    why: error.to_string(),
                },
            ),
        }
    }
    pauses
}

/// A time in which somebody can be called: an hour, or a day.
fn deadline(text: &str) -> Result<DueAfter, String> {
    let after = text.parse::<DueAfter>().map_err(|error| error.to_string())?;
    let is_short = match after {
        DueAfter::Days(days) | DueAfter::Workdays(days) => days == 0,
        DueAfter::For(duration) => duration < SECOND * 3600,
    };
    if is_short {
        return Err(format!("expected \"1h\" or more, got {text:?}"));
    }
    Ok(after)
}
