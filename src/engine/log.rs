//! What the control core tells, as log lines: message for people, fields for queries, numbers masked.

use crate::call::Observed;
use crate::control::Told;

/// Writes one happening to the log.
pub(super) fn write(told: &Told) {
    match told {
        Told::Call { who, observed } => {
            let (leg, attempt) = (who.leg.0, who.attempt.0);
            match observed {
                Observed::Invited => tracing::debug!(leg, attempt, "INVITE sent"),
                Observed::Progressed { status, early_media } => {
                    tracing::debug!(leg, attempt, status, early_media, "progress");
                }
                Observed::Answered => tracing::info!(leg, attempt, "answered"),
                Observed::Playing { prompt } => tracing::debug!(leg, attempt, prompt, "playing"),
                // Which key it was is a medical answer: it is in the database, not in the log.
                Observed::KeyHeard { .. } => tracing::debug!(leg, attempt, "key heard"),
                Observed::Heard(heard) => tracing::debug!(leg, attempt, question = heard.question, "answer kept"),
                Observed::BargedIn => tracing::debug!(leg, attempt, "barged in"),
            }
        }
        Told::Ended {
            who, disposition, rule, ..
        } => {
            let (leg, attempt, disposition) = (who.leg.0, who.attempt.0, disposition.as_str());
            tracing::info!(leg, attempt, disposition, rule, "attempt ended");
        }
        Told::Registered { trunk, refused: None } => tracing::info!(trunk = trunk.0, "registered"),
        Told::Registered {
            trunk,
            refused: Some(ending),
        } => {
            tracing::warn!(
                trunk = trunk.0,
                status = ending.status,
                phrase = ending.phrase,
                "registration refused"
            );
        }
        Told::OptionsAnswered { trunk, status } => tracing::info!(trunk = trunk.0, status, "OPTIONS answered"),
        Told::InviteRefused { trunk, caller, status } => {
            let caller = caller.as_ref().map(crate::phone::Number::masked);
            tracing::info!(trunk = trunk.0, caller, status, "a call to us was turned away");
        }
        // Anybody can send these, so they are counted (status shows it) and not worth a line each.
        Told::SipFault(fault) => tracing::debug!(?fault, "SIP input dropped"),
        Told::DialerFault(fault) => tracing::warn!(?fault, "the dialer saw what should not be"),
        Told::TrunkResting { trunk, until } => {
            tracing::warn!(
                trunk = trunk.0,
                until_ns = until.nanos(),
                "the trunk rests: nothing leaves over it"
            );
        }
        Told::Idle(campaign) => tracing::debug!(campaign = campaign.0, "nothing is due"),
        Told::Stopped(campaign) => tracing::info!(campaign = campaign.0, "the campaign has stopped"),
        Told::HandCallFailed { token, why } => tracing::error!(token, why, "a call by hand could not begin"),
        Told::StoreFailed(why) => tracing::error!(why, "the store refused a request"),
        Told::Drained => tracing::info!("no call is left"),
    }
}
