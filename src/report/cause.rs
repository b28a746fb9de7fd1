//! Failure causes in the users' words (失访构成): which disposition counts under which.

use serde::Serialize;

use crate::outcome::Disposition;

/// A failure cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// 无人接听
    NoAnswer,
    /// 空号
    Vacant,
    /// 错号
    WrongNumber,
    /// 停机
    Suspended,
    /// 关机
    PowerOff,
    /// 拒接/拒访
    Refused,
    /// 占线
    Busy,
    /// 无法接通
    Unreachable,
    /// 网络故障
    Network,
    /// 传真
    Fax,
    /// 语音信箱/助理
    Assistant,
    /// 其他
    Other,
    /// The first attempt is under way: not a failure yet.
    InProgress,
}

impl Cause {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::NoAnswer,
        Self::Vacant,
        Self::WrongNumber,
        Self::Suspended,
        Self::PowerOff,
        Self::Refused,
        Self::Busy,
        Self::Unreachable,
        Self::Network,
        Self::Fax,
        Self::Assistant,
        Self::Other,
        Self::InProgress,
    ];

    /// The identifier, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoAnswer => "no_answer",
            Self::Vacant => "vacant",
            Self::WrongNumber => "wrong_number",
            Self::Suspended => "suspended",
            Self::PowerOff => "power_off",
            Self::Refused => "refused",
            Self::Busy => "busy",
            Self::Unreachable => "unreachable",
            Self::Network => "network",
            Self::Fax => "fax",
            Self::Assistant => "assistant",
            Self::Other => "other",
            Self::InProgress => "in_progress",
        }
    }

    /// The users' word.
    pub fn zh(self) -> &'static str {
        self.label().split_once(' ').map_or(self.label(), |(zh, _)| zh)
    }

    /// The cause of a case by its last attempt; without an ended one it is in progress.
    pub fn of(last: Option<Disposition>) -> Self {
        let Some(last) = last else {
            return Self::InProgress;
        };
        match last {
            Disposition::NoAnswer => Self::NoAnswer,
            Disposition::Vacant | Disposition::NumberChanged => Self::Vacant,
            Disposition::WrongNumber => Self::WrongNumber,
            Disposition::Suspended => Self::Suspended,
            Disposition::PowerOff => Self::PowerOff,
            Disposition::Rejected | Disposition::Refused | Disposition::OptOut | Disposition::EarlyHangup => {
                Self::Refused
            }
            Disposition::Busy => Self::Busy,
            Disposition::Unreachable | Disposition::BarredIn | Disposition::Blocked | Disposition::ForwardedFail => {
                Self::Unreachable
            }
            Disposition::NetworkBusy
            | Disposition::OwnLineFault
            | Disposition::CallerIdBad
            | Disposition::Misdialled => Self::Network,
            Disposition::Fax => Self::Fax,
            Disposition::Assistant => Self::Assistant,
            Disposition::Completed
            | Disposition::Partial
            | Disposition::BreakOff
            | Disposition::Silent
            | Disposition::ThirdParty
            | Disposition::Appointment
            | Disposition::Deceased
            | Disposition::Incapable
            | Disposition::Language
            | Disposition::Interrupted
            | Disposition::Cancelled
            | Disposition::Unknown => Self::Other,
        }
    }

    /// The users' word with the identifier.
    pub const fn label(self) -> &'static str {
        match self {
            Self::NoAnswer => "无人接听 no answer",
            Self::Vacant => "空号 vacant",
            Self::WrongNumber => "错号 wrong number",
            Self::Suspended => "停机 suspended",
            Self::PowerOff => "关机 power off",
            Self::Refused => "拒接/拒访 refused",
            Self::Busy => "占线 busy",
            Self::Unreachable => "无法接通 unreachable",
            Self::Network => "网络故障 network",
            Self::Fax => "传真 fax",
            Self::Assistant => "语音信箱/助理 assistant",
            Self::Other => "其他 other",
            Self::InProgress => "进行中 in progress",
        }
    }
}
