//! `/api/session`: who is signed in, and what the person may do.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Console, Seat};
use crate::access::{ACTIONS, Action, Role, Scope};
use crate::http::Problem;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(show))
}

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Session {
    person: SessionPerson,
    /// What the person may do, and on whose data.
    grants: BTreeMap<Action, Scope>,
    /// What unsafe requests carry in the header `x-csrf-token`.
    csrf: String,
    /// The password was given by somebody else: nothing else is allowed before it is changed.
    password_due: bool,
    /// The hospital's time zone, as `Asia/Shanghai`.
    zone: String,
    /// The version of the daemon.
    version: String,
}

/// A person.
#[derive(Debug, Serialize, ToSchema)]
struct SessionPerson {
    id: i64,
    account: String,
    name: String,
    role: Role,
    department: Option<String>,
}

/// Tells who is signed in.
#[utoipa::path(
    get,
    path = "/api/session",
    tag = "session",
    responses(
        (status = 200, body = Session),
        (status = 401, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn show(State(console): State<Console>, seat: Seat) -> Json<Session> {
    let person = seat.person();
    Json(Session {
        person: SessionPerson {
            id: person.id,
            account: person.account.clone(),
            name: person.name.clone(),
            role: person.role,
            department: person.department.clone(),
        },
        grants: ACTIONS
            .into_iter()
            .filter_map(|action| Some((action, person.grant(action)?)))
            .collect(),
        csrf: seat.signed_in.csrf.clone(),
        password_due: seat.signed_in.password_due,
        zone: console.zone.name().to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}
