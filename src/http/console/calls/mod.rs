//! `/api/calls`: recordings found, replayed and talked about. A call is an attempt; its id is the attempt's.

mod audio;
mod bundle;
mod comments;
mod evidence;
mod filters;
mod head;
mod judgement;
mod list;
mod listening;
mod peaks;
mod shown;
#[cfg(test)]
mod tests;
mod timeline;

use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;

use super::{Console, Seat};
use crate::access::Action;
use crate::http::Problem;
use crate::ids::AttemptId;
use crate::store::console::timeline::CallRecord;

pub(super) use audio::{Heard, Purpose, serve};
pub(super) use list::{CallPage, counted_page};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .merge(list::routes())
        .merge(filters::routes())
        .merge(head::routes())
        .merge(evidence::routes())
        .merge(audio::routes())
        .merge(bundle::routes())
        .merge(peaks::routes())
        .merge(listening::routes())
        .merge(comments::routes())
}

/// The call, if it is there for this person to do this with.
async fn call(console: &Console, seat: &Seat, action: Action, id: i64) -> Result<CallRecord, Problem> {
    let visible = seat.may(action)?;
    let call = console.office.store().reader().call(AttemptId(id), &visible).await?;
    call.ok_or_else(no_such_call)
}

fn no_such_call() -> Problem {
    Problem::unreadable(
        StatusCode::NOT_FOUND,
        "there is no such call among those that you may see",
    )
}
