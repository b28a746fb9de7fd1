//! `/api/calls/{id}/corrections`: answers put right, beside what the patient pressed.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Id, Refusals, deed, refused, said, store};
use crate::access::Action;
use crate::http::Problem;
use crate::http::console::{Console, Seat};
use crate::http::problem::timestamp;
use crate::http::request::JsonBody;
use crate::ids::AttemptId;
use crate::store::console::corrections::{Correctable, Correction, NewCorrection};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(list, correct))
}

/// What kind of answer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AnswerKind {
    /// A value on the question's scale.
    Value,
    /// The patient would not answer.
    Refused,
    /// Nothing was pressed.
    Silent,
    /// What was pressed is no answer.
    Invalid,
}

impl AnswerKind {
    const fn word(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Refused => "refused",
            Self::Silent => "silent",
            Self::Invalid => "invalid",
        }
    }
}

/// What an answer should have been.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CorrectionTyped {
    /// The question's id.
    question: String,
    kind: AnswerKind,
    /// For a value: one of the question's options, or a number in its range.
    #[serde(default)]
    value: Option<i64>,
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
}

/// A correction; the latest of a question counts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CorrectionShown {
    id: i64,
    call_id: i64,
    question: String,
    /// What stood there before: `value`, `refused`, `silent` or `invalid`.
    old_kind: String,
    old_value: Option<i64>,
    old_label: Option<String>,
    kind: String,
    value: Option<i64>,
    label: Option<String>,
    reason: String,
    who: String,
    at: String,
}

impl From<Correction> for CorrectionShown {
    fn from(one: Correction) -> Self {
        Self {
            at: timestamp(one.made_at()),
            id: one.id,
            call_id: one.attempt_id,
            question: one.question,
            old_kind: one.old_kind,
            old_value: one.old_value,
            old_label: one.old_label,
            kind: one.kind,
            value: one.value,
            label: one.label,
            reason: one.reason,
            who: one.who,
        }
    }
}

/// The corrections of a call's answers, and what can be corrected.
#[derive(Debug, Serialize, ToSchema)]
struct Corrections {
    /// By question, the first ones first.
    items: Vec<CorrectionShown>,
    /// The answers as the patient gave them, in their order.
    answers: Vec<CorrectableShown>,
}

/// An answer as the patient gave it, with what it can be corrected to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CorrectableShown {
    question: String,
    title: String,
    kind: String,
    value: Option<i64>,
    label: Option<String>,
    options: Vec<OptionShown>,
    /// Of a score or a number: the smallest and the largest value.
    min: Option<i64>,
    max: Option<i64>,
}

/// A value that has a name.
#[derive(Debug, Serialize, ToSchema)]
struct OptionShown {
    value: i64,
    label: String,
}

impl From<Correctable> for CorrectableShown {
    fn from(one: Correctable) -> Self {
        Self {
            question: one.question,
            title: one.title,
            kind: one.kind,
            value: one.value,
            label: one.label,
            options: one
                .options
                .into_iter()
                .map(|(value, label)| OptionShown { value, label })
                .collect(),
            min: one.range.map(|range| range.0),
            max: one.range.map(|range| range.1),
        }
    }
}

/// The corrections of a call's answers.
#[utoipa::path(
    get, path = "/api/calls/{id}/corrections", tag = "reviews", params(("id" = i64, Path, description = "The call.")),
    responses((status = 200, body = Corrections), Refusals)
)]
async fn list(State(console): State<Console>, seat: Seat, Id(id): Id) -> Result<Json<Corrections>, Problem> {
    let (visible, reader) = (seat.may(Action::SeeCalls)?, store(&console).reader());
    reader.see_call(AttemptId(id), &visible).await.map_err(refused)?;
    let found = reader.corrections(AttemptId(id)).await.map_err(refused)?;
    let answers = reader.correctable(AttemptId(id)).await.map_err(refused)?;
    Ok(Json(Corrections {
        answers: answers.into_iter().map(CorrectableShown::from).collect(),
        items: found.into_iter().map(CorrectionShown::from).collect(),
    }))
}

/// Corrects an answer. What the patient pressed stays; the reason is compulsory.
#[utoipa::path(
    post, path = "/api/calls/{id}/corrections", tag = "reviews", params(("id" = i64, Path, description = "The call.")),
    request_body = CorrectionTyped, responses((status = 201, body = CorrectionShown), Refusals)
)]
async fn correct(
    State(console): State<Console>,
    seat: Seat,
    Id(id): Id,
    JsonBody(typed): JsonBody<CorrectionTyped>,
) -> Result<(StatusCode, Json<CorrectionShown>), Problem> {
    let (visible, store) = (seat.may(Action::CorrectAnswers)?, store(&console));
    let call = AttemptId(id);
    store.reader().see_call(call, &visible).await.map_err(refused)?;
    if (typed.kind == AnswerKind::Value) != typed.value.is_some() {
        let detail = "value: expected for the kind `value`, and for no other";
        return Err(Problem::unreadable(StatusCode::UNPROCESSABLE_ENTITY, detail));
    }
    let reason = said("reason", &typed.reason, 1_000)?;
    let new = NewCorrection {
        call,
        question: said("question", &typed.question, 200)?,
        value: typed.value,
        kind: typed.kind.word().to_owned(),
        reason: reason.clone(),
    };
    let deed = deed(&console, &seat, "corrected", Some(reason));
    let made = store.correct_answer(new, deed).await.map_err(refused)?;
    let all = store.reader().corrections(call).await.map_err(refused)?;
    let one = all.into_iter().find(|one| one.id == made);
    let one = one.ok_or_else(|| Problem::unreadable(StatusCode::NOT_FOUND, "the correction is not there"))?;
    Ok((StatusCode::CREATED, Json(one.into())))
}
