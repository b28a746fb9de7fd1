//! What changes while a conversation goes on, out of the control core's picture, or out of the row once that is gone.

use super::shown::*;
use crate::engine::office::desk::{
    ConversationPicture, ConversationState, LegEnd, LegEnding, LegPicture, LegState, PhoneStanding, Presence, Refusal,
};
use crate::http::console::Console;
use crate::outcome::Disposition;
use crate::store::console::desk::ConversationRow;

pub(in crate::http::console) const fn presence_of(presence: &Presence) -> DeskPresence {
    match presence {
        Presence::Away => DeskPresence::Away,
        Presence::Ready => DeskPresence::Ready,
        Presence::Previewing => DeskPresence::Previewing,
        Presence::Reserved => DeskPresence::Reserved,
        Presence::Ringing => DeskPresence::Ringing,
        Presence::Talking => DeskPresence::Talking,
        Presence::WrappingUp => DeskPresence::WrappingUp,
        Presence::Paused { .. } => DeskPresence::Paused,
    }
}

/// Whether a call would reach the phone with this user name; `None`: it is none that registers.
pub(super) fn phone_now(console: &Console, user: Option<&str>) -> DeskPhoneNow {
    let picture = user.and_then(|user| console.office.phone_picture(user));
    DeskPhoneNow {
        standing: match (user, picture.as_ref().map(|picture| picture.standing)) {
            (None, _) => DeskPhoneStanding::Unknown,
            (Some(_), Some(PhoneStanding::Registered)) => DeskPhoneStanding::Registered,
            (Some(_), Some(PhoneStanding::Gone) | None) => DeskPhoneStanding::Gone,
        },
        standing_since_at: picture.map(|picture| picture.since.into()),
    }
}

const fn conversation_state(state: ConversationState) -> DeskState {
    match state {
        ConversationState::RingingAgent => DeskState::RingingAgent,
        ConversationState::Beginning => DeskState::Beginning,
        ConversationState::CallingPatient => DeskState::CallingPatient,
        ConversationState::Talking => DeskState::Talking,
        ConversationState::OnHold => DeskState::OnHold,
        ConversationState::PatientWaiting => DeskState::PatientWaiting,
        ConversationState::AgentLost => DeskState::AgentLost,
        ConversationState::CallBackOffered => DeskState::CallBackOffered,
        ConversationState::Transferring => DeskState::Transferring,
        ConversationState::Transferred => DeskState::Transferred,
        ConversationState::Ending => DeskState::Ending,
        ConversationState::Ended => DeskState::Ended,
    }
}

/// Of a conversation by its picture.
pub(in crate::http::console) fn now_of(picture: &ConversationPicture) -> DeskNow {
    let state = conversation_state(picture.state);
    let is_recorded = matches!(
        state,
        DeskState::Talking
            | DeskState::OnHold
            | DeskState::PatientWaiting
            | DeskState::AgentLost
            | DeskState::CallBackOffered
            | DeskState::Transferring
            | DeskState::Transferred
    );
    DeskNow {
        state,
        state_since_at: Some(picture.since.into()),
        attempt_id: picture.attempt.map(|attempt| attempt.0),
        agent_leg: Some(leg(&picture.agent_leg, Side::Agent, None)),
        patient_leg: picture
            .patient_leg
            .as_ref()
            .map(|picture| leg(picture, Side::Patient, None)),
        third_leg: picture
            .third_leg
            .as_ref()
            .map(|picture| leg(picture, Side::Third, None)),
        keys: picture.keys.clone(),
        recording: match (is_recorded, picture.recording_paused) {
            (true, true) => DeskRecording::Paused,
            (true, false) => DeskRecording::On,
            (false, _) => DeskRecording::Off,
        },
        is_muted: picture.is_muted,
        refusal: picture.refusal.as_ref().map(refusal),
    }
}

/// Of the agent's present conversation: by its picture where there is one, else by its row.
pub(super) fn state_of(row: &ConversationRow, picture: Option<&ConversationPicture>) -> DeskNow {
    let disposition = row.classified.as_ref().or(row.disposition.as_ref());
    let disposition = disposition.and_then(|id| Disposition::parse(id));
    let said = disposition.filter(|_| !row.is_answered);
    if let Some(picture) = picture {
        let mut now = now_of(picture);
        if let Some(patient) = &picture.patient_leg {
            now.patient_leg = Some(leg(patient, Side::Patient, said));
        }
        return now;
    }
    let over = |end: &Option<String>, status, q850, side, said| {
        let end = end.as_deref()?;
        let since_at = row.ended_at.map(Into::into);
        let ending = Some(ending(end, status, q850, None, (side, said)));
        Some(DeskLeg {
            state: DeskLegState::Ended,
            since_at,
            ending,
        })
    };
    DeskNow {
        state: match row.ended_at {
            Some(_) => DeskState::Ended,
            None => DeskState::Previewing,
        },
        state_since_at: Some(row.ended_at.unwrap_or(row.begun_at).into()),
        attempt_id: row.attempt_id,
        agent_leg: over(&row.agent_ending, row.agent_status, row.agent_cause, Side::Agent, None),
        patient_leg: over(
            &row.patient_ending,
            row.patient_status,
            row.patient_cause,
            Side::Patient,
            said,
        ),
        third_leg: None,
        keys: String::new(),
        recording: DeskRecording::Off,
        is_muted: false,
        refusal: row.refused.as_deref().map(refused),
    }
}

/// Whose telephone it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Agent,
    Patient,
    Third,
}

impl Side {
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Agent => ("坐席侧", "Your phone"),
            Self::Patient => ("患者侧", "Patient"),
            Self::Third => ("转接方", "Department"),
        }
    }
}

fn leg(picture: &LegPicture, side: Side, said: Option<Disposition>) -> DeskLeg {
    let of = |end: &LegEnding| {
        let (status, q850) = (end.status, end.q850);
        ending(end.end.as_str(), status, q850, end.talk_ms, (side, said))
    };
    DeskLeg {
        state: match picture.state {
            LegState::Calling => DeskLegState::Calling,
            LegState::Ringing => DeskLegState::Ringing,
            LegState::EarlyMedia => DeskLegState::EarlyMedia,
            LegState::Talking => DeskLegState::Talking,
            LegState::OnHold => DeskLegState::OnHold,
            LegState::Ending => DeskLegState::Ending,
            LegState::Ended => DeskLegState::Ended,
        },
        since_at: Some(picture.since.into()),
        ending: picture.ending.as_ref().map(of),
    }
}

/// `患者侧：480 关机`: the side, the status, and the users' word; of a patient who did not answer what the facts say.
fn ending(
    end: &str,
    status: Option<u16>,
    q850: Option<u8>,
    talk_ms: Option<u32>,
    (side, said): (Side, Option<Disposition>),
) -> DeskEnding {
    let (zh, en) = match said {
        Some(said) => (said.zh(), said.as_str()),
        None => (LegEnd::parse(end).map_or("", LegEnd::zh), end),
    };
    let (side_zh, side_en) = side.words();
    let number = status.map(|status| format!("{status} ")).unwrap_or_default();
    DeskEnding {
        end: end.to_owned(),
        words: Words {
            zh: format!("{side_zh}：{number}{zh}"),
            en: format!("{side_en}: {number}{}", en.replace('_', " ")),
        },
        status,
        q850,
        talk_ms,
    }
}

/// A refusal in words.
pub(super) fn refusal(refusal: &Refusal) -> DeskRefusal {
    let until = match refusal {
        Refusal::Check { until, .. } | Refusal::TrunkRests { until } => *until,
        Refusal::CaseTaken
        | Refusal::CaseClosed
        | Refusal::NotTheCases
        | Refusal::PrefixForbidden
        | Refusal::AgentDay { .. }
        | Refusal::NoLine
        | Refusal::TrunkDown
        | Refusal::Held { .. }
        | Refusal::Stopping
        | Refusal::NotReady
        | Refusal::Settled
        | Refusal::NotWritten { .. } => None,
    };
    DeskRefusal {
        rule: refusal.as_str().to_owned(),
        words: Words {
            zh: refusal.zh(),
            en: refusal.as_str().replace('_', " "),
        },
        until_at: until.map(Into::into),
        is_grantable: refusal.is_grantable(),
    }
}

/// The same by the word that the row has.
fn refused(rule: &str) -> DeskRefusal {
    match Refusal::of_word(rule) {
        Some(known) => refusal(&known),
        None => DeskRefusal {
            rule: rule.to_owned(),
            words: Words {
                zh: rule.to_owned(),
                en: rule.replace('_', " "),
            },
            until_at: None,
            is_grantable: false,
        },
    }
}
