//! `/api/sessions`: where a person is signed in, and how to end it from elsewhere.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Console, Seat};
use crate::access::{Act, Action, Error, reason};
use crate::http::request::{Asked, RowId};
use crate::http::{Problem, timestamp};
use crate::moment::Wall;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(end))
}

/// A session that is in force.
#[derive(Debug, Serialize, ToSchema)]
struct OpenSession {
    id: i64,
    /// Where it was begun from.
    address: Option<String>,
    /// What the browser calls itself.
    agent: Option<String>,
    begun_at: String,
    seen_at: String,
    until_at: String,
    /// It is the one that asks.
    current: bool,
}

/// Whose sessions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Whose {
    /// The account's row; without it, the own. Others' only for administrators.
    account_id: Option<i64>,
}

fn whose(seat: &Seat, asked: Option<i64>) -> Result<i64, Problem> {
    match asked {
        Some(account) if account != seat.person().id => {
            seat.may(Action::KeepPeople)?;
            Ok(account)
        }
        Some(_) | None => Ok(seat.person().id),
    }
}

/// Lists the sessions of a person, the latest first.
#[utoipa::path(
    get,
    path = "/api/sessions",
    tag = "session",
    params(Whose),
    responses(
        (status = 200, body = Vec<OpenSession>),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(console): State<Console>,
    seat: Seat,
    Asked(asked): Asked<Whose>,
) -> Result<Json<Vec<OpenSession>>, Problem> {
    let account = whose(&seat, asked.account_id)?;
    let sessions = console.access.sessions_of(account, console.now()).await?;
    let at = |millis| timestamp(Wall::from_millis(millis));
    let shown = sessions.into_iter().map(|session| OpenSession {
        current: session.id == seat.signed_in.session,
        id: session.id,
        address: session.address,
        agent: session.agent,
        begun_at: at(session.begun_at),
        seen_at: at(session.seen_at),
        until_at: at(session.until),
    });
    Ok(Json(shown.collect()))
}

/// Whose session is to end, and why.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Ending {
    /// The account's row; without it, the own. Others' only for administrators.
    account_id: Option<i64>,
    /// Why: compulsory for another's session.
    reason: Option<String>,
}

/// Ends a session.
#[utoipa::path(
    delete,
    path = "/api/sessions/{id}",
    tag = "session",
    params(("id" = i64, Path), Ending),
    responses(
        (status = 204, description = "It has ended."),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn end(
    State(console): State<Console>,
    seat: Seat,
    RowId(id): RowId,
    Asked(asked): Asked<Ending>,
) -> Result<StatusCode, Problem> {
    let account = whose(&seat, asked.account_id)?;
    let why = match (&asked.reason, account == seat.person().id) {
        (Some(text), _) => Some(reason(text)?),
        (None, false) => Some(reason("")?),
        (None, true) => None,
    };
    let act = Act {
        deed: "ended_session",
        object: Some(format!("account:{account}")),
        reason: why,
        address: seat.address.clone(),
        ..Act::default()
    };
    let (access, now) = (&console.access, console.now());
    if access.end_session(seat.person(), account, id, act, now).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Error::NoSession.into())
    }
}
