//! The agents and their conversations, for screens.

use serde::{Deserialize, Serialize};

use crate::agents::Presence;
use crate::dialer::{LegEnding, Refusal};
use crate::ids::{AgentId, AttemptId, CaseId, ConversationId};
use crate::moment::Wall;

/// An agent on the floor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentPicture {
    /// Who.
    pub agent: AgentId,
    /// What he or she is doing.
    #[serde(flatten)]
    pub presence: Presence,
    /// Since when.
    pub since: Wall,
    /// When the preview or the wrap-up runs out.
    pub until: Option<Wall>,
    /// The present conversation, from the preview to the end of the wrap-up.
    pub conversation: Option<ConversationId>,
    /// Its case.
    pub case: Option<CaseId>,
    /// Calls today.
    pub calls_today: u32,
    /// At most so many.
    pub per_day: Option<u32>,
    /// What follows the conversation or the wrap-up, where it is not `Ready`.
    pub then: Option<Presence>,
    /// Why the call that the agent asked for last was not made.
    pub refused: Option<Refusal>,
}

/// Where a conversation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConversationState {
    /// The agent's phone rings.
    RingingAgent,
    /// The agent is there; the attempt is being written down.
    Beginning,
    /// The patient is being called.
    CallingPatient,
    /// Both hear each other.
    Talking,
    /// The patient hears music.
    OnHold,
    /// The patient is on the line and hears a prompt and music; the agent's phone rings, or the next one is looked for.
    PatientWaiting,
    /// The agent was lost; the patient hears a prompt, another agent's phone rings or is looked for.
    AgentLost,
    /// No agent came: the patient is offered a call-back, or hears an apology.
    CallBackOffered,
    /// The patient is being connected with another number.
    Transferring,
    /// The patient talks with that number; the agent is out of it.
    Transferred,
    /// One leg is over, the other is being taken down.
    Ending,
    /// Both legs are over.
    Ended,
}

/// A conversation: kept here until its wrap-up is over, or for a minute where there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationPicture {
    /// Which.
    pub conversation: ConversationId,
    /// Whose.
    pub agent: AgentId,
    /// About which case.
    pub case: CaseId,
    /// The attempt, once it is written down.
    pub attempt: Option<AttemptId>,
    /// Where it is.
    pub state: ConversationState,
    /// Since when.
    pub since: Wall,
    /// The agent's leg.
    pub agent_leg: LegPicture,
    /// The patient's leg; none until the patient is called.
    pub patient_leg: Option<LegPicture>,
    /// The leg of a transfer.
    pub third_leg: Option<LegPicture>,
    /// The keys that the patient pressed so far.
    pub keys: String,
    /// Why the patient was not called.
    pub refusal: Option<Refusal>,
    /// Whether the recording is paused.
    pub recording_paused: bool,
    /// Whether nobody hears the agent, by the agent's own wish.
    #[serde(default)]
    pub is_muted: bool,
    /// Who listens.
    pub listening: Vec<AgentId>,
}

/// A phone that registers with us, once anything was heard of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhonePicture {
    /// The user name of its account.
    pub user: String,
    /// Whether a call would reach it.
    pub standing: PhoneStanding,
    /// Since when.
    pub since: Wall,
}

/// Whether a call would reach a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneStanding {
    /// It is registered.
    Registered,
    /// It was, and is no more.
    Gone,
}

/// What one party's telephone is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegState {
    /// The INVITE is on its way.
    Calling,
    /// It rings.
    Ringing,
    /// It brings sound of its own: ringback or an announcement.
    EarlyMedia,
    /// Answered.
    Talking,
    /// Answered, and on hold by its own hand.
    OnHold,
    /// Being taken down.
    Ending,
    /// Over.
    Ended,
}

/// One leg.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegPicture {
    /// What it is doing.
    pub state: LegState,
    /// Since when.
    pub since: Wall,
    /// How it ended.
    pub ending: Option<LegEnding>,
}
