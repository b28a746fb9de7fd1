//! Follow-up rules: which events make a follow-up due, in which campaign, when and until when, and for which share of them.
//!
//! A [`RuleSet`] is read from a file that people write and release (`rules/*.toml`, docs/rules.md). It is asked about one
//! [`Event`] at a time and answers with one [`Verdict`] for each rule and round, so that whoever asks later why somebody
//! is followed up, or is not, gets the condition that decided. What is drawn by chance is drawn by [`draw()`]: the same
//! base and seed give the same sample in any order.

mod attribute;
mod condition;
mod decide;
mod draw;
mod offset;
mod period;
mod read;
mod say;
mod series;
mod switch;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::moment::Wall;

pub use attribute::{ATTRIBUTES, Value, age_in_years, date};
pub use condition::{Condition, Miss};
pub use draw::{Base, Chosen, Drawn, Fraction, Sample, Stratum, draw};
pub use offset::{Offset, OffsetError};
pub use period::{Period, Stretch};
pub use say::{in_chinese, in_english};
pub use series::Series;
pub use switch::{SwitchSpan, Switches};

/// What happened to a patient or customer: a stay that ended, a repair, a complaint.
#[derive(Clone, PartialEq)]
pub struct Event {
    /// Its kind: `discharge`, `outpatient_visit`, `emergency_visit`, or what the set's `[events]` make of the list's words.
    pub kind: String,
    /// When it happened: for a stay the discharge.
    pub at: Wall,
    /// What is known of it and of the patient, by the names of [`ATTRIBUTES`] and by the columns of the list.
    pub attributes: BTreeMap<String, Value>,
}

/// Rules that are written, reviewed and released together.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleSet {
    /// Its name, unique among the sets; a changed text is a new version of it.
    pub name: String,
    /// What people call it.
    pub title: Option<String>,
    /// What the draws begin with.
    pub seed: String,
    /// Events of an earlier day are not followed up.
    pub since: Option<NaiveDate>,
    /// How events are told apart.
    pub events: Events,
    /// In the order of the file.
    pub rules: Vec<Rule>,
}

/// How the words of a list become kinds of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Events {
    /// The attribute whose word says what happened.
    pub column: Option<String>,
    /// The attribute that says when it happened, if it is not the discharge time.
    pub time: Option<String>,
    /// Which word means which kind.
    pub words: BTreeMap<String, String>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its name, unique in the set.
    pub name: String,
    /// What people call it.
    pub title: Option<String>,
    /// The kinds of events that it is about.
    pub events: Vec<String>,
    /// What must hold; all of it.
    pub when: Vec<Condition>,
    /// The campaign that gets the follow-up.
    pub campaign: String,
    /// The attribute with the date that the times below are counted from; none means the event itself.
    pub from: Option<String>,
    /// Whether they are counted from that date or from its next return.
    pub on: On,
    /// When the follow-up is due.
    pub times: Times,
    /// Other times while a switch is on; the first that is on has its way.
    pub switches: BTreeMap<String, OtherTimes>,
    /// The local time of day at which it is due; none leaves what the offset gives.
    pub at: Option<NaiveTime>,
    /// The number of the first round.
    pub round: u16,
    /// Further rounds.
    pub series: Option<Series>,
    /// Higher ones are called first.
    pub priority: i32,
    /// Whether one follow-up for each event or one for each patient.
    pub per: Per,
    /// The share that is followed up; none means all (R052, R054, R055).
    pub sample: Option<Sample>,
}

/// Offsets from the date that a rule counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// When it is due.
    pub due: Offset,
    /// Until when it has to be done; none means never too late, or in a series until the next round is due.
    pub deadline: Option<Offset>,
}

/// What a switch changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OtherTimes {
    /// When it is due instead.
    pub due: Option<Offset>,
    /// Until when instead.
    pub deadline: Option<Offset>,
}

/// Which day of a date counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum On {
    /// The date itself.
    #[default]
    Date,
    /// Its first return of the year after the event: birthdays (R043).
    Anniversary,
}

/// For whom a follow-up is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// One for each event.
    #[default]
    Event,
    /// One for each patient, campaign and due day, however many events ask for it.
    Patient,
}

/// What one rule says of one event, for one round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The rule.
    pub rule: String,
    /// What it says.
    pub decided: Decided,
}

/// What a rule says of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decided {
    /// It is followed up.
    Followed(FollowUp),
    /// The rule is about other kinds of events.
    OtherEvent {
        /// What happened.
        kind: String,
    },
    /// It happened before the day from which the set holds.
    TooEarly {
        /// That day, such as `2026-01-01`.
        since: String,
    },
    /// A condition does not hold.
    NotMatched(Miss),
    /// The date that the rule counts from is missing or cannot be read.
    NoDate {
        /// The attribute.
        attribute: String,
    },
    /// It is in the base of a sample that is drawn when its period has ended.
    Waits {
        /// Its stratum.
        stratum: String,
        /// The period, such as `2026-11`.
        period: Stretch,
    },
    /// It was in the base of a sample and was not drawn.
    SampledOut {
        /// Its stratum.
        stratum: String,
        /// The name of the period.
        period: String,
    },
    /// Another rule, or another event of the same patient, has this follow-up already.
    Taken {
        /// That rule.
        by: String,
    },
    /// When it was decided, the follow-up could no longer be done in time.
    TooLate {
        /// Until when it should have been done.
        until: Wall,
    },
}

/// A follow-up that becomes due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUp {
    /// In which campaign.
    pub campaign: String,
    /// When it is due.
    pub due: Wall,
    /// Until when it has to be done.
    pub deadline: Option<Wall>,
    /// Higher ones are called first.
    pub priority: i32,
    /// Which round of a series, from 1.
    pub round: u16,
    /// Whether the patient gets it only once for this campaign and day.
    pub per: Per,
    /// Who does it, where the sample is split over roles (R059).
    pub role: Option<String>,
}

impl RuleSet {
    /// The rule of this name.
    pub fn rule(&self, name: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.name == name)
    }

    /// The campaigns that it fills, each once, in the order of the alphabet.
    pub fn campaigns(&self) -> Vec<&str> {
        let campaigns: std::collections::BTreeSet<&str> =
            self.rules.iter().map(|rule| rule.campaign.as_str()).collect();
        campaigns.into_iter().collect()
    }

    /// The switches that change one of its rules, each once, in the order of the alphabet.
    pub fn switches(&self) -> Vec<&str> {
        let switches: std::collections::BTreeSet<&str> = self
            .rules
            .iter()
            .flat_map(|rule| rule.switches.keys().map(String::as_str))
            .collect();
        switches.into_iter().collect()
    }
}

/// What leads to a person stays out of logs.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("kind", &self.kind)
            .field("at", &self.at)
            .field("attributes", &self.attributes.keys())
            .finish()
    }
}
