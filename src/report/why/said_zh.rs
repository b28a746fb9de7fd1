//! The sentence in Chinese.

use chrono_tz::Tz;

use crate::dialer::claim::Why;
use crate::dialer::{Direction, Outcome};
use crate::rules::in_chinese;
use crate::store::why::AHEAD;

use super::facts::{Bar, CampaignStanding, Closed, VisitFacts};
use super::said::{Keeps, Teller};
use super::situation::Situation;

/// What the situation says, without the full stop.
pub(super) fn said(teller: &Teller<'_>, now: Situation<'_>) -> String {
    let case = teller.case;
    match now {
        Situation::Closed(closed) => ended(teller, closed),
        Situation::Calling(attempt) => match attempt.direction {
            Direction::Out => format!(
                "正在拨打：{} 起，经中继 {}，第 {} 次",
                teller.at(attempt.begun),
                attempt.trunk,
                teller.ours().count()
            ),
            Direction::In => format!(
                "患者来电，正在通话：{} 起，经中继 {}",
                teller.at(attempt.begun),
                attempt.trunk
            ),
        },
        Situation::Leased => "马上拨打：已轮到，正在等空闲线路".to_owned(),
        Situation::WillClose { why, outcome } => format!(
            "{}不会再拨打：{}，下次轮到时按“{}”结案",
            tried(teller),
            why.zh(),
            outcome.zh()
        ),
        Situation::Held { why, until } => {
            format!("{}暂不拨打：{}，{} 再看", tried(teller), why.zh(), teller.at(until))
        }
        Situation::Appointed { at } => {
            format!("{}患者约定 {} 来电，前后 15 分钟内拨打", tried(teller), teller.at(at))
        }
        Situation::Waits { until } if case.attempts.is_empty() => {
            format!("还没有拨打：{} 起才该回访", teller.at(until))
        }
        Situation::Waits { until } => format!(
            "{}{} 以后再打（已计 {} 次{}）",
            tried(teller),
            teller.at(until),
            case.counted,
            budget(teller)
        ),
        Situation::WindowClosed { opens } => {
            let when = opens.map_or_else(
                || "任务没有可用的呼叫时段".to_owned(),
                |opens| format!("现在不在呼叫时段，{} 起拨打", teller.at(opens)),
            );
            format!("{}该拨打了，{when}，{}", tried(teller), ahead(case.present.ahead))
        }
        Situation::Due { ahead: first } => format!("{}该拨打了，{}", tried(teller), ahead(first)),
        Situation::Open => format!("{}个案未结，{} 起可拨打", tried(teller), teller.at(case.next_at)),
    }
}

fn ahead(count: u64) -> String {
    if count == 0 {
        "下一个就是".to_owned()
    } else if count >= AHEAD {
        format!("前面还有 {AHEAD} 个以上")
    } else {
        format!("前面还有 {count} 个")
    }
}

fn budget(teller: &Teller<'_>) -> String {
    teller
        .case
        .budget
        .map(|budget| format!("，最多 {budget} 次"))
        .unwrap_or_default()
}

/// How often it was tried, whether the patient called, and how the last call ended, with a comma behind it; nothing if there was none.
fn tried(teller: &Teller<'_>) -> String {
    let text = history(teller);
    if text.is_empty() { text } else { format!("{text}，") }
}

fn history(teller: &Teller<'_>) -> String {
    let attempts = &teller.case.attempts;
    let Some(last) = attempts.last() else {
        return String::new();
    };
    let how = last.disposition.map_or("未知", |disposition| disposition.zh());
    let at = teller.at(last.begun);
    let ours = teller.ours().count();
    match (last.direction, ours, attempts.len() - ours) {
        (Direction::In, 0, _) => format!("患者 {at} 来电，{how}"),
        (Direction::In, ours, _) => format!("打过 {ours} 次，患者 {at} 来电，{how}"),
        (Direction::Out, 1, 0) => format!("{at} 打过 1 次，{how}"),
        (Direction::Out, many, 0) => format!("打过 {many} 次，最近一次 {at} {how}"),
        (Direction::Out, 1, theirs) => format!("{at} 打过 1 次，{how}，患者来过 {theirs} 次电话"),
        (Direction::Out, many, theirs) => {
            format!("打过 {many} 次，最近一次 {at} {how}，患者来过 {theirs} 次电话")
        }
    }
}

fn ended(teller: &Teller<'_>, closed: Closed) -> String {
    let case = teller.case;
    let Closed { outcome, at, why } = closed;
    let at = teller.at(at);
    let history = history(teller);
    let none = case.attempts.is_empty();
    match outcome {
        Outcome::Completed if none => format!("已完成回访，{at} 结案"),
        Outcome::Completed => match case.attempts.last().filter(|last| last.direction == Direction::In) {
            Some(last) => format!("已完成回访：患者 {} 来电并答完问卷，{at} 结案", teller.at(last.begun)),
            None => format!(
                "已完成回访：第 {} 次拨打接通并答完问卷，{at} 结案",
                teller.ours().count()
            ),
        },
        Outcome::Partial => format!("回访只完成一部分：{history}；{at} 结案，不再拨打"),
        Outcome::Refused => format!("不再拨打：{history}；{at} 结案"),
        Outcome::NotReached if none => format!("没有拨打：{}；{at} 结案", reason(why, "次数用完")),
        Outcome::NotReached => format!(
            "未联系上：{history}；计 {} 次{}，{}，{at} 结案",
            case.counted,
            budget(teller),
            reason(why, "不再重试")
        ),
        Outcome::NumberDead if none => {
            format!("没有拨打：没有可拨的号码（空号、停机、错号或未留号码）；{at} 结案，请核对号码")
        }
        Outcome::NumberDead => format!("号码失效：{history}，没有别的可拨号码；{at} 结案，请核对号码"),
        Outcome::NotEligible if none => format!("没有拨打：{}；{at} 结案", reason(why, "不宜回访")),
        Outcome::NotEligible => format!("不再拨打：{}；{history}，{at} 结案", reason(why, "不宜回访")),
        Outcome::Expired => {
            let deadline = case.deadline.map_or_else(
                || "期限已过".to_owned(),
                |deadline| format!("期限 {} 已过", teller.at(deadline)),
            );
            if none {
                format!("没有拨打：{deadline}，一次也没有打；{at} 结案")
            } else {
                format!("没有联系上：{history}；{deadline}，{at} 结案")
            }
        }
        Outcome::Withdrawn if none => format!("没有拨打：个案由人工撤回，{at} 结案"),
        Outcome::Withdrawn => format!("不再拨打：{history}；个案由人工撤回，{at} 结案"),
    }
}

fn reason(why: Option<Why>, otherwise: &'static str) -> &'static str {
    why.map_or(otherwise, Why::zh)
}

/// What keeps it, behind 但.
pub(super) fn bar(teller: &Teller<'_>, keeps: Keeps<'_>) -> String {
    let campaign = &teller.case.campaign;
    match keeps {
        Keeps::Campaign(CampaignStanding::Draft) => format!("任务“{campaign}”还没有启动"),
        Keeps::Campaign(CampaignStanding::Paused { since }) => {
            format!("任务“{campaign}”自 {} 起暂停，恢复后才拨打", teller.at(since))
        }
        Keeps::Campaign(CampaignStanding::Stopped) => format!("任务“{campaign}”已停止，重新启动后才拨打"),
        Keeps::Campaign(CampaignStanding::Running) => format!("任务“{campaign}”在运行"),
        Keeps::House(Bar::Frozen) => "数据库已冻结，执行 aftercall thaw 确认后才拨打".to_owned(),
        Keeps::House(Bar::NoDaemon) => "现在没有守护进程在运行".to_owned(),
        Keeps::House(Bar::Held { by }) => format!("现在不发起新呼叫：{by}"),
        Keeps::House(Bar::TrunksDown { trunks }) => format!("中继 {} 不通", trunks.join("、")),
        Keeps::House(Bar::Unreadable) => format!("任务“{campaign}”的文件读不出来，请重新 campaign add"),
    }
}

/// For a patient without any follow-up: what a rule said of the latest visit, where one was asked.
pub(super) fn no_case(visits: &[VisitFacts], zone: Tz) -> String {
    match visits {
        [] => "没有拨打：系统里没有这位患者的就诊记录，也没有回访个案。".to_owned(),
        [latest, ..] => match latest.rules.iter().find_map(|rule| Some((rule, rule.detail.as_ref()?))) {
            Some((rule, decided)) => format!(
                "没有拨打：最近一次就诊没有回访个案，规则“{}”的判定是：{}。",
                rule.rule,
                in_chinese(decided, zone)
            ),
            None => format!("没有拨打：{} 次就诊都没有回访个案，没有任务收入过。", visits.len()),
        },
    }
}
