//! Appointments: the times at which patients asked to be called.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Refused;
use crate::access::{Act, Action};
use crate::engine::office::AppointmentRequest;
use crate::http::Problem;
use crate::http::console::instant::Instant;
use crate::http::console::page::rows;
use crate::http::console::{Console, Cursor, Page, Seat, wording};
use crate::http::request::{Asked, JsonBody, Name};
use crate::ids::CaseId;
use crate::moment::Wall;
use crate::store::appointment::Which;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AppointmentsAsked {
    /// From this time on; nothing: from the first one.
    from_at: Option<Instant>,
    /// Where the page before ended.
    cursor: Option<String>,
    /// Rows at most, 1 to 200; 50 if nothing is said.
    rows: Option<u32>,
}

/// An appointment; name and number masked.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Appointment {
    case_id: i64,
    patient_id: i64,
    name: Option<String>,
    patient_no: Option<String>,
    department: Option<String>,
    campaign: String,
    appointment_at: Instant,
    deadline_at: Option<Instant>,
}

/// Lists the appointments of open cases, the earliest first.
#[utoipa::path(
    get,
    path = "/api/appointments",
    tag = "patients",
    params(AppointmentsAsked),
    responses((status = 200, body = Page<Appointment>), Refused)
)]
pub(super) async fn list(
    State(console): State<Console>,
    seat: Seat,
    Asked(asked): Asked<AppointmentsAsked>,
) -> Result<Json<Page<Appointment>>, Problem> {
    let visible = seat.may(Action::SeePatients)?;
    let most = rows(asked.rows)?;
    let after = match asked.cursor.as_deref().map(Cursor::read).transpose()? {
        Some(Cursor { key, id }) => (Wall::from_millis(key), id),
        None => (asked.from_at.map_or(Wall::from_millis(0), |from| from.0), 0),
    };
    let reader = console.access.store().reader();
    let found = reader.appointments_after(&visible, after, most).await?;
    let is_full = u32::try_from(found.len()).is_ok_and(|found| found == most);
    let next = found.last().filter(|_| is_full).map(|row| {
        let key = row.at.millis();
        Cursor { key, id: row.case_id }.text()
    });
    let items = found
        .into_iter()
        .map(|row| Appointment {
            case_id: row.case_id,
            patient_id: row.patient_id,
            name: row.name,
            patient_no: row.patient_no,
            department: row.department,
            campaign: row.campaign,
            appointment_at: row.at.into(),
            deadline_at: row.deadline_at.map(Instant::from),
        })
        .collect();
    Ok(Json(Page { items, next }))
}

/// A time that a patient asks for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AppointmentAsked {
    /// When: in the future, within the hours in which anybody may be called, before the deadline.
    appointment_at: Instant,
}

/// An appointment that was made or taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AppointmentKept {
    case_id: i64,
    /// The appointment that the case had before.
    before_at: Option<Instant>,
    /// When the case is looked at next.
    next_at: Instant,
    /// What is worth knowing.
    notes: Vec<String>,
}

/// Makes an appointment; one that the case has already is replaced.
#[utoipa::path(
    put,
    path = "/api/cases/{id}/appointment",
    tag = "patients",
    params(("id" = i64, Path, description = "The case.")),
    request_body = AppointmentAsked,
    responses((status = 200, body = AppointmentKept), Refused)
)]
pub(super) async fn set(
    State(console): State<Console>,
    seat: Seat,
    Name(id): Name,
    JsonBody(asked): JsonBody<AppointmentAsked>,
) -> Result<Json<AppointmentKept>, Problem> {
    keep(&console, &seat, &id, Some(asked.appointment_at)).await
}

/// Takes an appointment back: the case waits as it did before.
#[utoipa::path(
    delete,
    path = "/api/cases/{id}/appointment",
    tag = "patients",
    params(("id" = i64, Path, description = "The case.")),
    responses((status = 200, body = AppointmentKept), Refused)
)]
pub(super) async fn remove(
    State(console): State<Console>,
    seat: Seat,
    Name(id): Name,
) -> Result<Json<AppointmentKept>, Problem> {
    keep(&console, &seat, &id, None).await
}

async fn keep(console: &Console, seat: &Seat, id: &str, at: Option<Instant>) -> Result<Json<AppointmentKept>, Problem> {
    let visible = seat.may(Action::KeepDoNotCall)?;
    let case = CaseId(wording::row(id)?);
    let reader = console.access.store().reader();
    let patient = reader.case_owner(case).await?;
    reader.need_patient(patient, &visible).await?;
    let act = Act {
        deed: if at.is_some() {
            "made_appointment"
        } else {
            "removed_appointment"
        },
        object: Some(format!("case:{}", case.0)),
        detail: at.map(|at| serde_json::json!({ "appointment": at })),
        ..Act::default()
    };
    seat.note(console, act).await?;
    let request = AppointmentRequest {
        which: Which::Case(case),
        at: at.map(|at| at.0),
        who: seat.person().account.clone(),
    };
    let made = match at {
        Some(_) => console.office.set_appointment(request).await?,
        None => console.office.remove_appointment(request).await?,
    };
    Ok(Json(AppointmentKept {
        case_id: made.appointed.case.0,
        before_at: made.appointed.before.map(Instant::from),
        next_at: made.appointed.next_at.into(),
        notes: made.notes,
    }))
}
