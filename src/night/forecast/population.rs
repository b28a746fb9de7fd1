//! Who there is when a forecast begins: patients with their numbers, their open cases, and what will happen to them.

use std::collections::BTreeSet;

use crate::dialer::{Listed, Owner, PatientState, Tried};
use crate::ids::{CampaignId, CaseId, NumberId, PatientId};
use crate::moment::Wall;
use crate::phone::Number;

/// Everything that a forecast knows of people: what the database held before, or what a seed made up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Population {
    /// The patients; each id once.
    pub patients: Vec<Person>,
    /// Their open cases; each id once.
    pub cases: Vec<Opening>,
    /// Who may not be called.
    pub do_not_call: Vec<Listing>,
    /// What becomes known of patients meanwhile, in any order.
    pub turns: Vec<Turn>,
    /// Calls to numbers within the last [`crate::dialer::LONGEST_CAP`], by whomever.
    pub called: Vec<(Number, Wall)>,
    /// Numbers whose last call may still be ringing, and until when.
    pub locked: Vec<(Number, Wall)>,
}

/// A patient.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// Which.
    pub id: PatientId,
    /// His or her numbers in their rank.
    pub numbers: Vec<Telephone>,
    /// What is known at the beginning.
    pub states: BTreeSet<PatientState>,
}

/// A number of a patient.
#[derive(Clone, Debug, PartialEq)]
pub struct Telephone {
    /// Which.
    pub id: NumberId,
    /// Its digits: two patients of a household may have the same.
    pub number: Number,
    /// Whose telephone it is.
    pub owner: Owner,
    /// What earlier calls say of it.
    pub state: NumberState,
}

/// What is known of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum NumberState {
    /// Nothing against it.
    #[default]
    Good,
    /// The network said once that nobody has it.
    Suspect,
    /// Vacant or suspended: not dialed.
    Dead,
    /// Somebody said that it is not the patient's: not dialed for this one.
    Wrong,
}

/// An open case.
#[derive(Clone, Debug, PartialEq)]
pub struct Opening {
    /// Which.
    pub case: CaseId,
    /// Its campaign.
    pub campaign: CampaignId,
    /// Whose.
    pub patient: PatientId,
    /// The higher one goes first.
    pub priority: i16,
    /// When the follow-up becomes due.
    pub due: Wall,
    /// When it may be tried (again).
    pub next_at: Wall,
    /// When it is too late.
    pub deadline: Option<Wall>,
    /// The time at which the patient asked to be called.
    pub appointment: Option<Wall>,
    /// Its attempts so far, the first one first.
    pub tried: Vec<Tried>,
    /// A question of the survey was answered in one of them.
    pub has_answers: bool,
}

/// An entry of the do-not-call list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// Which number.
    pub number: Number,
    /// At which level.
    pub level: Listed,
    /// For which campaign; none: for all.
    pub campaign: Option<CampaignId>,
}

/// Something that becomes known of a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turn {
    /// When.
    pub at: Wall,
    /// Of whom.
    pub patient: PatientId,
    /// Which state.
    pub state: PatientState,
    /// Whether it begins or ends.
    pub to: TurnTo,
}

/// Whether a state begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TurnTo {
    /// From now on.
    Begins,
    /// No longer.
    Ends,
}
