//! How often a number, a patient and a case may be tried, and what stops a case: the terms under which it is claimed.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::RetryPolicy;
use crate::calendar::Schedule;
use crate::document::{parse_duration, show_duration};
use crate::moment::Wall;

/// What a claim is decided by, beside the case itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// When the campaign may dial.
    pub schedule: Schedule,
    /// How often a case may be tried with attempts that count, whatever number they went to.
    pub budget: u16,
    /// The limits beside it.
    pub limits: Limits,
}

impl Terms {
    /// The terms of a campaign.
    pub fn new(schedule: &Schedule, retry: &RetryPolicy, limits: &Limits) -> Self {
        Self {
            schedule: schedule.clone(),
            budget: retry.budget,
            limits: limits.clone(),
        }
    }
}

/// Limits of a campaign beside its budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Calls to one number, over all campaigns and by hand. Carriers ask for it (domain.md 2.5), so appointments keep to
    /// it as well.
    pub number: Vec<Cap>,
    /// Attempts at one patient that count, over all campaigns, cases and numbers.
    pub patient: Vec<Cap>,
    /// Attempts of a case that count in one local day.
    pub a_day: Option<u16>,
    /// Attempts of a case that count in one part of the day, over all days: who never answers in the morning is tried in
    /// the evening. Of parts without a window nothing is left over for others.
    pub parts: BTreeMap<DayPart, u16>,
    /// After so many attempts in a row that reached nobody on one number, the patient's next one is tried.
    pub next_number_after: Option<u16>,
    /// What a state of the patient does to a case.
    pub stops: BTreeMap<PatientState, Stop>,
}

/// Not more than so many within so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cap {
    /// So many, at least one.
    pub most: u16,
    /// In any stretch of this length.
    pub within: Duration,
}

impl Cap {
    /// From when on there may be one more, after those that began at `begun` (the first one first); none if there may be
    /// one at any time. A stretch is open at its end: what began exactly one ago is not in it.
    pub fn free_at(self, begun: &[Wall]) -> Option<Wall> {
        let oldest = begun.len().checked_sub(usize::from(self.most.max(1)))?;
        begun.get(oldest).map(|begun| *begun + self.within)
    }

    /// Whether whoever keeps to this one keeps to the other as well.
    pub fn implies(self, other: Self) -> bool {
        self.within >= other.within && self.most <= other.most
    }
}

/// From when on all of these caps allow one more; none if they do at any time.
pub fn free_at(caps: &[Cap], begun: &[Wall]) -> Option<Wall> {
    caps.iter().filter_map(|cap| cap.free_at(begun)).max()
}

/// Why a text is no cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a number of times and a stretch of time, such as \"5 in 24h\"")]
pub struct CapError;

impl FromStr for Cap {
    type Err = CapError;

    fn from_str(text: &str) -> Result<Self, CapError> {
        let (most, within) = text.split_once(" in ").ok_or(CapError)?;
        let most: u16 = most.trim().parse().map_err(|_| CapError)?;
        let within = parse_duration(within.trim()).ok_or(CapError)?;
        if most == 0 || within.is_zero() {
            return Err(CapError);
        }
        Ok(Self { most, within })
    }
}

impl fmt::Display for Cap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.most, show_duration(self.within))
    }
}

/// The longest stretch that a cap of a number may have: what a claim reads of a number's calls goes back so far.
pub const LONGEST_CAP: Duration = Duration::from_secs(24 * 3600);

/// A part of the local day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DayPart {
    /// Until 12:00.
    Morning,
    /// From 12:00 until 17:00.
    Afternoon,
    /// From 17:00.
    Evening,
}

impl DayPart {
    /// All of them, in the order of the day.
    pub const ALL: [Self; 3] = [Self::Morning, Self::Afternoon, Self::Evening];
}

/// What is known of a patient that may stop a follow-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PatientState {
    /// Has died. Always closes a case, whatever a file says.
    Deceased,
    /// Is in hospital again.
    Readmitted,
    /// Was transferred to another hospital.
    Transferred,
    /// Has a complaint that is not settled.
    ComplaintOpen,
}

impl PatientState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Deceased, Self::Readmitted, Self::Transferred, Self::ComplaintOpen];

    /// The identifier in files, in the database and in output that programs read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deceased => "deceased",
            Self::Readmitted => "readmitted",
            Self::Transferred => "transferred",
            Self::ComplaintOpen => "complaint_open",
        }
    }

    /// The state with this identifier.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// The users' own word.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Deceased => "已去世",
            Self::Readmitted => "再次入院",
            Self::Transferred => "已转院",
            Self::ComplaintOpen => "投诉未结",
        }
    }
}

/// What a state of the patient does to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// The case is closed as not eligible.
    Close,
    /// The case waits until the state has ended.
    Hold,
    /// Nothing.
    Ignore,
}

impl Default for Limits {
    /// Five calls to a number in 24 hours and three in five minutes; a patient who has died or was transferred is not
    /// called, one who is in hospital again or whose complaint is open is waited for.
    fn default() -> Self {
        Self {
            number: vec![
                Cap {
                    most: 5,
                    within: LONGEST_CAP,
                },
                Cap {
                    most: 3,
                    within: Duration::from_secs(300),
                },
            ],
            patient: Vec::new(),
            a_day: None,
            parts: BTreeMap::new(),
            next_number_after: None,
            stops: BTreeMap::from([
                (PatientState::Deceased, Stop::Close),
                (PatientState::Readmitted, Stop::Hold),
                (PatientState::Transferred, Stop::Close),
                (PatientState::ComplaintOpen, Stop::Hold),
            ]),
        }
    }
}
