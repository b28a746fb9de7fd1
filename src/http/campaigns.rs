//! Campaigns: add, start, pause, resume, stop, import.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::Problem;
use super::request::{Asked, JsonBody, Name, RawBody};
use crate::engine::Office;
use crate::engine::office::{Added, CampaignText, Due, HowStop, Imported, ListBytes, Started};

/// How an uploaded list is to be taken.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ImportQuery {
    /// The file's name: its ending tells the format.
    file: String,
    /// `now`, `rules`, or nothing for discharge plus the campaign's `due_after`.
    due: Option<String>,
}

/// What becomes of the calls of a campaign that stops or pauses.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StopQuery {
    /// `true`: who talks hears a goodbye, what rings is cancelled. Otherwise they run to their end.
    #[serde(default)]
    now: bool,
}

impl StopQuery {
    fn how(&self) -> HowStop {
        if self.now { HowStop::Now } else { HowStop::Drain }
    }
}

pub(super) async fn add(
    State(office): State<Arc<Office>>,
    JsonBody(text): JsonBody<CampaignText>,
) -> Result<Json<Added>, Problem> {
    Ok(Json(office.add_campaign(text).await?))
}

pub(super) async fn start(State(office): State<Arc<Office>>, Name(name): Name) -> Result<Json<Started>, Problem> {
    Ok(Json(office.start_campaign(&name).await?))
}

pub(super) async fn resume(State(office): State<Arc<Office>>, Name(name): Name) -> Result<Json<Started>, Problem> {
    Ok(Json(office.resume_campaign(&name).await?))
}

pub(super) async fn pause(
    State(office): State<Arc<Office>>,
    Name(name): Name,
    Asked(query): Asked<StopQuery>,
) -> Result<Json<()>, Problem> {
    office.pause_campaign(&name, query.how()).await?;
    Ok(Json(()))
}

pub(super) async fn stop(
    State(office): State<Arc<Office>>,
    Name(name): Name,
    Asked(query): Asked<StopQuery>,
) -> Result<Json<()>, Problem> {
    office.stop_campaign(&name, query.how()).await?;
    Ok(Json(()))
}

pub(super) async fn import(
    State(office): State<Arc<Office>>,
    Name(name): Name,
    Asked(query): Asked<ImportQuery>,
    RawBody(body): RawBody,
) -> Result<Json<Imported>, Problem> {
    let due = match query.due.as_deref() {
        None => Due::ByCampaign,
        Some("now") => Due::Now,
        Some("rules") => Due::ByRules,
        Some(other) => {
            return Err(Problem::bad_request(format!(
                "due is \"{other}\"; expected \"now\", \"rules\" or nothing"
            )));
        }
    };
    Ok(Json(
        office.import(&name, &query.file, &ListBytes::from(&*body), due).await?,
    ))
}
