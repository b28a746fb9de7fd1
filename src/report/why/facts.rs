//! What is known of a patient and of each follow-up, as plain data: names and numbers masked.

use serde::{Serialize, Serializer};

use crate::dialer::claim::{Checked, Decision, Why};
use crate::dialer::{Direction, Outcome, PatientState};
use crate::ids::{AttemptId, CaseId};
use crate::moment::Wall;
use crate::outcome::Disposition;
use crate::rules::Decided;

/// A patient and all follow-ups.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Known {
    /// The patient.
    pub patient: PatientFacts,
    /// Each follow-up, the latest due first.
    pub cases: Vec<CaseFacts>,
    /// Visits that no campaign has a follow-up of.
    pub visits: Vec<VisitFacts>,
}

/// A patient.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PatientFacts {
    /// The patient's number.
    pub patient_no: Option<String>,
    /// The name, masked.
    pub name: Option<String>,
    /// The states that hold.
    pub states: Vec<StateFacts>,
    /// The telephone numbers in their rank.
    pub numbers: Vec<NumberFacts>,
    /// Entries of the do-not-call list on the patient, whatever the number.
    pub listed: Vec<ListedFacts>,
}

/// A state that may stop follow-ups.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StateFacts {
    /// Which.
    #[serde(serialize_with = "state")]
    pub state: PatientState,
    /// Since when; none for what a list said.
    pub since: Option<Wall>,
    /// Until when; none: until somebody clears it.
    pub until: Option<Wall>,
    /// Where it comes from: who set it, or a list.
    pub source: String,
}

/// A telephone number.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NumberFacts {
    /// Masked.
    pub number: String,
    /// Its place in the order of calling, from 0.
    pub rank: u32,
    /// `self`, `kin`, or unknown.
    pub owner: Option<String>,
    /// The owner's relation to the patient.
    pub relation: Option<String>,
    /// `ok`, `suspect`, `vacant`, `suspended`, `wrong`.
    pub state: String,
    /// Its entries on the do-not-call list.
    pub listed: Vec<ListedFacts>,
}

/// An entry of the do-not-call list that is in force.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ListedFacts {
    /// For which campaign or purpose; none: for every call.
    pub only: Option<String>,
    /// Since when.
    pub since: Wall,
    /// Until when; none: for good.
    pub until: Option<Wall>,
    /// How it came there.
    pub source: String,
}

/// A visit without a follow-up.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VisitFacts {
    /// Its number.
    pub visit_no: String,
    /// The department.
    pub department: Option<String>,
    /// The discharge.
    pub discharged: Option<Wall>,
    /// What the follow-up rules said of it.
    pub rules: Vec<RuleFacts>,
}

/// What a follow-up rule said of a visit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuleFacts {
    /// The set of rules, and its version.
    pub rule_set: String,
    /// The rule.
    pub rule: String,
    /// When it looked.
    pub at: Wall,
    /// What it decided, in one word.
    pub decided: String,
    /// What it decided; nothing once the patient was erased.
    pub detail: Option<Decided>,
}

/// One follow-up.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CaseFacts {
    /// The case.
    pub case: CaseId,
    /// Its campaign.
    pub campaign: String,
    /// The visit that it follows up.
    pub visit_no: String,
    /// The department.
    pub department: Option<String>,
    /// The rules that were asked about the visit; a list or a person made the case where none followed it up.
    pub rules: Vec<RuleFacts>,
    /// When the follow-up became, or becomes, due.
    pub due: Wall,
    /// Not tried before this time.
    pub next_at: Wall,
    /// Too late from then on.
    pub deadline: Option<Wall>,
    /// The time that the patient asked for.
    pub appointment: Option<Wall>,
    /// The higher one goes first.
    pub priority: i16,
    /// Attempts that count.
    pub counted: u16,
    /// How many may count; none if the campaign's file cannot be read.
    pub budget: Option<u16>,
    /// How it ended.
    pub closed: Option<Closed>,
    /// Each attempt, the first one first.
    pub attempts: Vec<AttemptFacts>,
    /// What was decided about it, the first one first.
    pub decisions: Vec<DecisionFacts>,
    /// How it stands right now.
    pub present: Present,
}

/// How a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Closed {
    /// The outcome.
    pub outcome: Outcome,
    /// When.
    pub at: Wall,
    /// The reason, where a claim closed it.
    #[serde(serialize_with = "maybe_why")]
    pub why: Option<Why>,
}

/// One attempt.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AttemptFacts {
    /// Which.
    pub attempt: AttemptId,
    /// Who called.
    pub direction: Direction,
    /// When it began.
    pub begun: Wall,
    /// When it was answered.
    pub answered: Option<Wall>,
    /// When it ended; none while it is under way.
    pub ended: Option<Wall>,
    /// The number, masked.
    pub number: String,
    /// Over which trunk.
    pub trunk: String,
    /// How it ended.
    pub disposition: Option<Disposition>,
    /// The rule that said so.
    pub rule: Option<String>,
}

/// A decision about a case that was written down.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DecisionFacts {
    /// When.
    pub at: Wall,
    /// Why.
    #[serde(serialize_with = "why")]
    pub why: Why,
    /// Looked at again then; none if that ended the case, or let it be called.
    pub until: Option<Wall>,
}

/// How an open case stands right now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Present {
    /// Right now.
    pub at: Wall,
    /// It is leased: it waits for its line.
    pub is_leased: bool,
    /// What a claim would decide; none where it cannot be asked (closed, or the campaign's file cannot be read).
    #[serde(serialize_with = "decided")]
    pub decision: Option<Decision>,
    /// When its campaign may dial next: the present, if it may now; none if it never may.
    pub opens: Option<Wall>,
    /// Due cases of its campaign that go first.
    pub ahead: u64,
    /// Its campaign.
    pub campaign: CampaignStanding,
    /// What keeps the whole house from calling it.
    pub bars: Vec<Bar>,
}

/// How a campaign stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignStanding {
    /// Never started.
    Draft,
    /// It is dialed inside its windows.
    Running,
    /// A person paused it.
    Paused {
        /// Since when.
        since: Wall,
    },
    /// A person stopped it.
    Stopped,
}

/// What keeps the house from calling anybody of a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bar {
    /// The database is not where it was last at work.
    Frozen,
    /// No daemon runs.
    NoDaemon,
    /// New calls are held.
    Held {
        /// By what, as `status` says it.
        by: String,
    },
    /// None of the campaign's trunks can carry a call.
    TrunksDown {
        /// Their names.
        trunks: Vec<String>,
    },
    /// The campaign's file, as stored, cannot be read by this program.
    Unreadable,
}

fn why<S: Serializer>(why: &Why, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(why.as_str())
}

fn maybe_why<S: Serializer>(why: &Option<Why>, serializer: S) -> Result<S::Ok, S::Error> {
    why.map(Why::as_str).serialize(serializer)
}

fn state<S: Serializer>(state: &PatientState, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(state.as_str())
}

/// A decision as programs read it.
#[derive(Serialize)]
struct Told {
    why: &'static str,
    then: &'static str,
    until: Option<Wall>,
    outcome: Option<Outcome>,
}

fn decided<S: Serializer>(decision: &Option<Decision>, serializer: S) -> Result<S::Ok, S::Error> {
    let told = decision.map(|Decision { why, checked }| {
        let (then, until, outcome) = match checked {
            Checked::Dial { .. } => ("dial", None, None),
            Checked::Hold { until } => ("hold", Some(until), None),
            Checked::Close { outcome } => ("close", None, Some(outcome)),
        };
        Told {
            why: why.as_str(),
            then,
            until,
            outcome,
        }
    });
    told.serialize(serializer)
}
