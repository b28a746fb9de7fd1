//! What is kept and what goes: purges, holds, erasures, recordings looked through.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::Problem;
use super::request::JsonBody;
use crate::engine::Office;
use crate::engine::office::{Erased, HoldRequest, IntegrityStep, PurgeStep, Purged, Reconciled};
use crate::moment::Wall;
use crate::pii::Pii;

/// Who is to be erased.
#[derive(Debug, Serialize, Deserialize)]
pub struct EraseRequest {
    /// The patient number, or the number of a visit.
    pub patient: Pii<String>,
    /// The user of the operating system.
    pub who: String,
}

/// Which recordings are to be looked through.
#[derive(Debug, Serialize, Deserialize)]
pub struct FolderRequest {
    /// The folder of a thousand.
    pub folder: i64,
}

/// Which recordings are to be compared with their hashes.
#[derive(Debug, Serialize, Deserialize)]
pub struct IntegrityRequest {
    /// Those that were not compared since.
    pub before: Wall,
}

pub(super) async fn purge(
    State(office): State<Arc<Office>>,
    JsonBody(step): JsonBody<PurgeStep>,
) -> Result<Json<Purged>, Problem> {
    Ok(Json(office.purge_step(step).await?))
}

pub(super) async fn erase(
    State(office): State<Arc<Office>>,
    JsonBody(request): JsonBody<EraseRequest>,
) -> Result<Json<Erased>, Problem> {
    Ok(Json(office.erase(request.patient.reveal(), request.who).await?))
}

pub(super) async fn hold(
    State(office): State<Arc<Office>>,
    JsonBody(request): JsonBody<HoldRequest>,
) -> Result<Json<i64>, Problem> {
    Ok(Json(office.hold(request).await?))
}

pub(super) async fn end_hold(
    State(office): State<Arc<Office>>,
    JsonBody(request): JsonBody<HoldRequest>,
) -> Result<Json<u64>, Problem> {
    Ok(Json(office.end_hold(request).await?))
}

pub(super) async fn last_folder(State(office): State<Arc<Office>>) -> Result<Json<i64>, Problem> {
    Ok(Json(office.last_recording_folder().await?))
}

pub(super) async fn integrity(
    State(office): State<Arc<Office>>,
    JsonBody(request): JsonBody<IntegrityRequest>,
) -> Result<Json<IntegrityStep>, Problem> {
    Ok(Json(office.compare_recordings(request.before).await?))
}

pub(super) async fn reconcile(
    State(office): State<Arc<Office>>,
    JsonBody(request): JsonBody<FolderRequest>,
) -> Result<Json<Reconciled>, Problem> {
    Ok(Json(office.reconcile_recordings(request.folder).await?))
}
