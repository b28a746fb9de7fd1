//! Whom people let us call: the do-not-call list, states of patients, appointments.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::Problem;
use super::request::JsonBody;
use crate::engine::Office;
use crate::engine::office::{AppointmentMade, AppointmentRequest, DncAdd, DncPart, DncRemove, StateRequest};
use crate::store::dnc::{Listed, Unlisted};
use crate::store::patient_state::{StateCleared, StateSet};

pub(super) async fn add_dnc(
    State(office): State<Arc<Office>>,
    JsonBody(add): JsonBody<DncAdd>,
) -> Result<Json<Listed>, Problem> {
    Ok(Json(office.add_dnc(add).await?))
}

pub(super) async fn remove_dnc(
    State(office): State<Arc<Office>>,
    JsonBody(remove): JsonBody<DncRemove>,
) -> Result<Json<Unlisted>, Problem> {
    Ok(Json(office.remove_dnc(remove).await?))
}

pub(super) async fn import_dnc(
    State(office): State<Arc<Office>>,
    JsonBody(part): JsonBody<DncPart>,
) -> Result<Json<Listed>, Problem> {
    Ok(Json(office.import_dnc(part).await?))
}

pub(super) async fn set_state(
    State(office): State<Arc<Office>>,
    JsonBody(request): JsonBody<StateRequest>,
) -> Result<Json<StateSet>, Problem> {
    Ok(Json(office.set_state(request).await?))
}

pub(super) async fn clear_state(
    State(office): State<Arc<Office>>,
    JsonBody(request): JsonBody<StateRequest>,
) -> Result<Json<StateCleared>, Problem> {
    Ok(Json(office.clear_state(request).await?))
}

pub(super) async fn set_appointment(
    State(office): State<Arc<Office>>,
    JsonBody(request): JsonBody<AppointmentRequest>,
) -> Result<Json<AppointmentMade>, Problem> {
    Ok(Json(office.set_appointment(request).await?))
}

pub(super) async fn remove_appointment(
    State(office): State<Arc<Office>>,
    JsonBody(request): JsonBody<AppointmentRequest>,
) -> Result<Json<AppointmentMade>, Problem> {
    Ok(Json(office.remove_appointment(request).await?))
}
