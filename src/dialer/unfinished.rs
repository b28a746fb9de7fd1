//! What an attempt leaves behind that the next one goes on with.

use super::Resume;
use crate::dialplan::Session;
use crate::outcome::Disposition;

/// Whether an attempt that ended so may leave an unfinished questionnaire behind: it was broken off, or is to go on at
/// another time.
pub const fn may_leave_unfinished(disposition: Disposition) -> bool {
    matches!(
        disposition,
        Disposition::Partial | Disposition::Unknown | Disposition::Interrupted | Disposition::Appointment
    )
}

impl Resume {
    /// Whether a questionnaire was held in it: not under another dialplan, as where a caller hears a menu, and more than the
    /// offer of a call-back. What cannot be read counts as one, so that it is told why it does not go on.
    pub fn holds_questionnaire(&self) -> bool {
        let session: Result<Session, _> = serde_json::from_str(&self.session);
        session.map_or(true, |session| {
            session.dialplan() == self.dialplan && !session.is_offer_alone()
        })
    }
}
