//! Judging calls: scorecards, samples, the queue, reviews, agreement, corrections of answers, and their export.

mod cards;
mod corrections;
mod evidence;
mod export;
mod judging;
mod queue;
mod samples;
mod shown;

use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use utoipa_axum::router::OpenApiRouter;

pub(super) use evidence::judged;

use super::{Console, Seat};
use crate::http::Problem;
use crate::moment::Wall;
use crate::store::console::audit::Deed;
use crate::store::console::reviews::Refused;
use crate::store::console::samples::Reviewer;
use crate::store::{self, Store};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .merge(cards::routes())
        .merge(samples::routes())
        .merge(queue::routes())
        .merge(judging::routes())
        .merge(corrections::routes())
        .merge(export::routes())
}

/// What every route here may answer instead.
#[derive(utoipa::IntoResponses)]
#[expect(
    dead_code,
    reason = "the description of the API reads its variants, nothing makes one"
)]
enum Refusals {
    /// It cannot be read; `detail` says what was expected.
    #[response(status = 400, content_type = "application/problem+json")]
    Unreadable(Problem),
    /// Not signed in.
    #[response(status = 401, content_type = "application/problem+json")]
    SignedOut(Problem),
    /// Not granted to this role.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Problem),
    /// Not there, or not to be seen by this person.
    #[response(status = 404, content_type = "application/problem+json")]
    Nothing(Problem),
    /// Not in this state: signed, published, somebody else's.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(Problem),
    /// Too large.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(Problem),
    /// Not JSON.
    #[response(status = 415, content_type = "application/problem+json")]
    NotJson(Problem),
    /// Understood and refused; `detail` names every fault.
    #[response(status = 422, content_type = "application/problem+json")]
    Faulty(Problem),
    /// The daemon cannot do it now.
    #[response(status = 503, content_type = "application/problem+json")]
    Away(Problem),
}

/// A row's number in the path.
struct Id(i64);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<i64>::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(_) => Err(Problem::bad_request("the id in the path is not a whole number")),
        }
    }
}

/// What the store says, for whoever asked.
fn refused(error: store::Error) -> Problem {
    let store::Error::Judging(why) = &error else {
        return if matches!(error, store::Error::NoAttempt(_)) {
            Problem::unreadable(StatusCode::NOT_FOUND, error.to_string())
        } else {
            error.into()
        };
    };
    let (status, title) = match why {
        Refused::NoScorecard { .. }
        | Refused::NoSample { .. }
        | Refused::NoReview { .. }
        | Refused::NoAnswer { .. } => (StatusCode::NOT_FOUND, "not there"),
        Refused::Published
        | Refused::Unpublished
        | Refused::Signed
        | Refused::Unsigned
        | Refused::NotYours { .. }
        | Refused::Unclaimed
        | Refused::Claimed { .. }
        | Refused::SamePerson { .. }
        | Refused::NotFirst => (StatusCode::CONFLICT, "not in this state"),
        Refused::Faulty { .. }
        | Refused::NoCalls
        | Refused::TooMany
        | Refused::NoReviewer { .. }
        | Refused::NotOnScale { .. }
        | Refused::NoChange => (StatusCode::UNPROCESSABLE_ENTITY, "refused"),
    };
    Problem::titled(status, title, error.to_string())
}

const fn store(console: &Console) -> &Store {
    console.access.store()
}

/// What the audit log will say; the row it is done to is named where it is done.
fn deed(console: &Console, seat: &Seat, deed: &str, reason: Option<String>) -> Deed {
    let person = seat.person();
    Deed {
        at: console.now(),
        account_id: Some(person.id),
        who: person.account.clone(),
        deed: deed.to_owned(),
        object: None,
        reason,
        detail: None,
        address: seat.address.clone(),
    }
}

/// The person as a reviewer.
fn reviewer(seat: &Seat) -> Reviewer {
    let person = seat.person();
    Reviewer {
        id: person.id,
        name: person.name.clone(),
    }
}

/// A text that must be there: 1 to `most` characters, none of them a control character.
fn said(name: &str, text: &str, most: usize) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > most || text.chars().any(char::is_control) {
        let detail = format!("{name}: expected 1 to {most} characters, none of them a control character");
        return Err(Problem::unreadable(StatusCode::UNPROCESSABLE_ENTITY, detail));
    }
    Ok(text.to_owned())
}

/// A time as JSON has it.
fn time(name: &str, text: &str) -> Result<Wall, Problem> {
    let wrong = || {
        let detail = format!("{name}: expected a time between 1970 and 2200 as 2026-11-20T19:04:12.000Z");
        Problem::unreadable(StatusCode::UNPROCESSABLE_ENTITY, detail)
    };
    let at = chrono::DateTime::parse_from_rfc3339(text).map_err(|_| wrong())?;
    match at.timestamp_millis() {
        millis @ 0..7_258_118_400_000 => Ok(Wall::from_millis(millis)),
        _ => Err(wrong()),
    }
}
