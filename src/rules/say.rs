//! A verdict in one sentence, for `why`, `rule try` and the log of decisions.

use chrono_tz::Tz;

use crate::calendar::local;
use crate::moment::Wall;

use super::{Decided, Miss};

/// In Chinese; times are those of the zone's clocks.
pub fn in_chinese(decided: &Decided, zone: Tz) -> String {
    match decided {
        Decided::Followed(follow_up) => {
            let round = (follow_up.round > 1).then(|| format!("第{}次,", follow_up.round));
            let role = follow_up.role.as_ref().map(|role| format!(",由{role}回访"));
            let deadline = follow_up.deadline.map(|at| format!(",截止{}", minute(at, zone)));
            format!(
                "回访:任务「{}」,{}应于{}起{}{}",
                follow_up.campaign,
                round.unwrap_or_default(),
                minute(follow_up.due, zone),
                deadline.unwrap_or_default(),
                role.unwrap_or_default()
            )
        }
        Decided::OtherEvent { kind } => format!("不适用:业务类型是「{kind}」"),
        Decided::TooEarly { since } => format!("不回访:发生在规则生效日{since}之前"),
        Decided::NotMatched(Miss {
            condition,
            found: Some(found),
        }) => {
            format!("不回访:条件「{condition}」不满足,实际为「{found}」")
        }
        Decided::NotMatched(Miss { condition, found: None }) => {
            format!("不回访:条件「{condition}」不满足,名单中没有此项")
        }
        Decided::NoDate { attribute } => format!("不回访:「{attribute}」没有可用的日期"),
        Decided::Waits { stratum, period } => {
            format!("待抽样:「{stratum}」层,{}期满后抽取", period.name)
        }
        Decided::SampledOut { stratum, period } => format!("未抽中:「{stratum}」层,{period}"),
        Decided::Taken { by } => format!("不重复:规则「{by}」已安排这一次回访"),
        Decided::TooLate { until } => format!("不回访:判定时已过截止时间{}", minute(*until, zone)),
    }
}

/// In English; times are those of the zone's clocks.
pub fn in_english(decided: &Decided, zone: Tz) -> String {
    match decided {
        Decided::Followed(follow_up) => {
            let round = (follow_up.round > 1).then(|| format!(", round {}", follow_up.round));
            let role = follow_up.role.as_ref().map(|role| format!(", by {role}"));
            let deadline = follow_up.deadline.map(|at| format!(", until {}", minute(at, zone)));
            format!(
                "followed up in {}{}, due {}{}{}",
                follow_up.campaign,
                round.unwrap_or_default(),
                minute(follow_up.due, zone),
                deadline.unwrap_or_default(),
                role.unwrap_or_default()
            )
        }
        Decided::OtherEvent { kind } => format!("about other events, not {kind}"),
        Decided::TooEarly { since } => format!("happened before {since}, from which the rules hold"),
        Decided::NotMatched(Miss {
            condition,
            found: Some(found),
        }) => {
            format!("does not match `{condition}`: it is \"{found}\"")
        }
        Decided::NotMatched(Miss { condition, found: None }) => {
            format!("does not match `{condition}`: the list has no such value")
        }
        Decided::NoDate { attribute } => format!("has no usable date in `{attribute}`"),
        Decided::Waits { stratum, period } => {
            format!("waits for the draw of {} in stratum {stratum}", period.name)
        }
        Decided::SampledOut { stratum, period } => format!("was not drawn in stratum {stratum} of {period}"),
        Decided::Taken { by } => format!("rule {by} has this follow-up already"),
        Decided::TooLate { until } => format!("too late: it had to be done until {}", minute(*until, zone)),
    }
}

impl Decided {
    /// One word for it, as the database and counts have it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Followed(_) => "followed",
            Self::OtherEvent { .. } => "other_event",
            Self::TooEarly { .. } => "too_early",
            Self::NotMatched(_) => "not_matched",
            Self::NoDate { .. } => "no_date",
            Self::Waits { .. } => "waits",
            Self::SampledOut { .. } => "sampled_out",
            Self::Taken { .. } => "taken",
            Self::TooLate { .. } => "too_late",
        }
    }
}

fn minute(at: Wall, zone: Tz) -> String {
    local(at, zone).format("%Y-%m-%d %H:%M").to_string()
}
