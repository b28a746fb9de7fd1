//! What is asked of the store when somebody calls us: who that is, and the attempt that such a call becomes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ids::{AttemptId, CallMark, CampaignId, CaseId, LegId, NumberId, PatientId};
use crate::moment::Wall;
use crate::phone::Number;

use super::Claimed;

/// Who made a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// We called.
    #[default]
    Out,
    /// We were called: it used up nothing, and counts in no cap and no history.
    In,
}

impl Direction {
    /// The identifier in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Out => "out",
            Self::In => "in",
        }
    }

    /// The direction of an identifier.
    pub fn parse(id: &str) -> Option<Self> {
        [Self::Out, Self::In].into_iter().find(|one| one.as_str() == id)
    }
}

/// Asks who calls, and what is open for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhoCalls {
    /// Which call.
    pub leg: LegId,
    /// When.
    pub at: Wall,
    /// The caller's number as it came; none if it was withheld.
    pub number: Option<Number>,
    /// The campaigns that run: only their questionnaires are put to whoever calls.
    pub campaigns: Vec<CampaignId>,
    /// So long after our last call a case that was closed with some answers can still be completed.
    pub completable: Duration,
}

/// Who calls, as far as the number tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Caller {
    /// Which call.
    pub leg: LegId,
    /// Whose number it is; of several the one whom we missed last. None: nobody's that we know.
    pub patient: Option<PatientId>,
    /// The number in the spelling and with the row of that patient.
    pub number: Option<(NumberId, Number)>,
    /// How many other patients have the same number.
    pub others: u32,
    /// The case that the call is likely about, open or not.
    pub about: Option<CaseId>,
    /// The case that can go on now, if there is one.
    pub open: Option<Box<OpenCase>>,
    /// The attempt with one of the patient's numbers, or with this number, that is under way.
    pub engaged: Option<AttemptId>,
}

/// A case that can go on with the patient who calls: open or to be completed, due, of a campaign that runs, in nobody's hand,
/// on no list.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenCase {
    /// The case as a claim gives it, with the questionnaire that was left unfinished.
    pub claimed: Claimed,
    /// How it stands without this call.
    pub stands: Stands,
}

/// How a case stands whose patient calls us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// It is open.
    Open {
        /// When it would be tried next.
        next_at: Wall,
    },
    /// It was closed with some of its answers: nobody calls for it any more.
    Partial,
}

/// Writes down the attempt that a call coming in becomes, with the line of the list of such calls, before the call is
/// answered. It takes the number's lock, uses up no budget and counts in no cap.
#[derive(Clone, Debug, PartialEq)]
pub struct BeginIncoming {
    /// Which call.
    pub leg: LegId,
    /// When.
    pub at: Wall,
    /// Over which trunk, by name.
    pub trunk: String,
    /// The caller's number as it came; none if it was withheld.
    pub number: Option<Number>,
    /// The patient's number that it is, in its spelling.
    pub known: Option<(NumberId, Number)>,
    /// The patient.
    pub patient: Option<PatientId>,
    /// How many other patients have the number.
    pub others: u32,
    /// The case that the call is likely about.
    pub about: Option<CaseId>,
    /// The case that goes on in it; none: it is a menu for whoever has nothing open.
    pub case: Option<CaseId>,
    /// What is put to the caller, by content hash.
    pub dialplan: String,
    /// The attempt whose unfinished questionnaire it goes on with.
    pub resumed_from: Option<AttemptId>,
}

/// The attempt is on disk: the call may be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BegunIncoming {
    /// Which call.
    pub leg: LegId,
    /// The new attempt.
    pub attempt: AttemptId,
    /// What its row is known by.
    pub mark: CallMark,
}

/// Somebody called us and was turned away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallBack {
    /// When.
    pub at: Wall,
    /// Over which trunk, by name.
    pub trunk: String,
    /// The caller's number as the trunk shows it; none if it was withheld.
    pub number: Option<Number>,
    /// The status that the caller got.
    pub status: u16,
}

/// A call back is on disk, with what its number says.
#[derive(Clone, Debug, PartialEq)]
pub struct CalledBack {
    /// What was asked.
    pub call_back: CallBack,
    /// Whose number it is, if anybody's.
    pub patient: Option<PatientId>,
    /// The patient's case that was called last, or will be.
    pub case: Option<CaseId>,
}
