//! `/api/number-repair`: patients whom no number reaches, their numbers put right, and their cases called again.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::instant::Instant;
use super::page::rows;
use super::patients::{Refused, deed, patient_for};
use super::{Console, Cursor, Page, Seat, wording};
use crate::access::{Act, Action};
use crate::http::Problem;
use crate::http::request::{Asked, JsonBody, Name};
use crate::ids::CaseId;
use crate::store::Visible;
use crate::store::console::repair::{NewNumber, NumberChange, RepairRow};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(add))
        .routes(routes!(change))
        .routes(routes!(requeue))
}

/// What is known of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum NumberState {
    Ok,
    Suspect,
    Vacant,
    Suspended,
    Wrong,
}

impl NumberState {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Suspect => "suspect",
            Self::Vacant => "vacant",
            Self::Suspended => "suspended",
            Self::Wrong => "wrong",
        }
    }
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RepairAsked {
    /// Only patients with a number of this state.
    #[param(inline)]
    state: Option<NumberState>,
    /// Only follow-ups of this department.
    department: Option<String>,
    /// Where the page before ended.
    cursor: Option<String>,
    /// Rows at most, 1 to 200; 50 if nothing is said. A page may have fewer and still be followed by another.
    rows: Option<u32>,
}

/// A patient whose numbers need a person; name and numbers masked.
#[derive(Debug, Serialize, ToSchema)]
struct Repair {
    patient_id: i64,
    name: Option<String>,
    patient_no: Option<String>,
    department: Option<String>,
    /// The follow-up that suffers.
    case_id: i64,
    campaign: String,
    /// How it ended; nothing while it is open.
    outcome: Option<String>,
    deadline_at: Option<Instant>,
    bad: Vec<BadNumber>,
    /// Numbers that are left to call.
    good: u32,
    /// Numbers from which the patient called and that are not entered, masked.
    called_from: Vec<String>,
}

/// A number that does not lead to the patient.
#[derive(Debug, Serialize, ToSchema)]
struct BadNumber {
    number: String,
    state: String,
}

impl Repair {
    fn of(row: RepairRow) -> Self {
        let bad = row.bad.into_iter();
        Self {
            patient_id: row.patient,
            name: row.name,
            patient_no: row.patient_no,
            department: row.department,
            case_id: row.case,
            campaign: row.campaign,
            outcome: row.outcome,
            deadline_at: row.deadline_at.map(Instant::from),
            bad: bad.map(|(number, state)| BadNumber { number, state }).collect(),
            good: row.good,
            called_from: row.called_from,
        }
    }
}

/// Lists patients with a number that does not lead to them and a follow-up that is open or failed, the newest first.
#[utoipa::path(
    get,
    path = "/api/number-repair",
    tag = "number-repair",
    params(RepairAsked),
    responses((status = 200, body = Page<Repair>), Refused)
)]
async fn list(
    State(console): State<Console>,
    seat: Seat,
    Asked(asked): Asked<RepairAsked>,
) -> Result<Json<Page<Repair>>, Problem> {
    let visible = seat.may(Action::RepairNumbers)?;
    let most = rows(asked.rows)?;
    let before = match asked.cursor.as_deref() {
        Some(cursor) => Cursor::read(cursor)?.id,
        None => i64::MAX,
    };
    let wanted = asked
        .department
        .as_deref()
        .map(|name| wording::line("department", name, wording::SENTENCE));
    let department = match (visible, wanted.transpose()?) {
        (Visible::All, wanted) => wanted,
        (Visible::Department(own), _) => Some(own),
        (Visible::Of(_) | Visible::Nothing, _) => {
            return Ok(Json(Page {
                items: Vec::new(),
                next: None,
            }));
        }
    };
    let state = asked.state.map(NumberState::word);
    let reader = console.access.store().reader();
    let page = reader.number_repair(state, department.as_deref(), before, most).await?;
    Ok(Json(Page {
        items: page.rows.into_iter().map(Repair::of).collect(),
        next: page.next.map(|id| Cursor { key: 0, id }.text()),
    }))
}

/// Whose telephone it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Owner {
    /// 本人
    #[serde(rename = "self")]
    Patient,
    /// 家属
    Kin,
}

/// A number to enter.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NumberAsked {
    /// As a person writes it.
    number: String,
    owner: Owner,
    /// The relation of a kin, such as 配偶.
    relation: Option<String>,
    /// Its place in the order of calling, from 0; nothing: behind all others.
    #[schema(maximum = 100)]
    rank: Option<u32>,
}

/// A number that was entered.
#[derive(Debug, Serialize, ToSchema)]
struct NumberEntered {
    id: i64,
    /// Masked.
    number: String,
    /// It was not there before; a number that was there is callable again.
    is_new: bool,
}

/// So many numbers have an order at most.
const RANKS: u32 = 100;

/// Enters a number of a patient.
#[utoipa::path(
    post,
    path = "/api/patients/{id}/numbers",
    tag = "number-repair",
    params(("id" = i64, Path, description = "The patient's row.")),
    request_body = NumberAsked,
    responses((status = 201, body = NumberEntered), Refused)
)]
async fn add(
    State(console): State<Console>,
    seat: Seat,
    Name(id): Name,
    JsonBody(asked): JsonBody<NumberAsked>,
) -> Result<(StatusCode, Json<NumberEntered>), Problem> {
    let (patient, _) = patient_for(&console, &seat, Action::RepairNumbers, &id).await?;
    let number = console.office.read_number(&asked.number)?;
    let relation = asked
        .relation
        .as_deref()
        .map(|text| wording::line("relation", text, 20))
        .transpose()?;
    let rank = need_rank(asked.rank)?;
    let act = Act {
        detail: Some(serde_json::json!({ "owner": asked.owner, "rank": rank })),
        ..deed("added_number", patient, None)
    };
    seat.note(&console, act).await?;
    let masked = number.masked();
    let new = NewNumber {
        patient,
        number,
        owner: Some(match asked.owner {
            Owner::Patient => "self".to_owned(),
            Owner::Kin => "kin".to_owned(),
        }),
        relation,
        rank,
    };
    let added = console.office.add_number(new).await?;
    let entered = NumberEntered {
        id: added.id,
        number: masked,
        is_new: added.is_new,
    };
    Ok((StatusCode::CREATED, Json(entered)))
}

/// What is said of a number.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NumberToChange {
    state: Option<NumberState>,
    /// Its place in the order of calling, from 0.
    #[schema(maximum = 100)]
    rank: Option<u32>,
}

/// Changes the state or the place of a number.
#[utoipa::path(
    patch,
    path = "/api/numbers/{id}",
    tag = "number-repair",
    params(("id" = i64, Path, description = "The number's row.")),
    request_body = NumberToChange,
    responses((status = 204), Refused)
)]
async fn change(
    State(console): State<Console>,
    seat: Seat,
    Name(id): Name,
    JsonBody(asked): JsonBody<NumberToChange>,
) -> Result<StatusCode, Problem> {
    let visible = seat.may(Action::RepairNumbers)?;
    let number = wording::row(&id)?;
    let rank = need_rank(asked.rank)?;
    if asked.state.is_none() && rank.is_none() {
        return Err(Problem::bad_request("nothing to change: expected state or rank"));
    }
    let reader = console.access.store().reader();
    let patient = reader.number_owner(number).await?;
    reader.need_patient(patient, &visible).await?;
    let act = Act {
        detail: Some(serde_json::json!({ "number": number, "state": asked.state, "rank": rank })),
        ..deed("changed_number", patient, None)
    };
    seat.note(&console, act).await?;
    let change = NumberChange {
        number,
        state: asked.state.map(|state| state.word().to_owned()),
        rank,
    };
    console.access.store().change_number(change).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn need_rank(rank: Option<u32>) -> Result<Option<u32>, Problem> {
    match rank {
        Some(rank) if rank > RANKS => Err(Problem::bad_request(format!("rank is {rank}; expected 0 to {RANKS}"))),
        Some(_) | None => Ok(rank),
    }
}

/// A case that is called again.
#[derive(Debug, Serialize, ToSchema)]
struct RequeuedCase {
    /// The case to be called.
    case_id: i64,
    /// It is a new round of one that had been closed.
    is_new: bool,
}

/// Has a case called again: an open one at once, of one that failed for its numbers or was not reached a new round.
#[utoipa::path(
    post,
    path = "/api/cases/{id}/requeue",
    tag = "number-repair",
    params(("id" = i64, Path, description = "The case.")),
    responses((status = 200, body = RequeuedCase), Refused)
)]
async fn requeue(State(console): State<Console>, seat: Seat, Name(id): Name) -> Result<Json<RequeuedCase>, Problem> {
    let visible = seat.may(Action::RepairNumbers)?;
    let case = CaseId(wording::row(&id)?);
    let reader = console.access.store().reader();
    let patient = reader.case_owner(case).await?;
    reader.need_patient(patient, &visible).await?;
    let act = Act {
        deed: "requeued",
        object: Some(format!("case:{}", case.0)),
        ..Act::default()
    };
    seat.note(&console, act).await?;
    let requeued = console.office.requeue(case, seat.person().account.clone()).await?;
    Ok(Json(RequeuedCase {
        case_id: requeued.case.0,
        is_new: requeued.is_new,
    }))
}
