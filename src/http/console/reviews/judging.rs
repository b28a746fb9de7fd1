//! One review: begun, claimed, saved, signed, appealed, judged again; and all reviews of a call.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::shown::{ReviewShown, ScorecardShown};
use super::{Id, Refusals, deed, refused, reviewer, said, store};
use crate::access::Action;
use crate::http::Problem;
use crate::http::console::{Console, Seat};
use crate::http::request::JsonBody;
use crate::ids::AttemptId;
use crate::store::console::reviews::{Judged, Opinion, Refused};
use crate::store::console::scorecards::Mark;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(of_call))
        .routes(routes!(begin))
        .routes(routes!(show, save))
        .routes(routes!(claim))
        .routes(routes!(release))
        .routes(routes!(sign))
        .routes(routes!(appeal))
        .routes(routes!(second))
}

/// The reviews of a call, with what it takes to show and to make one.
#[derive(Debug, Serialize, ToSchema)]
struct CallReviews {
    items: Vec<ReviewShown>,
    /// What a new review is judged by.
    scorecard: ScorecardShown,
    /// The scorecards of the reviews that are there.
    scorecards: Vec<ScorecardShown>,
}

/// A call to be judged by one's own choice.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BeginTyped {
    call_id: i64,
    /// By this published version; none: the one that was published last.
    #[serde(default)]
    scorecard_id: Option<i64>,
}

/// What is marked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct JudgedTyped {
    #[schema(max_items = 30)]
    marks: Vec<Mark>,
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: Option<String>,
}

impl From<JudgedTyped> for Judged {
    fn from(typed: JudgedTyped) -> Self {
        Self {
            marks: typed.marks,
            note: typed.note,
        }
    }
}

/// Why somebody does not agree.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AppealTyped {
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
}

/// Who is to judge again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SecondTyped {
    /// An account; none: whoever claims it.
    #[serde(default)]
    reviewer_id: Option<i64>,
}

async fn one(console: &Console, seat: &Seat, id: i64) -> Result<Json<ReviewShown>, Problem> {
    let visible = seat.may(Action::SeeCalls)?;
    let reader = seat.person().id;
    let review = store(console).reader().review(id, &visible, reader).await.map_err(refused)?;
    Ok(Json(ReviewShown::of(review, reader)))
}

/// The reviews of a call. What must not be seen yet is not there.
#[utoipa::path(
    get, path = "/api/calls/{id}/reviews", tag = "reviews", params(("id" = i64, Path, description = "The call.")),
    responses((status = 200, body = CallReviews), Refusals)
)]
async fn of_call(State(console): State<Console>, seat: Seat, Id(id): Id) -> Result<Json<CallReviews>, Problem> {
    let visible = seat.may(Action::SeeCalls)?;
    let (store, person) = (store(&console), seat.person().id);
    let reviews = store.reader().reviews_of(AttemptId(id), &visible, person).await.map_err(refused)?;
    store.ship_scorecard(console.now()).await.map_err(refused)?;
    let scorecard = store.reader().present_scorecard().await.map_err(refused)?;
    let mut ids: Vec<i64> = reviews.iter().map(|review| review.scorecard).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut scorecards = Vec::new();
    for id in ids {
        scorecards.push(store.reader().scorecard(id).await.map_err(refused)?.into());
    }
    Ok(Json(CallReviews {
        items: reviews.into_iter().map(|review| ReviewShown::of(review, person)).collect(),
        scorecard: scorecard.into(),
        scorecards,
    }))
}

/// Begins a review of a call by one's own choice; the one that is there if the person has one.
#[utoipa::path(
    post, path = "/api/reviews", tag = "reviews", request_body = BeginTyped,
    responses((status = 201, body = ReviewShown), Refusals)
)]
async fn begin(
    State(console): State<Console>,
    seat: Seat,
    JsonBody(typed): JsonBody<BeginTyped>,
) -> Result<(StatusCode, Json<ReviewShown>), Problem> {
    let (visible, store) = (seat.may(Action::Review)?, store(&console));
    let call = AttemptId(typed.call_id);
    store.reader().see_call(call, &visible).await.map_err(refused)?;
    store.ship_scorecard(console.now()).await.map_err(refused)?;
    let card = match typed.scorecard_id {
        Some(id) => id,
        None => store.reader().present_scorecard().await.map_err(refused)?.id,
    };
    let deed = deed(&console, &seat, "review_begun", None);
    let id = store.begin_review(call, card, reviewer(&seat), deed).await.map_err(refused)?;
    Ok((StatusCode::CREATED, one(&console, &seat, id).await?))
}

/// One review.
#[utoipa::path(
    get, path = "/api/reviews/{id}", tag = "reviews", params(("id" = i64, Path, description = "The review.")),
    responses((status = 200, body = ReviewShown), Refusals)
)]
async fn show(State(console): State<Console>, seat: Seat, Id(id): Id) -> Result<Json<ReviewShown>, Problem> {
    one(&console, &seat, id).await
}

/// That a review is there for this person to do something with.
async fn found(console: &Console, seat: &Seat, action: Action, id: i64) -> Result<(), Problem> {
    let visible = seat.may(action)?;
    store(console).reader().review(id, &visible, seat.person().id).await.map_err(refused)?;
    Ok(())
}

/// Keeps what is marked so far.
#[utoipa::path(
    put, path = "/api/reviews/{id}", tag = "reviews", params(("id" = i64, Path, description = "The review.")),
    request_body = JudgedTyped, responses((status = 200, body = ReviewShown), Refusals)
)]
async fn save(
    State(console): State<Console>,
    seat: Seat,
    Id(id): Id,
    JsonBody(typed): JsonBody<JudgedTyped>,
) -> Result<Json<ReviewShown>, Problem> {
    found(&console, &seat, Action::Review, id).await?;
    store(&console)
        .save_review(id, reviewer(&seat), typed.into(), console.now())
        .await
        .map_err(refused)?;
    one(&console, &seat, id).await
}

/// Takes a review that nobody has. Who judged the call first never gets its second opinion.
#[utoipa::path(
    post, path = "/api/reviews/{id}/claim", tag = "reviews", params(("id" = i64, Path, description = "The review.")),
    responses((status = 200, body = ReviewShown), Refusals)
)]
async fn claim(State(console): State<Console>, seat: Seat, Id(id): Id) -> Result<Json<ReviewShown>, Problem> {
    found(&console, &seat, Action::Review, id).await?;
    let deed = deed(&console, &seat, "review_claimed", None);
    store(&console).claim_review(id, reviewer(&seat), deed).await.map_err(refused)?;
    one(&console, &seat, id).await
}

/// Gives a review back; what was marked is lost.
#[utoipa::path(
    post, path = "/api/reviews/{id}/release", tag = "reviews", params(("id" = i64, Path, description = "The review.")),
    responses((status = 200, body = ReviewShown), Refusals)
)]
async fn release(State(console): State<Console>, seat: Seat, Id(id): Id) -> Result<Json<ReviewShown>, Problem> {
    found(&console, &seat, Action::Review, id).await?;
    let deed = deed(&console, &seat, "review_released", None);
    store(&console).release_review(id, reviewer(&seat), deed).await.map_err(refused)?;
    one(&console, &seat, id).await
}

/// Signs a review with these marks: it never changes again.
#[utoipa::path(
    post, path = "/api/reviews/{id}/sign", tag = "reviews", params(("id" = i64, Path, description = "The review.")),
    request_body = JudgedTyped, responses((status = 200, body = ReviewShown), Refusals)
)]
async fn sign(
    State(console): State<Console>,
    seat: Seat,
    Id(id): Id,
    JsonBody(typed): JsonBody<JudgedTyped>,
) -> Result<Json<ReviewShown>, Problem> {
    found(&console, &seat, Action::Review, id).await?;
    let deed = deed(&console, &seat, "signed", None);
    store(&console)
        .sign_review(id, reviewer(&seat), typed.into(), deed)
        .await
        .map_err(refused)?;
    one(&console, &seat, id).await
}

/// Says that a signed review is not right: another person judges the call again, blind. Gives that second review.
#[utoipa::path(
    post, path = "/api/reviews/{id}/appeal", tag = "reviews", params(("id" = i64, Path, description = "The signed review.")),
    request_body = AppealTyped, responses((status = 201, body = ReviewShown), Refusals)
)]
async fn appeal(
    State(console): State<Console>,
    seat: Seat,
    Id(id): Id,
    JsonBody(typed): JsonBody<AppealTyped>,
) -> Result<(StatusCode, Json<ReviewShown>), Problem> {
    found(&console, &seat, Action::Comment, id).await?;
    let reason = said("reason", &typed.reason, 1_000)?;
    let deed = deed(&console, &seat, "appealed", Some(reason.clone()));
    let again = store(&console).judge_again(id, Opinion::Appeal(reason), deed).await.map_err(refused)?;
    Ok((StatusCode::CREATED, one(&console, &seat, again).await?))
}

/// Has another person judge the call again, blind, to see whether we judge alike. Gives that second review.
#[utoipa::path(
    post, path = "/api/reviews/{id}/second", tag = "reviews", params(("id" = i64, Path, description = "The signed review.")),
    request_body = SecondTyped, responses((status = 201, body = ReviewShown), Refusals)
)]
async fn second(
    State(console): State<Console>,
    seat: Seat,
    Id(id): Id,
    JsonBody(typed): JsonBody<SecondTyped>,
) -> Result<(StatusCode, Json<ReviewShown>), Problem> {
    found(&console, &seat, Action::Review, id).await?;
    let store = store(&console);
    let person = match typed.reviewer_id {
        Some(id) => {
            let people = store.reader().reviewers().await.map_err(refused)?;
            let person = people.into_iter().find(|one| one.id == id);
            Some(person.ok_or_else(|| refused(Refused::NoReviewer { id }.into()))?)
        }
        None => None,
    };
    let deed = deed(&console, &seat, "second_opinion_asked", None);
    let again = store.judge_again(id, Opinion::Second(person), deed).await.map_err(refused)?;
    Ok((StatusCode::CREATED, one(&console, &seat, again).await?))
}
