//! `/api/samples`: drawing calls to be judged, and drawing them again to see that it was done right.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::shown::{NamedShown, SampleShown};
use super::{Id, Refusals, deed, refused, said, store, time};
use crate::access::Action;
use crate::http::Problem;
use crate::http::console::{Console, Seat};
use crate::http::request::JsonBody;
use crate::ids::CampaignId;
use crate::store::console::reviews::Refused;
use crate::store::console::samples::{NewSample, Shares};

/// Reviewers of a sample at most.
const MOST_REVIEWERS: usize = 100;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(list, draw))
        .routes(routes!(show))
        .routes(routes!(again))
        .routes(routes!(frame))
        .routes(routes!(reviewers))
        .routes(routes!(campaigns))
}

/// Samples.
#[derive(Debug, Serialize, ToSchema)]
struct Samples {
    /// The latest fifty, the latest first.
    items: Vec<SampleShown>,
}

/// Rows by their names: people who judge, or campaigns.
#[derive(Debug, Serialize, ToSchema)]
struct Names {
    items: Vec<NamedShown>,
}

/// What is to be drawn.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SampleTyped {
    campaign_id: i64,
    /// By this published version; none: the one that was published last.
    #[serde(default)]
    scorecard_id: Option<i64>,
    /// Calls answered from this time on (RFC 3339),
    from_at: String,
    /// and before this one, which is not in the future.
    to_at: String,
    /// What the draw begins with: letters, digits, `-`, `_`, `.`.
    #[schema(max_length = 64)]
    seed: String,
    /// Percent of the calls without complaint or low score; 10 if nothing is said.
    #[serde(default)]
    share: Option<f64>,
    /// Percent of the complaints; 100 if nothing is said.
    #[serde(default)]
    complaint_share: Option<f64>,
    /// Percent of the low scores; 50 if nothing is said.
    #[serde(default)]
    low_share: Option<f64>,
    /// Accounts of those who judge, in turn; none: everybody who judges.
    #[serde(default)]
    reviewers: Vec<i64>,
    /// By when.
    due_at: String,
}

/// A sample drawn again.
#[derive(Debug, Serialize, ToSchema)]
struct Redrawn {
    /// The same calls came in the same order, and the list they were drawn from has the hash that was written down.
    same: bool,
    /// The calls, in the order of the draw.
    calls: Vec<RedrawnCall>,
}

/// A call that was drawn.
#[derive(Debug, Serialize, ToSchema)]
struct RedrawnCall {
    call_id: i64,
    /// `complaint`, `low_score` or `random`.
    why: String,
}

fn share(name: &str, percent: Option<f64>, unless: u32) -> Result<u32, Problem> {
    match percent {
        None => Ok(unless),
        Some(percent) if (0.0..=100.0).contains(&percent) => Ok((percent * 100.0).round() as u32),
        Some(_) => Err(unprocessable(format!("{name}: expected 0 to 100 percent"))),
    }
}

fn unprocessable(detail: impl Into<String>) -> Problem {
    Problem::unreadable(StatusCode::UNPROCESSABLE_ENTITY, detail)
}

/// The samples.
#[utoipa::path(get, path = "/api/samples", tag = "reviews", responses((status = 200, body = Samples), Refusals))]
async fn list(State(console): State<Console>, seat: Seat) -> Result<Json<Samples>, Problem> {
    may_see(&seat)?;
    let samples = store(&console).reader().samples().await.map_err(refused)?;
    Ok(Json(Samples {
        items: samples.into_iter().map(|one| SampleShown::of(one, &console)).collect(),
    }))
}

/// Samples tell what is judged, not what was found: whoever judges or designs may see them.
fn may_see(seat: &Seat) -> Result<(), Problem> {
    seat.may(Action::Review).or_else(|_| seat.may(Action::DesignScorecards)).map(|_| ())
}

/// Draws a sample and hands its calls out. The same campaign, period and seed again give the sample that there is.
#[utoipa::path(
    post, path = "/api/samples", tag = "reviews", request_body = SampleTyped,
    responses((status = 201, body = SampleShown), Refusals)
)]
async fn draw(
    State(console): State<Console>,
    seat: Seat,
    JsonBody(typed): JsonBody<SampleTyped>,
) -> Result<(StatusCode, Json<SampleShown>), Problem> {
    seat.may(Action::DesignScorecards)?;
    let (store, now) = (store(&console), console.now());
    let seed = said("seed", &typed.seed, 64)?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !seed.chars().all(is_plain) {
        return Err(unprocessable("seed: expected letters, digits, - _ and . only"));
    }
    let (from, to) = (time("from_at", &typed.from_at)?, time("to_at", &typed.to_at)?);
    let due_at = time("due_at", &typed.due_at)?;
    if from >= to || to > now || due_at <= now {
        return Err(unprocessable("expected from_at before to_at, to_at not in the future, and due_at in the future"));
    }
    let unless = Shares::default();
    let shares = Shares {
        complaints: share("complaint_share", typed.complaint_share, unless.complaints)?,
        low_scores: share("low_share", typed.low_share, unless.low_scores)?,
        others: share("share", typed.share, unless.others)?,
    };
    let people = store.reader().reviewers().await.map_err(refused)?;
    let reviewers = match typed.reviewers.as_slice() {
        [] => people,
        asked if asked.len() > MOST_REVIEWERS => return Err(unprocessable("reviewers: expected at most 100")),
        asked => {
            let find = |id: &i64| people.iter().find(|one| one.id == *id).cloned().ok_or(Refused::NoReviewer { id: *id });
            asked.iter().map(find).collect::<Result<_, _>>().map_err(|why| refused(why.into()))?
        }
    };
    let found: bool = store.reader().has_campaign(CampaignId(typed.campaign_id)).await.map_err(refused)?;
    if !found {
        return Err(unprocessable(format!("campaign_id: there is no campaign {}", typed.campaign_id)));
    }
    store.ship_scorecard(now).await.map_err(refused)?;
    let scorecard = match typed.scorecard_id {
        Some(id) => id,
        None => store.reader().present_scorecard().await.map_err(refused)?.id,
    };
    let new = NewSample {
        campaign: CampaignId(typed.campaign_id),
        scorecard,
        from,
        to,
        seed,
        shares,
        reviewers,
        due_at,
    };
    let deed = deed(&console, &seat, "drawn", None);
    let sample = store.draw_sample(new, deed).await.map_err(refused)?;
    Ok((StatusCode::CREATED, Json(SampleShown::of(sample, &console))))
}

/// One sample.
#[utoipa::path(
    get, path = "/api/samples/{id}", tag = "reviews", params(("id" = i64, Path, description = "The sample.")),
    responses((status = 200, body = SampleShown), Refusals)
)]
async fn show(State(console): State<Console>, seat: Seat, Id(id): Id) -> Result<Json<SampleShown>, Problem> {
    may_see(&seat)?;
    let sample = store(&console).reader().sample(id).await.map_err(refused)?;
    Ok(Json(SampleShown::of(sample, &console)))
}

/// Draws a sample again from its seed and its list of calls, and compares.
#[utoipa::path(
    get, path = "/api/samples/{id}/redraw", tag = "reviews", params(("id" = i64, Path, description = "The sample.")),
    responses((status = 200, body = Redrawn), Refusals)
)]
async fn again(State(console): State<Console>, seat: Seat, Id(id): Id) -> Result<Json<Redrawn>, Problem> {
    may_see(&seat)?;
    let reader = store(&console).reader();
    let sample = reader.sample(id).await.map_err(refused)?;
    let kept = reader.sample_calls(id).await.map_err(refused)?;
    let drawn: Vec<(i64, String)> = sample.again().into_iter().map(|(call, why)| (call, why.word().to_owned())).collect();
    let same = drawn == kept && sample.frame.hash() == sample.frame_hash;
    Ok(Json(Redrawn {
        same,
        calls: drawn
            .into_iter()
            .map(|(call_id, why)| RedrawnCall { call_id, why })
            .collect(),
    }))
}

/// The list that a sample was drawn from: a line for each call with its id and its kind, `c`, `l` or `o`.
#[utoipa::path(
    get, path = "/api/samples/{id}/frame", tag = "reviews", params(("id" = i64, Path, description = "The sample.")),
    responses((status = 200, body = String, content_type = "text/plain"), Refusals)
)]
async fn frame(State(console): State<Console>, seat: Seat, Id(id): Id) -> Result<impl IntoResponse, Problem> {
    may_see(&seat)?;
    let sample = store(&console).reader().sample(id).await.map_err(refused)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], sample.frame.text()))
}

/// Who judges calls.
#[utoipa::path(get, path = "/api/reviewers", tag = "reviews", responses((status = 200, body = Names), Refusals))]
async fn reviewers(State(console): State<Console>, seat: Seat) -> Result<Json<Names>, Problem> {
    may_see(&seat)?;
    let people = store(&console).reader().reviewers().await.map_err(refused)?;
    Ok(Json(Names {
        items: people
            .into_iter()
            .map(|one| NamedShown { id: one.id, name: one.name })
            .collect(),
    }))
}

/// Campaigns that a sample can be drawn of, the newest first.
#[utoipa::path(get, path = "/api/samples/campaigns", tag = "reviews", responses((status = 200, body = Names), Refusals))]
async fn campaigns(State(console): State<Console>, seat: Seat) -> Result<Json<Names>, Problem> {
    seat.may(Action::DesignScorecards)?;
    let found = store(&console).reader().sampled_campaigns().await.map_err(refused)?;
    Ok(Json(Names {
        items: found.into_iter().map(|(id, name)| NamedShown { id, name }).collect(),
    }))
}
