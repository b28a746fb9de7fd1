//! The scorecard that the program ships with; it is there, published, from the first use on.

use super::card::{Item, ItemOption};

/// Its name.
pub const ZH: &str = "智能回访质检表";
/// Its name in English.
pub const EN: &str = "Review of follow-up calls";

fn option(zh: &str, en: &str, points: u32) -> ItemOption {
    ItemOption {
        zh: zh.to_owned(),
        en: en.to_owned(),
        points,
        fails: false,
    }
}

fn item(id: &str, [zh, en]: [&str; 2], weight: u32, [hint_zh, hint_en]: [&str; 2], half: u32) -> Item {
    Item {
        id: id.to_owned(),
        zh: zh.to_owned(),
        en: en.to_owned(),
        weight,
        fatal: false,
        hint_zh: hint_zh.to_owned(),
        hint_en: hint_en.to_owned(),
        question: None,
        options: vec![
            option("做到", "Yes", weight),
            option("部分做到", "Partly", half),
            option("没做到", "No", 0),
        ],
    }
}

/// Its items.
pub fn items() -> Vec<Item> {
    let mut notice = item(
        "notice",
        ["告知录音并核对身份", "Recording announced, identity checked"],
        0,
        [
            "开场说明医院、用途和录音；先问是否本人或家属",
            "The opening names the hospital, the purpose and the recording, and asks who is on the line",
        ],
        0,
    );
    notice.fatal = true;
    notice.options = vec![option("是", "Yes", 0), option("否", "No", 0)];
    if let Some(no) = notice.options.last_mut() {
        no.fails = true;
    }
    vec![
        notice,
        item(
            "clear",
            ["录音清晰、双声道完整", "Clear recording, both channels complete"],
            10,
            ["两侧都听得清，没有缺口", "Both sides can be understood, nothing is missing"],
            6,
        ),
        item(
            "prompts",
            ["题目逐字播完，语速与等待适合老年患者", "Prompts complete, slow and patient enough for old people"],
            20,
            [
                "没有被系统截断；没听清时有重播，等待够长",
                "Nothing is cut off by the system; there is a second hearing, and time to answer",
            ],
            12,
        ),
        item(
            "answers",
            ["按键与听到的意思一致", "Keys agree with what is heard"],
            30,
            [
                "逐题听按键前后 5 秒；不一致时更正答案并写明理由",
                "Hear five seconds around each key; where they differ, correct the answer and say why",
            ],
            15,
        ),
        item(
            "proxy",
            ["代答与身份处理得当", "Proxies and identity handled"],
            10,
            [
                "家属代答有记录；打错号码时不透露病情",
                "A proxy is noted; nothing is told to a wrong number",
            ],
            5,
        ),
        item(
            "complaint",
            ["不满意已追问并开立问题件", "Complaint asked about and followed"],
            20,
            [
                "低分或投诉有追问、有后续；没有低分则选“做到”",
                "A low score or a complaint was asked about and is followed; without one, mark Yes",
            ],
            10,
        ),
        item(
            "ending",
            ["结束语完整，如约挂断", "Complete ending"],
            10,
            [
                "致谢并说明后续；患者要求再联系或不再来电已记录",
                "Thanks and what comes next; a wish to be called again, or not, is kept",
            ],
            5,
        ),
    ]
}
