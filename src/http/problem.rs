//! Errors as `application/problem+json` (RFC 9457).

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::access;
use crate::engine::office;
use crate::moment::Wall;
use crate::store;

/// What went wrong, for a program and for a person.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Problem {
    /// A short name of the kind of problem.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What, where, what was expected, what to do.
    pub detail: String,
    /// Wrong passwords that may be typed yet before the account is locked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries_left: Option<u32>,
    /// Until when the same request is refused (RFC 3339, UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_at: Option<String>,
}

impl Problem {
    /// A request that cannot be read.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::unreadable(StatusCode::BAD_REQUEST, detail)
    }

    /// A request that is refused before anybody looks at what it asks.
    pub fn unreadable(status: StatusCode, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or("bad request").to_lowercase();
        Self {
            title,
            status: status.as_u16(),
            detail: detail.into(),
            tries_left: None,
            until_at: None,
        }
    }

    /// A problem whose kind has a name of its own.
    pub fn titled(status: StatusCode, title: &str, detail: impl Into<String>) -> Self {
        Self {
            title: title.to_owned(),
            ..Self::unreadable(status, detail)
        }
    }
}

impl From<office::Error> for Problem {
    fn from(error: office::Error) -> Self {
        let (title, status) = match &error {
            office::Error::NoCampaign { .. } => ("no such campaign", 404),
            office::Error::Faulty { .. }
            | office::Error::Refused { .. }
            | office::Error::CarrierCapsOff(_)
            | office::Error::CallerGone { .. } => ("refused", 422),
            office::Error::NoTrunk { .. } => ("no such trunk", 422),
            office::Error::Import(_) => ("the list cannot be read", 422),
            office::Error::Store(
                store::Error::CampaignRunning { .. }
                | store::Error::CampaignNotRunning { .. }
                | store::Error::CampaignExists { .. }
                | store::Error::Held { .. }
                | store::Error::BeingCalled
                | store::Error::CaseClosed { .. }
                | store::Error::PastDeadline { .. }
                | store::Error::ManyCases { .. }
                | store::Error::NoAppointment(_)
                | store::Error::RuleSetState { .. }
                | store::Error::SameEyes { .. }
                | store::Error::LastAdministrator,
            ) => ("not in this state", 409),
            office::Error::Store(
                store::Error::NoPatient
                | store::Error::NoCase(_)
                | store::Error::NoOpenCase { .. }
                | store::Error::NoRuleSet { .. },
            ) => ("nobody there", 404),
            office::Error::Store(_)
            | office::Error::Forecast(_)
            | office::Error::Engine(_)
            | office::Error::Recordings(_)
            | office::Error::Resists { .. }
            | office::Error::Busy => ("the daemon cannot do it now", 503),
        };
        Self {
            title: title.to_owned(),
            status,
            detail: error.to_string(),
            tries_left: None,
            until_at: None,
        }
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        office::Error::from(error).into()
    }
}

impl From<access::Error> for Problem {
    fn from(error: access::Error) -> Self {
        use access::Error as E;
        let (title, status) = match &error {
            E::Store(_) | E::UnknownRole { .. } | E::Hash | E::Random => ("the daemon cannot do it now", 503),
            E::Busy => ("busy", 503),
            E::WrongPassword { .. } => ("wrong account or password", 403),
            E::Locked { .. } => ("account locked", 403),
            E::TooManyTries { .. } => ("too many tries", 429),
            E::Faulty { .. } => ("refused", 422),
            E::AccountExists { .. } | E::OwnAccount => ("not in this state", 409),
            E::NoPerson | E::NoSession => ("nobody there", 404),
        };
        let (tries_left, until) = match error {
            E::Store(error) => return error.into(),
            E::WrongPassword { left } => (Some(left), None),
            E::Locked { until } | E::TooManyTries { until } => (None, Some(until)),
            E::UnknownRole { .. }
            | E::Hash
            | E::Random
            | E::Busy
            | E::Faulty { .. }
            | E::AccountExists { .. }
            | E::OwnAccount
            | E::NoPerson
            | E::NoSession => (None, None),
        };
        Self {
            title: title.to_owned(),
            status,
            detail: error.to_string(),
            tries_left,
            until_at: until.map(timestamp),
        }
    }
}

/// A time as JSON has it: RFC 3339, UTC, with milliseconds.
pub(in crate::http) fn timestamp(at: Wall) -> String {
    chrono::DateTime::from_timestamp_millis(at.millis())
        .unwrap_or_default()
        .to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_string(&self).unwrap_or_default();
        (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response()
    }
}
