//! What an agent may say came of a conversation: what follows from what happened, the rest with its reason.

use super::shown::*;
use crate::outcome::Disposition;
use crate::store::console::desk::{ConversationRow, Ending};

/// What can be said of a call that was answered, in the order of screens.
const ANSWERED: [Disposition; 14] = [
    Disposition::Completed,
    Disposition::Partial,
    Disposition::Appointment,
    Disposition::ThirdParty,
    Disposition::Refused,
    Disposition::WrongNumber,
    Disposition::Deceased,
    Disposition::Incapable,
    Disposition::Language,
    Disposition::OptOut,
    Disposition::BreakOff,
    Disposition::EarlyHangup,
    Disposition::Silent,
    Disposition::Assistant,
];

/// What can be said of one that was not.
const NOT_ANSWERED: [Disposition; 9] = [
    Disposition::NoAnswer,
    Disposition::Busy,
    Disposition::Rejected,
    Disposition::PowerOff,
    Disposition::Unreachable,
    Disposition::Suspended,
    Disposition::Vacant,
    Disposition::NumberChanged,
    Disposition::BarredIn,
];

/// What a choice needs besides.
pub(super) const fn needs(outcome: Disposition) -> DeskNeeds {
    match outcome {
        Disposition::Appointment => DeskNeeds::Appointment,
        Disposition::Language => DeskNeeds::Language,
        Disposition::Refused | Disposition::OptOut | Disposition::Incapable | Disposition::BreakOff => DeskNeeds::Cause,
        Disposition::Completed
        | Disposition::Partial
        | Disposition::EarlyHangup
        | Disposition::Silent
        | Disposition::ThirdParty
        | Disposition::WrongNumber
        | Disposition::Deceased
        | Disposition::Assistant
        | Disposition::Fax
        | Disposition::NoAnswer
        | Disposition::Busy
        | Disposition::Rejected
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
        | Disposition::Unknown => DeskNeeds::Nothing,
    }
}

/// What may be said of a conversation as it stands.
pub(super) fn outcomes(row: &ConversationRow, now: &DeskNow, form: &DeskForm) -> Vec<DeskOutcome> {
    let said = row.classified.as_ref().or(row.disposition.as_ref());
    let said = said.and_then(|id| Disposition::parse(id));
    let is_up = matches!(
        now.state,
        DeskState::Talking
            | DeskState::OnHold
            | DeskState::PatientWaiting
            | DeskState::AgentLost
            | DeskState::CallBackOffered
            | DeskState::Transferring
            | DeskState::Transferred
    );
    let answered = Ending::Answered {
        has_answers: form.answers.iter().any(|answer| answer.value.is_some()),
        is_complete: form.open.is_none() && form.end.as_deref() == Some("completed") && form.missing.is_empty(),
    };
    let (ending, list) = match (row.is_answered || is_up, said) {
        (false, Some(said)) => {
            let mut list = NOT_ANSWERED.to_vec();
            if !list.contains(&said) {
                list.insert(0, said);
            }
            (Some(Ending::NotAnswered(said)), list)
        }
        (true, _) => (Some(answered), ANSWERED.to_vec()),
        (false, None) => (None, ANSWERED.to_vec()),
    };
    let one = |outcome: Disposition| {
        let why_not = match ending {
            Some(ending) => ending.allows(outcome).err(),
            None => Some("尚未通话 Nobody has been called yet"),
        };
        DeskOutcome {
            id: outcome.as_str().to_owned(),
            words: Words {
                zh: outcome.zh().to_owned(),
                en: outcome.as_str().replace('_', " "),
            },
            may: why_not.is_none(),
            why_not: why_not.map(both),
            needs: needs(outcome),
        }
    };
    list.into_iter().map(one).collect()
}

/// A sentence that says it in both languages, taken apart where the second begins.
fn both(sentence: &str) -> Words {
    let (zh, en) = sentence.split_once(' ').unwrap_or((sentence, sentence));
    Words {
        zh: zh.to_owned(),
        en: en.to_owned(),
    }
}
