//! What a night is judged by, as plain data: what was stored, and what the trunk wrote down.

use std::time::Duration;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::TrunkLog;
use crate::calendar::Schedule;
use crate::dialer::{LEFT_OVER, Limits, Listed, Outcome, Pace, PatientState, RetryPolicy};
use crate::ids::{AttemptId, CampaignId, CaseId, PatientId};
use crate::moment::Wall;
use crate::outcome::{Disposition, Reach};
use crate::phone::Number;

/// Everything that is known of a night.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The local date.
    pub night: NaiveDate,
    /// Whose clocks it goes by.
    pub zone: Tz,
    /// When the night began.
    pub from: Wall,
    /// When it ended: the first moment that no longer belongs to it.
    pub to: Wall,
    /// When all this was read: nothing is known of what came after.
    pub read_at: Wall,
    /// Whose attempts are judged.
    pub scope: Scope,
    /// All campaigns.
    pub campaigns: Vec<Campaign>,
    /// The trunks as the settings have them now.
    pub trunks: Vec<Trunk>,
    /// The attempts of the night by whomever, and those before it that its rules look back at.
    pub attempts: Vec<Attempt>,
    /// The cases that were dialed, or were open and due, in the night.
    pub cases: Vec<Case>,
    /// The do-not-call list, with those who were taken off it.
    pub listings: Vec<Listing>,
    /// What was known of the patients who were dialed.
    pub states: Vec<State>,
    /// What trunks wrote down.
    pub logs: Vec<TrunkLog>,
}

/// Whose attempts are judged; the others are looked at where a rule is about all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everybody's.
    All,
    /// Those of one campaign.
    Only(CampaignId),
}

/// A campaign as its file has it now.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// Which.
    pub id: CampaignId,
    /// Its name.
    pub name: String,
    /// What it is for, where it says so.
    pub purpose: Option<String>,
    /// When it may dial.
    pub schedule: Schedule,
    /// When a case is tried again, and how often.
    pub retry: RetryPolicy,
    /// How often numbers, patients and cases may be tried.
    pub limits: Limits,
    /// Calls at one time, at most.
    pub lines: u16,
    /// New calls per second, at most.
    pub pace: Pace,
    /// When it was last started; what was so before, nobody knows.
    pub started: Option<Wall>,
}

/// What a trunk carries.
#[derive(Clone, Debug)]
pub struct Trunk {
    /// Its name.
    pub name: String,
    /// Calls at one time, at most.
    pub lines: u16,
    /// New calls per second, at most.
    pub pace: Pace,
}

/// An attempt as it is stored.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Which.
    pub id: AttemptId,
    /// Its case; none for a call by hand.
    pub case: Option<CaseId>,
    /// The case's campaign.
    pub campaign: Option<CampaignId>,
    /// Whose case it is.
    pub patient: Option<PatientId>,
    /// The number as it is stored, before the trunk's format.
    pub number: Number,
    /// Over which trunk, the last one if there were several.
    pub trunk: String,
    /// How many trunks got its INVITE, as far as its end says.
    pub trunks: usize,
    /// When it was written down.
    pub begun: Wall,
    /// When the 200 came.
    pub answered: Option<Wall>,
    /// When its end was written down.
    pub ended: Option<Wall>,
    /// Until when nobody may dial its number, because its call may still have been up.
    pub locked_until: Option<Wall>,
    /// How it ended.
    pub disposition: Option<Disposition>,
    /// It was given up before its INVITE left: no telephone can have rung.
    pub given_up: bool,
    /// How far its call came.
    pub reach: Reach,
    /// Whether a crash left it open.
    pub left_open: bool,
    /// The Call-IDs that belong to it: the one that follows from its mark, and what its end says.
    pub call_ids: Vec<String>,
}

impl Attempt {
    /// When its line and its number were free again: at its end, yet no later than a call can last. What a crash left open
    /// was ended only by the next start.
    pub(super) fn over(&self) -> Wall {
        let longest = self.begun + LEFT_OVER;
        self.ended.map_or(longest, |ended| ended.min(longest)).max(self.begun)
    }

    /// Whether it used up budget.
    pub(super) fn counts(&self) -> bool {
        match self.disposition {
            Some(Disposition::Unknown) => self.reach == Reach::FarEnd,
            Some(disposition) => !disposition.is_ours(),
            None => false,
        }
    }

    /// Whether it had ended before a moment.
    pub(super) fn had_ended(&self, at: Wall) -> bool {
        self.ended.is_some_and(|ended| ended <= at)
    }
}

/// A case as it is stored.
#[derive(Clone, Debug)]
pub struct Case {
    /// Which.
    pub id: CaseId,
    /// Of which campaign.
    pub campaign: CampaignId,
    /// Whose.
    pub patient: PatientId,
    /// The higher one goes first.
    pub priority: i16,
    /// When it was stored.
    pub created: Wall,
    /// When it became due.
    pub due: Wall,
    /// When it may be tried next, as of now; what stood there before is not kept.
    pub next_at: Wall,
    /// When it is too late.
    pub deadline: Option<Wall>,
    /// The time that the patient last asked for.
    pub appointment: Option<Wall>,
    /// How it ended; none while open.
    pub outcome: Option<Outcome>,
    /// When it was closed.
    pub closed: Option<Wall>,
    /// What was decided about it, the first one first; the same reason twice in a row is written down once.
    pub decisions: Vec<Decision>,
}

/// A decision about a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// When.
    pub at: Wall,
    /// The reason's identifier, as `dialer::claim::Why` has it.
    pub why: String,
    /// When the case was to be looked at again.
    pub until: Option<Wall>,
}

impl Decision {
    /// Whether it let the case be dialed.
    pub(super) fn lets_dial(&self) -> bool {
        self.why == "due" || self.why == APPOINTMENT
    }
}

/// The reason of an attempt at the time that the patient asked for.
pub(super) const APPOINTMENT: &str = "appointment";

/// An entry of the do-not-call list.
#[derive(Clone, Debug)]
pub struct Listing {
    /// A number, or
    pub number: Option<Number>,
    /// a patient.
    pub patient: Option<PatientId>,
    /// At which level.
    pub level: Listed,
    /// The purpose, at that level.
    pub purpose: Option<String>,
    /// The campaign, at that level.
    pub campaign: Option<CampaignId>,
    /// From when on.
    pub since: Wall,
    /// Up to, not including, when: its own end, or that somebody took it off.
    pub until: Option<Wall>,
}

/// A state of a patient.
#[derive(Clone, Debug)]
pub struct State {
    /// Whose.
    pub patient: PatientId,
    /// Which.
    pub state: PatientState,
    /// From when on.
    pub since: Wall,
    /// Up to, not including, when.
    pub until: Option<Wall>,
}

/// An appointment is kept so long before its time and so long after it (R043).
pub(super) const TOLERANCE: Duration = Duration::from_secs(15 * 60);

/// What is asked for at one moment is on disk only a little later: a call that was begun meanwhile is no breach.
pub(super) const UNDER_WAY: Duration = Duration::from_secs(2);
