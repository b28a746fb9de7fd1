//! What happened on a call, plain and raw: stored with the attempt, so that any result can be explained and re-judged.

use serde::{Deserialize, Serialize};

use super::Disposition;
use crate::dialplan::Progress;
use crate::ids::AgentId;
use crate::moment::Wall;

/// The facts of one attempt. Status and Q.850 numbers are plain integers; nothing here is interpreted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The Call-ID under which the far end knows the call; empty if no INVITE left. After a crash nobody can tell whether
    /// one did: then it is the one that the INVITE would have had.
    pub call_id: String,
    /// Provisional statuses in the order they came, repeated ones once.
    pub provisional: Vec<u16>,
    /// The final status of the INVITE.
    pub final_status: Option<u16>,
    /// Its reason phrase, verbatim.
    pub phrase: String,
    /// Reason header fields of provisional and final responses, BYE and CANCEL, verbatim, in order.
    pub reasons: Vec<String>,
    /// The Q.850 value of the first Reason that has one.
    pub q850: Option<u8>,
    /// Retry-After in seconds.
    pub retry_after: Option<u32>,
    /// INVITE to the first 180-189, in milliseconds.
    pub pdd_ms: Option<u32>,
    /// First 180-189 to the final response or CANCEL, in milliseconds.
    pub ring_ms: Option<u32>,
    /// Early media was offered by the far end.
    pub early_media: bool,
    /// The 3xx that sent the call to another address, where the trunk allows that one.
    pub redirected: Option<u16>,
    /// 200 to the end, in milliseconds; none if not answered.
    pub talk_ms: Option<u32>,
    /// How often the far end put the talking call on hold.
    pub holds: u32,
    /// How often it changed the session: hold, resume, address, codec.
    pub session_changes: u32,
    /// Who ended it.
    pub ended_by: Option<EndedBy>,
    /// Why we ended it, when we did.
    pub our_reason: Option<OurReason>,
    /// What went wrong between us and the trunk, when no response of the far end says it.
    pub local: Option<LocalFault>,
    /// The far end had the call, and answered nothing to what was to end it: it may hold it still.
    pub unconfirmed: bool,
    /// The trunks that got the INVITE, in order; the last one carried the call, the facts above are its.
    pub tried: Vec<Tried>,
    /// A crash of ours left it open, and how far it had come; what else stands here was read from what was kept.
    pub left_open: Option<Reach>,
    /// How far the questionnaire got; none if it never began.
    pub survey: Option<Progress>,
    /// The patient called us.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub came_in: bool,
    /// The agent who talked with the patient, and what came of it; none where the machine alone did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<ByAgent>,
    /// The patient's wish for a person, and what came of it; none where nobody asked for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wish: Option<Wish>,
    /// When the patient asked to be called again, if that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appointment: Option<Wall>,
    /// What was played, in order: [`MOST_PLAYS`] at most. Nothing in facts from before it was noted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub played: Vec<Played>,
    /// RTP packets taken after the answer.
    pub packets_received: u32,
    /// The call began but not a single packet came.
    pub one_way: bool,
}

/// What an agent has to say about a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByAgent {
    /// Who talked last.
    pub agent: AgentId,
    /// The outcome that the agent wrote down; none until then.
    pub said: Option<Disposition>,
}

/// A patient's wish for a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// When it was told, in milliseconds from the answer.
    pub at_ms: u32,
    /// How long the patient waited.
    pub waited_ms: u32,
    /// What came of it.
    pub came: Came,
}

/// What came of a patient's wish for a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Came {
    /// Nothing: the call ended while the patient waited.
    #[default]
    NotYet,
    /// An agent took over.
    Agent,
    /// No agent could be had: a call-back was offered, or an apology made.
    Nobody,
    /// The patient would wait no longer, and had a call-back offered.
    CallBack,
}

/// So many plays of one call are noted; no questionnaire has as many.
pub const MOST_PLAYS: usize = 250;

/// A stretch of prompts that was played, in milliseconds from the answer, as the recording counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Played {
    /// The prompts, one after the other.
    pub prompts: Vec<String>,
    /// When it began.
    pub from_ms: u32,
    /// When it was over.
    pub to_ms: u32,
    /// How it ended.
    pub end: PlayEnd,
}

/// How a stretch of prompts ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlayEnd {
    /// Played to its end.
    Whole,
    /// A key stopped it.
    Key,
    /// Something else was to be said.
    Replaced,
    /// The call was over.
    CallOver,
}

/// How far a call came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Nothing above 100 came back: it may have got nowhere.
    Nobody,
    /// Something above 100 came back: the far end had the call.
    FarEnd,
}

impl Facts {
    /// How far the call came.
    pub fn reach(&self) -> Reach {
        let above = self.final_status.is_some() || self.provisional.iter().any(|status| *status > 100);
        match self.left_open {
            Some(reach) if !above => reach,
            None if !above => Reach::Nobody,
            Some(_) | None => Reach::FarEnd,
        }
    }
}

/// A trunk that got the INVITE of an attempt, and what it said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tried {
    /// Its name.
    pub trunk: String,
    /// The final status.
    pub status: Option<u16>,
    /// The Q.850 value of the first Reason that has one.
    pub q850: Option<u8>,
    /// Why there is no status.
    pub local: Option<LocalFault>,
}

/// Who ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// The far end: a final response other than 2xx, or its BYE.
    FarEnd,
    /// We: CANCEL or BYE.
    Us,
    /// Nobody said: a timeout or an unreachable peer.
    Network,
}

/// Why we ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OurReason {
    /// The questionnaire reached its end.
    Finished,
    /// It rang as long as the campaign allows.
    RingLimit,
    /// The call limit (15 minutes) was reached.
    CallLimit,
    /// No RTP for 20 s.
    MediaLost,
    /// A key could not be made durable in time.
    StoreFailed,
    /// The recording, a port or a prompt failed on our side.
    OwnFault,
    /// The daemon was stopped.
    Stopped,
    /// A person cancelled it.
    Cancelled,
    /// The SDP answer had nothing that we speak.
    NoCommonCodec,
    /// The agent who talked with the patient hung up.
    AgentHungUp,
    /// The agent's phone was lost, and no other agent was there.
    AgentLost,
}

/// A fault between us and the trunk: there is no response of the far end to go by, or none that could be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocalFault {
    /// No final response in time (RFC 3261 section 17.1.1.2, Timer B; or nothing after our CANCEL).
    TimedOut,
    /// The trunk could not be reached: its name did not resolve, the socket refused, ICMP said so.
    Unreachable,
    /// The trunk refused our name or password (a second 401 or 407).
    CredentialsRefused,
    /// The response came but could not be used, a 200 without SDP for instance.
    Unusable,
}
