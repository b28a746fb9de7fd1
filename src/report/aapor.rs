//! Response rates of AAPOR's Standard Definitions, list-sample variant: every case is a named person whose eligibility
//! is known, so nothing is of unknown eligibility (U = 0), and an unreached patient stays in the denominator.

use serde::Serialize;

use crate::dialer::Outcome;
use crate::outcome::Disposition;
use crate::store::CaseTally;

use super::Ratio;

/// The classes, and the rates made of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Aapor {
    /// I: complete interviews.
    pub complete: u64,
    /// P: partial interviews.
    pub partial: u64,
    /// R: refusals and break-offs.
    pub refusal: u64,
    /// NC: not contacted, those not yet tried included.
    pub non_contact: u64,
    /// O: eligible, no interview for another reason.
    pub other: u64,
    /// NE: not eligible.
    pub not_eligible: u64,
    /// I/(I+P+R+NC+O)
    pub rr1: Ratio,
    /// (I+P)/(I+P+R+NC+O)
    pub rr2: Ratio,
    /// I/(I+P+R+O)
    pub coop1: Ratio,
    /// R/(I+P+R+NC+O)
    pub ref1: Ratio,
    /// (I+P+R+O)/(I+P+R+NC+O)
    pub con1: Ratio,
}

/// A class of cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// I.
    Complete,
    /// P.
    Partial,
    /// R.
    Refusal,
    /// NC.
    NonContact,
    /// O.
    Other,
    /// NE.
    NotEligible,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Complete,
        Self::Partial,
        Self::Refusal,
        Self::NonContact,
        Self::Other,
        Self::NotEligible,
    ];

    /// The class of cases of this kind.
    pub fn of(case: &CaseTally) -> Self {
        match case.outcome {
            Some(Outcome::Completed) => Self::Complete,
            Some(Outcome::Partial) => Self::Partial,
            Some(Outcome::Refused) => Self::Refusal,
            Some(Outcome::NotEligible) => Self::NotEligible,
            Some(Outcome::NotReached | Outcome::NumberDead | Outcome::Expired | Outcome::Withdrawn) | None => {
                by_last(case.last)
            }
        }
    }

    /// The identifier, as in the JSON of the report.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::Refusal => "refusal",
            Self::NonContact => "non_contact",
            Self::Other => "other",
            Self::NotEligible => "not_eligible",
        }
    }

    /// The users' word.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Complete => "完成 I",
            Self::Partial => "部分完成 P",
            Self::Refusal => "拒访 R",
            Self::NonContact => "未联系上 NC",
            Self::Other => "其他 O",
            Self::NotEligible => "不合格 NE",
        }
    }
}

fn by_last(last: Option<Disposition>) -> Class {
    let Some(last) = last else {
        return Class::NonContact;
    };
    match last {
        Disposition::Completed => Class::Complete,
        Disposition::Partial => Class::Partial,
        Disposition::Refused
        | Disposition::OptOut
        | Disposition::BreakOff
        | Disposition::EarlyHangup
        | Disposition::Rejected
        | Disposition::Appointment => Class::Refusal,
        Disposition::Incapable | Disposition::Language | Disposition::Deceased => Class::Other,
        Disposition::Silent
        | Disposition::ThirdParty
        | Disposition::WrongNumber
        | Disposition::Assistant
        | Disposition::Fax
        | Disposition::NoAnswer
        | Disposition::Busy
        | Disposition::PowerOff
        | Disposition::Unreachable
        | Disposition::Suspended
        | Disposition::Vacant
        | Disposition::NumberChanged
        | Disposition::BarredIn
        | Disposition::Blocked
        | Disposition::ForwardedFail
        | Disposition::NetworkBusy
        | Disposition::OwnLineFault
        | Disposition::CallerIdBad
        | Disposition::Misdialled
        | Disposition::Interrupted
        | Disposition::Cancelled
        | Disposition::Unknown => Class::NonContact,
    }
}

impl Aapor {
    /// How many are of a class.
    pub const fn count(&self, class: Class) -> u64 {
        match class {
            Class::Complete => self.complete,
            Class::Partial => self.partial,
            Class::Refusal => self.refusal,
            Class::NonContact => self.non_contact,
            Class::Other => self.other,
            Class::NotEligible => self.not_eligible,
        }
    }

    /// The rates of all cases of a period, those that were never eligible included.
    pub(super) fn of(cases: &[CaseTally]) -> Self {
        let mut sums = Self::default();
        for case in cases {
            let sum = match Class::of(case) {
                Class::Complete => &mut sums.complete,
                Class::Partial => &mut sums.partial,
                Class::Refusal => &mut sums.refusal,
                Class::NonContact => &mut sums.non_contact,
                Class::Other => &mut sums.other,
                Class::NotEligible => &mut sums.not_eligible,
            };
            *sum += case.n;
        }
        let contacted = sums.complete + sums.partial + sums.refusal + sums.other;
        let eligible = contacted + sums.non_contact;
        sums.rr1 = Ratio::new(sums.complete, eligible);
        sums.rr2 = Ratio::new(sums.complete + sums.partial, eligible);
        sums.coop1 = Ratio::new(sums.complete, contacted);
        sums.ref1 = Ratio::new(sums.refusal, eligible);
        sums.con1 = Ratio::new(contacted, eligible);
        sums
    }
}
