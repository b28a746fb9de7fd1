//! `/api/tonight`: the board of this night, its events, and the brake.

mod attention;
mod behind;
mod board;
mod keeper;
mod tally;
mod verdict;
mod wall;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::live::{Frame, Live, LiveEvent};
use super::{Console, Seat};
use crate::access::{Act, Action};
use crate::engine::Office;
use crate::engine::office::HowStop;
use crate::http::request::JsonBody;
use crate::http::{Problem, timestamp};
use crate::moment::Moment;
use crate::store::CampaignState;
use board::Tonight;
pub(super) use board::TrunkState;
use keeper::Keeper;

/// How often the board is made anew.
const TICK: Duration = Duration::from_secs(1);
/// Without a listener it is kept for so long after it was last asked for.
const KEPT: Duration = Duration::from_secs(30);
/// An answer waits so long for the first board.
const PATIENCE: Duration = Duration::from_secs(10);
/// A reason in a person's words, in characters.
pub(super) const REASON: usize = 500;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(events))
        .routes(routes!(pause_all))
        .merge(behind::routes())
        .layer(Extension(Desk::default()))
}

/// The board of this daemon: made while somebody watches.
#[derive(Clone, Debug, Default)]
struct Desk {
    live: Live,
    is_kept: Arc<AtomicBool>,
    asked: Arc<AtomicU64>,
}

impl Desk {
    /// Has the board kept from now on.
    fn keep(&self, office: &Arc<Office>) {
        self.asked.store(office.clock().now().nanos(), Ordering::Relaxed);
        if !self.is_kept.swap(true, Ordering::AcqRel) {
            tokio::spawn(self.clone().run(Arc::downgrade(office)));
        }
    }

    /// Makes the board every second until nobody wants it or the daemon is gone.
    async fn run(self, office: Weak<Office>) {
        let mut keeper = Keeper::default();
        let mut frame: Option<Frame> = None;
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            let Some(office) = office.upgrade() else { break };
            if !self.is_wanted(&office) {
                self.is_kept.store(false, Ordering::Release);
                // Whoever came between the question and the answer has it kept on.
                if !self.is_wanted(&office) || self.is_kept.swap(true, Ordering::AcqRel) {
                    return;
                }
            }
            // A board that cannot be made stays as it was, with its time: whoever looks sees that it is old.
            if let Ok((wall, parts)) = keeper.look(&office).await
                && let Ok(serde_json::Value::Object(parts)) = serde_json::to_value(&parts)
            {
                let at = timestamp(wall);
                let next = match frame.take() {
                    Some(before) => before.next(at, &parts),
                    None => Frame::first(wall.millis(), at, &parts),
                };
                self.live.show(next.clone());
                frame = Some(next);
            }
        }
        self.is_kept.store(false, Ordering::Release);
    }

    /// Whether somebody listens, or asked a moment ago.
    fn is_wanted(&self, office: &Office) -> bool {
        let asked = Moment::from_nanos(self.asked.load(Ordering::Relaxed));
        self.live.listeners() > 0 || office.clock().now().since(asked) <= KEPT
    }

    /// The newest board, made for this answer if nobody else looks.
    async fn whole(&self, office: &Arc<Office>) -> Result<String, Problem> {
        let is_fresh = self.is_kept.load(Ordering::Acquire);
        let mut frames = self.live.follow();
        self.keep(office);
        if !is_fresh {
            // What stands there is from before the pause. A wait that is too long ends below.
            drop(tokio::time::timeout(PATIENCE, frames.changed()).await);
        } else if frames.borrow().is_none() {
            drop(tokio::time::timeout(PATIENCE, frames.changed()).await);
        }
        let newest = self.live.newest();
        newest.map(|frame| frame.whole()).ok_or_else(|| {
            Problem::unreadable(
                StatusCode::SERVICE_UNAVAILABLE,
                "the board cannot be made now: the database does not answer; try again",
            )
        })
    }
}

/// The whole board of tonight in one answer: lines, sums, campaigns, trunks, results, forecast, and what needs a person.
#[utoipa::path(
    get,
    path = "/api/tonight",
    tag = "tonight",
    responses(
        (status = 200, body = Tonight),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(console): State<Console>,
    Extension(desk): Extension<Desk>,
    seat: Seat,
) -> Result<Response, Problem> {
    seat.may(Action::SeeTonight)?;
    let whole = desk.whole(&console.office).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, whole).into_response())
}

/// The board as server-sent events: `board` with the whole of it, `change` with the parts that changed, `beat` each second in
/// which nothing did, `over` when the session is. `Last-Event-ID` goes on where a listener was.
#[utoipa::path(
    get,
    path = "/api/tonight/events",
    tag = "tonight",
    params(("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that was heard")),
    responses(
        (status = 200, body = LiveEvent, content_type = "text/event-stream"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn events(
    State(console): State<Console>,
    Extension(desk): Extension<Desk>,
    headers: HeaderMap,
    seat: Seat,
) -> Result<Response, Problem> {
    seat.may(Action::SeeTonight)?;
    desk.keep(&console.office);
    desk.live.listen(console, seat.signed_in, &headers)
}

/// How the brake is pulled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PauseAll {
    /// `true`: who talks hears a goodbye, what rings is cancelled. Otherwise calls run to their end.
    #[serde(default)]
    now: bool,
    /// Why, in a few words.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// What was paused.
#[derive(Debug, Serialize, ToSchema)]
struct AllPaused {
    /// The campaigns that were running, by name.
    paused: Vec<String>,
}

/// Pauses every running campaign.
#[utoipa::path(
    post,
    path = "/api/tonight/pause_all",
    tag = "tonight",
    request_body = PauseAll,
    responses(
        (status = 200, body = AllPaused),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn pause_all(
    State(console): State<Console>,
    seat: Seat,
    JsonBody(asked): JsonBody<PauseAll>,
) -> Result<Json<AllPaused>, Problem> {
    seat.may(Action::RunCampaigns)?;
    let reason = reason(&asked.reason)?;
    let how = if asked.now { HowStop::Now } else { HowStop::Drain };
    let all = console.office.store().reader().campaigns(console.now()).await?;
    let running = all
        .into_iter()
        .filter(|campaign| campaign.state == CampaignState::Running && campaign.paused_at.is_none());
    let mut paused = Vec::new();
    for campaign in running {
        let act = Act {
            deed: "paused",
            object: Some(format!("campaign:{}", campaign.id)),
            reason: Some(reason.clone()),
            detail: Some(serde_json::json!({"now": asked.now, "all": true})),
            ..Act::default()
        };
        seat.note(&console, act).await?;
        console.office.pause_campaign(&campaign.name, how).await?;
        paused.push(campaign.name);
    }
    Ok(Json(AllPaused { paused }))
}

/// A reason that somebody gave: some words, and no control characters among them.
pub(super) fn reason(given: &str) -> Result<String, Problem> {
    let text = given.trim();
    let count = text.chars().count();
    if count == 0 || count > REASON || text.chars().any(char::is_control) {
        return Err(Problem::unreadable(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("reason: expected 1 to {REASON} characters in one line"),
        ));
    }
    Ok(text.to_owned())
}
