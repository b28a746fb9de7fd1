//! What our INVITE says of extensions, and its second try without them (RFC 3261 sections 8.1.3.5 and 20.32, RFC 4028
//! section 7.3).

use super::door::Reliable;
use super::draft::ALLOW;
use super::header::Name;
use super::leg::Leg;
use super::message::{Headers, Response};
use super::reliable::is_100rel;

/// The extensions that a request of the far end may require: provisionals of ours that would have to be reliable we
/// never send, and session timers we keep.
pub(crate) fn is_known(option: &str) -> bool {
    is_100rel(option) || is_timer(option)
}

/// Whether an option tag is that of RFC 4028.
pub(crate) fn is_timer(option: &str) -> bool {
    option.eq_ignore_ascii_case("timer")
}

impl Leg {
    /// Adds to our INVITE what we serve, support and require.
    pub(crate) fn extend(&self, headers: &mut Headers) {
        headers.push(Name::Allow, ALLOW);
        match self.reliable {
            Reliable::Off => headers.push(Name::Supported, "timer"),
            Reliable::Supported => headers.push(Name::Supported, "100rel, timer"),
            Reliable::Required => {
                headers.push(Name::Supported, "timer");
                headers.push(Name::Require, "100rel");
            }
        }
        self.session.ask(headers);
    }

    /// Whether a refusal leaves a second try with less, or with a longer session: 420 and 422, each once.
    pub(crate) fn yields(&mut self, response: &Response) -> bool {
        match response.status {
            420 => {
                let was_refused = self.reliable != Reliable::Off
                    && (self.reliable == Reliable::Required
                        || response.headers.list(&Name::Unsupported).any(is_100rel));
                if was_refused {
                    self.reliable = Reliable::Off;
                }
                was_refused
            }
            422 => self.session.lengthen(&response.headers),
            _ => false,
        }
    }
}
