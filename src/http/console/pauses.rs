//! `/api/pause-reasons`: why agents may pause, kept by supervisors and administrators. A reason is retired, never deleted.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::instant::Instant;
use super::patients::Refused;
use super::{Console, Seat, wording};
use crate::access::{Act, Action};
use crate::http::Problem;
use crate::http::request::{JsonBody, Name};
use crate::store::console::desk::{PauseReasonChange, PauseReasonChanged, PauseReasonRow, PauseWords};

/// Letters of a reason in either language: it stands on a button.
const LETTERS: usize = 24;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(list, add, order))
        .routes(routes!(rename))
        .routes(routes!(retire))
        .routes(routes!(restore))
}

/// All reasons of a pause.
#[derive(Debug, Serialize, ToSchema)]
struct PauseReasons {
    /// Those that agents choose from, in their order; then the retired ones.
    items: Vec<PauseReason>,
}

/// Why one may pause.
#[derive(Debug, Serialize, ToSchema)]
struct PauseReason {
    id: String,
    zh: String,
    en: String,
    /// Since when nobody chooses it any more.
    retired_at: Option<Instant>,
}

impl PauseReason {
    fn of(row: PauseReasonRow) -> Self {
        Self {
            id: row.id,
            zh: row.zh,
            en: row.en,
            retired_at: row.retired_at.map(Into::into),
        }
    }
}

/// What a reason is called.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PauseReasonWords {
    #[schema(min_length = 1, max_length = 24)]
    zh: String,
    #[schema(min_length = 1, max_length = 24)]
    en: String,
}

impl PauseReasonWords {
    fn read(&self) -> Result<PauseWords, Problem> {
        Ok(PauseWords {
            zh: wording::line("zh", &self.zh, LETTERS)?,
            en: wording::line("en", &self.en, LETTERS)?,
        })
    }
}

/// In which order they are offered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PauseReasonOrder {
    /// Each one that is offered, once.
    #[schema(max_items = 100)]
    ids: Vec<String>,
}

async fn shown(console: &Console) -> Result<Json<PauseReasons>, Problem> {
    let found = console.access.store().reader().pause_reasons().await?;
    Ok(Json(PauseReasons {
        items: found.into_iter().map(PauseReason::of).collect(),
    }))
}

async fn carry_out(
    console: &Console,
    seat: &Seat,
    deed: &'static str,
    change: PauseReasonChange,
) -> Result<Json<PauseReasons>, Problem> {
    let act = Act {
        deed,
        address: seat.address.clone(),
        ..Act::default()
    };
    let deed = act.by(seat.person(), console.now());
    let (status, why) = match console.access.store().change_pause_reasons(change, deed).await? {
        PauseReasonChanged::Done => return shown(console).await,
        PauseReasonChanged::NoReason => (StatusCode::NOT_FOUND, "there is no such reason"),
        PauseReasonChanged::NameTaken => (
            StatusCode::CONFLICT,
            "another reason that is offered is called so already; expected a name of its own in both languages",
        ),
        PauseReasonChanged::LastOne => (
            StatusCode::CONFLICT,
            "it is the last reason that is offered, and without one nobody could pause; add another first",
        ),
        PauseReasonChanged::TooMany => (
            StatusCode::CONFLICT,
            "there are 100 reasons already; restore and rename a retired one",
        ),
        PauseReasonChanged::OtherOnes => (
            StatusCode::CONFLICT,
            "somebody else has changed the reasons meanwhile; expected each one that is offered, once",
        ),
    };
    Err(Problem::unreadable(status, why))
}

/// Lists why agents may pause.
#[utoipa::path(get, path = "/api/pause-reasons", tag = "settings",
    responses((status = 200, body = PauseReasons), Refused))]
async fn list(State(console): State<Console>, seat: Seat) -> Result<Json<PauseReasons>, Problem> {
    seat.may(Action::KeepPauseReasons)?;
    shown(&console).await
}

/// Adds a reason, the last in the order.
#[utoipa::path(post, path = "/api/pause-reasons", tag = "settings", request_body = PauseReasonWords,
    responses((status = 200, body = PauseReasons), Refused))]
async fn add(
    State(console): State<Console>,
    seat: Seat,
    JsonBody(asked): JsonBody<PauseReasonWords>,
) -> Result<Json<PauseReasons>, Problem> {
    seat.may(Action::KeepPauseReasons)?;
    let change = PauseReasonChange::Add(asked.read()?);
    carry_out(&console, &seat, "added_pause_reason", change).await
}

/// Offers the reasons in another order.
#[utoipa::path(put, path = "/api/pause-reasons", tag = "settings", request_body = PauseReasonOrder,
    responses((status = 200, body = PauseReasons), Refused))]
async fn order(
    State(console): State<Console>,
    seat: Seat,
    JsonBody(asked): JsonBody<PauseReasonOrder>,
) -> Result<Json<PauseReasons>, Problem> {
    seat.may(Action::KeepPauseReasons)?;
    let change = PauseReasonChange::Order { ids: asked.ids };
    carry_out(&console, &seat, "ordered_pause_reasons", change).await
}

/// Calls a reason otherwise, also where it was chosen before.
#[utoipa::path(put, path = "/api/pause-reasons/{id}", tag = "settings",
    params(("id" = String, Path, description = "The reason.")), request_body = PauseReasonWords,
    responses((status = 200, body = PauseReasons), Refused))]
async fn rename(
    State(console): State<Console>,
    seat: Seat,
    Name(id): Name,
    JsonBody(asked): JsonBody<PauseReasonWords>,
) -> Result<Json<PauseReasons>, Problem> {
    seat.may(Action::KeepPauseReasons)?;
    let words = asked.read()?;
    let change = PauseReasonChange::Rename { id, words };
    carry_out(&console, &seat, "renamed_pause_reason", change).await
}

/// Offers a reason no more; whoever pauses for it goes on, and what was keeps its name.
#[utoipa::path(post, path = "/api/pause-reasons/{id}/retire", tag = "settings",
    params(("id" = String, Path, description = "The reason.")),
    responses((status = 200, body = PauseReasons), Refused))]
async fn retire(State(console): State<Console>, seat: Seat, Name(id): Name) -> Result<Json<PauseReasons>, Problem> {
    seat.may(Action::KeepPauseReasons)?;
    let change = PauseReasonChange::Retire { id };
    carry_out(&console, &seat, "retired_pause_reason", change).await
}

/// Offers a retired reason again, the last in the order.
#[utoipa::path(post, path = "/api/pause-reasons/{id}/restore", tag = "settings",
    params(("id" = String, Path, description = "The reason.")),
    responses((status = 200, body = PauseReasons), Refused))]
async fn restore(State(console): State<Console>, seat: Seat, Name(id): Name) -> Result<Json<PauseReasons>, Problem> {
    seat.may(Action::KeepPauseReasons)?;
    let change = PauseReasonChange::Restore { id };
    carry_out(&console, &seat, "restored_pause_reason", change).await
}
