//! What people say of a patient: notes, and states that stop follow-ups.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Refused, deed, patient_for};
use crate::access::{Act, Action};
use crate::engine::office::StateRequest;
use crate::http::Problem;
use crate::http::console::instant::Instant;
use crate::http::console::{Console, Seat, wording};
use crate::http::request::{JsonBody, Name};
use crate::store::console::patient::NewNote;

/// How long a note may be, in characters.
const NOTE: usize = 2_000;

/// A note to write.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoteAsked {
    /// The words, 1 to 2000 characters; they stay as they are.
    #[schema(min_length = 1, max_length = 2000)]
    text: String,
}

/// A note that was written.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NoteWritten {
    id: i64,
}

/// Writes a note; it is never changed.
#[utoipa::path(
    post,
    path = "/api/patients/{id}/notes",
    tag = "patients",
    params(("id" = i64, Path, description = "The patient's row.")),
    request_body = NoteAsked,
    responses((status = 201, body = NoteWritten), Refused)
)]
pub(super) async fn note(
    State(console): State<Console>,
    seat: Seat,
    Name(id): Name,
    JsonBody(asked): JsonBody<NoteAsked>,
) -> Result<(StatusCode, Json<NoteWritten>), Problem> {
    let (patient, _) = patient_for(&console, &seat, Action::SeePatients, &id).await?;
    let text = wording::lines("text", &asked.text, NOTE)?;
    seat.note(&console, deed("noted_patient", patient, None)).await?;
    let note = NewNote {
        patient,
        at: console.now(),
        account: seat.person().id,
        who: seat.person().account.clone(),
        text,
    };
    let id = console.access.store().note_patient(note).await?;
    Ok((StatusCode::CREATED, Json(NoteWritten { id })))
}

/// Which state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum StateAsked {
    Deceased,
    Readmitted,
    Transferred,
    ComplaintOpen,
}

impl StateAsked {
    const fn word(self) -> &'static str {
        match self {
            Self::Deceased => "deceased",
            Self::Readmitted => "readmitted",
            Self::Transferred => "transferred",
            Self::ComplaintOpen => "complaint_open",
        }
    }
}

/// A state that holds from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StateToSet {
    state: StateAsked,
    /// Until when; nothing: until somebody clears it. A death has no end.
    until_at: Option<Instant>,
    /// How it is known, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    reason: String,
}

/// A state that holds now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StateHolds {
    /// It did not hold before.
    is_new: bool,
    /// Open follow-ups: the next claim sees the state.
    open_cases: u64,
    /// Calls that are up right now; these go on.
    calls: u64,
}

/// Sets a state of a patient from now on.
#[utoipa::path(
    post,
    path = "/api/patients/{id}/state",
    tag = "patients",
    params(("id" = i64, Path, description = "The patient's row.")),
    request_body = StateToSet,
    responses((status = 200, body = StateHolds), Refused)
)]
pub(super) async fn set_state(
    State(console): State<Console>,
    seat: Seat,
    Name(id): Name,
    JsonBody(asked): JsonBody<StateToSet>,
) -> Result<Json<StateHolds>, Problem> {
    let (patient, _) = patient_for(&console, &seat, Action::KeepDoNotCall, &id).await?;
    let reason = wording::line("reason", &asked.reason, wording::SENTENCE)?;
    let known_by = console.access.store().reader().known_by(patient).await?;
    let act = Act {
        detail: Some(serde_json::json!({ "state": asked.state, "until": asked.until_at })),
        ..deed("set_state", patient, Some(reason.clone()))
    };
    seat.note(&console, act).await?;
    let request = StateRequest {
        patient: known_by,
        state: asked.state.word().to_owned(),
        until: asked.until_at.map(|until| until.0),
        reason: Some(reason),
        who: seat.person().account.clone(),
    };
    let set = console.office.set_state(request).await?;
    Ok(Json(StateHolds {
        is_new: set.is_new,
        open_cases: set.open_cases,
        calls: set.calls,
    }))
}

/// A state that no longer holds.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StateToClear {
    state: StateAsked,
    /// Why, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    reason: String,
}

/// What clearing a state did.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StateGone {
    /// It had held.
    held: bool,
    /// Follow-ups that waited for it and are looked at again now.
    woken: u64,
    /// Follow-ups that it had closed; these stay closed.
    closed: u64,
}

/// Ends a state of a patient.
#[utoipa::path(
    post,
    path = "/api/patients/{id}/state/clear",
    tag = "patients",
    params(("id" = i64, Path, description = "The patient's row.")),
    request_body = StateToClear,
    responses((status = 200, body = StateGone), Refused)
)]
pub(super) async fn clear_state(
    State(console): State<Console>,
    seat: Seat,
    Name(id): Name,
    JsonBody(asked): JsonBody<StateToClear>,
) -> Result<Json<StateGone>, Problem> {
    let (patient, _) = patient_for(&console, &seat, Action::KeepDoNotCall, &id).await?;
    let reason = wording::line("reason", &asked.reason, wording::SENTENCE)?;
    let known_by = console.access.store().reader().known_by(patient).await?;
    let act = Act {
        detail: Some(serde_json::json!({ "state": asked.state })),
        ..deed("cleared_state", patient, Some(reason))
    };
    seat.note(&console, act).await?;
    let request = StateRequest {
        patient: known_by,
        state: asked.state.word().to_owned(),
        until: None,
        reason: None,
        who: seat.person().account.clone(),
    };
    let cleared = console.office.clear_state(request).await?;
    Ok(Json(StateGone {
        held: cleared.held,
        woken: cleared.woken,
        closed: cleared.closed,
    }))
}
