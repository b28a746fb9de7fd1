//! What may be asked of the floor, and what screens see of an agent.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::dialer::ByHand;
use crate::ids::{AgentId, CaseId, ConversationId, TrunkId};
use crate::phone::{Key, Number};

/// What rings on an agent's desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phone {
    /// A phone that registers with us, by the user name of its account.
    Registered {
        /// The user name.
        account: String,
    },
    /// A phone behind the hospital's PBX: a number over a trunk.
    Behind {
        /// Over which trunk.
        trunk: TrunkId,
        /// Its number.
        number: Number,
    },
}

/// What an agent brings to the floor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desk {
    /// How the phone's display calls an incoming call; never a patient's name.
    pub display: String,
    /// What rings.
    pub phone: Phone,
    /// What the agent can do, each as `kind:word` ([`super::can`]).
    pub skills: BTreeSet<String>,
    /// Calls a day at most; none: as many as wanted.
    pub per_day: Option<u32>,
    /// Calls that the agent made today before this sign-in.
    pub done_today: u32,
    /// Which day that is: the milliseconds of its midnight. With another day the count begins anew.
    pub day: i64,
    /// How long a case may be looked at before it is dialed or given back (default 120 s).
    pub preview: Duration,
    /// How long the wrap-up may last (default 120 s); after it the agent is ready again.
    pub wrap_up: Duration,
}

impl Desk {
    /// A desk with a phone, of which nothing else is said.
    pub fn new(phone: Phone) -> Self {
        Self {
            display: String::new(),
            phone,
            skills: BTreeSet::new(),
            per_day: None,
            done_today: 0,
            day: 0,
            preview: Duration::from_secs(120),
            wrap_up: Duration::from_secs(120),
        }
    }
}

/// What an agent, or a supervisor, asks. Whoever names a conversation that is not the agent's present one, or asks for
/// what is so already, changes nothing: repeats and second tabs are harmless.
#[derive(Clone, Debug)]
pub enum Order {
    /// The agent is at the desk: paused, until `Ready`. Said again, it replaces the desk, and whoever was about to leave stays.
    SignIn {
        /// Who.
        agent: AgentId,
        /// With what.
        desk: Box<Desk>,
    },
    /// Somebody else has set other things for an agent: the desk is replaced, the rest is as it was.
    Change {
        /// For whom.
        agent: AgentId,
        /// What.
        desk: Box<Desk>,
    },
    /// The agent leaves; in a conversation, when it is over.
    SignOut {
        /// Who.
        agent: AgentId,
    },
    /// The agent takes calls.
    Ready {
        /// Who.
        agent: AgentId,
    },
    /// The agent takes none; in a conversation or a wrap-up, when it is over.
    Pause {
        /// Who.
        agent: AgentId,
        /// Why.
        reason: String,
    },
    /// A case is put before the agent; the row of the conversation is there. The preview's time runs.
    Preview {
        /// Who.
        agent: AgentId,
        /// What it will be called.
        conversation: ConversationId,
        /// Which case.
        case: CaseId,
    },
    /// Rings the agent's phone, then calls the patient. Also without a preview before it.
    Dial {
        /// Who.
        agent: AgentId,
        /// Which conversation.
        conversation: ConversationId,
        /// Whom, by which rules.
        by_hand: Box<ByHand>,
    },
    /// The case of the preview is given back.
    Skip {
        /// Who.
        agent: AgentId,
        /// Which conversation.
        conversation: ConversationId,
    },
    /// Ends both legs, whatever their state.
    HangUp {
        /// Who.
        agent: AgentId,
        /// Which conversation.
        conversation: ConversationId,
    },
    /// The patient hears music, the agent nothing.
    Hold {
        /// Who.
        agent: AgentId,
        /// Which conversation.
        conversation: ConversationId,
    },
    /// Both hear each other again.
    Resume {
        /// Who.
        agent: AgentId,
        /// Which conversation.
        conversation: ConversationId,
    },
    /// Sends a key to the patient's side.
    Press {
        /// Who.
        agent: AgentId,
        /// Which conversation.
        conversation: ConversationId,
        /// Which key.
        key: Key,
    },
    /// Connects the patient with another number and lets the agent go.
    Transfer {
        /// Who.
        agent: AgentId,
        /// Which conversation.
        conversation: ConversationId,
        /// Whither: one that the house allows, which the asker has checked.
        number: Number,
    },
    /// The patient, and whoever listens, hears nothing of the agent, nor does the recording.
    Mute {
        /// Who.
        agent: AgentId,
        /// Which conversation.
        conversation: ConversationId,
    },
    /// The agent is heard again.
    Unmute {
        /// Who.
        agent: AgentId,
        /// Which conversation.
        conversation: ConversationId,
    },
    /// What is said now is not recorded: silence of the same length, with a marker.
    PauseRecording {
        /// Who.
        agent: AgentId,
        /// Which conversation.
        conversation: ConversationId,
    },
    /// It is recorded again.
    ResumeRecording {
        /// Who.
        agent: AgentId,
        /// Which conversation.
        conversation: ConversationId,
    },
    /// The outcome is written down: the agent is ready for the next, or what was asked meanwhile.
    WrapUpDone {
        /// Who.
        agent: AgentId,
        /// Which conversation.
        conversation: ConversationId,
    },
    /// Rings a supervisor's phone, which then hears the conversation; nobody hears the supervisor. It is written down.
    ListenIn {
        /// The supervisor.
        supervisor: AgentId,
        /// What rings.
        phone: Phone,
        /// Which conversation.
        conversation: ConversationId,
    },
    /// The supervisor listens no more.
    StopListening {
        /// The supervisor.
        supervisor: AgentId,
        /// Which conversation.
        conversation: ConversationId,
    },
}

impl Order {
    /// Who asks.
    pub const fn agent(&self) -> AgentId {
        match self {
            Self::SignIn { agent, .. }
            | Self::Change { agent, .. }
            | Self::SignOut { agent }
            | Self::Ready { agent }
            | Self::Pause { agent, .. }
            | Self::Preview { agent, .. }
            | Self::Dial { agent, .. }
            | Self::Skip { agent, .. }
            | Self::HangUp { agent, .. }
            | Self::Hold { agent, .. }
            | Self::Resume { agent, .. }
            | Self::Press { agent, .. }
            | Self::Transfer { agent, .. }
            | Self::Mute { agent, .. }
            | Self::Unmute { agent, .. }
            | Self::PauseRecording { agent, .. }
            | Self::ResumeRecording { agent, .. }
            | Self::WrapUpDone { agent, .. } => *agent,
            Self::ListenIn { supervisor, .. } | Self::StopListening { supervisor, .. } => *supervisor,
        }
    }
}

/// What an agent is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "presence")]
pub enum Presence {
    /// Not at the desk.
    Away,
    /// Takes the next call.
    Ready,
    /// Looks at a case before it is dialed.
    Previewing,
    /// Held back for a patient who is being, or will be, connected.
    Reserved,
    /// The agent's phone rings.
    Ringing,
    /// The agent's phone is answered: the patient is called, or talks.
    Talking,
    /// The conversation is over, its outcome is being written down.
    WrappingUp,
    /// Takes no call.
    Paused {
        /// Why, in the agent's words or one of [`PHONE_FAILED`].
        reason: String,
    },
}

/// The reason of the pause of an agent whose phone did not answer: no further patient is sent to it.
pub const PHONE_FAILED: &str = "phone_failed";
/// The reason of the pause after a sign-in.
pub const SIGNED_IN: &str = "signed_in";
