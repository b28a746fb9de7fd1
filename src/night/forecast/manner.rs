//! What a person who took a call up has a mind to do.

use rand_chacha::ChaCha8Rng;

use super::chance::below;
use crate::outcome::Disposition;

/// The mind of a person at the telephone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// Answers what is asked.
    Answers,
    /// Answers so many questions of the survey and hangs up during the next.
    LeavesAfter { answers: u32 },
    /// Presses a key that answers nothing, and hangs up.
    BreaksOff,
    /// Hangs up within seconds.
    LeavesAtOnce,
    /// Listens and presses nothing.
    Silent,
    /// `##` at the first question.
    Refuses,
    /// The stop-calling-me key.
    OptsOut,
    /// Says that the patient is not there.
    ThirdParty,
    /// Says that this is nobody's number.
    WrongNumber,
}

impl Manner {
    /// A person whose calls mostly come to this. A machine that takes the call up is a person who listens.
    pub(super) fn draw(meant: Disposition, chance: &mut ChaCha8Rng) -> Self {
        if meant == Disposition::Partial {
            Self::LeavesAfter {
                answers: 1 + below(chance, 4),
            }
        } else {
            let known = MEANT.iter().find(|(disposition, _)| *disposition == meant);
            known.map_or(Self::Silent, |(_, manner)| *manner)
        }
    }
}

const MEANT: &[(Disposition, Manner)] = &[
    (Disposition::Completed, Manner::Answers),
    (Disposition::BreakOff, Manner::BreaksOff),
    (Disposition::EarlyHangup, Manner::LeavesAtOnce),
    (Disposition::Refused, Manner::Refuses),
    (Disposition::OptOut, Manner::OptsOut),
    (Disposition::ThirdParty, Manner::ThirdParty),
    (Disposition::Appointment, Manner::ThirdParty),
    (Disposition::WrongNumber, Manner::WrongNumber),
];
