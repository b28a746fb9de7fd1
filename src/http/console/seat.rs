//! Who asks: the session of a request, checked before anything else.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};

use super::Console;
use crate::access::{Act, Action, Person, SignedIn};
use crate::http::Problem;
use crate::store::Visible;

/// The cookie of a session.
pub(super) const COOKIE: &str = "aftercall_session";
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

impl FromRequestParts<Console> for Seat {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Problem> {
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
        Ok(Self {
            signed_in,
            address: None,
        })
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
