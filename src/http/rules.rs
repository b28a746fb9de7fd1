//! Follow-up rules: add, review, release, stop, draw; switches; the next follow-up of a patient.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::Problem;
use super::request::JsonBody;
use crate::engine::Office;
use crate::engine::office::{RuleText, RuleTurn, RulesAdded, SwitchTurn};
use crate::store::rules::{Drawing, NextFollowUp};

pub(super) async fn add(
    State(office): State<Arc<Office>>,
    JsonBody(text): JsonBody<RuleText>,
) -> Result<Json<RulesAdded>, Problem> {
    Ok(Json(office.add_rules(text).await?))
}

pub(super) async fn turn(
    State(office): State<Arc<Office>>,
    JsonBody(turn): JsonBody<RuleTurn>,
) -> Result<Json<u32>, Problem> {
    Ok(Json(office.turn_rules(turn).await?))
}

/// The body is a time in milliseconds, or nothing for now.
pub(super) async fn draw(
    State(office): State<Arc<Office>>,
    JsonBody(until): JsonBody<Option<i64>>,
) -> Result<Json<Vec<Drawing>>, Problem> {
    let until = until.map(crate::moment::Wall::from_millis);
    Ok(Json(office.draw_rules(until).await?))
}

pub(super) async fn switch(
    State(office): State<Arc<Office>>,
    JsonBody(turn): JsonBody<SwitchTurn>,
) -> Result<Json<u64>, Problem> {
    Ok(Json(office.turn_switch(turn).await?))
}

pub(super) async fn follow_up(
    State(office): State<Arc<Office>>,
    JsonBody(next): JsonBody<NextFollowUp>,
) -> Result<Json<i64>, Problem> {
    Ok(Json(office.set_follow_up(next).await?.0))
}
