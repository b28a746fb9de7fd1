//! `GET /v1/status`: the present, for `aftercall status` and screens.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use crate::engine::{Office, Snapshot};

pub(super) async fn show(State(office): State<Arc<Office>>) -> Json<Snapshot> {
    Json(office.present().unwrap_or_default())
}
