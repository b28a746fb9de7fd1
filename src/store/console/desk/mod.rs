//! An agent's desk: who the agent is, the case before him or her, what is written down, and what came of it.

mod card;
mod deferred;
mod outcome;
mod pauses;
mod people;
mod queue;
mod reserve;
mod settings;
mod writing;

pub use card::{ConversationRow, DeskAnswerRow, DeskAttemptRow, DeskCard, DeskNoteRow, GivenBackRow, OpenNote};
pub(in crate::store) use deferred::carry_out;
pub use outcome::{Choice, Chosen, Ending, Settled};
pub use pauses::{PauseReasonChange, PauseReasonChanged, PauseReasonRow, PauseWords};
pub use people::{AgentRow, AgentToday, PresenceKept};
pub use queue::UpcomingRow;
pub use reserve::{Origin, Reserve, Reserved, Skip};
pub(in crate::store) use reserve::{settle, settle_finished};
pub use settings::{AgentChange, AgentChanged, AgentLimits, AgentSettings, Extension, ListedAgent};
pub use writing::{AnswerTyped, NewGrant, NewTicket, NoteSaved, NoteText, TicketRow};

#[cfg(test)]
pub(in crate::store) use {
    card::{ANSWERS, CARD, GIVEN_BACK, HISTORY, NOTES, OPEN, TICKETS},
    people::{TODAY, WANTED},
    queue::UPCOMING,
};

pub use crate::agents::skill;

/// Why something cannot be done at the desk.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No such conversation of this agent, or it is settled.
    #[error("this is not your present conversation; the desk shows which one is")]
    NotPresent,
    /// The patient was not called in it.
    #[error("nobody was called in this conversation, so nothing came of it")]
    NobodyCalled,
    /// The attempt is under way.
    #[error("the call is still up; hang up first")]
    StillUp,
    /// The outcome is to be chosen.
    #[error("请先选择结论 Choose the outcome of this conversation first")]
    OutcomeFirst,
    /// What was chosen does not follow from what happened.
    #[error("{0}")]
    DoesNotFollow(&'static str),
    /// A newer version of the note is there.
    #[error("a newer version of this note is there ({0}); another tab has saved it")]
    OlderNote(i64),
    /// The key was not pressed.
    #[error("no such key was pressed in this call, or it does not make this answer")]
    NoSuchKey,
    /// The case may not be called.
    #[error("{0}")]
    MayNot(String),
}
