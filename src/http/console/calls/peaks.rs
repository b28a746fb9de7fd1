//! `GET /api/calls/{id}/peaks`: the shape of a recording, before its sound is there.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::audio;
use super::shown::CallId;
use crate::access::Action;
use crate::http::Problem;
use crate::http::console::{Console, Seat};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(show))
}

/// The shape of a recording: the lowest and the highest sample of every bin in turn, -128 to 127, for each channel.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Peaks {
    /// The length of the recording.
    length_ms: u64,
    /// The length of a bin.
    bin_ms: u64,
    /// The left channel: what the patient said.
    patient: Vec<i8>,
    /// The right channel: what we played.
    hospital: Vec<i8>,
}

/// Gives the peaks of both channels.
#[utoipa::path(
    get,
    path = "/api/calls/{id}/peaks",
    tag = "calls",
    params(("id" = i64, Path, description = "The attempt's id.")),
    responses(
        (status = 200, body = Peaks),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "The file differs from its hash."),
        (status = 410, body = Problem, content_type = "application/problem+json", description = "Deleted when its time was over."),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "The storage cannot be reached."),
    )
)]
async fn show(
    State(console): State<Console>,
    seat: Seat,
    CallId(id): CallId,
) -> Result<([(HeaderName, &'static str); 1], Json<Peaks>), Problem> {
    let call = super::call(&console, &seat, Action::Listen, id).await?;
    let recording = audio::recording(&call)?;
    let peaks = console
        .office
        .peaks(&recording.path, &recording.sha256)
        .await
        .map_err(audio::refused)?;
    Ok((
        [(header::CACHE_CONTROL, "no-store")],
        Json(Peaks {
            length_ms: peaks.length_ms,
            bin_ms: peaks.bin_ms,
            patient: peaks.patient,
            hospital: peaks.hospital,
        }),
    ))
}
