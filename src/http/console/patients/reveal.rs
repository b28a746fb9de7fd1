//! One masked field in full: asked with a reason, written down before it is answered.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Refused, deed, patient_for};
use crate::access::{Act, Action};
use crate::http::Problem;
use crate::http::console::{Console, Seat, wording};
use crate::http::request::{JsonBody, Name};
use crate::store::console::patients::Field;

/// So long a page shows it.
const SHOWN_MS: u32 = 60_000;

/// Which field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum FieldAsked {
    Name,
    #[serde(alias = "hospital_id")]
    PatientNo,
    /// The number of the encounter `id`.
    #[serde(alias = "visit_id")]
    VisitNo,
    /// The telephone number `id`.
    #[serde(alias = "phone")]
    Number,
    IdCard,
}

/// What is to be seen, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RevealAsked {
    field: FieldAsked,
    /// The row of the encounter or the telephone number; of the other fields nothing.
    #[serde(alias = "number")]
    id: Option<i64>,
    /// Why, 2 to 200 characters.
    #[schema(min_length = 2, max_length = 200)]
    reason: String,
}

/// A field in full.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Revealed {
    /// The field; nothing: it is empty.
    value: Option<String>,
    /// So long it may be shown.
    shown_ms: u32,
    /// The row of the audit log that says so.
    audit_id: i64,
}

/// Shows one field in full.
#[utoipa::path(
    post,
    path = "/api/patients/{id}/reveal",
    tag = "patients",
    params(("id" = i64, Path, description = "The patient's row.")),
    request_body = RevealAsked,
    responses((status = 200, body = Revealed), Refused)
)]
pub(super) async fn reveal(
    State(console): State<Console>,
    seat: Seat,
    Name(id): Name,
    JsonBody(asked): JsonBody<RevealAsked>,
) -> Result<Json<Revealed>, Problem> {
    let (patient, _) = patient_for(&console, &seat, Action::Reveal, &id).await?;
    let reason = wording::line("reason", &asked.reason, wording::SENTENCE)?;
    if reason.chars().count() < 2 {
        return Err(Problem::bad_request(
            "reason is one character; expected words that somebody can judge later",
        ));
    }
    let field = match (asked.field, asked.id) {
        (FieldAsked::Name, None) => Field::Name,
        (FieldAsked::PatientNo, None) => Field::PatientNo,
        (FieldAsked::IdCard, None) => Field::IdCard,
        (FieldAsked::VisitNo, Some(row)) => Field::VisitNo(row),
        (FieldAsked::Number, Some(row)) => Field::Number(row),
        (FieldAsked::VisitNo | FieldAsked::Number, None) => {
            return Err(Problem::bad_request(
                "id is missing: which encounter, or which telephone number",
            ));
        }
        (FieldAsked::Name | FieldAsked::PatientNo | FieldAsked::IdCard, Some(_)) => {
            return Err(Problem::bad_request(
                "id belongs to visit_no and number only; leave it out",
            ));
        }
    };
    let act = Act {
        detail: Some(serde_json::json!({ "field": asked.field, "id": asked.id })),
        ..deed("revealed", patient, Some(reason))
    };
    let audit_id = seat.note(&console, act).await?;
    let value = console.access.store().reader().revealed(patient, field).await?;
    if value.is_none() && asked.id.is_some() {
        return Err(Problem::unreadable(
            StatusCode::NOT_FOUND,
            "this patient has no such row",
        ));
    }
    Ok(Json(Revealed {
        value: value.map(crate::pii::Pii::into_inner),
        shown_ms: SHOWN_MS,
        audit_id,
    }))
}
