//! What a screen shows of a call while it runs, told from what the call holds anyway.

use super::{Call, Phase, Talk, Wait};
use crate::media::Flow;

/// So many keys are shown, the first ones.
pub(super) const KEYS: usize = 32;

/// A call at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glance {
    /// What is going on.
    pub now: Now,
    /// The question that is open, by its id.
    pub question: Option<String>,
    /// The keys so far, 32 at the most.
    pub keys: String,
}

/// What is going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Now {
    /// Nothing rings yet.
    Dialing,
    /// The far end rings.
    Ringing,
    /// It sends sound before the answer.
    EarlyMedia,
    /// Answered: prompts play, or the patient speaks.
    Talking,
    /// The patient's key is awaited.
    WaitingForKey,
    /// The far end put the call on hold.
    OnHold,
    /// It is being taken down.
    Ending,
}

impl Call {
    /// What a screen shows of it.
    pub fn glance(&self) -> Glance {
        let talk = self.talk.as_ref();
        let waits = talk.and_then(|talk| talk.wait);
        let now = match self.phase {
            Phase::Opening | Phase::Inviting | Phase::Ringing if self.facts.early_media => Now::EarlyMedia,
            Phase::Opening | Phase::Inviting => Now::Dialing,
            Phase::Ringing => Now::Ringing,
            Phase::Talking if self.flow() != Flow::SendRecv => Now::OnHold,
            Phase::Talking => match waits {
                Some(Wait::Until(_)) => Now::WaitingForKey,
                Some(Wait::Held(_)) => Now::OnHold,
                None => Now::Talking,
            },
            Phase::Closing | Phase::Over => Now::Ending,
        };
        Glance {
            now,
            question: talk.and_then(Talk::question).map(str::to_owned),
            keys: talk.map(|talk| talk.pressed.clone()).unwrap_or_default(),
        }
    }
}
