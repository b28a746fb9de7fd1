//! What needs a person, sorted by harm, each with what to do.

use super::board::{Attention, AttentionKind as Kind, Level, Verdict};
use crate::engine::office::{Notice, Severity, Standing, TonightForecast, TrunkPicture};
use crate::http::timestamp;
use crate::moment::Wall;

/// So many things are shown at the most.
const MOST: usize = 50;

/// A low score that somebody gave tonight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LowScore {
    pub(super) attempt: i64,
    pub(super) question: String,
    pub(super) title: String,
    pub(super) answer_zh: String,
    pub(super) answer_en: String,
    pub(super) patient: Option<String>,
    pub(super) department: Option<String>,
    pub(super) at: Wall,
}

/// A campaign that is paused while its window is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PausedCampaign {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) since: Wall,
    pub(super) due: u64,
}

/// What may need somebody.
#[derive(Debug)]
pub(super) struct Seen<'s> {
    pub(super) now: Wall,
    pub(super) holds: &'s [String],
    pub(super) alarms: &'s [Notice],
    pub(super) trunks: &'s [TrunkPicture],
    pub(super) low_scores: &'s [LowScore],
    pub(super) paused: &'s [PausedCampaign],
    pub(super) forecast: Option<(&'s TonightForecast, Verdict)>,
    pub(super) closes: Option<Wall>,
}

/// The list: by level, then by kind, then the newest first.
pub(super) fn list(seen: &Seen<'_>) -> Vec<Attention> {
    let mut list: Vec<(Option<Wall>, Attention)> = Vec::new();
    list.extend(seen.holds.iter().map(|why| (None, held(why))));
    list.extend(seen.low_scores.iter().map(|low| (Some(low.at), low_score(low))));
    list.extend(seen.alarms.iter().map(|notice| (Some(notice.since), alarm(notice))));
    let is_resting = |trunk: &&TrunkPicture| trunk.standing == Standing::Up;
    for trunk in seen.trunks.iter().filter(is_resting) {
        if let Some(until) = trunk.resting_until.filter(|until| *until > seen.now) {
            list.push((Some(until), resting(trunk, seen.now, until)));
        }
    }
    list.extend(seen.paused.iter().map(|paused| (Some(paused.since), pause(paused))));
    if let Some((forecast, verdict)) = seen.forecast {
        list.extend(too_short(forecast, verdict).map(|item| (seen.closes, item)));
        list.extend(deadlines(forecast, seen.closes).map(|item| (seen.closes, item)));
    }
    list.sort_by_key(|(at, item)| (item.level, item.kind, std::cmp::Reverse(*at)));
    list.truncate(MOST);
    list.into_iter().map(|(_, item)| item).collect()
}

fn item(id: String, kind: Kind, level: Level) -> Attention {
    Attention {
        id,
        kind,
        level,
        at: None,
        title_zh: String::new(),
        title_en: String::new(),
        text_zh: String::new(),
        text_en: String::new(),
        attempt: None,
        question: None,
        campaign: None,
    }
}

fn held(why: &str) -> Attention {
    Attention {
        title_zh: "已停止发起新呼叫".to_owned(),
        title_en: "No new call begins".to_owned(),
        text_zh: why.to_owned(),
        text_en: why.to_owned(),
        ..item(format!("held:{why}"), Kind::Held, Level::Harm)
    }
}

fn low_score(low: &LowScore) -> Attention {
    let who = [low.patient.as_deref(), low.department.as_deref()];
    let who = who.into_iter().flatten().collect::<Vec<_>>().join(" ");
    Attention {
        at: Some(timestamp(low.at)),
        title_zh: format!("低分预警：{} {}", low.title, low.answer_zh),
        title_en: format!("Low score: {} {}", low.title, low.answer_en),
        text_zh: format!("{who}。听原声核对按键，再决定是否联系科室。"),
        text_en: format!("{who}. Hear the key before you decide whether to tell the department."),
        attempt: Some(low.attempt),
        question: Some(low.question.clone()),
        ..item(
            format!("low:{}:{}", low.attempt, low.question),
            Kind::LowScore,
            Level::Harm,
        )
    }
}

fn alarm(notice: &Notice) -> Attention {
    let is_trunk = notice.id.starts_with("trunk_");
    let kind = if is_trunk { Kind::Trunk } else { Kind::Alarm };
    let level = match notice.severity {
        Severity::Critical => Level::Harm,
        Severity::Warning => Level::Attention,
    };
    let subject = if notice.subject.is_empty() {
        String::new()
    } else {
        format!("{} ", notice.subject)
    };
    Attention {
        at: Some(timestamp(notice.since)),
        title_zh: format!("{subject}{}", notice.text_zh),
        title_en: format!("{subject}{}", notice.text_en),
        text_zh: notice.to_do_zh.clone(),
        text_en: notice.to_do_en.clone(),
        ..item(format!("alarm:{}:{}", notice.id, notice.subject), kind, level)
    }
}

fn resting(trunk: &TrunkPicture, now: Wall, until: Wall) -> Attention {
    let (name, seconds) = (&trunk.name, until.since(now).as_secs());
    Attention {
        at: Some(timestamp(until)),
        title_zh: format!("{name} 退避中"),
        title_en: format!("{name} rests"),
        text_zh: format!(
            "连续失败或对端要求等待，约 {} 分钟后自动恢复，不计患者次数。",
            seconds.div_ceil(60)
        ),
        text_en: format!(
            "It failed several times, or asked us to wait; calls go on in about {} min. Not counted against patients.",
            seconds.div_ceil(60)
        ),
        ..item(format!("rest:{name}"), Kind::Trunk, Level::Attention)
    }
}

fn pause(paused: &PausedCampaign) -> Attention {
    let (name, due) = (&paused.name, paused.due);
    Attention {
        at: Some(timestamp(paused.since)),
        title_zh: format!("任务“{name}”已暂停"),
        title_en: format!("Campaign \"{name}\" is paused"),
        text_zh: format!("{due} 个到期个案今晚未外呼。"),
        text_en: format!("{due} due cases are not called."),
        campaign: Some(paused.id),
        ..item(format!("paused:{}", paused.id), Kind::Paused, Level::Attention)
    }
}

fn too_short(forecast: &TonightForecast, verdict: Verdict) -> Option<Attention> {
    let level = match verdict {
        Verdict::WillNotFinish => Level::Harm,
        Verdict::Tight => Level::Attention,
        Verdict::Unknown | Verdict::Done | Verdict::WillFinish => return None,
    };
    let count = forecast.unreached;
    let (more_zh, more_en) = match forecast.more_lines {
        Some(more) => (
            format!("多开 {} 路可打完。", more.lines),
            format!("{} more lines would do.", more.lines),
        ),
        None => (
            "可延长时段，或把优先级低的任务改到明天。".to_owned(),
            "Lengthen the window, or leave a campaign of low priority for tomorrow.".to_owned(),
        ),
    };
    let (title_zh, title_en) = if count > 0 {
        (
            format!("{count} 个个案今晚轮不到"),
            format!("{count} cases will not have their turn"),
        )
    } else {
        ("今晚时间有点紧".to_owned(), "Tonight is tight".to_owned())
    };
    Some(Attention {
        title_zh,
        title_en,
        text_zh: more_zh,
        text_en: more_en,
        ..item("too_short".to_owned(), Kind::TooShort, level)
    })
}

fn deadlines(forecast: &TonightForecast, closes: Option<Wall>) -> Option<Attention> {
    let (count, last) = (forecast.deadlines, forecast.last_chances);
    (count > 0).then(|| Attention {
        at: closes.map(timestamp),
        title_zh: format!("{count} 个个案今晚到期"),
        title_en: format!("{count} cases reach their deadline tonight"),
        text_zh: format!("其中 {last} 个仅剩 1 次尝试。"),
        text_en: format!("{last} of them have one attempt left."),
        ..item("deadlines".to_owned(), Kind::Deadlines, Level::Attention)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(id: &str, severity: Severity) -> Notice {
        Notice {
            id: id.to_owned(),
            severity,
            subject: "移动 C".to_owned(),
            since: Wall::from_millis(0),
            until: None,
            text_zh: String::new(),
            text_en: String::new(),
            to_do_zh: String::new(),
            to_do_en: String::new(),
            detail: String::new(),
        }
    }

    #[test]
    fn what_harms_comes_before_what_may_and_each_thing_has_its_own_id() {
        let low = LowScore {
            attempt: 7,
            question: "q5".to_owned(),
            title: "护理服务".to_owned(),
            answer_zh: "2 分".to_owned(),
            answer_en: "2 points".to_owned(),
            patient: Some("刘*珍".to_owned()),
            department: None,
            at: Wall::from_millis(5),
        };
        let forecast = TonightForecast {
            deadlines: 7,
            last_chances: 3,
            ..TonightForecast::default()
        };
        let list = list(&Seen {
            now: Wall::from_millis(10),
            holds: &["disk full".to_owned()],
            alarms: &[
                notice("media_late", Severity::Warning),
                notice("trunk_down", Severity::Critical),
            ],
            trunks: &[],
            low_scores: &[low],
            paused: &[],
            forecast: Some((&forecast, Verdict::Tight)),
            closes: None,
        });
        let kinds: Vec<Kind> = list.iter().map(|item| item.kind).collect();
        let expected = [
            Kind::Held,
            Kind::LowScore,
            Kind::Trunk,
            Kind::TooShort,
            Kind::Deadlines,
            Kind::Alarm,
        ];
        assert_eq!(kinds, expected);
        assert_eq!(list[1].attempt, Some(7));
        assert_eq!(list[1].title_zh, "低分预警：护理服务 2 分");
        assert_eq!(list[1].title_en, "Low score: 护理服务 2 points");
        assert_eq!(list[4].text_zh, "其中 3 个仅剩 1 次尝试。");
    }
}
