//! `/api/tickets`: the problems that follow-ups found, and what was done about them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::instant::Instant;
use super::page::rows;
use super::patients::Refused;
use super::{Console, Cursor, Page, Seat, wording};
use crate::access::{Act, Action};
use crate::engine::office::desk::Agent;
use crate::http::Problem;
use crate::http::request::{Asked, JsonBody, Name};
use crate::moment::Wall;
use crate::store::console::tickets::{TicketChange, TicketListed, TicketTurn};

/// Letters of what was done about a ticket.
const RESULT: usize = 2_000;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(change))
}

/// How far a ticket is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum TicketState {
    /// Nobody looks into it yet.
    #[default]
    Open,
    /// Somebody does.
    InHand,
    /// It is done.
    Closed,
}

impl TicketState {
    const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InHand => "in_hand",
            Self::Closed => "closed",
        }
    }
}

/// A ticket; the name masked.
#[derive(Debug, Serialize, ToSchema)]
struct Ticket {
    id: i64,
    patient_id: i64,
    name: Option<String>,
    /// Of the follow-up in which it was opened.
    campaign: String,
    /// The call in which it was opened.
    attempt_id: Option<i64>,
    /// For whom.
    department: String,
    text: String,
    /// By when it is to be looked into.
    due_at: Instant,
    opened_at: Instant,
    opened_by: String,
    /// What was done about it.
    result: Option<String>,
    changed_at: Option<Instant>,
    changed_by: Option<String>,
}

impl Ticket {
    fn of(row: TicketListed) -> Self {
        Self {
            id: row.id,
            patient_id: row.patient_id,
            name: row.name,
            campaign: row.campaign,
            attempt_id: row.attempt_id,
            department: row.department,
            text: row.text,
            due_at: row.due_at.into(),
            opened_at: row.opened_at.into(),
            opened_by: row.opened_by,
            result: row.result,
            changed_at: row.changed_at.map(Into::into),
            changed_by: row.changed_by,
        }
    }
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TicketsAsked {
    /// `open` if nothing is said.
    #[param(inline)]
    state: Option<TicketState>,
    /// Where the page before ended.
    cursor: Option<String>,
    /// Rows at most, 1 to 200; 50 if nothing is said.
    rows: Option<u32>,
}

/// Lists the tickets of a state, the most urgent first: all, one's own department's, or those that one opened oneself.
#[utoipa::path(
    get,
    path = "/api/tickets",
    tag = "tickets",
    params(TicketsAsked),
    responses((status = 200, body = Page<Ticket>), Refused)
)]
async fn list(
    State(console): State<Console>,
    seat: Seat,
    Asked(asked): Asked<TicketsAsked>,
) -> Result<Json<Page<Ticket>>, Problem> {
    let visible = seat.may(Action::KeepTickets)?;
    let most = rows(asked.rows)?;
    let after = match asked.cursor.as_deref() {
        Some(cursor) => Cursor::read(cursor)?,
        None => Cursor { key: 0, id: 0 },
    };
    let state = asked.state.unwrap_or_default().word();
    let place = (Wall::from_millis(after.key), after.id);
    let reader = console.access.store().reader();
    let found = reader.tickets(&visible, state, place, most).await?;
    let is_full = u32::try_from(found.len()).is_ok_and(|found| found == most);
    let next = found.last().filter(|_| is_full).map(|row| Cursor {
        key: row.due_at.millis(),
        id: row.id,
    });
    Ok(Json(Page {
        items: found.into_iter().map(Ticket::of).collect(),
        next: next.map(|cursor| cursor.text()),
    }))
}

/// What becomes of a ticket.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TicketChangeAsked {
    /// `in_hand` or `closed`.
    state: TicketState,
    /// What was done about it; `closed` needs it.
    result: Option<String>,
}

/// A ticket as it is then.
#[derive(Debug, Serialize, ToSchema)]
struct TicketChanged {
    id: i64,
    state: TicketState,
}

/// Takes a ticket in hand, or closes it with what was done; a closed one stays closed.
#[utoipa::path(
    put,
    path = "/api/tickets/{id}",
    tag = "tickets",
    params(("id" = i64, Path, description = "The ticket.")),
    request_body = TicketChangeAsked,
    responses((status = 200, body = TicketChanged), Refused)
)]
async fn change(
    State(console): State<Console>,
    seat: Seat,
    Name(id): Name,
    JsonBody(asked): JsonBody<TicketChangeAsked>,
) -> Result<Json<TicketChanged>, Problem> {
    let visible = seat.may(Action::KeepTickets)?;
    let id = wording::row(&id)?;
    let result = asked.result.as_deref();
    let turn = match (asked.state, result) {
        (TicketState::InHand, None) => TicketTurn::InHand,
        (TicketState::Closed, Some(result)) => TicketTurn::Closed {
            result: wording::lines("result", result, RESULT)?,
        },
        (TicketState::Closed, None) => {
            return Err(Problem::bad_request("result is missing: what was done about it"));
        }
        (TicketState::InHand, Some(_)) => return Err(Problem::bad_request("result belongs to the state closed")),
        (TicketState::Open, _) => return Err(Problem::bad_request("state: expected in_hand or closed")),
    };
    let owner = console.access.store().reader().ticket_owner(id).await?;
    let is_seen = |(department, opened_by): &(String, i64)| visible.sees(Some(department), Some(*opened_by));
    if !owner.as_ref().is_some_and(is_seen) {
        return Err(Problem::unreadable(StatusCode::NOT_FOUND, "there is no such ticket"));
    }
    let act = Act {
        deed: match turn {
            TicketTurn::InHand => "took_ticket",
            TicketTurn::Closed { .. } => "closed_ticket",
        },
        object: Some(format!("ticket:{id}")),
        ..Act::default()
    };
    seat.note(&console, act).await?;
    let change = TicketChange {
        id,
        turn,
        by: Agent(seat.person().id),
        at: console.now(),
    };
    if !console.access.store().change_ticket(change).await? {
        return Err(Problem::unreadable(
            StatusCode::CONFLICT,
            "the ticket is closed already",
        ));
    }
    let state = asked.state;
    Ok(Json(TicketChanged { id, state }))
}
