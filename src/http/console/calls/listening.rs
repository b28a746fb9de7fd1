//! `GET /api/calls/{id}/listening`: who heard which seconds of a call, when and why.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::shown::{CallId, Named, at};
use crate::access::Action;
use crate::http::Problem;
use crate::http::console::{Console, Seat};
use crate::store::console::listening::ListeningRow;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Who heard a call, the latest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ListenLog {
    items: Vec<Heard>,
}

/// A stretch that somebody heard.
#[derive(Debug, Serialize, ToSchema)]
struct Heard {
    /// The row of the audit log that says that this sitting began.
    sitting: i64,
    person: Named,
    /// Where it begins in the recording.
    from_ms: i64,
    to_ms: i64,
    /// When it was first asked for.
    first_at: String,
    /// When it was last asked for.
    last_at: String,
    /// How often.
    requests: i64,
    /// Why, in the person's words.
    reason: Option<String>,
}

impl From<ListeningRow> for Heard {
    fn from(row: ListeningRow) -> Self {
        Self {
            sitting: row.sitting,
            person: Named {
                id: row.account,
                name: row.name,
            },
            from_ms: row.from_ms,
            to_ms: row.to_ms,
            first_at: at(row.first),
            last_at: at(row.last),
            requests: row.requests,
            reason: row.reason,
        }
    }
}

/// Lists who heard which seconds.
#[utoipa::path(
    get,
    path = "/api/calls/{id}/listening",
    tag = "calls",
    params(("id" = i64, Path, description = "The attempt's id.")),
    responses(
        (status = 200, body = ListenLog),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(console): State<Console>,
    seat: Seat,
    CallId(id): CallId,
) -> Result<Json<ListenLog>, Problem> {
    let call = super::call(&console, &seat, Action::SeeCalls, id).await?;
    let rows = console.office.store().reader().listening(call.attempt).await?;
    Ok(Json(ListenLog {
        items: rows.into_iter().map(Heard::from).collect(),
    }))
}
