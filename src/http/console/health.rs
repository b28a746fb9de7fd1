//! What is told to anybody: that the console is there, whose it is, and how its API is described.

use std::sync::OnceLock;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Console;
use crate::http::Problem;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(health)).routes(routes!(describe))
}

/// What is told to anybody.
#[derive(Debug, Serialize, ToSchema)]
struct Health {
    /// `aftercall`.
    service: String,
    /// The version of the daemon.
    version: String,
    /// The hospital's name.
    hospital: String,
    /// There is no account yet: `aftercall user add` makes the first.
    first_start: bool,
}

/// Tells that the console is there, for the sign-in page and for whoever watches it.
#[utoipa::path(
    get,
    path = "/api/health",
    tag = "health",
    security(()),
    responses(
        (status = 200, body = Health),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn health(State(console): State<Console>) -> Result<Json<Health>, Problem> {
    Ok(Json(Health {
        service: "aftercall".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        hospital: console.hospital.clone(),
        first_start: !console.access.has_people().await?,
    }))
}

/// Describes the API: this document.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    tag = "health",
    security(()),
    responses((status = 200, body = serde_json::Value, description = "OpenAPI 3.1."))
)]
async fn describe() -> impl IntoResponse {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(super::openapi_text);
    ([(header::CONTENT_TYPE, "application/json")], text.as_str())
}
