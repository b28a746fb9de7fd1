//! `GET /api/roles`: who may do what, as the table in `access/role.rs` says it.

use std::collections::BTreeMap;

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Console, Seat};
use crate::access::{ACTIONS, Action, ROLES, Role, Scope, grant};
use crate::http::Problem;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(list))
}

/// The matrix of roles and actions.
#[derive(Debug, Serialize, ToSchema)]
struct Roles {
    /// Every action, in the order of screens.
    actions: Vec<Action>,
    /// Every role, in the order of screens.
    roles: Vec<RoleGrants>,
}

/// What a role may do.
#[derive(Debug, Serialize, ToSchema)]
struct RoleGrants {
    role: Role,
    /// What it may do, and on whose data; what is not here it may not.
    grants: BTreeMap<Action, Scope>,
}

/// Tells which role may do what, and on whose data.
#[utoipa::path(
    get,
    path = "/api/roles",
    tag = "people",
    responses(
        (status = 200, body = Roles),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(_seat: Seat) -> Json<Roles> {
    let of = |role| RoleGrants {
        role,
        grants: ACTIONS
            .into_iter()
            .filter_map(|action| Some((action, grant(role, action)?)))
            .collect(),
    };
    Json(Roles {
        actions: ACTIONS.to_vec(),
        roles: ROLES.map(of).into(),
    })
}
