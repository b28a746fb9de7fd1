//! `POST /v1/phones`: what `aftercall phone` orders while the daemon runs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::Problem;
use super::request::JsonBody;
use crate::engine::Office;
use crate::engine::office::PhoneOrder;

pub(super) async fn change(
    State(office): State<Arc<Office>>,
    JsonBody(order): JsonBody<PhoneOrder>,
) -> Result<Json<()>, Problem> {
    Ok(Json(office.change_phone(order).await?))
}
