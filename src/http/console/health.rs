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
use crate::http::{Problem, timestamp};

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
    /// The hospital's time zone, as `Asia/Shanghai`.
    zone: String,
    /// When calls may be placed today: the windows of the campaigns that run, joined.
    windows: Vec<OpenWindow>,
    /// There is no account yet: `aftercall user add` makes the first.
    first_start: bool,
}

/// A stretch of time in which calls may be placed.
#[derive(Debug, Serialize, ToSchema)]
struct OpenWindow {
    from_at: String,
    until_at: String,
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
    let windows = console.office.open_windows(console.now()).await?;
    Ok(Json(Health {
        service: "aftercall".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        hospital: console.hospital.clone(),
        zone: console.zone.name().to_owned(),
        windows: windows
            .into_iter()
            .map(|(from, until)| OpenWindow {
                from_at: timestamp(from),
                until_at: timestamp(until),
            })
            .collect(),
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
