//! What agents and the store say to each other: a call by hand under the night's own rules, and how a conversation goes.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::claim::Why;
use super::{Campaign, Claimed, Terms, Waited};
use crate::dialplan::Dialplan;
use crate::ids::{AgentId, AttemptId, CallMark, CaseId, ConversationId, LegId, NumberId};
use crate::moment::Wall;
use crate::outcome::{Disposition, EndedBy};
use crate::phone::{Key, Number};

/// Whom an agent wants to call, and by which rules.
#[derive(Clone, Debug)]
pub struct ByHand {
    /// The case. It may be due or not, leased by nobody, or by this agent's preview.
    pub case: CaseId,
    /// Its campaign's rules: trunks, caller numbers, ring limits, windows, retries. It need not run.
    pub campaign: Box<Campaign>,
    /// Its dialplan: the apology that the patient hears when the agent is lost.
    pub dialplan: Arc<Dialplan>,
    /// Which number.
    pub whom: Whom,
    /// Who lets it pass what the rules forbid.
    pub granted: Option<Granted>,
    /// What an agent should be able to do who takes over when this one is lost, each as `kind:word`.
    pub skills: BTreeSet<String>,
}

/// Which number of a case an agent calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whom {
    /// The one that the rules of the night would take.
    Next,
    /// This one of the patient's.
    Known(NumberId),
    /// One that is not the case's: only with a grant.
    Other(Number),
}

/// What the rules forbid, allowed by a person who may, with a reason: written down with the attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// Who.
    pub by: AgentId,
    /// Why, in words.
    pub reason: String,
}

/// Writes down an attempt that an agent makes, after the checks of a claim; all in one transaction. Asked again for the
/// same conversation it answers what it answered before.
#[derive(Clone, Debug, PartialEq)]
pub struct BeginByHand {
    /// For which conversation.
    pub conversation: ConversationId,
    /// By whom.
    pub agent: AgentId,
    /// Which case.
    pub case: CaseId,
    /// At which number.
    pub whom: Whom,
    /// Over which trunk, by name.
    pub trunk: String,
    /// The number that it shows, where the trunk has several.
    pub caller: Option<Number>,
    /// When.
    pub at: Wall,
    /// The campaign's dialplan, by content hash.
    pub dialplan: String,
    /// The terms that decide, as for a claim.
    pub terms: Arc<Terms>,
    /// Windows, caps, do-not-call, states and deadline do not hold where this is; locks and the frozen database always do.
    pub granted: Option<Granted>,
}

/// The attempt is on disk: the patient may be called.
#[derive(Clone, Debug, PartialEq)]
pub struct BegunByHand {
    /// For which conversation.
    pub conversation: ConversationId,
    /// The case with its number and history, as a claim gives it: its lease is the conversation's.
    pub claimed: Claimed,
    /// The new attempt.
    pub attempt: AttemptId,
    /// What its call is known by.
    pub mark: CallMark,
}

/// Why an agent's call is not made. Its words are the screens'.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "rule")]
pub enum Refusal {
    /// A check of the claim.
    Check {
        /// Its identifier, as [`Why::as_str`] has it.
        why: String,
        /// Until when at least, where time heals it.
        until: Option<Wall>,
    },
    /// The night or another agent has the case.
    CaseTaken,
    /// The case is closed, or there is none.
    CaseClosed,
    /// The number is none of the case's, and nobody granted it.
    NotTheCases,
    /// The number begins with no prefix that agents may dial.
    PrefixForbidden,
    /// The agent has called as often as allowed today.
    AgentDay {
        /// So often.
        limit: u32,
    },
    /// The trunk that would carry it has no free line, or no caller number that may be shown now.
    NoLine,
    /// No trunk of the campaign is up.
    TrunkDown,
    /// Every trunk of the campaign that is up rests after trouble.
    TrunkRests {
        /// Until the first of them takes calls again.
        until: Option<Wall>,
    },
    /// No new call begins: the disk is full, the database away or frozen.
    Held {
        /// Why, and what to do.
        why: String,
    },
    /// The daemon is being stopped.
    Stopping,
    /// The agent is not signed in, has no phone or is in another conversation.
    NotReady,
    /// What came of the call has been said: it is before nobody any more.
    Settled,
    /// The database could not write it down.
    NotWritten {
        /// The store's reason.
        why: String,
    },
}

impl Refusal {
    /// The refusal of a check.
    pub fn check(why: Why, until: Option<Wall>) -> Self {
        let why = why.as_str().to_owned();
        Self::Check { why, until }
    }

    /// Whether a grant lets it pass.
    pub fn is_grantable(&self) -> bool {
        match self {
            Self::Check { why, .. } => why != Why::NumberLocked.as_str(),
            Self::NotTheCases | Self::AgentDay { .. } => true,
            // Which prefixes may be dialed the settings say, and nobody at a desk.
            Self::PrefixForbidden
            | Self::CaseTaken
            | Self::CaseClosed
            | Self::NoLine
            | Self::TrunkDown
            | Self::TrunkRests { .. }
            | Self::Held { .. }
            | Self::Stopping
            | Self::NotReady
            | Self::Settled
            | Self::NotWritten { .. } => false,
        }
    }

    /// The identifier in the database and in output that programs read.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Check { why, .. } => why,
            Self::CaseTaken => "case_taken",
            Self::CaseClosed => "case_closed",
            Self::NotTheCases => "not_the_cases",
            Self::PrefixForbidden => "prefix_forbidden",
            Self::AgentDay { .. } => "agent_day",
            Self::NoLine => "no_line",
            Self::TrunkDown => "trunk_down",
            Self::TrunkRests { .. } => "trunk_rests",
            Self::Held { .. } => "held",
            Self::Stopping => "stopping",
            Self::NotReady => "not_ready",
            Self::Settled => "settled",
            Self::NotWritten { .. } => "not_written",
        }
    }

    /// The refusal of an identifier, where that says all of it.
    pub fn of_word(word: &str) -> Option<Self> {
        let plain = [
            Self::CaseTaken,
            Self::CaseClosed,
            Self::NotTheCases,
            Self::PrefixForbidden,
            Self::NoLine,
            Self::TrunkDown,
            Self::TrunkRests { until: None },
            Self::Stopping,
            Self::NotReady,
            Self::Settled,
        ];
        let check = || Why::parse(word).map(|why| Self::check(why, None));
        plain
            .into_iter()
            .find(|refusal| refusal.as_str() == word)
            .or_else(check)
    }

    /// In the users' own words.
    pub fn zh(&self) -> String {
        match self {
            Self::Check { why, .. } => Why::parse(why).map_or_else(|| why.clone(), |why| why.zh().to_owned()),
            Self::CaseTaken => "该任务正由夜间外呼或其他坐席处理".to_owned(),
            Self::CaseClosed => "该任务已结束".to_owned(),
            Self::NotTheCases => "该号码不属于此任务，需授权并说明理由".to_owned(),
            Self::PrefixForbidden => "坐席不可拨打此号段".to_owned(),
            Self::AgentDay { limit } => format!("今日呼叫已达上限 {limit} 次"),
            Self::NoLine => "没有可用的线路".to_owned(),
            Self::TrunkDown => "中继不可用".to_owned(),
            Self::TrunkRests { .. } => "中继拥塞，暂停呼出".to_owned(),
            Self::Held { why } => format!("暂停新呼叫：{why}"),
            Self::Stopping => "服务正在停止".to_owned(),
            Self::NotReady => "坐席未就绪".to_owned(),
            Self::Settled => "该通话已登记结果".to_owned(),
            Self::NotWritten { why } => format!("数据库未能写入：{why}"),
        }
    }
}

/// How a party's leg of a conversation ended, as the record, the screen and the peer see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegEnd {
    /// Its telephone was busy (486, 600, cause 17).
    Busy,
    /// Declined by hand (603, 403, cause 21).
    Declined,
    /// It rang, nobody answered; we cancelled.
    NoAnswer,
    /// There is no such telephone, it is not registered, or it could not be reached.
    Unreachable,
    /// Another final status; the facts tell.
    Refused,
    /// It hung up.
    HungUp,
    /// It was gone in mid-call: no sound, no answer to a change, its network away.
    Gone,
    /// We ended it because the other leg ended.
    OtherEnded,
    /// We ended it by an order: the agent's hang-up, a transfer, a stop.
    Ordered,
    /// Something failed on our side.
    OwnFault,
    /// The daemon was stopped, or died.
    Stopped,
}

impl LegEnd {
    /// The end of an identifier.
    pub fn parse(id: &str) -> Option<Self> {
        let all = [
            Self::Busy,
            Self::Declined,
            Self::NoAnswer,
            Self::Unreachable,
            Self::Refused,
            Self::HungUp,
            Self::Gone,
            Self::OtherEnded,
            Self::Ordered,
            Self::OwnFault,
            Self::Stopped,
        ];
        all.into_iter().find(|end| end.as_str() == id)
    }

    /// The identifier in the database and in output that programs read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Declined => "declined",
            Self::NoAnswer => "no_answer",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::HungUp => "hung_up",
            Self::Gone => "gone",
            Self::OtherEnded => "other_ended",
            Self::Ordered => "ordered",
            Self::OwnFault => "own_fault",
            Self::Stopped => "stopped",
        }
    }

    /// In the users' own words.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Busy => "占线",
            Self::Declined => "拒接",
            Self::NoAnswer => "无人接听",
            Self::Unreachable => "话机不可达",
            Self::Refused => "被拒绝",
            Self::HungUp => "对方挂断",
            Self::Gone => "通话中失去联系",
            Self::OtherEnded => "另一方结束",
            Self::Ordered => "坐席挂断",
            Self::OwnFault => "本方故障",
            Self::Stopped => "服务停止",
        }
    }
}

/// The end of one leg with what its far end said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegEnding {
    /// How.
    pub end: LegEnd,
    /// Who ended it.
    pub by: EndedBy,
    /// The final status, where it was not answered and one came.
    pub status: Option<u16>,
    /// The Q.850 cause, where one came.
    pub q850: Option<u8>,
    /// From its answer to its end; none if it was not answered.
    pub talk_ms: Option<u32>,
}

/// Something of a conversation to be written down. Later ones do not replace earlier ones; the answer names `seq`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConversationNote {
    /// Which conversation.
    pub conversation: ConversationId,
    /// Counts from 1 within the conversation: written again, it does nothing.
    pub seq: u32,
    /// When.
    pub at: Wall,
    /// Whose phone it is about: another than the first where an agent was lost and the next one took over.
    pub agent: AgentId,
    /// What.
    pub what: Noteworthy,
}

/// What is written down of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Noteworthy {
    /// The agent's phone is being called, under this Call-ID.
    AgentCalled {
        /// The Call-ID of the agent's leg.
        call_id: String,
    },
    /// How far the call to a phone beside the patient's is: what it takes to end it after a crash, as with
    /// [`super::Note`]. A later one about the same leg replaces it.
    LegUp {
        /// Which leg of this run.
        leg: LegId,
        /// What the call is known by: 32 hexadecimal digits.
        mark: String,
        /// The number that is called, in the trunk's format; `0` for a phone that registered.
        number: Number,
        /// The call as the user agent writes it down, as JSON.
        dialog: String,
        /// The RTP port that it has.
        rtp_port: Option<u16>,
    },
    /// The patient is on the line already and waits for this agent. The first note of such a conversation.
    PatientWaits {
        /// The attempt of the call.
        attempt: AttemptId,
        /// Why.
        why: Waited,
    },
    /// No agent came: the patient was offered a call-back, or heard an apology.
    CallBackOffered,
    /// The agent's phone was answered.
    AgentAnswered,
    /// The attempt was refused.
    Refused(Refusal),
    /// A key was pressed on the agent's phone.
    AgentPressed {
        /// Which.
        key: Key,
    },
    /// The patient is being called in this attempt.
    PatientCalled {
        /// Which.
        attempt: AttemptId,
    },
    /// Both hear each other.
    Bridged,
    /// The agent's leg was lost while the patient was there; the patient hears a prompt, another agent is looked for.
    AgentLost(LegEnding),
    /// The two could not be let hear each other, by a fault of our own.
    BridgeFailed,
    /// The agent put the patient on hold.
    Held,
    /// And took the call back.
    Resumed,
    /// The agent is heard by nobody.
    Muted,
    /// And is heard again.
    Unmuted,
    /// The recording pauses at this place in it.
    RecordingPaused {
        /// Milliseconds into the recording.
        at_ms: u32,
    },
    /// And goes on.
    RecordingResumed {
        /// Milliseconds into the recording.
        at_ms: u32,
    },
    /// The patient is being connected with another number.
    Transferred {
        /// Which.
        number: Number,
    },
    /// Nobody took the patient there, or the telephone there was lost: the patient is with us again.
    CameBack {
        /// How the leg to the other number ended.
        end: LegEnd,
    },
    /// A supervisor listens, unheard.
    ListenedTo {
        /// Who.
        by: AgentId,
    },
    /// No supervisor listens any more.
    ListenedToNoMore {
        /// Who did.
        by: AgentId,
    },
    /// It is over. The last note.
    Ended {
        /// How the agent's leg ended; none if the phone was never called.
        agent: Option<LegEnding>,
        /// How the patient's leg ended; none if the patient was never called.
        patient: Option<LegEnding>,
        /// The disposition of the attempt, as the facts tell it before the agent has spoken.
        disposition: Option<Disposition>,
    },
}
