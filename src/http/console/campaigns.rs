//! `/api/campaigns`: which there are and how they stand; start, pause, resume, stop; the text of a campaign checked and kept.

mod shown;
mod text;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::tonight::reason;
use super::{Console, Page, Seat};
use crate::access::{Act, Action};
use crate::engine::office::HowStop;
use crate::http::Problem;
use crate::http::request::{Asked, JsonBody, Name};
use crate::store;
use shown::{Campaign, CampaignDetail, Standing};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(start))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(stop))
        .merge(text::routes())
}

/// What is asked of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Only those in this state.
    #[param(inline)]
    state: Option<Standing>,
}

/// The campaigns in the order in which they were added.
#[utoipa::path(
    get,
    path = "/api/campaigns",
    tag = "campaigns",
    params(ListQuery),
    responses(
        (status = 200, body = Page<Campaign>),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(console): State<Console>,
    seat: Seat,
    Asked(query): Asked<ListQuery>,
) -> Result<Json<Page<Campaign>>, Problem> {
    seat.may(Action::SeeCampaigns)?;
    let rows = console.office.store().reader().campaigns(console.now()).await?;
    let wanted = |row: &store::Campaign| query.state.is_none_or(|state| state == Standing::of(row));
    let mut items = Vec::new();
    for row in rows.into_iter().filter(wanted) {
        items.push(shown::campaign(&console, &row).await?);
    }
    Ok(Json(Page { items, next: None }))
}

/// One campaign: its file, its windows, its questionnaire.
#[utoipa::path(
    get,
    path = "/api/campaigns/{id}",
    tag = "campaigns",
    params(("id" = i64, Path)),
    responses(
        (status = 200, body = CampaignDetail),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn show(State(console): State<Console>, seat: Seat, Name(id): Name) -> Result<Json<CampaignDetail>, Problem> {
    seat.may(Action::SeeCampaigns)?;
    let row = find(&console, &id).await?;
    Ok(Json(shown::detail(&console, &row).await?))
}

/// What is asked of a campaign.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Turn {
    /// Of a campaign that pauses or stops: who talks hears a goodbye, what rings is cancelled. Otherwise calls run to their end.
    #[serde(default)]
    now: bool,
    /// Why, in a few words.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// What became of it.
#[derive(Debug, Serialize, ToSchema)]
struct Turned {
    state: Standing,
    /// Open cases.
    open: u64,
    /// What the person should know.
    notes: Vec<String>,
}

/// Starts a campaign, or lets a stopped one go on.
#[utoipa::path(
    post,
    path = "/api/campaigns/{id}/start",
    tag = "campaigns",
    params(("id" = i64, Path)),
    request_body = Turn,
    responses(
        (status = 200, body = Turned),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn start(
    State(console): State<Console>,
    seat: Seat,
    Name(id): Name,
    JsonBody(asked): JsonBody<Turn>,
) -> Result<Json<Turned>, Problem> {
    let row = noted(&console, &seat, &id, &asked, "started").await?;
    let started = console.office.start_campaign(&row.name).await?;
    turned(&console, &id, started.notes).await
}

/// Pauses a campaign: nothing more of it is dialed until it is resumed, also after a restart.
#[utoipa::path(
    post,
    path = "/api/campaigns/{id}/pause",
    tag = "campaigns",
    params(("id" = i64, Path)),
    request_body = Turn,
    responses(
        (status = 200, body = Turned),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn pause(
    State(console): State<Console>,
    seat: Seat,
    Name(id): Name,
    JsonBody(asked): JsonBody<Turn>,
) -> Result<Json<Turned>, Problem> {
    let row = noted(&console, &seat, &id, &asked, "paused").await?;
    console.office.pause_campaign(&row.name, how(&asked)).await?;
    turned(&console, &id, Vec::new()).await
}

/// Lets a paused campaign go on.
#[utoipa::path(
    post,
    path = "/api/campaigns/{id}/resume",
    tag = "campaigns",
    params(("id" = i64, Path)),
    request_body = Turn,
    responses(
        (status = 200, body = Turned),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn resume(
    State(console): State<Console>,
    seat: Seat,
    Name(id): Name,
    JsonBody(asked): JsonBody<Turn>,
) -> Result<Json<Turned>, Problem> {
    let row = noted(&console, &seat, &id, &asked, "resumed").await?;
    let resumed = console.office.resume_campaign(&row.name).await?;
    turned(&console, &id, resumed.notes).await
}

/// Stops a campaign: nothing more of it is dialed. Its cases stay open.
#[utoipa::path(
    post,
    path = "/api/campaigns/{id}/stop",
    tag = "campaigns",
    params(("id" = i64, Path)),
    request_body = Turn,
    responses(
        (status = 200, body = Turned),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn stop(
    State(console): State<Console>,
    seat: Seat,
    Name(id): Name,
    JsonBody(asked): JsonBody<Turn>,
) -> Result<Json<Turned>, Problem> {
    let row = noted(&console, &seat, &id, &asked, "stopped").await?;
    console.office.stop_campaign(&row.name, how(&asked)).await?;
    turned(&console, &id, Vec::new()).await
}

fn how(asked: &Turn) -> HowStop {
    if asked.now { HowStop::Now } else { HowStop::Drain }
}

/// The campaign that somebody may turn and is about to; that is written down.
async fn noted(
    console: &Console,
    seat: &Seat,
    id: &str,
    asked: &Turn,
    deed: &'static str,
) -> Result<store::Campaign, Problem> {
    seat.may(Action::RunCampaigns)?;
    let reason = reason(&asked.reason)?;
    let row = find(console, id).await?;
    let act = Act {
        deed,
        object: Some(format!("campaign:{}", row.id)),
        reason: Some(reason),
        detail: Some(serde_json::json!({"now": asked.now})),
        ..Act::default()
    };
    seat.note(console, act).await?;
    Ok(row)
}

async fn turned(console: &Console, id: &str, notes: Vec<String>) -> Result<Json<Turned>, Problem> {
    let row = find(console, id).await?;
    Ok(Json(Turned {
        state: Standing::of(&row),
        open: row.counts.cases - row.counts.closed,
        notes,
    }))
}

async fn find(console: &Console, id: &str) -> Result<store::Campaign, Problem> {
    let none = || {
        Problem::titled(
            StatusCode::NOT_FOUND,
            "no such campaign",
            "there is no campaign with this id",
        )
    };
    let id: i64 = id.parse().map_err(|_| none())?;
    let reader = console.office.store().reader();
    let name = reader.campaign_names().await?.remove(&id).ok_or_else(none)?;
    Ok(reader.campaign(&name, console.now()).await?)
}
