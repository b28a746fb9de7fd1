//! `GET /v1/status`: the present, for `aftercall status` and screens.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::Problem;
use crate::engine::Office;
use crate::engine::office::Status;

pub(super) async fn show(State(office): State<Arc<Office>>) -> Result<Json<Status>, Problem> {
    Ok(Json(office.status().await?))
}
