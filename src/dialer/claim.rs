//! The checks and the order of a claim: one place for the database, the virtual world and `why`.

mod against;
mod decide;
mod numbers;
mod parts;

use std::cmp::Reverse;
use std::time::Duration;

pub use against::against;
pub use decide::decide;

use super::{Candidate, DayPart, LEFT_OVER, Listed, Outcome, PatientState};
use crate::ids::NumberId;
use crate::moment::Wall;
use crate::outcome::{Facts, LocalFault};

/// What is decided about a due case, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The reason.
    pub why: Why,
    /// What follows from it.
    pub checked: Checked,
}

/// What a check decides about a due case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// Lease it and dial.
    Dial {
        /// This one of the patient's numbers.
        number: NumberId,
    },
    /// Not now; look again at this time.
    Hold {
        /// Not before.
        until: Wall,
    },
    /// Never: close it.
    Close {
        /// How.
        outcome: Outcome,
    },
}

/// Why a case is dialed now, later or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Nothing stands against it.
    Due,
    /// The patient asked to be called at this time.
    Appointment,
    /// A state of the patient stands against it.
    State(PatientState),
    /// The number, or the patient, is on the do-not-call list.
    DoNotCall(Listed),
    /// All numbers are vacant, suspended or wrong, or there is none.
    NumberDead,
    /// Its deadline has passed.
    TooLate,
    /// Its budget is used up.
    BudgetUsed,
    /// Another case or attempt holds the number, or its last call may still be ringing.
    NumberLocked,
    /// The number was called as often as it may be for now.
    NumberCapped,
    /// The patient was tried as often as he or she may be for now.
    PatientCapped,
    /// It was tried as often as it may be in one day.
    DayUsed,
    /// It was tried as often as it may be in this part of the day.
    PartUsed(DayPart),
    /// Numbers of this kind are not called at this time.
    WindowClosed,
    /// Its time has not come.
    NotYet,
}

impl Why {
    /// All of them, each state, level and part of the day apart.
    pub const ALL: [Self; 21] = [
        Self::Due,
        Self::Appointment,
        Self::State(PatientState::Deceased),
        Self::State(PatientState::Readmitted),
        Self::State(PatientState::Transferred),
        Self::State(PatientState::ComplaintOpen),
        Self::DoNotCall(Listed::Always),
        Self::DoNotCall(Listed::Purpose),
        Self::DoNotCall(Listed::Campaign),
        Self::NumberDead,
        Self::TooLate,
        Self::BudgetUsed,
        Self::NumberLocked,
        Self::NumberCapped,
        Self::PatientCapped,
        Self::DayUsed,
        Self::PartUsed(DayPart::Morning),
        Self::PartUsed(DayPart::Afternoon),
        Self::PartUsed(DayPart::Evening),
        Self::WindowClosed,
        Self::NotYet,
    ];

    /// The reason with this identifier.
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.as_str() == id)
    }

    /// The identifier in the database and in output that programs read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Appointment => "appointment",
            Self::State(PatientState::Deceased) => "deceased",
            Self::State(PatientState::Readmitted) => "readmitted",
            Self::State(PatientState::Transferred) => "transferred",
            Self::State(PatientState::ComplaintOpen) => "complaint_open",
            Self::DoNotCall(Listed::Always) => "do_not_call",
            Self::DoNotCall(Listed::Purpose) => "do_not_call_purpose",
            Self::DoNotCall(Listed::Campaign) => "do_not_call_campaign",
            Self::NumberDead => "number_dead",
            Self::TooLate => "too_late",
            Self::BudgetUsed => "budget_used",
            Self::NumberLocked => "number_locked",
            Self::NumberCapped => "number_capped",
            Self::PatientCapped => "patient_capped",
            Self::DayUsed => "day_used",
            Self::PartUsed(DayPart::Morning) => "morning_used",
            Self::PartUsed(DayPart::Afternoon) => "afternoon_used",
            Self::PartUsed(DayPart::Evening) => "evening_used",
            Self::WindowClosed => "window_closed",
            Self::NotYet => "not_yet",
        }
    }

    /// The reason in the users' own words.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Due => "可以拨打",
            Self::Appointment => "患者预约的时间",
            Self::State(PatientState::Deceased) => "患者已去世",
            Self::State(PatientState::Readmitted) => "患者再次入院",
            Self::State(PatientState::Transferred) => "患者已转院",
            Self::State(PatientState::ComplaintOpen) => "患者投诉未结",
            Self::DoNotCall(Listed::Always) => "在免打扰名单中",
            Self::DoNotCall(Listed::Purpose) => "谢绝此类来电",
            Self::DoNotCall(Listed::Campaign) => "谢绝本次回访",
            Self::NumberDead => "号码失效",
            Self::TooLate => "已过期限",
            Self::BudgetUsed => "次数用完",
            Self::NumberLocked => "该号码正在被呼叫",
            Self::NumberCapped => "该号码近期呼叫次数已满",
            Self::PatientCapped => "该患者近期呼叫次数已满",
            Self::DayUsed => "当日次数用完",
            Self::PartUsed(DayPart::Morning) => "上午次数用完",
            Self::PartUsed(DayPart::Afternoon) => "下午次数用完",
            Self::PartUsed(DayPart::Evening) => "晚间次数用完",
            Self::WindowClosed => "此类号码当前时段不可呼叫",
            Self::NotYet => "时间未到",
        }
    }
}

/// How long a number stays locked after a call whose end the far end did not confirm: it may still be ringing.
pub const LOCK: Duration = Duration::from_secs(60);

/// Until when nobody may dial the number of an attempt that ended at `ended` with these facts: after a timeout, and
/// after a connection that broke when the trunk had the INVITE. While the far end may hold the call, as long as it can
/// last; less when it is taken down before.
pub fn locked_until(facts: &Facts, ended: Wall) -> Option<Wall> {
    if facts.unconfirmed {
        let lasted = [facts.pdd_ms, facts.ring_ms, facts.talk_ms];
        let lasted: u64 = lasted.into_iter().flatten().map(u64::from).sum();
        let left = LEFT_OVER.saturating_sub(Duration::from_millis(lasted));
        return Some(ended + left.max(LOCK));
    }
    let unsure = match facts.local {
        Some(LocalFault::TimedOut) => true,
        Some(LocalFault::Unreachable) => !facts.provisional.is_empty(),
        Some(LocalFault::CredentialsRefused | LocalFault::Unusable) | None => false,
    };
    unsure.then_some(ended + LOCK)
}

/// So long before an appointment, and so long after it, it is kept.
pub const TOLERANCE: Duration = crate::calendar::APPOINTMENT_TOLERANCE;

/// The order in which due cases are dialed: appointments, then the higher priority, then those that wait longest, then by
/// case.
pub fn order(candidates: &mut [Candidate]) {
    candidates.sort_by_key(turn);
}

/// What comes first of two cases has the smaller turn.
pub fn turn(candidate: &Candidate) -> impl Ord + use<> {
    (
        Reverse(candidate.appointment.is_some()),
        Reverse(candidate.priority),
        candidate.next_at,
        candidate.due,
        candidate.case,
    )
}
