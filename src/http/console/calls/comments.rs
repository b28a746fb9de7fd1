//! `/api/calls/{id}/comments` and `/flags`: what people say about a call.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::shown::{BY_HAND, CallId, CallIds, Named, at};
use crate::access::{Act, Action};
use crate::http::Problem;
use crate::http::console::{Console, Seat};
use crate::http::request::JsonBody;
use crate::ids::AttemptId;
use crate::store::console::comments::{CommentRow, FlagRow, LETTERS, Struck};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(strike))
        .routes(routes!(flag))
}

/// The comments of a call, in the order of their moments.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Comments {
    items: Vec<Comment>,
}

/// A comment at a moment.
#[derive(Debug, Serialize, ToSchema)]
struct Comment {
    id: i64,
    author: Named,
    /// The moment of the recording.
    at_ms: i64,
    /// What it says; none once it was taken back.
    text: Option<String>,
    made_at: String,
    /// When it was taken back.
    struck_at: Option<String>,
}

/// A comment to pin.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewComment {
    /// The moment of the recording.
    #[schema(minimum = 0, maximum = 86_400_000)]
    at_ms: i64,
    /// What it says.
    #[schema(min_length = 1, max_length = 2000)]
    text: String,
}

/// What was pinned.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Pinned {
    /// The comment's id.
    id: i64,
}

/// A flag of a call.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Flag {
    /// Its identifier.
    flag: String,
    /// Who put it there; none: the program found it.
    by: Option<String>,
    set_at: String,
}

impl From<FlagRow> for Flag {
    fn from(row: FlagRow) -> Self {
        Self {
            flag: row.flag,
            by: row.by,
            set_at: at(row.set),
        }
    }
}

/// The flags that a call is to have from people.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WantedFlags {
    /// Out of `flags_by_hand` of GET /api/calls/filters; those that are left out are taken off.
    #[schema(max_items = 20)]
    flags: Vec<String>,
}

/// The flags that a call has.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Flags {
    items: Vec<Flag>,
}

impl From<CommentRow> for Comment {
    fn from(row: CommentRow) -> Self {
        Self {
            id: row.id,
            author: Named {
                id: row.account,
                name: row.name,
            },
            at_ms: row.at_ms,
            text: row.text,
            made_at: at(row.made),
            struck_at: row.struck.map(at),
        }
    }
}

/// Lists the comments of a call.
#[utoipa::path(
    get,
    path = "/api/calls/{id}/comments",
    tag = "calls",
    params(("id" = i64, Path, description = "The attempt's id.")),
    responses(
        (status = 200, body = Comments),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(console): State<Console>,
    seat: Seat,
    CallId(id): CallId,
) -> Result<Json<Comments>, Problem> {
    let call = super::call(&console, &seat, Action::SeeCalls, id).await?;
    let rows = console.office.store().reader().comments(call.attempt).await?;
    Ok(Json(Comments {
        items: rows.into_iter().map(Comment::from).collect(),
    }))
}

/// Pins a comment to a moment of a call.
#[utoipa::path(
    post,
    path = "/api/calls/{id}/comments",
    tag = "calls",
    params(("id" = i64, Path, description = "The attempt's id.")),
    request_body = NewComment,
    responses(
        (status = 201, body = Pinned),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn add(
    State(console): State<Console>,
    seat: Seat,
    CallId(id): CallId,
    JsonBody(comment): JsonBody<NewComment>,
) -> Result<(StatusCode, Json<Pinned>), Problem> {
    let call = super::call(&console, &seat, Action::Comment, id).await?;
    let text = words(&comment.text)?;
    if !(0..=86_400_000).contains(&comment.at_ms) {
        return Err(unfit("at_ms is not a moment of a recording; expected 0 to 86400000"));
    }
    let act = Act {
        deed: "commented",
        object: Some(format!("call:{id}")),
        detail: Some(serde_json::json!({ "at_ms": comment.at_ms })),
        ..Act::default()
    };
    seat.note(&console, act).await?;
    let (account, now) = (seat.person().id, console.now());
    let store = console.office.store();
    let pinned = store.comment(call.attempt, account, comment.at_ms, text, now).await?;
    let id = pinned.ok_or_else(|| Problem::unreadable(StatusCode::CONFLICT, "this call has 500 comments already"))?;
    Ok((StatusCode::CREATED, Json(Pinned { id })))
}

/// Takes an own comment back, within five minutes.
#[utoipa::path(
    delete,
    path = "/api/calls/{id}/comments/{comment}",
    tag = "calls",
    params(
        ("id" = i64, Path, description = "The attempt's id."),
        ("comment" = i64, Path, description = "The comment's id."),
    ),
    responses(
        (status = 204, description = "It is struck."),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "It is older than five minutes."),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn strike(
    State(console): State<Console>,
    seat: Seat,
    CallIds(id, comment): CallIds,
) -> Result<StatusCode, Problem> {
    super::call(&console, &seat, Action::Comment, id).await?;
    let act = Act {
        deed: "comment_struck",
        object: Some(format!("call:{id}")),
        detail: Some(serde_json::json!({ "comment": comment })),
        ..Act::default()
    };
    seat.note(&console, act).await?;
    let (account, now) = (seat.person().id, console.now());
    let store = console.office.store();
    match store.strike_comment(AttemptId(id), comment, account, now).await? {
        Struck::Done => Ok(StatusCode::NO_CONTENT),
        Struck::Nobody => Err(Problem::unreadable(
            StatusCode::NOT_FOUND,
            "this call has no such comment",
        )),
        Struck::AnothersOwn => Err(Problem::unreadable(
            StatusCode::FORBIDDEN,
            "somebody else wrote this comment; only its author takes it back",
        )),
        Struck::TooLate => Err(Problem::unreadable(
            StatusCode::CONFLICT,
            "this comment is older than five minutes and stays; write another one",
        )),
    }
}

/// Sets the flags that people put on a call.
#[utoipa::path(
    put,
    path = "/api/calls/{id}/flags",
    tag = "calls",
    params(("id" = i64, Path, description = "The attempt's id.")),
    request_body = WantedFlags,
    responses(
        (status = 200, body = Flags),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn flag(
    State(console): State<Console>,
    seat: Seat,
    CallId(id): CallId,
    JsonBody(wanted): JsonBody<WantedFlags>,
) -> Result<Json<Flags>, Problem> {
    let call = super::call(&console, &seat, Action::Comment, id).await?;
    if wanted.flags.len() > 20 || wanted.flags.iter().any(|flag| !BY_HAND.contains(&flag.as_str())) {
        return Err(unfit(format!(
            "flags has one that people cannot put; expected some of {}",
            BY_HAND.join(", ")
        )));
    }
    let act = Act {
        deed: "flagged",
        object: Some(format!("call:{id}")),
        detail: Some(serde_json::json!({ "flags": wanted.flags })),
        ..Act::default()
    };
    seat.note(&console, act).await?;
    let (account, now) = (seat.person().id, console.now());
    let store = console.office.store();
    store
        .set_call_flags(call.attempt, account, &BY_HAND, wanted.flags, now)
        .await?;
    let rows = store.reader().call_flags(call.attempt).await?;
    Ok(Json(Flags {
        items: rows.into_iter().map(Flag::from).collect(),
    }))
}

fn unfit(detail: impl Into<String>) -> Problem {
    Problem::unreadable(StatusCode::UNPROCESSABLE_ENTITY, detail)
}

/// What may be written: lines of text, nothing that a terminal, a sheet or a header obeys.
fn words(text: &str) -> Result<String, Problem> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    let letters = text.chars().count();
    if letters == 0 || letters > LETTERS {
        return Err(unfit(format!("text has {letters} letters; expected 1 to {LETTERS}")));
    }
    if text
        .chars()
        .any(|letter| letter.is_control() && letter != '\n' && letter != '\t')
    {
        return Err(unfit("text has control characters; expected lines of text"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_comment_is_lines_of_text() {
        assert_eq!(words(" 按键“4”前说\r\n没人来 ").unwrap(), "按键“4”前说\n没人来");
        for unfit in ["", " \n ", "a\0b", "a\rb", "\u{1b}[31m", &"长".repeat(2_001)] {
            assert_eq!(words(unfit).unwrap_err().status, 422, "{unfit:?}");
        }
        assert_eq!(words(&"长".repeat(2_000)).unwrap().chars().count(), 2_000);
    }
}
