//! What the control core tells, as log lines: message for people, fields for queries, numbers masked.

use crate::call::Observed;
use crate::control::Told;
use crate::ids::TrunkId;
use crate::moment::Jump;

/// The trunks by their names in the settings.
#[derive(Debug)]
pub(super) struct Names(pub(super) Vec<String>);

impl Names {
    fn of(&self, trunk: TrunkId) -> &str {
        self.0.get(usize::from(trunk.0)).map_or("", String::as_str)
    }
}

/// Writes one happening to the log.
pub(super) fn write(told: &Told, names: &Names) {
    match told {
        Told::Call { who, observed } => {
            let (leg, attempt) = (who.leg.0, who.attempt.0);
            match observed {
                Observed::NoPort => {
                    tracing::error!(
                        leg,
                        attempt,
                        "no RTP port could be had; widen rtp_ports in [media], or free it"
                    );
                }
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
                Observed::Held => tracing::debug!(leg, attempt, "on hold"),
                Observed::Resumed => tracing::debug!(leg, attempt, "off hold"),
            }
        }
        Told::Ended {
            who, disposition, rule, ..
        } => {
            let (leg, attempt, disposition) = (who.leg.0, who.attempt.0, disposition.as_str());
            tracing::info!(leg, attempt, disposition, rule, "attempt ended");
        }
        Told::Registered { trunk, refused: None } => tracing::info!(trunk = names.of(*trunk), "registered"),
        Told::Registered {
            trunk,
            refused: Some(ending),
        } => {
            tracing::warn!(
                trunk = names.of(*trunk),
                status = ending.status,
                phrase = ending.phrase,
                without_answer = ?ending.local,
                "registration refused"
            );
        }
        Told::OptionsAnswered { trunk, status } => {
            tracing::debug!(trunk = names.of(*trunk), status, "OPTIONS answered")
        }
        Told::Held { why, .. } => tracing::error!(why, "no new call begins"),
        Told::Released { cause } => tracing::info!(?cause, "new calls may begin again, as far as this cause goes"),
        Told::InviteRefused { trunk, caller, status } => {
            let caller = caller.as_ref().map(crate::phone::Number::masked);
            tracing::info!(trunk = names.of(*trunk), caller, status, "a call to us was turned away");
        }
        Told::AddressSeen { trunk, address } => tracing::warn!(
            trunk = names.of(*trunk),
            %address,
            "the trunk sees us come from another address than `advertised` shows"
        ),
        Told::CalledBack {
            trunk,
            caller,
            patient,
            case,
        } => {
            let caller = caller.as_ref().map(crate::phone::Number::masked);
            let (patient, case) = (patient.map(|id| id.0), case.map(|id| id.0));
            tracing::info!(trunk, caller, patient, case, "the call to us is noted");
        }
        Told::CallBackFlood { trunk } => tracing::warn!(
            trunk = names.of(*trunk),
            "more calls to us than are noted; for the rest of a minute they are only counted"
        ),
        Told::RealmRefused { trunk, pinned, offered } => tracing::error!(
            trunk = names.of(*trunk),
            pinned,
            offered,
            "a challenge of another realm got no credentials; if the trunk changed it, set `realm`"
        ),
        // Anybody can send these, so they are counted (status shows it) and not worth a line each.
        Told::SipFault(fault) => tracing::debug!(?fault, "SIP input dropped"),
        Told::DialerFault(fault) => tracing::warn!(?fault, "the dialer saw what should not be"),
        Told::TrunkResting { trunk, pause, .. } => {
            tracing::warn!(
                trunk = names.of(*trunk),
                seconds = pause.as_secs(),
                "the trunk rests: nothing leaves over it"
            );
        }
        Told::TrunkDown { trunk, reason } => {
            tracing::error!(trunk = names.of(*trunk), %reason, "the trunk is down: no call leaves over it");
        }
        Told::TrunkUp { trunk, after } => {
            tracing::info!(
                trunk = names.of(*trunk),
                after_s = after.as_secs(),
                "the trunk is up again"
            );
        }
        Told::Rerouted {
            attempt,
            from,
            to,
            status,
        } => {
            let (from, to) = (names.of(*from), names.of(*to));
            tracing::info!(attempt = attempt.0, from, to, status, "another trunk is tried");
        }
        Told::ClockJumped(jump) => {
            let (Jump::Forward(by) | Jump::Back(by)) = jump;
            let forward = matches!(jump, Jump::Forward(_));
            tracing::warn!(seconds = by.as_secs(), forward, "the civil clock was set");
        }
        Told::BrokeDown { who } => {
            tracing::error!(
                leg = who.leg.0,
                attempt = who.attempt.0,
                "a call broke down; the others go on"
            );
        }
        Told::Afresh { case, attempt, why } => {
            let (case, attempt) = (case.0, attempt.0);
            tracing::warn!(case, attempt, %why, "an unfinished questionnaire begins anew");
        }
        Told::TakenDown { attempt } => tracing::info!(attempt = attempt.0, "a call that a crash left over is over"),
        Told::NotTakenDown { attempt } => tracing::warn!(
            attempt = attempt.0,
            "a call that a crash left over may still be up: the trunk does not say that it is over; its number stays locked"
        ),
        Told::Idle(campaign) => tracing::debug!(campaign = campaign.0, "nothing is due"),
        Told::Stopped(campaign) => tracing::info!(
            campaign = campaign.0,
            "nothing more of the campaign is dialed or claimed"
        ),
        Told::HandCallFailed { token, why } => tracing::error!(token, why, "a call by hand could not begin"),
        Told::StoreFailed(why) => tracing::error!(why, "the store refused a request"),
        Told::Drained => tracing::info!("no call is left"),
    }
}
