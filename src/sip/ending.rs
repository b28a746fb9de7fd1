//! How something ended, read from the message that ended it.

use super::door::{Ending, LocalEnding};
use super::header::{self, Name};
use super::message::{Headers, Request, Response};
use super::text;

impl Ending {
    /// A final response.
    pub(crate) fn response(response: &Response) -> Self {
        Self {
            status: Some(response.status),
            phrase: text::shown(&response.phrase),
            ..Self::fields(&response.headers)
        }
    }

    /// A final response that we cannot do anything with, and why.
    pub(crate) fn useless(response: &Response, why: LocalEnding) -> Self {
        Self {
            local: Some(why),
            ..Self::response(response)
        }
    }

    /// A BYE.
    pub(crate) fn request(request: &Request) -> Self {
        Self::fields(&request.headers)
    }

    /// No message at all.
    pub(crate) fn local(why: LocalEnding) -> Self {
        Self {
            local: Some(why),
            ..Self::default()
        }
    }

    fn fields(headers: &Headers) -> Self {
        Self {
            reasons: reasons(headers),
            q850: header::q850(headers.all(&Name::Reason)),
            retry_after: headers.first(&Name::RetryAfter).and_then(header::retry_after),
            ..Self::default()
        }
    }
}

/// The Reason header fields, verbatim.
pub(crate) fn reasons(headers: &Headers) -> Vec<String> {
    headers.all(&Name::Reason).map(text::shown).collect()
}
