//! `POST /v1/accounts` and `POST /v1/agents`: what `aftercall user` and `aftercall agent` order while the daemon runs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::Problem;
use super::request::JsonBody;
use crate::access::{Access, AccountOrder, AgentOrder};
use crate::engine::Office;
use crate::ids::AgentId;
use crate::store::console::desk::AgentChange;

pub(super) async fn carry_out(
    State(office): State<Arc<Office>>,
    JsonBody(order): JsonBody<AccountOrder>,
) -> Result<Json<i64>, Problem> {
    let access = Access::new(office.store().clone());
    let id = access.carry_out(order, office.clock().wall()).await?;
    office.agent_changed(AgentId(id)).await?;
    Ok(Json(id))
}

pub(super) async fn carry_out_agent(
    State(office): State<Arc<Office>>,
    JsonBody(order): JsonBody<AgentOrder>,
) -> Result<Json<()>, Problem> {
    if let AgentChange::Make(settings) | AgentChange::Put(settings) = &order.what {
        office.need_telephone(settings)?;
    }
    let access = Access::new(office.store().clone());
    let agent = access.carry_out_agent(order, office.clock().wall()).await?;
    office.agent_changed(agent).await?;
    Ok(Json(()))
}
