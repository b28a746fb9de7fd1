//! `/api/session`: who is signed in, and what the person may do.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::seat::{COOKIE, address_of};
use super::{Console, Seat, Transport};
use crate::access::{ACTIONS, Action, Credentials, Role, Scope, SignedIn};
use crate::http::request::JsonBody;
use crate::http::{Problem, timestamp};
use crate::pii::Pii;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(show, sign_in, sign_out))
        .routes(routes!(change_password))
}

/// What is typed to sign in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    #[schema(max_length = 200)]
    account: String,
    #[schema(value_type = String, format = Password, max_length = 1000)]
    password: Pii<String>,
}

/// What is typed to change the own password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordChange {
    #[schema(value_type = String, format = Password, max_length = 1000)]
    old: Pii<String>,
    /// 10 to 128 characters.
    #[schema(value_type = String, format = Password, max_length = 1000)]
    new: Pii<String>,
}

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Session {
    person: SessionPerson,
    /// What the person may do, and on whose data.
    grants: BTreeMap<Action, Scope>,
    /// What unsafe requests carry in the header `x-csrf-token`.
    csrf: String,
    /// The password was given by somebody else: nothing else is allowed before it is changed.
    password_due: bool,
    /// When the session ends at the latest,
    until_at: String,
    /// and when nobody uses it for this long, in milliseconds.
    idle_ms: u64,
    /// The hospital's name.
    hospital: String,
    /// The hospital's time zone, as `Asia/Shanghai`.
    zone: String,
    /// The version of the daemon.
    version: String,
}

/// A person.
#[derive(Debug, Serialize, ToSchema)]
struct SessionPerson {
    id: i64,
    account: String,
    name: String,
    role: Role,
    department: Option<String>,
}

/// Tells who is signed in.
#[utoipa::path(
    get,
    path = "/api/session",
    tag = "session",
    responses(
        (status = 200, body = Session),
        (status = 401, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn show(State(console): State<Console>, seat: Seat) -> Json<Session> {
    Json(session(&console, &seat.signed_in))
}

fn session(console: &Console, signed_in: &SignedIn) -> Session {
    let person = &signed_in.person;
    Session {
        person: SessionPerson {
            id: person.id,
            account: person.account.clone(),
            name: person.name.clone(),
            role: person.role,
            department: person.department.clone(),
        },
        grants: ACTIONS
            .into_iter()
            .filter_map(|action| Some((action, person.grant(action)?)))
            .collect(),
        csrf: signed_in.csrf.clone(),
        password_due: signed_in.password_due,
        until_at: timestamp(signed_in.until),
        idle_ms: u64::try_from(console.access.limits().idle.as_millis()).unwrap_or(u64::MAX),
        hospital: console.hospital.clone(),
        zone: console.zone.name().to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// Signs in: sets the cookie of a session. Five wrong passwords in a row lock the account for a quarter of an hour.
#[utoipa::path(
    post,
    path = "/api/session",
    tag = "session",
    security(()),
    request_body = SignIn,
    responses(
        (status = 200, body = Session, description = "Signed in; the cookie is set."),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json",
            description = "Wrong account or password (`tries_left`), or locked (`until_at`)."),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json",
            description = "Too many wrong tries from this address (`until_at`)."),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn sign_in(
    State(console): State<Console>,
    parts: Parts,
    JsonBody(typed): JsonBody<SignIn>,
) -> Result<impl IntoResponse, Problem> {
    let agent = parts.headers.get(header::USER_AGENT);
    let credentials = Credentials {
        account: typed.account,
        password: typed.password,
        address: address_of(&parts),
        agent: agent.and_then(|agent| agent.to_str().ok()).map(str::to_owned),
    };
    let begun = console.access.sign_in(credentials, console.now()).await?;
    let cookie = cookie(&console, begun.token.reveal(), console.access.limits().lasts.as_secs());
    Ok((cookie, Json(session(&console, &begun.signed_in))))
}

/// Signs out: the session is over, here and in the daemon.
#[utoipa::path(
    delete,
    path = "/api/session",
    tag = "session",
    responses(
        (status = 204, description = "Signed out."),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn sign_out(State(console): State<Console>, seat: Seat) -> Result<impl IntoResponse, Problem> {
    console
        .access
        .sign_out(&seat.signed_in, seat.address.clone(), console.now())
        .await?;
    Ok((StatusCode::NO_CONTENT, cookie(&console, "", 0)))
}

/// Changes the own password; the person's other sessions end.
#[utoipa::path(
    put,
    path = "/api/session/password",
    tag = "session",
    request_body = PasswordChange,
    responses(
        (status = 204, description = "Changed."),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json",
            description = "The old password is wrong (`tries_left`), or the account is locked (`until_at`)."),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json",
            description = "The new password will not do; `detail` says why."),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn change_password(
    State(console): State<Console>,
    seat: Seat,
    JsonBody(typed): JsonBody<PasswordChange>,
) -> Result<StatusCode, Problem> {
    let (access, now) = (&console.access, console.now());
    access
        .change_password(&seat.signed_in, typed.old, typed.new, seat.address.clone(), now)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The cookie of a session: no script reads it, no other site sends it.
fn cookie(console: &Console, token: &str, seconds: u64) -> AppendHeaders<[(header::HeaderName, String); 1]> {
    let secure = match console.transport {
        Transport::Tls => "; Secure",
        Transport::Plain => "",
    };
    let cookie = format!("{COOKIE}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    AppendHeaders([(header::SET_COOKIE, cookie)])
}
