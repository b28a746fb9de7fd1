//! What a patient, his telephone and the network do with one call: times, statuses, keys; never a disposition.

use std::time::Duration;

use rand_chacha::ChaCha8Rng;

use super::chance::{between, per_mille};
use super::manner::Manner;
use crate::outcome::Disposition;

/// How a call goes on their side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Bearing {
    /// It rings, and somebody takes it up.
    Answers {
        /// INVITE to ringing.
        delay: Duration,
        /// Ringing to the answer.
        ring: Duration,
        /// What the person does.
        manner: Manner,
    },
    /// It rings until we give up.
    RingsOut {
        /// INVITE to ringing.
        delay: Duration,
    },
    /// The network or the patient ends it with a status.
    Refuses(Refusal),
}

/// A final response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// INVITE to ringing; none if it never rang.
    pub(super) rings_after: Option<Duration>,
    /// INVITE to the final response.
    pub(super) after: Duration,
    /// It was forwarded on the way (181).
    pub(super) forwarded: Forwarded,
    pub(super) status: u16,
    pub(super) q850: Option<u8>,
}

/// Whether a 181 came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Forwarded {
    Yes,
    No,
}

impl Bearing {
    /// A call as one that ends so often goes. What it comes to, `outcome::classify` says, not this.
    pub(super) fn draw(meant: Disposition, chance: &mut ChaCha8Rng) -> Self {
        use Disposition as D;
        let mut refuses = |status, q850| {
            Self::Refuses(Refusal {
                rings_after: None,
                after: between(chance, 700, 4_000),
                forwarded: Forwarded::No,
                status,
                q850,
            })
        };
        match meant {
            D::Busy => refuses(486, Some(17)),
            D::PowerOff => refuses(480, Some(20)),
            D::Unreachable => refuses(480, Some(18)),
            D::Suspended => refuses(480, Some(50)),
            D::Vacant => refuses(404, Some(1)),
            D::NumberChanged => refuses(410, Some(22)),
            D::BarredIn => refuses(403, Some(55)),
            D::Blocked => refuses(608, Some(21)),
            D::NetworkBusy => refuses(503, Some(34)),
            D::OwnLineFault => refuses(501, Some(79)),
            D::Misdialled => refuses(484, Some(28)),
            D::CallerIdBad => refuses(433, Some(57)),
            D::Unknown | D::Interrupted | D::Cancelled => refuses(699, None),
            D::ForwardedFail => {
                let Self::Refuses(refusal) = refuses(480, Some(31)) else {
                    return refuses(480, Some(31));
                };
                Self::Refuses(Refusal {
                    forwarded: Forwarded::Yes,
                    ..refusal
                })
            }
            D::Rejected => {
                let rings = between(chance, 1_200, 3_500);
                Self::Refuses(Refusal {
                    rings_after: Some(rings),
                    after: rings + between(chance, 3_000, 20_000),
                    forwarded: Forwarded::No,
                    status: 603,
                    q850: Some(21),
                })
            }
            D::NoAnswer => Self::no_answer(chance),
            D::Completed
            | D::Partial
            | D::Refused
            | D::OptOut
            | D::BreakOff
            | D::EarlyHangup
            | D::Silent
            | D::ThirdParty
            | D::Appointment
            | D::WrongNumber
            | D::Deceased
            | D::Incapable
            | D::Language
            | D::Assistant
            | D::Fax => Self::Answers {
                delay: between(chance, 1_200, 3_500),
                ring: ring(chance),
                manner: Manner::draw(meant, chance),
            },
        }
    }

    /// Most networks let it ring until we give up; some give up before.
    fn no_answer(chance: &mut ChaCha8Rng) -> Self {
        let rings = between(chance, 1_200, 3_500);
        if per_mille(chance, 700) {
            return Self::RingsOut { delay: rings };
        }
        Self::Refuses(Refusal {
            rings_after: Some(rings),
            after: rings + between(chance, 31_000, 44_000),
            forwarded: Forwarded::No,
            status: 480,
            q850: Some(19),
        })
    }
}

/// Who takes a call up, mostly does within a quarter of a minute.
fn ring(chance: &mut ChaCha8Rng) -> Duration {
    let early = between(chance, 2_500, 14_000);
    if per_mille(chance, 200) {
        early + between(chance, 4_000, 22_000)
    } else {
        early
    }
}
