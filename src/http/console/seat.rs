//! Who asks: the session of a request, checked before anything else.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};

use super::Console;
use crate::access::{Act, Action, Person, SignedIn};
use crate::http::Problem;
use crate::store::Visible;

/// The cookie of a session.
pub(super) const COOKIE: &str = "aftercall_session";
/// What a person may ask for before the password is changed that somebody else gave.
const OPEN_WHILE_DUE: [&str; 2] = ["/api/session", "/api/session/password"];
/// What unsafe requests carry besides the cookie, so that no other site can make them.
const CSRF: &str = "x-csrf-token";

/// The person who asks.
#[derive(Clone, Debug)]
pub(in crate::http) struct Seat {
    /// Who, and what the session knows.
    pub(in crate::http) signed_in: SignedIn,
    /// Where the request came from, as far as the connection tells.
    pub(in crate::http) address: Option<String>,
}

impl Seat {
    /// The person.
    pub(in crate::http) const fn person(&self) -> &Person {
        &self.signed_in.person
    }

    /// Whose data the person may do this on; a problem of status 403 if on nobody's.
    pub(in crate::http) fn may(&self, action: Action) -> Result<Visible, Problem> {
        match self.person().grant(action) {
            Some(scope) => Ok(self.person().visible(scope)),
            None => Err(Problem::unreadable(
                StatusCode::FORBIDDEN,
                format!(
                    "the role {} may not do this ({action:?}); an administrator can give another role",
                    self.person().role.word()
                ),
            )),
        }
    }

    /// Writes down what the person does; nothing is done before that has worked.
    pub(in crate::http) async fn note(&self, console: &Console, act: Act) -> Result<i64, Problem> {
        let act = Act {
            address: self.address.clone(),
            ..act
        };
        Ok(console.access.note(self.person(), act, console.now()).await?)
    }
}

impl Seat {
    /// Looks at the session of a request: 401 without one, 403 where the password is due or the header is missing that no
    /// other site can send.
    pub(super) async fn take(parts: &Parts, console: &Console) -> Result<Self, Problem> {
        let token = token(&parts.headers).ok_or_else(not_signed_in)?;
        let signed_in = console
            .access
            .who(token, console.now())
            .await?
            .ok_or_else(not_signed_in)?;
        if !parts.method.is_safe() && given(&parts.headers, CSRF) != Some(signed_in.csrf.as_str()) {
            return Err(Problem::unreadable(
                StatusCode::FORBIDDEN,
                format!("the header {CSRF} is missing or is not this session's; GET /api/session tells it"),
            ));
        }
        if signed_in.password_due && !OPEN_WHILE_DUE.contains(&parts.uri.path()) {
            return Err(Problem::titled(
                StatusCode::FORBIDDEN,
                "password due",
                "请先修改密码 Change your password first: somebody else gave it to you (PUT /api/session/password)",
            ));
        }
        Ok(Self {
            signed_in,
            address: address_of(parts),
        })
    }
}

impl FromRequestParts<Console> for Seat {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Problem> {
        match parts.extensions.get::<Self>() {
            // The guard has looked already.
            Some(seat) => Ok(seat.clone()),
            None => Self::take(parts, console).await,
        }
    }
}

fn not_signed_in() -> Problem {
    Problem::unreadable(
        StatusCode::UNAUTHORIZED,
        "not signed in, or the session is over: sign in again",
    )
}

fn given<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// Where a request comes from, as far as the connection tells.
pub(super) fn address_of(parts: &Parts) -> Option<String> {
    let ConnectInfo(address) = parts.extensions.get::<ConnectInfo<SocketAddr>>()?;
    Some(address.ip().to_canonical().to_string())
}

/// The token of the session's cookie.
fn token(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, token)| token)
}
