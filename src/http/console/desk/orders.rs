//! What an agent orders: presence, the next case, a call and what is done to it.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::page::page;
use super::shown::{DeskOrder, DeskPage};
use super::{Changes, at_the_desk, refused};
use crate::access::{Act, Action};
use crate::engine::office::desk::{Agent, CallTurn, Conversation, DeskTurn, Granted, Whom};
use crate::http::Problem;
use crate::http::console::patients::Refused as Answers;
use crate::http::console::{Console, Seat, wording};
use crate::http::request::JsonBody;
use crate::ids::{CaseId, NumberId};
use crate::phone::{Key, Number};
use crate::store::console::desk::Reserved;

type Desk = Result<Json<DeskPage>, Problem>;

/// The desk after an order.
pub(super) async fn shown(console: &Console, seat: &Seat, changes: &Changes) -> Desk {
    changes.count(seat.person().id);
    Ok(Json(page(console, seat).await?))
}

/// Writes down what an agent does in a conversation.
pub(super) async fn note(
    console: &Console,
    seat: &Seat,
    deed: &'static str,
    conversation: i64,
    detail: Option<serde_json::Value>,
) -> Result<(), Problem> {
    let act = Act {
        deed,
        object: Some(format!("conversation:{conversation}")),
        detail,
        ..Act::default()
    };
    seat.note(console, act).await?;
    Ok(())
}

/// Shows the desk: the agent, the case before him or her with everything beside it, and what comes next.
#[utoipa::path(get, path = "/api/desk", tag = "desk", responses((status = 200, body = DeskPage), Answers))]
pub(super) async fn show(State(console): State<Console>, seat: Seat) -> Desk {
    at_the_desk(&seat)?;
    Ok(Json(page(&console, &seat).await?))
}

/// Nothing but the order itself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeskNothing {}

/// Takes calls from now on; whoever is not at the desk comes to it.
#[utoipa::path(post, path = "/api/desk/ready", tag = "desk", request_body = DeskNothing,
    responses((status = 200, body = DeskPage), Answers))]
pub(super) async fn ready(
    State(console): State<Console>,
    seat: Seat,
    changes: Changes,
    JsonBody(DeskNothing {}): JsonBody<DeskNothing>,
) -> Desk {
    turn(&console, &seat, &changes, DeskTurn::Ready).await
}

/// Leaves the desk; in a conversation, when it is over.
#[utoipa::path(post, path = "/api/desk/away", tag = "desk", request_body = DeskNothing,
    responses((status = 200, body = DeskPage), Answers))]
pub(super) async fn away(
    State(console): State<Console>,
    seat: Seat,
    changes: Changes,
    JsonBody(DeskNothing {}): JsonBody<DeskNothing>,
) -> Desk {
    turn(&console, &seat, &changes, DeskTurn::Away).await
}

/// Why one pauses.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeskPauseAsked {
    /// One of `pause_reasons`.
    reason: String,
}

/// Takes no calls; in a conversation or a wrap-up, when it is over.
#[utoipa::path(post, path = "/api/desk/pause", tag = "desk", request_body = DeskPauseAsked,
    responses((status = 200, body = DeskPage), Answers))]
pub(super) async fn pause(
    State(console): State<Console>,
    seat: Seat,
    changes: Changes,
    JsonBody(asked): JsonBody<DeskPauseAsked>,
) -> Desk {
    let reason = wording::line("reason", &asked.reason, 40)?;
    turn(&console, &seat, &changes, DeskTurn::Pause(reason)).await
}

async fn turn(console: &Console, seat: &Seat, changes: &Changes, turn: DeskTurn) -> Desk {
    let agent = at_the_desk(seat)?;
    console.office.desk_turn(agent, turn).await?;
    shown(console, seat, changes).await
}

/// Puts the next case before the agent, or shows the one that is there already. Nothing is there: `conversation` is null.
#[utoipa::path(post, path = "/api/desk/next", tag = "desk", request_body = DeskNothing,
    responses((status = 200, body = DeskPage), Answers))]
pub(super) async fn next(
    State(console): State<Console>,
    seat: Seat,
    changes: Changes,
    JsonBody(DeskNothing {}): JsonBody<DeskNothing>,
) -> Desk {
    let agent = at_the_desk(&seat)?;
    let reserved = console.office.desk_next(agent).await?.map_err(refused)?;
    opened(&console, &seat, reserved).await?;
    shown(&console, &seat, &changes).await
}

/// Which case.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeskPickAsked {
    case_id: i64,
}

/// Puts this case before the agent; whoever has one keeps it.
#[utoipa::path(post, path = "/api/desk/pick", tag = "desk", request_body = DeskPickAsked,
    responses((status = 200, body = DeskPage), Answers))]
pub(super) async fn pick(
    State(console): State<Console>,
    seat: Seat,
    changes: Changes,
    JsonBody(asked): JsonBody<DeskPickAsked>,
) -> Desk {
    let agent = at_the_desk(&seat)?;
    let case = CaseId(asked.case_id);
    let visible = seat.may(Action::SeePatients)?;
    let reader = console.access.store().reader();
    let patient = reader.case_owner(case).await?;
    reader.need_patient(patient, &visible).await?;
    let reserved = console.office.desk_pick(agent, case).await?.map_err(refused)?;
    opened(&console, &seat, reserved).await?;
    shown(&console, &seat, &changes).await
}

/// That a case is before an agent shows the patient's name: it is written down before the answer.
async fn opened(console: &Console, seat: &Seat, reserved: Reserved) -> Result<(), Problem> {
    if let Reserved::New(conversation, case) = reserved {
        let detail = serde_json::json!({ "case": case.0 });
        note(console, seat, "opened_case", conversation.0, Some(detail)).await?;
    }
    Ok(())
}

/// Why a case is put back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeskSkipAsked {
    conversation_id: i64,
    /// In a few words.
    reason: String,
}

/// Puts the case back; it does not come before the same agent again for half an hour.
#[utoipa::path(post, path = "/api/desk/skip", tag = "desk", request_body = DeskSkipAsked,
    responses((status = 200, body = DeskPage), Answers))]
pub(super) async fn skip(
    State(console): State<Console>,
    seat: Seat,
    changes: Changes,
    JsonBody(asked): JsonBody<DeskSkipAsked>,
) -> Desk {
    let agent = at_the_desk(&seat)?;
    let reason = wording::line("reason", &asked.reason, wording::SENTENCE)?;
    let conversation = Conversation(asked.conversation_id);
    console
        .office
        .desk_skip(agent, conversation, reason)
        .await?
        .map_err(refused)?;
    shown(&console, &seat, &changes).await
}

/// Whom to call.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeskDialAsked {
    conversation_id: i64,
    /// One of the patient's numbers; nothing: the one that the rules of the night would take.
    number_id: Option<i64>,
    /// A number that is not the case's, in its place: it needs a grant.
    number: Option<String>,
    /// Why rules are to be set aside: of whoever may do that. A supervisor's grant for the case needs no word here.
    reason: Option<String>,
}

/// Rings the agent's phone, then calls the patient. Said again it does nothing more.
#[utoipa::path(post, path = "/api/desk/dial", tag = "desk", request_body = DeskDialAsked,
    responses((status = 200, body = DeskPage), Answers))]
pub(super) async fn dial(
    State(console): State<Console>,
    seat: Seat,
    changes: Changes,
    JsonBody(asked): JsonBody<DeskDialAsked>,
) -> Desk {
    let agent = at_the_desk(&seat)?;
    let whom = match (asked.number_id, asked.number.as_deref()) {
        (None, None) => Whom::Next,
        (Some(id), None) => Whom::Known(NumberId(id)),
        (None, Some(number)) => Whom::Other(console.office.read_number(number)?),
        (Some(_), Some(_)) => return Err(Problem::bad_request("number_id or number: expected one of them")),
    };
    let conversation = Conversation(asked.conversation_id);
    let granted = granted(&console, &seat, agent, conversation, asked.reason.as_deref()).await?;
    let detail = serde_json::json!({
        "number": asked.number_id,
        "is_other": asked.number.is_some(),
        "granted_by": granted.as_ref().map(|granted| granted.by.0),
    });
    let act = Act {
        deed: "dialed",
        object: Some(format!("conversation:{}", conversation.0)),
        reason: granted.as_ref().map(|granted| granted.reason.clone()),
        detail: Some(detail),
        ..Act::default()
    };
    seat.note(&console, act).await?;
    console
        .office
        .desk_dial(agent, conversation, whom, granted)
        .await?
        .map_err(refused)?;
    shown(&console, &seat, &changes).await
}

/// The right of whoever asks, with a reason, or a supervisor's grant that waits for this agent and case.
async fn granted(
    console: &Console,
    seat: &Seat,
    agent: Agent,
    conversation: Conversation,
    reason: Option<&str>,
) -> Result<Option<Granted>, Problem> {
    if let Some(reason) = reason {
        seat.may(Action::OverrideRules)?;
        let reason = wording::line("reason", reason, wording::SENTENCE)?;
        return Ok(Some(Granted { by: agent, reason }));
    }
    let reader = console.access.store().reader();
    let Some((_, case, _)) = reader.conversation_case(conversation).await? else {
        return Ok(None);
    };
    let grant = reader.grant_for(CaseId(case), agent, console.now()).await?;
    Ok(grant.map(|(by, reason)| Granted { by: Agent(by), reason }))
}

async fn call(console: &Console, seat: &Seat, changes: &Changes, asked: &DeskOrder, turn: CallTurn) -> Desk {
    let agent = at_the_desk(seat)?;
    console
        .office
        .call_turn(agent, Conversation(asked.conversation_id), turn)?;
    shown(console, seat, changes).await
}

/// Ends both legs, whatever their state.
#[utoipa::path(post, path = "/api/desk/hang-up", tag = "desk", request_body = DeskOrder,
    responses((status = 200, body = DeskPage), Answers))]
pub(super) async fn hang_up(
    State(console): State<Console>,
    seat: Seat,
    changes: Changes,
    JsonBody(asked): JsonBody<DeskOrder>,
) -> Desk {
    call(&console, &seat, &changes, &asked, CallTurn::HangUp).await
}

/// The patient hears music, the agent nothing.
#[utoipa::path(post, path = "/api/desk/hold", tag = "desk", request_body = DeskOrder,
    responses((status = 200, body = DeskPage), Answers))]
pub(super) async fn hold(
    State(console): State<Console>,
    seat: Seat,
    changes: Changes,
    JsonBody(asked): JsonBody<DeskOrder>,
) -> Desk {
    call(&console, &seat, &changes, &asked, CallTurn::Hold).await
}

/// Both hear each other again.
#[utoipa::path(post, path = "/api/desk/resume", tag = "desk", request_body = DeskOrder,
    responses((status = 200, body = DeskPage), Answers))]
pub(super) async fn resume(
    State(console): State<Console>,
    seat: Seat,
    changes: Changes,
    JsonBody(asked): JsonBody<DeskOrder>,
) -> Desk {
    call(&console, &seat, &changes, &asked, CallTurn::Resume).await
}

/// Nobody hears the agent any more, nor does the recording; the agent hears the patient.
#[utoipa::path(post, path = "/api/desk/mute", tag = "desk", request_body = DeskOrder,
    responses((status = 200, body = DeskPage), Answers))]
pub(super) async fn mute(
    State(console): State<Console>,
    seat: Seat,
    changes: Changes,
    JsonBody(asked): JsonBody<DeskOrder>,
) -> Desk {
    call(&console, &seat, &changes, &asked, CallTurn::Mute).await
}

/// The agent is heard again.
#[utoipa::path(post, path = "/api/desk/unmute", tag = "desk", request_body = DeskOrder,
    responses((status = 200, body = DeskPage), Answers))]
pub(super) async fn unmute(
    State(console): State<Console>,
    seat: Seat,
    changes: Changes,
    JsonBody(asked): JsonBody<DeskOrder>,
) -> Desk {
    call(&console, &seat, &changes, &asked, CallTurn::Unmute).await
}

/// Leaves a stretch out of the recording; the time line goes on.
#[utoipa::path(post, path = "/api/desk/recording/pause", tag = "desk", request_body = DeskOrder,
    responses((status = 200, body = DeskPage), Answers))]
pub(super) async fn pause_recording(
    State(console): State<Console>,
    seat: Seat,
    changes: Changes,
    JsonBody(asked): JsonBody<DeskOrder>,
) -> Desk {
    at_the_desk(&seat)?;
    note(&console, &seat, "paused_recording", asked.conversation_id, None).await?;
    call(&console, &seat, &changes, &asked, CallTurn::PauseRecording).await
}

/// Records again.
#[utoipa::path(post, path = "/api/desk/recording/resume", tag = "desk", request_body = DeskOrder,
    responses((status = 200, body = DeskPage), Answers))]
pub(super) async fn resume_recording(
    State(console): State<Console>,
    seat: Seat,
    changes: Changes,
    JsonBody(asked): JsonBody<DeskOrder>,
) -> Desk {
    at_the_desk(&seat)?;
    note(&console, &seat, "resumed_recording", asked.conversation_id, None).await?;
    call(&console, &seat, &changes, &asked, CallTurn::ResumeRecording).await
}

/// Which key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeskKeyAsked {
    conversation_id: i64,
    /// `0` to `9`, `*` or `#`.
    key: String,
}

/// Sends a key to the patient's side.
#[utoipa::path(post, path = "/api/desk/keys", tag = "desk", request_body = DeskKeyAsked,
    responses((status = 200, body = DeskPage), Answers))]
pub(super) async fn keys(
    State(console): State<Console>,
    seat: Seat,
    changes: Changes,
    JsonBody(asked): JsonBody<DeskKeyAsked>,
) -> Desk {
    let agent = at_the_desk(&seat)?;
    let mut letters = asked.key.chars();
    let key = match (letters.next().and_then(Key::from_char), letters.next()) {
        (Some(key), None) => key,
        (Some(_) | None, _) => return Err(Problem::bad_request("key: expected one of 0 to 9, * and #")),
    };
    console
        .office
        .press_key(agent, Conversation(asked.conversation_id), key)?;
    shown(&console, &seat, &changes).await
}

/// Whither.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeskTransferAsked {
    conversation_id: i64,
    /// One of `transfers`.
    number: String,
}

/// Connects the patient with a department's telephone and lets the agent go.
#[utoipa::path(post, path = "/api/desk/transfer", tag = "desk", request_body = DeskTransferAsked,
    responses((status = 200, body = DeskPage), Answers))]
pub(super) async fn transfer(
    State(console): State<Console>,
    seat: Seat,
    changes: Changes,
    JsonBody(asked): JsonBody<DeskTransferAsked>,
) -> Desk {
    let agent = at_the_desk(&seat)?;
    let number = Number::parse(&asked.number).map_err(|why| Problem::bad_request(format!("number: {why}")))?;
    let detail = serde_json::json!({ "number": number.reveal() });
    note(&console, &seat, "transferred", asked.conversation_id, Some(detail)).await?;
    console
        .office
        .transfer(agent, Conversation(asked.conversation_id), number)?;
    shown(&console, &seat, &changes).await
}
