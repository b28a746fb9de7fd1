//! What an agent writes down: answers, notes, the outcome, an appointment, tickets, the end of the wrap-up.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::orders::{note, shown};
use super::outcomes::needs;
use super::shown::{DeskNeeds, DeskOrder, DeskPage};
use super::{Changes, at_the_desk, refused};
use crate::engine::office::AppointmentRequest;
use crate::engine::office::desk::{AnswerGiven, Conversation, OutcomeSaid};
use crate::http::Problem;
use crate::http::console::instant::Instant;
use crate::http::console::patients::Refused as Answers;
use crate::http::console::{Console, Seat, wording};
use crate::http::request::JsonBody;
use crate::ids::CaseId;
use crate::outcome::Disposition;
use crate::store::appointment::Which;
use crate::store::console::desk::{NewTicket, NoteText, Refused};

/// Letters of a note at most.
const NOTE: usize = 4_000;
/// Letters of a remark beside an answer.
const REMARK: usize = 500;
/// Letters of a ticket.
const TICKET: usize = 2_000;

/// An answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeskAnswerAsked {
    conversation_id: i64,
    /// The step's id.
    question: String,
    /// The value; nothing: the patient refuses this question.
    value: Option<i64>,
    /// The patient pressed it: which of the keys so far, counted from 1.
    key_seq: Option<u32>,
    /// What is written beside it.
    remark: Option<String>,
}

/// Writes an answer down; what stood there is kept beside it.
#[utoipa::path(post, path = "/api/desk/answers", tag = "desk", request_body = DeskAnswerAsked,
    responses((status = 200, body = DeskPage), Answers))]
pub(super) async fn answer(
    State(console): State<Console>,
    seat: Seat,
    changes: Changes,
    JsonBody(asked): JsonBody<DeskAnswerAsked>,
) -> Result<Json<DeskPage>, Problem> {
    let agent = at_the_desk(&seat)?;
    let remark = asked
        .remark
        .as_deref()
        .map(str::trim)
        .filter(|remark| !remark.is_empty());
    let given = AnswerGiven {
        question: wording::line("question", &asked.question, 100)?,
        value: asked.value,
        key_seq: asked.key_seq,
        remark: remark
            .map(|remark| wording::lines("remark", remark, REMARK))
            .transpose()?,
    };
    let conversation = Conversation(asked.conversation_id);
    console
        .office
        .give_answer(agent, conversation, given)
        .await?
        .map_err(refused)?;
    shown(&console, &seat, &changes).await
}

/// A note as it is typed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeskNoteAsked {
    conversation_id: i64,
    /// All of it; may be empty.
    text: String,
    /// One more than the version that it was made from.
    version: i64,
}

/// A note that was saved.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeskNoteKept {
    version: i64,
    saved_at: Instant,
}

/// Saves the note; 409 if a newer version is there.
#[utoipa::path(post, path = "/api/desk/notes", tag = "desk", request_body = DeskNoteAsked,
    responses((status = 200, body = DeskNoteKept), Answers))]
pub(super) async fn write_note(
    State(console): State<Console>,
    seat: Seat,
    JsonBody(asked): JsonBody<DeskNoteAsked>,
) -> Result<Json<DeskNoteKept>, Problem> {
    let agent = at_the_desk(&seat)?;
    let text = match asked.text.trim().is_empty() {
        true => String::new(),
        false => wording::lines("text", &asked.text, NOTE)?,
    };
    if !(1..=1_000_000).contains(&asked.version) {
        return Err(Problem::bad_request("version: expected one more than that of the note"));
    }
    let at = console.now();
    let typed = NoteText {
        agent,
        conversation: Conversation(asked.conversation_id),
        text,
        version: asked.version,
        at,
    };
    let saved = console.access.store().save_note(typed).await?.map_err(refused)?;
    Ok(Json(DeskNoteKept {
        version: saved.version,
        saved_at: at.into(),
    }))
}

/// What came of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeskOutcomeAsked {
    conversation_id: i64,
    /// One of `outcomes` that may be chosen.
    outcome: String,
    /// Why, in a few words.
    cause: Option<String>,
    /// When the patient wants to be called.
    appointment_at: Option<Instant>,
    /// What the patient speaks.
    language: Option<String>,
    /// When the next follow-up of this encounter is due.
    follow_up_at: Option<Instant>,
}

/// Says what came of the conversation, after both legs are over; may be said again until the wrap-up is done.
#[utoipa::path(post, path = "/api/desk/outcome", tag = "desk", request_body = DeskOutcomeAsked,
    responses((status = 200, body = DeskPage), Answers))]
pub(super) async fn say_outcome(
    State(console): State<Console>,
    seat: Seat,
    changes: Changes,
    JsonBody(asked): JsonBody<DeskOutcomeAsked>,
) -> Result<Json<DeskPage>, Problem> {
    let agent = at_the_desk(&seat)?;
    let line = |what, text: Option<&str>, most| text.map(|text| wording::line(what, text, most)).transpose();
    let outcome = Disposition::parse(&asked.outcome)
        .ok_or_else(|| Problem::bad_request("outcome: expected one of `outcomes` of the conversation"))?;
    let cause = line("cause", asked.cause.as_deref(), wording::SENTENCE)?;
    let language = line("language", asked.language.as_deref(), 40)?;
    let lacks = match needs(outcome) {
        DeskNeeds::Cause if cause.is_none() => Some("请写明原因 cause: say why in a few words"),
        DeskNeeds::Appointment if asked.appointment_at.is_none() => Some("请选择约定时间 appointment_at: when?"),
        DeskNeeds::Language if language.is_none() => Some("请填写语言或方言 language: which one?"),
        DeskNeeds::Nothing | DeskNeeds::Cause | DeskNeeds::Appointment | DeskNeeds::Language => None,
    };
    if let Some(lacks) = lacks {
        return Err(Problem::titled(StatusCode::UNPROCESSABLE_ENTITY, "refused", lacks));
    }
    if outcome != Disposition::Appointment && asked.appointment_at.is_some() {
        return Err(Problem::bad_request(
            "appointment_at belongs to the outcome appointment",
        ));
    }
    let said = OutcomeSaid {
        outcome,
        cause,
        appointment: asked.appointment_at.map(|at| at.0),
        follow_up: asked.follow_up_at.map(|at| at.0),
        language,
    };
    let conversation = Conversation(asked.conversation_id);
    let chosen = console
        .office
        .say_outcome(agent, conversation, said)
        .await?
        .map_err(refused)?;
    let detail = serde_json::json!({ "outcome": outcome.as_str(), "call": chosen.attempt.0 });
    note(&console, &seat, "chose_outcome", conversation.0, Some(detail)).await?;
    shown(&console, &seat, &changes).await
}

/// When the patient wants to be called.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeskAppointmentAsked {
    conversation_id: i64,
    /// In the future, within the hours in which anybody may be called, before the deadline.
    appointment_at: Instant,
}

/// Makes an appointment for the case; the outcome `appointment` does so by itself.
#[utoipa::path(post, path = "/api/desk/appointment", tag = "desk", request_body = DeskAppointmentAsked,
    responses((status = 200, body = DeskPage), Answers))]
pub(super) async fn appointment(
    State(console): State<Console>,
    seat: Seat,
    changes: Changes,
    JsonBody(asked): JsonBody<DeskAppointmentAsked>,
) -> Result<Json<DeskPage>, Problem> {
    let agent = at_the_desk(&seat)?;
    let open = console.access.store().reader().open_conversation(agent).await?;
    let case = open
        .filter(|row| row.id == asked.conversation_id)
        .and_then(|row| row.case_id);
    let case = case.ok_or_else(|| refused(Refused::NotPresent))?;
    let request = AppointmentRequest {
        which: Which::Case(CaseId(case)),
        at: Some(asked.appointment_at.0),
        who: seat.person().account.clone(),
    };
    let detail = serde_json::json!({ "appointment": asked.appointment_at });
    note(&console, &seat, "made_appointment", asked.conversation_id, Some(detail)).await?;
    console.office.set_appointment(request).await?;
    shown(&console, &seat, &changes).await
}

/// A problem for a department.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeskTicketAsked {
    conversation_id: i64,
    department: String,
    text: String,
    /// By when it is to be looked into.
    due_at: Instant,
}

/// A ticket that was opened.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeskTicketOpened {
    id: i64,
}

/// Opens a ticket.
#[utoipa::path(post, path = "/api/desk/ticket", tag = "desk", request_body = DeskTicketAsked,
    responses((status = 201, body = DeskTicketOpened), Answers))]
pub(super) async fn ticket(
    State(console): State<Console>,
    seat: Seat,
    changes: Changes,
    JsonBody(asked): JsonBody<DeskTicketAsked>,
) -> Result<(StatusCode, Json<DeskTicketOpened>), Problem> {
    let agent = at_the_desk(&seat)?;
    let ticket = NewTicket {
        agent,
        conversation: Conversation(asked.conversation_id),
        department: wording::line("department", &asked.department, 100)?,
        text: wording::lines("text", &asked.text, TICKET)?,
        due: asked.due_at.0,
        at: console.now(),
    };
    let id = console.access.store().open_ticket(ticket).await?.map_err(refused)?;
    let detail = serde_json::json!({ "ticket": id });
    note(&console, &seat, "opened_ticket", asked.conversation_id, Some(detail)).await?;
    changes.count(agent.0);
    Ok((StatusCode::CREATED, Json(DeskTicketOpened { id })))
}

/// Ends the wrap-up: from now on nothing of the conversation changes. Of a patient who did not answer, what the facts say is
/// the outcome unless another was chosen.
#[utoipa::path(post, path = "/api/desk/wrap-up-done", tag = "desk", request_body = DeskOrder,
    responses((status = 200, body = DeskPage), Answers))]
pub(super) async fn wrap_up_done(
    State(console): State<Console>,
    seat: Seat,
    changes: Changes,
    JsonBody(asked): JsonBody<DeskOrder>,
) -> Result<Json<DeskPage>, Problem> {
    let agent = at_the_desk(&seat)?;
    let conversation = Conversation(asked.conversation_id);
    console
        .office
        .wrap_up_done(agent, conversation)
        .await?
        .map_err(refused)?;
    shown(&console, &seat, &changes).await
}
