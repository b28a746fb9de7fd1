//! `/api/scorecards`: drafts, published versions, new versions.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::shown::ScorecardShown;
use super::{Id, Refusals, deed, refused, store};
use crate::access::Action;
use crate::http::Problem;
use crate::http::console::{Console, Seat};
use crate::http::request::JsonBody;
use crate::store::console::scorecards::{Draft, Item, MOST_ITEMS, MOST_OPTIONS};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(list, make))
        .routes(routes!(show, change, discard))
        .routes(routes!(publish))
        .routes(routes!(version))
}

/// Scorecards.
#[derive(Debug, Serialize, ToSchema)]
struct Scorecards {
    /// Every version, each scorecard's newest first.
    items: Vec<ScorecardShown>,
}

/// What a draft says. It may have faults as long as it is one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DraftTyped {
    zh: String,
    en: String,
    items: Vec<Item>,
}

impl DraftTyped {
    /// A draft that can be kept, whatever keeps it from being published.
    fn draft(self) -> Result<Draft, Problem> {
        let is_kept = |text: &String| text.chars().count() <= 500 && !text.chars().any(char::is_control);
        let of_item = |item: &Item| {
            [&item.id, &item.zh, &item.en, &item.hint_zh, &item.hint_en].into_iter().all(is_kept)
                && item.question.iter().all(is_kept)
                && item.weight <= 1_000
                && item.options.len() <= MOST_OPTIONS
                && item.options.iter().all(|option| {
                    is_kept(&option.zh) && is_kept(&option.en) && option.points <= 1_000
                })
        };
        let named = |text: &String| (1..=100).contains(&text.trim().chars().count()) && is_kept(text);
        if self.items.len() > MOST_ITEMS || !self.items.iter().all(of_item) || !named(&self.zh) || !named(&self.en) {
            return Err(Problem::unreadable(
                StatusCode::UNPROCESSABLE_ENTITY,
                format!(
                    "expected names of 1 to 100 characters, at most {MOST_ITEMS} items with at most {MOST_OPTIONS} options, texts \
                     of at most 500 characters without control characters, and no more than 1000 points"
                ),
            ));
        }
        Ok(Draft {
            zh: self.zh.trim().to_owned(),
            en: self.en.trim().to_owned(),
            items: self.items,
        })
    }
}

async fn one(console: &Console, id: i64) -> Result<Json<ScorecardShown>, Problem> {
    let card = store(console).reader().scorecard(id).await.map_err(refused)?;
    Ok(Json(card.into()))
}

/// Every version of every scorecard.
#[utoipa::path(get, path = "/api/scorecards", tag = "reviews", responses((status = 200, body = Scorecards), Refusals))]
async fn list(State(console): State<Console>, seat: Seat) -> Result<Json<Scorecards>, Problem> {
    seat.may(Action::SeeCalls)?;
    let store = store(&console);
    store.ship_scorecard(console.now()).await.map_err(refused)?;
    let cards = store.reader().scorecards().await.map_err(refused)?;
    Ok(Json(Scorecards {
        items: cards.into_iter().map(ScorecardShown::from).collect(),
    }))
}

/// Makes a draft.
#[utoipa::path(
    post, path = "/api/scorecards", tag = "reviews", request_body = DraftTyped,
    responses((status = 201, body = ScorecardShown), Refusals)
)]
async fn make(
    State(console): State<Console>,
    seat: Seat,
    JsonBody(typed): JsonBody<DraftTyped>,
) -> Result<(StatusCode, Json<ScorecardShown>), Problem> {
    seat.may(Action::DesignScorecards)?;
    let store = store(&console);
    store.ship_scorecard(console.now()).await.map_err(refused)?;
    let deed = deed(&console, &seat, "drafted", None);
    let id = store.draft_scorecard(typed.draft()?, deed).await.map_err(refused)?;
    Ok((StatusCode::CREATED, one(&console, id).await?))
}

/// One version.
#[utoipa::path(
    get, path = "/api/scorecards/{id}", tag = "reviews", params(("id" = i64, Path, description = "The version.")),
    responses((status = 200, body = ScorecardShown), Refusals)
)]
async fn show(State(console): State<Console>, seat: Seat, Id(id): Id) -> Result<Json<ScorecardShown>, Problem> {
    seat.may(Action::SeeCalls)?;
    one(&console, id).await
}

/// Changes a draft.
#[utoipa::path(
    put, path = "/api/scorecards/{id}", tag = "reviews", params(("id" = i64, Path, description = "The draft.")),
    request_body = DraftTyped, responses((status = 200, body = ScorecardShown), Refusals)
)]
async fn change(
    State(console): State<Console>,
    seat: Seat,
    Id(id): Id,
    JsonBody(typed): JsonBody<DraftTyped>,
) -> Result<Json<ScorecardShown>, Problem> {
    seat.may(Action::DesignScorecards)?;
    let deed = deed(&console, &seat, "changed", None);
    store(&console).change_scorecard(id, typed.draft()?, deed).await.map_err(refused)?;
    one(&console, id).await
}

/// Throws a draft away.
#[utoipa::path(
    delete, path = "/api/scorecards/{id}", tag = "reviews", params(("id" = i64, Path, description = "The draft.")),
    responses((status = 204, description = "It is gone."), Refusals)
)]
async fn discard(State(console): State<Console>, seat: Seat, Id(id): Id) -> Result<StatusCode, Problem> {
    seat.may(Action::DesignScorecards)?;
    let deed = deed(&console, &seat, "discarded", None);
    store(&console).drop_scorecard(id, deed).await.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Publishes a draft: it never changes again. Its weights must come to 100.
#[utoipa::path(
    post, path = "/api/scorecards/{id}/publish", tag = "reviews", params(("id" = i64, Path, description = "The draft.")),
    responses((status = 200, body = ScorecardShown), Refusals)
)]
async fn publish(State(console): State<Console>, seat: Seat, Id(id): Id) -> Result<Json<ScorecardShown>, Problem> {
    seat.may(Action::DesignScorecards)?;
    let deed = deed(&console, &seat, "published", None);
    store(&console).publish_scorecard(id, deed).await.map_err(refused)?;
    one(&console, id).await
}

/// Begins the next version as a copy; if there is a draft of it already, that one is given.
#[utoipa::path(
    post, path = "/api/scorecards/{id}/version", tag = "reviews", params(("id" = i64, Path, description = "Any version.")),
    responses((status = 201, body = ScorecardShown), Refusals)
)]
async fn version(
    State(console): State<Console>,
    seat: Seat,
    Id(id): Id,
) -> Result<(StatusCode, Json<ScorecardShown>), Problem> {
    seat.may(Action::DesignScorecards)?;
    let deed = deed(&console, &seat, "drafted", None);
    let id = store(&console).next_scorecard(id, deed).await.map_err(refused)?;
    Ok((StatusCode::CREATED, one(&console, id).await?))
}
