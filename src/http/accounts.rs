//! `POST /v1/accounts`: what `aftercall user` orders while the daemon runs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::Problem;
use super::request::JsonBody;
use crate::access::{Access, AccountOrder};
use crate::engine::Office;

pub(super) async fn carry_out(
    State(office): State<Arc<Office>>,
    JsonBody(order): JsonBody<AccountOrder>,
) -> Result<Json<i64>, Problem> {
    let access = Access::new(office.store().clone());
    Ok(Json(access.carry_out(order, office.clock().wall()).await?))
}
