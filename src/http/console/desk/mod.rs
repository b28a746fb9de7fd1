//! `/api/desk`: an agent's desk, and `/api/floor`: what all agents do.
//!
//! One agent has one seat: `GET /api/desk` shows the same to every tab, every order names the conversation that it is for, and
//! every order is answered with the desk as it is then ([`shown::DeskPage`]). `GET /api/desk/live` tells of changes by
//! server-sent events: `board` and `change` with the members `me`, `conversation` and `page`, of which `change`
//! carries only those that changed, `beat` when nothing did; `page` grows by one whenever `GET /api/desk` has more to say.
//!
//! - `POST /api/desk/ready`, `/away`, `/pause` {reason}: presence. `ready` signs in where nobody is signed in.
//! - `POST /api/desk/next` {}: the next case, or the present one if there is one. `/pick` {case_id}: this case.
//! - `POST /api/desk/dial` {conversation_id, number_id?, number?, reason?}: rings the agent's phone, then the patient. `number` is
//!   one that is not the case's; `reason` uses the right to set rules aside, or a supervisor's grant needs none.
//!   After a refusal, or when the agent's phone did not answer, the conversation is over and nobody was called: `pick` puts the
//!   same case before the agent anew.
//! - `POST /api/desk/skip` {conversation_id, reason}.
//! - `POST /api/desk/hang-up`, `/hold`, `/resume`, `/mute`, `/unmute`, `/recording/pause`, `/recording/resume`,
//!   `/wrap-up-done` {conversation_id}.
//! - `POST /api/desk/keys` {conversation_id, key}, `/transfer` {conversation_id, number}.
//! - `POST /api/desk/answers` {conversation_id, question, value? | refused: true, remark?}.
//! - `POST /api/desk/notes` {conversation_id, text, version}: autosave; 409 when a newer version is there.
//! - `POST /api/desk/outcome` {conversation_id, outcome, cause?, appointment_at?, language?, follow_up_at?}.
//! - `POST /api/desk/appointment` {conversation_id, appointment_at}, `/ticket` {conversation_id, department, text, due_at}.
//! - Number repair is `POST /api/repair/...` as ever.
//! - `GET /api/floor`, `POST /api/floor/listen-in`, `/stop-listening` {conversation_id}, `/grants` {case_id, account_id, reason,
//!   minutes}.

mod floor;
mod form;
mod live;
mod now;
mod orders;
mod outcomes;
mod page;
mod shown;
mod writing;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Extension;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) use self::live::DeskEvent;
use super::live::OwnLive;
use super::{Console, Seat};
use crate::access::Action;
use crate::engine::office::desk::Agent;
use crate::http::Problem;
use crate::store::console::desk::Refused;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(orders::show))
        .routes(routes!(live::listen))
        .routes(routes!(orders::ready))
        .routes(routes!(orders::away))
        .routes(routes!(orders::pause))
        .routes(routes!(orders::next))
        .routes(routes!(orders::pick))
        .routes(routes!(orders::skip))
        .routes(routes!(orders::dial))
        .routes(routes!(orders::hang_up))
        .routes(routes!(orders::hold))
        .routes(routes!(orders::resume))
        .routes(routes!(orders::mute))
        .routes(routes!(orders::unmute))
        .routes(routes!(orders::pause_recording))
        .routes(routes!(orders::resume_recording))
        .routes(routes!(orders::keys))
        .routes(routes!(orders::transfer))
        .routes(routes!(writing::answer))
        .routes(routes!(writing::write_note))
        .routes(routes!(writing::say_outcome))
        .routes(routes!(writing::appointment))
        .routes(routes!(writing::ticket))
        .routes(routes!(writing::wrap_up_done))
        .routes(routes!(floor::show))
        .routes(routes!(floor::listen_in))
        .routes(routes!(floor::stop_listening))
        .routes(routes!(floor::grant))
        .layer(Extension(Changes::default()))
        .layer(Extension(OwnLive::default()))
}

/// How often the desks of agents were changed by their own hands: every tab learns from it that there is more to see.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes(Arc<Mutex<BTreeMap<i64, u64>>>);

impl Changes {
    fn count(&self, account: i64) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *all.entry(account).or_default() += 1;
    }

    fn of(&self, account: i64) -> u64 {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&account).copied().unwrap_or_default()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Changes {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// The agent whose desk this is.
fn at_the_desk(seat: &Seat) -> Result<Agent, Problem> {
    seat.may(Action::Call)?;
    Ok(Agent(seat.person().id))
}

/// Why the store did not do it.
fn refused(why: Refused) -> Problem {
    let (status, title) = match why {
        Refused::NotPresent => (StatusCode::CONFLICT, "not the present conversation"),
        Refused::NobodyCalled | Refused::StillUp => (StatusCode::CONFLICT, "not in this state"),
        Refused::OutcomeFirst => (StatusCode::CONFLICT, "outcome first"),
        Refused::OlderNote(_) => (StatusCode::CONFLICT, "an older version"),
        Refused::DoesNotFollow(_) | Refused::NoSuchKey | Refused::MayNot(_) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "refused")
        }
    };
    Problem::titled(status, title, why.to_string())
}
