//! `GET /v1/status`, `/v1/store` and `/v1/hours`: the present, for `aftercall status` and screens.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use crate::engine::office::Hours;
use crate::engine::{Office, Snapshot};
use crate::store::StoreState;

pub(super) async fn show(State(office): State<Arc<Office>>) -> Json<Snapshot> {
    Json(office.present().unwrap_or_default())
}

pub(super) async fn store(State(office): State<Arc<Office>>) -> Json<StoreState> {
    Json(office.store().state())
}

pub(super) async fn hours(State(office): State<Arc<Office>>) -> Json<Hours> {
    Json(office.hours())
}
