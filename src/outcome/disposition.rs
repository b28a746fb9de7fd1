//! The dispositions: how an attempt ended, under the identifiers that code, tables, screens and metrics share.

use serde::{Deserialize, Serialize};

macro_rules! dispositions {
    ($($(#[$meta:meta])* $name:ident = $id:literal, $zh:literal;)+) => {
        /// How an attempt ended (design section 2.1; evidence and retry practice in docs/outcomes.md).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Disposition { $($(#[$meta])* $name,)+ }

        impl Disposition {
            /// All of them, in the order of reports.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The identifier in code, SQL, logs and metrics.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $id,)+ }
            }

            /// The cause in the users' own words.
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$name => $zh,)+ }
            }

            /// The disposition of an identifier.
            pub fn parse(id: &str) -> Option<Self> {
                match id { $($id => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

dispositions! {
    /// Every required question was answered.
    Completed = "completed", "完成";
    /// At least one question answered, then hang-up, silence or a dropped line.
    Partial = "partial", "部分完成";
    /// Refused the survey.
    Refused = "refused", "拒访";
    /// Asked never to be called again.
    OptOut = "opt_out", "要求不再来电";
    /// Pressed a key, hung up before the first answer.
    BreakOff = "break_off", "中途挂断";
    /// Hung up before any key.
    EarlyHangup = "early_hangup", "接通即挂";
    /// Answered, no key, we ended it.
    Silent = "silent", "接通无应答";
    /// Another person answered.
    ThirdParty = "third_party", "他人接听";
    /// A time was agreed.
    Appointment = "appointment", "预约";
    /// The number is not the patient's.
    WrongNumber = "wrong_number", "错号";
    /// The patient has died.
    Deceased = "deceased", "已去世";
    /// Cannot answer.
    Incapable = "incapable", "无法应答";
    /// Language or dialect.
    Language = "language", "语言不通";
    /// Voicemail or phone assistant.
    Assistant = "assistant", "语音信箱/助理";
    /// Fax or modem.
    Fax = "fax", "传真";
    /// Rang out.
    NoAnswer = "no_answer", "无人接听";
    /// Busy.
    Busy = "busy", "占线";
    /// Declined by the called party.
    Rejected = "rejected", "拒接";
    /// Switched off.
    PowerOff = "power_off", "关机";
    /// Out of reach.
    Unreachable = "unreachable", "无法接通";
    /// Suspended number.
    Suspended = "suspended", "停机";
    /// Vacant number.
    Vacant = "vacant", "空号";
    /// Changed number.
    NumberChanged = "number_changed", "改号";
    /// Incoming calls barred.
    BarredIn = "barred_in", "呼入限制";
    /// Blocked by the operator or a spam filter.
    Blocked = "blocked", "运营商拦截";
    /// Call forwarding failed.
    ForwardedFail = "forwarded_fail", "呼叫转移失败";
    /// Network congestion.
    NetworkBusy = "network_busy", "网络忙";
    /// Our own line is at fault.
    OwnLineFault = "own_line_fault", "本方线路故障";
    /// Our caller number was not accepted.
    CallerIdBad = "caller_id_bad", "主叫不合法";
    /// Dialled in a form that the network does not take.
    Misdialled = "misdialled", "拨号方式不正确";
    /// Crash, disk, database, or media lost on our side.
    Interrupted = "interrupted", "本方中断";
    /// Cancelled by a person.
    Cancelled = "cancelled", "人工取消";
    /// Could not be told.
    Unknown = "unknown", "未知";
}

impl Disposition {
    /// Whether the far end answered with a 200.
    pub const fn is_answered(self) -> bool {
        (self as u8) <= (Self::Fax as u8)
    }

    /// Whether it is our own fault (or nobody's) and must not count against the patient's budget.
    pub const fn is_ours(self) -> bool {
        matches!(
            self,
            Self::NetworkBusy
                | Self::OwnLineFault
                | Self::CallerIdBad
                | Self::Misdialled
                | Self::Interrupted
                | Self::Cancelled
        )
    }
}
