//! Thaw: what a frozen database would dial again, and letting it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::Problem;
use crate::engine::Office;
use crate::store::Thawing;

pub(super) async fn show(State(office): State<Arc<Office>>) -> Result<Json<Thawing>, Problem> {
    Ok(Json(office.thawing().await?))
}

pub(super) async fn thaw(State(office): State<Arc<Office>>) -> Result<Json<()>, Problem> {
    office.thaw().await?;
    Ok(Json(()))
}
