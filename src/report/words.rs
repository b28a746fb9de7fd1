//! The users' words for outcomes and missing answers.

use crate::dialer::Outcome;

/// All outcomes in the order of reports.
pub(super) const OUTCOMES: [Outcome; 8] = [
    Outcome::Completed,
    Outcome::Partial,
    Outcome::Refused,
    Outcome::NotReached,
    Outcome::NumberDead,
    Outcome::NotEligible,
    Outcome::Expired,
    Outcome::Withdrawn,
];

/// The word and the identifier of an outcome.
pub(super) const fn outcome(outcome: Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Completed => ("完成", "completed"),
        Outcome::Partial => ("部分完成", "partial"),
        Outcome::Refused => ("拒访", "refused"),
        Outcome::NotReached => ("未联系上", "not_reached"),
        Outcome::NumberDead => ("号码失效", "number_dead"),
        Outcome::NotEligible => ("不宜回访", "not_eligible"),
        Outcome::Expired => ("已过期限", "expired"),
        Outcome::Withdrawn => ("人工撤回", "withdrawn"),
    }
}

/// The word for a kind of missing answer, as the database names it; none for a value.
pub(super) fn missing(kind: &str) -> Option<&'static str> {
    match kind {
        "refused" => Some("拒答"),
        "silent" => Some("未按键"),
        "invalid" => Some("无效按键"),
        _ => None,
    }
}
