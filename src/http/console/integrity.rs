//! `/api/integrity`: whether recordings still are what was recorded.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Console, Seat};
use crate::access::{Act, Action};
use crate::http::{Problem, timestamp};
use crate::ids::AttemptId;
use crate::moment::Wall;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(show, compare))
}

/// How things stand with all recordings.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Integrity {
    /// Recordings whose file should be there.
    recordings: u64,
    /// Of these, compared with their hash at least once.
    verified: u64,
    /// When the one that has waited longest was compared; none: some never were.
    oldest_at: Option<String>,
    /// Those that differ from what was recorded, the latest first, a hundred at most.
    altered: Vec<Doubtful>,
    /// Those whose file is missing, the latest first, a hundred at most.
    missing: Vec<Doubtful>,
}

/// A recording that is not what it was.
#[derive(Debug, Serialize, ToSchema)]
struct Doubtful {
    /// The call.
    call: i64,
    /// Since when that is known.
    since_at: String,
}

/// What comparing found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Compared {
    /// Compared now; 0: all of them have been.
    compared: u64,
    /// Of these, the ones that differ from what was recorded.
    altered: u64,
    /// Of these, the ones whose file is gone.
    missing: u64,
    /// Of these, the ones that could not be read.
    unread: u64,
}

/// Shows how things stand.
#[utoipa::path(
    get,
    path = "/api/integrity",
    tag = "integrity",
    responses(
        (status = 200, body = Integrity),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn show(State(console): State<Console>, seat: Seat) -> Result<Json<Integrity>, Problem> {
    seat.may(Action::CheckIntegrity)?;
    let standing = console.office.store().reader().integrity().await?;
    let doubtful = |(attempt, since): (AttemptId, Wall)| Doubtful {
        call: attempt.0,
        since_at: timestamp(since),
    };
    Ok(Json(Integrity {
        recordings: standing.recordings,
        verified: standing.verified,
        oldest_at: standing.oldest.map(timestamp),
        altered: standing.altered.into_iter().map(doubtful).collect(),
        missing: standing.missing.into_iter().map(doubtful).collect(),
    }))
}

/// Compares the next recordings that were not compared within half a day; asked again until none is left.
#[utoipa::path(
    post,
    path = "/api/integrity",
    tag = "integrity",
    responses(
        (status = 200, body = Compared),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn compare(State(console): State<Console>, seat: Seat) -> Result<Json<Compared>, Problem> {
    seat.may(Action::CheckIntegrity)?;
    let act = Act {
        deed: "compared_recordings",
        ..Act::default()
    };
    seat.note(&console, act).await?;
    let step = console.office.compare_recordings(console.now() - HALF_A_DAY).await?;
    Ok(Json(Compared {
        compared: step.compared,
        altered: step.altered,
        missing: step.missing,
        unread: step.faults,
    }))
}

/// What was compared within half a day is not compared again.
const HALF_A_DAY: std::time::Duration = std::time::Duration::from_secs(12 * 3_600);
