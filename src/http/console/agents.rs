//! `/api/people/{id}/agent`: what is set for an agent, for administrators.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::patients::Refused as Answers;
use super::{Console, Seat};
use crate::access::{Act, Action, By, Error, reason};
use crate::http::Problem;
use crate::http::request::{JsonBody, RowId};
use crate::ids::AgentId;
use crate::phone::Number;
use crate::store::console::desk::{AgentChange, AgentSettings, Extension};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(show, put, remove))
}

/// What is set for an agent.
#[derive(Debug, Serialize, ToSchema)]
struct Agent {
    account_id: i64,
    /// False: nothing was set, the defaults hold.
    is_agent: bool,
    /// The user name of the phone that registers.
    phone: Option<String>,
    extension: Option<AgentExtension>,
    /// Each as `kind:word`, the kind `department`, `language` or `campaign`; of a kind that is not named everybody.
    skills: BTreeSet<String>,
    calls_a_day: u32,
    preview_s: u32,
    wrap_up_s: u32,
    /// First digits of numbers that are no case's; none: as the settings say.
    prefixes: BTreeSet<String>,
}

/// A telephone behind the hospital's exchange.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AgentExtension {
    /// The trunk that leads there.
    trunk: String,
    number: String,
}

async fn shown(console: &Console, id: i64) -> Result<Json<Agent>, Problem> {
    let found = console.access.store().reader().agent_settings(AgentId(id)).await?;
    let (settings, is_agent) = found.ok_or(Error::NoPerson)?;
    Ok(Json(Agent {
        account_id: id,
        is_agent,
        phone: settings.phone,
        extension: settings.extension.map(|extension| AgentExtension {
            trunk: extension.trunk,
            number: extension.number.reveal().to_owned(),
        }),
        skills: settings.skills,
        calls_a_day: settings.calls_a_day,
        preview_s: settings.preview_s,
        wrap_up_s: settings.wrap_up_s,
        prefixes: settings.prefixes,
    }))
}

/// Shows what is set for an agent.
#[utoipa::path(get, path = "/api/people/{id}/agent", tag = "people", params(("id" = i64, Path)),
    responses((status = 200, body = Agent), Answers))]
async fn show(State(console): State<Console>, seat: Seat, RowId(id): RowId) -> Result<Json<Agent>, Problem> {
    seat.may(Action::KeepPeople)?;
    shown(&console, id).await
}

/// What is to be set; all of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AgentToSet {
    /// The user name of a phone that registers, at which nobody else sits.
    #[serde(default)]
    phone: Option<String>,
    /// In its place.
    #[serde(default)]
    extension: Option<AgentExtension>,
    #[serde(default)]
    skills: BTreeSet<String>,
    /// 1 to 10,000.
    calls_a_day: u32,
    /// 5 to 600.
    preview_s: u32,
    /// 5 to 3,600.
    wrap_up_s: u32,
    #[serde(default)]
    prefixes: BTreeSet<String>,
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Makes an account an agent, or sets other things; what goes on is not ended.
#[utoipa::path(put, path = "/api/people/{id}/agent", tag = "people", params(("id" = i64, Path)),
    request_body = AgentToSet, responses((status = 200, body = Agent), Answers))]
async fn put(
    State(console): State<Console>,
    seat: Seat,
    RowId(id): RowId,
    JsonBody(asked): JsonBody<AgentToSet>,
) -> Result<Json<Agent>, Problem> {
    seat.may(Action::KeepPeople)?;
    let extension = match asked.extension {
        Some(AgentExtension { trunk, number }) => {
            let number = Number::parse(&number).map_err(|why| Problem::bad_request(format!("number: {why}")))?;
            Some(Extension { trunk, number })
        }
        None => None,
    };
    let settings = AgentSettings {
        phone: asked.phone,
        extension,
        skills: asked.skills,
        calls_a_day: asked.calls_a_day,
        preview_s: asked.preview_s,
        wrap_up_s: asked.wrap_up_s,
        prefixes: asked.prefixes,
    };
    console.office.need_telephone(&settings)?;
    carry_out(&console, &seat, id, AgentChange::Put(settings), &asked.reason).await
}

/// Why somebody is no agent any more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AgentToRemove {
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Takes telephone, skills and limits away; the account stays, and what goes on is not ended.
#[utoipa::path(delete, path = "/api/people/{id}/agent", tag = "people", params(("id" = i64, Path)),
    request_body = AgentToRemove, responses((status = 200, body = Agent), Answers))]
async fn remove(
    State(console): State<Console>,
    seat: Seat,
    RowId(id): RowId,
    JsonBody(asked): JsonBody<AgentToRemove>,
) -> Result<Json<Agent>, Problem> {
    seat.may(Action::KeepPeople)?;
    carry_out(&console, &seat, id, AgentChange::Remove, &asked.reason).await
}

async fn carry_out(
    console: &Console,
    seat: &Seat,
    id: i64,
    change: AgentChange,
    why: &str,
) -> Result<Json<Agent>, Problem> {
    let act = Act {
        reason: Some(reason(why)?),
        address: seat.address.clone(),
        ..Act::default()
    };
    let by = By::Person(seat.person());
    let agent = console.access.change_agent(by, id, change, act, console.now()).await?;
    console.office.agent_changed(agent).await?;
    shown(console, id).await
}
