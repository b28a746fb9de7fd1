//! Putting a waiting patient through to an agent: the case is before the agent, on disk, before the agent's phone rings.

use serde::{Deserialize, Serialize};

use crate::ids::{AgentId, AttemptId, CaseId, ConversationId};
use crate::moment::Wall;

/// Puts the case of a patient who waits on the line before an agent: with a new conversation, or the one that the patient is
/// in already and whose agent was lost or did not answer. Refused where the agent has another conversation to finish, and
/// where what came of this one has been said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PutThrough {
    /// The attempt of the patient's call.
    pub attempt: AttemptId,
    /// Its case.
    pub case: CaseId,
    /// Before whom.
    pub agent: AgentId,
    /// The conversation that there is already.
    pub conversation: Option<ConversationId>,
    /// How the patient came to wait.
    pub origin: Waited,
    /// When.
    pub at: Wall,
}

/// Why a patient waits for an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waited {
    /// The patient asked the machine for a person.
    AskedFor,
    /// The patient called us.
    CalledIn,
    /// The agent who was there is lost.
    AgentLost,
}

impl Waited {
    /// The word of `conversation.origin`; one whose agent is lost keeps the word that it has.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AskedFor | Self::AgentLost => "asked_for",
            Self::CalledIn => "called_in",
        }
    }
}
