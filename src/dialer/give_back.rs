//! Giving a case back that was before an agent until the time of its preview ran out.

use crate::ids::{AgentId, ConversationId};
use crate::moment::Wall;

/// Gives the case of a preview back: nobody was called. A conversation in which somebody was is left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GiveBack {
    /// Before whom it was.
    pub agent: AgentId,
    /// The conversation that it would have been.
    pub conversation: ConversationId,
    /// When its time ran out.
    pub at: Wall,
}
