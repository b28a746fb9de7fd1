//! `/api/floor`: what all agents are doing, listening in, and grants.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::now::{now_of, presence_of};
use super::orders::note;
use super::shown::{DeskNow, DeskOrder, DeskPauseReason, DeskPresence};
use crate::access::{Act, Action};
use crate::engine::office::desk::{Agent, Conversation, Presence};
use crate::http::Problem;
use crate::http::console::instant::Instant;
use crate::http::console::patients::Refused as Answers;
use crate::http::console::{Console, Seat, wording};
use crate::http::request::JsonBody;
use crate::ids::CaseId;
use crate::store::console::desk::NewGrant;

/// What all agents are doing.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FloorPage {
    at: Instant,
    agents: Vec<FloorAgent>,
    /// What the reasons of pauses are called.
    pause_reasons: Vec<DeskPauseReason>,
}

/// An agent on the floor.
#[derive(Debug, Serialize, ToSchema)]
struct FloorAgent {
    account_id: i64,
    name: String,
    department: Option<String>,
    presence: DeskPresence,
    /// Of a pause.
    reason: Option<String>,
    since_at: Instant,
    /// When the preview or the wrap-up runs out.
    until_at: Option<Instant>,
    calls_today: u32,
    calls_a_day: Option<u32>,
    conversation_id: Option<i64>,
    case_id: Option<i64>,
    /// How the conversation goes.
    now: Option<DeskNow>,
    /// Who listens to it.
    listening: Vec<i64>,
}

/// Shows what every agent is doing.
#[utoipa::path(get, path = "/api/floor", tag = "desk", responses((status = 200, body = FloorPage), Answers))]
pub(super) async fn show(State(console): State<Console>, seat: Seat) -> Result<Json<FloorPage>, Problem> {
    seat.may(Action::KeepFloor)?;
    let (agents, conversations) = console.office.floor();
    let ids: Vec<Agent> = agents.iter().map(|picture| picture.agent).collect();
    let reader = console.access.store().reader();
    let pause_reasons = reader.pause_reasons().await?;
    let names = reader.agent_names(&ids).await?;
    let mut names: BTreeMap<i64, (String, Option<String>)> = names
        .into_iter()
        .map(|(id, name, department)| (id, (name, department)))
        .collect();
    let agents = agents.into_iter().map(|picture| {
        let (name, department) = names.remove(&picture.agent.0).unwrap_or_default();
        let own = conversations
            .iter()
            .find(|other| Some(other.conversation) == picture.conversation);
        FloorAgent {
            account_id: picture.agent.0,
            name,
            department,
            presence: presence_of(&picture.presence),
            reason: match picture.presence {
                Presence::Paused { reason } => Some(reason),
                Presence::Away
                | Presence::Ready
                | Presence::Previewing
                | Presence::Reserved
                | Presence::Ringing
                | Presence::Talking
                | Presence::WrappingUp => None,
            },
            since_at: picture.since.into(),
            until_at: picture.until.map(Into::into),
            calls_today: picture.calls_today,
            calls_a_day: picture.per_day,
            conversation_id: picture.conversation.map(|conversation| conversation.0),
            case_id: picture.case.map(|case| case.0),
            now: own.map(now_of),
            listening: own.map_or_else(Vec::new, |own| own.listening.iter().map(|by| by.0).collect()),
        }
    });
    Ok(Json(FloorPage {
        at: console.now().into(),
        agents: agents.collect(),
        pause_reasons: pause_reasons.into_iter().map(DeskPauseReason::of).collect(),
    }))
}

/// An order that was given.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FloorOrdered {
    conversation_id: i64,
}

/// Rings the supervisor's own phone, which then hears the conversation; nobody hears the supervisor.
#[utoipa::path(post, path = "/api/floor/listen-in", tag = "desk", request_body = DeskOrder,
    responses((status = 200, body = FloorOrdered), Answers))]
pub(super) async fn listen_in(
    State(console): State<Console>,
    seat: Seat,
    JsonBody(asked): JsonBody<DeskOrder>,
) -> Result<Json<FloorOrdered>, Problem> {
    seat.may(Action::ListenIn)?;
    let conversation = Conversation(asked.conversation_id);
    if console.office.conversation_picture(conversation).is_none() {
        return Err(Problem::unreadable(
            StatusCode::NOT_FOUND,
            "no such conversation goes on",
        ));
    }
    note(&console, &seat, "listened_in", conversation.0, None).await?;
    console.office.listen_in(Agent(seat.person().id), conversation).await?;
    Ok(Json(FloorOrdered {
        conversation_id: conversation.0,
    }))
}

/// Listens no more.
#[utoipa::path(post, path = "/api/floor/stop-listening", tag = "desk", request_body = DeskOrder,
    responses((status = 200, body = FloorOrdered), Answers))]
pub(super) async fn stop_listening(
    State(console): State<Console>,
    seat: Seat,
    JsonBody(asked): JsonBody<DeskOrder>,
) -> Result<Json<FloorOrdered>, Problem> {
    seat.may(Action::ListenIn)?;
    let conversation = Conversation(asked.conversation_id);
    console.office.stop_listening(Agent(seat.person().id), conversation)?;
    Ok(Json(FloorOrdered {
        conversation_id: conversation.0,
    }))
}

/// What is to be granted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FloorGrantAsked {
    case_id: i64,
    /// Which agent may.
    account_id: i64,
    /// Why; it stands with the attempt.
    reason: String,
    /// For so many minutes, 60 if nothing is said.
    #[schema(minimum = 1, maximum = 1440)]
    minutes: Option<u32>,
}

/// What was granted.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FloorGrant {
    id: i64,
    until_at: Instant,
}

/// Lets an agent call a case once although the rules of the night say no; the lock of a number always holds.
#[utoipa::path(post, path = "/api/floor/grants", tag = "desk", request_body = FloorGrantAsked,
    responses((status = 201, body = FloorGrant), Answers))]
pub(super) async fn grant(
    State(console): State<Console>,
    seat: Seat,
    JsonBody(asked): JsonBody<FloorGrantAsked>,
) -> Result<(StatusCode, Json<FloorGrant>), Problem> {
    seat.may(Action::OverrideRules)?;
    let reason = wording::line("reason", &asked.reason, wording::SENTENCE)?;
    let minutes = asked.minutes.unwrap_or(60);
    if !(1..=1_440).contains(&minutes) {
        return Err(Problem::bad_request("minutes: expected 1 to 1440"));
    }
    let at = console.now();
    let until = at + Duration::from_secs(u64::from(minutes) * 60);
    let act = Act {
        deed: "granted_call",
        object: Some(format!("case:{}", asked.case_id)),
        reason: Some(reason.clone()),
        detail: Some(serde_json::json!({ "to": asked.account_id, "minutes": minutes })),
        ..Act::default()
    };
    seat.note(&console, act).await?;
    let grant = NewGrant {
        case: CaseId(asked.case_id),
        agent: Agent(asked.account_id),
        by: Agent(seat.person().id),
        reason,
        at,
        until,
    };
    let id = console.access.store().grant_call(grant).await?;
    Ok((
        StatusCode::CREATED,
        Json(FloorGrant {
            id,
            until_at: until.into(),
        }),
    ))
}
