//! `GET /api/desk/live`: what changes at one's own desk, by server-sent events.

use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::now::{now_of, phone_now, presence_of, refusal};
use super::shown::{DeskNow, DeskPhoneNow, DeskPresence, DeskRefusal};
use super::{Changes, at_the_desk};
use crate::engine::office::desk::{Agent, Presence};
use crate::http::Problem;
use crate::http::console::instant::Instant;
use crate::http::console::live::{LiveEvent, OwnLive, Parts};
use crate::http::console::patients::Refused as Answers;
use crate::http::console::{Console, Seat};
use crate::store::console::desk::AgentRow;

/// The control core pictures itself as often.
const EVERY: Duration = Duration::from_millis(250);

/// The data of an event: all of it in `board`, what changed in `change`.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::console) struct DeskEvent {
    me: DeskLiveMe,
    /// Whether a call would reach the agent's phone.
    phone: DeskPhoneNow,
    /// The present conversation, while the control core knows it.
    conversation: Option<DeskLiveConversation>,
    /// It grows when `GET /api/desk` has more to say.
    page: u64,
}

/// The agent, as far as that changes by itself.
#[derive(Debug, Serialize, ToSchema)]
struct DeskLiveMe {
    presence: DeskPresence,
    reason: Option<String>,
    since_at: Option<Instant>,
    until_at: Option<Instant>,
    /// What the agent wishes for after the wrap-up.
    then: Option<DeskPresence>,
    /// Why the call that was asked for last was not made.
    refused: Option<DeskRefusal>,
}

/// A conversation, as far as that changes by itself.
#[derive(Debug, Serialize, ToSchema)]
struct DeskLiveConversation {
    id: i64,
    #[serde(flatten)]
    now: DeskNow,
}

/// Tells what changes at the desk of whoever listens: `board` with everything, `change` with what changed, `beat` when nothing
/// did; `over` when the session is; `elsewhere` when the account has opened so many others that this one makes way. The data of
/// `board` is a `DeskEvent`, that of `change` the parts of one that changed.
#[utoipa::path(
    get,
    path = "/api/desk/live",
    tag = "desk",
    responses((status = 200, body = LiveEvent, content_type = "text/event-stream"), Answers)
)]
pub(super) async fn listen(
    State(console): State<Console>,
    Extension(places): Extension<OwnLive>,
    changes: Changes,
    seat: Seat,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let agent = at_the_desk(&seat)?;
    let row = console.access.store().reader().agent(agent).await?;
    let phone = row.as_ref().and_then(AgentRow::registers_as).map(str::to_owned);
    let look = move |console: &Console| parts(&event(console, agent, phone.as_deref(), &changes));
    let is_use = move |console: &Console| {
        let picture = console.office.agent_picture(agent);
        picture.is_some_and(|picture| is_at_work(&picture.presence))
    };
    places.listen((console, seat.signed_in), &headers, EVERY, look, is_use)
}

/// Whether an agent who says nothing at the console is at work all the same: whoever takes calls waits for the telephone, and whose
/// telephone is not picked up then is paused. Nobody sits at a desk in a break.
const fn is_at_work(presence: &Presence) -> bool {
    match presence {
        Presence::Ready
        | Presence::Previewing
        | Presence::Reserved
        | Presence::Ringing
        | Presence::Talking
        | Presence::WrappingUp => true,
        Presence::Away | Presence::Paused { .. } => false,
    }
}

fn event(console: &Console, agent: Agent, phone: Option<&str>, changes: &Changes) -> DeskEvent {
    let picture = console.office.agent_picture(agent);
    let conversation = picture.as_ref().and_then(|picture| picture.conversation);
    let conversation = conversation.and_then(|id| console.office.conversation_picture(id));
    let me = match picture {
        Some(picture) => DeskLiveMe {
            presence: presence_of(&picture.presence),
            then: picture.then.as_ref().map(presence_of),
            refused: picture.refused.as_ref().map(refusal),
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
            since_at: Some(picture.since.into()),
            until_at: picture.until.map(Into::into),
        },
        None => DeskLiveMe {
            presence: DeskPresence::Away,
            then: None,
            reason: None,
            since_at: None,
            until_at: None,
            refused: None,
        },
    };
    DeskEvent {
        me,
        phone: phone_now(console, phone),
        conversation: conversation.map(|picture| DeskLiveConversation {
            id: picture.conversation.0,
            now: now_of(&picture),
        }),
        page: changes.of(agent.0),
    }
}

fn parts(event: &DeskEvent) -> Parts {
    match serde_json::to_value(event) {
        Ok(serde_json::Value::Object(parts)) => parts,
        Ok(_) | Err(_) => Parts::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_takes_calls_is_at_work_and_who_has_a_break_is_not() {
        for presence in [
            Presence::Ready,
            Presence::Ringing,
            Presence::Talking,
            Presence::WrappingUp,
        ] {
            assert!(is_at_work(&presence), "{presence:?}");
        }
        let reason = "lunch".to_owned();
        for presence in [Presence::Away, Presence::Paused { reason }] {
            assert!(!is_at_work(&presence), "{presence:?}");
        }
    }
}
