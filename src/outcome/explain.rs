//! The verdict as one plain sentence, for the terminal and for reports.

use super::{Came, Decides, Facts, RULES, Verdict, Wish};

/// In which language a sentence is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// One sentence: the disposition, what the rule saw, the figures it went by, and the rule's name.
pub fn explain(facts: &Facts, verdict: &Verdict, language: Language) -> String {
    let figures = figures(facts, language);
    let by_trunk = RULES
        .iter()
        .any(|rule| rule.id == verdict.rule && rule.decides == Decides::TheTrunk);
    match language {
        Language::En => {
            let how = if by_trunk {
                "by the trunk's own table"
            } else {
                "by rule"
            };
            format!(
                "{}: {}{figures} ({how} {}).",
                verdict.disposition.as_str(),
                verdict.why,
                verdict.rule
            )
        }
        Language::Zh => {
            format!(
                "{}：{}{figures}（规则 {}）。",
                verdict.disposition.zh(),
                verdict.why_zh,
                verdict.rule
            )
        }
    }
}

fn figures(facts: &Facts, language: Language) -> String {
    let mut parts = Vec::new();
    let zh = language == Language::Zh;
    if let Some(status) = facts.final_status {
        let word = if zh { "状态" } else { "status" };
        parts.push(format!("{word} {status}{}", phrase(facts)));
    }
    if let Some(q850) = facts.q850 {
        parts.push(format!("Q.850 {q850}"));
    }
    if let Some(ring) = facts.ring_ms {
        let seconds = seconds(ring);
        parts.push(if zh {
            format!("响铃 {seconds} 秒")
        } else {
            format!("rang {seconds} s")
        });
    }
    if let Some(talk) = facts.talk_ms {
        let seconds = seconds(talk);
        parts.push(if zh {
            format!("通话 {seconds} 秒")
        } else {
            format!("talked {seconds} s")
        });
    }
    if let Some(survey) = facts.survey {
        let (answered, keys) = (survey.answered, survey.keys);
        parts.push(if zh {
            format!("按键 {keys} 次，作答 {answered} 题")
        } else {
            format!("keys {keys}, answers {answered}")
        });
    }
    parts.extend(facts.wish.map(|wish| wished(wish, language)));
    match (parts.is_empty(), zh) {
        (true, _) => String::new(),
        (false, true) => format!("；{}", parts.join("，")),
        (false, false) => format!("; {}", parts.join(", ")),
    }
}

fn wished(wish: Wish, language: Language) -> String {
    let waited = seconds(wish.waited_ms);
    match (language, wish.came) {
        (Language::Zh, Came::Agent) => format!("要求人工，等候 {waited} 秒后由坐席接听"),
        (Language::Zh, Came::Nobody) => format!("要求人工，等候 {waited} 秒无空闲坐席，改为预约回电"),
        (Language::Zh, Came::CallBack) => format!("要求人工，等候 {waited} 秒后选择回电"),
        (Language::Zh, Came::NotYet) => format!("要求人工，等候 {waited} 秒时通话结束"),
        (Language::En, Came::Agent) => format!("asked for a person, an agent took over after {waited} s"),
        (Language::En, Came::Nobody) => {
            format!("asked for a person, nobody was free after {waited} s, a call-back was offered")
        }
        (Language::En, Came::CallBack) => format!("asked for a person, chose a call-back after {waited} s of waiting"),
        (Language::En, Came::NotYet) => format!("asked for a person, the call ended after {waited} s of waiting"),
    }
}

fn seconds(millis: u32) -> String {
    format!("{}.{}", millis / 1000, millis % 1000 / 100)
}

/// The reason phrase as far as it may be shown: it comes from the network, so nothing that a terminal obeys, nothing
/// endless, and no digits that could be somebody's number.
fn phrase(facts: &Facts) -> String {
    let digits = facts.phrase.chars().filter(|c| c.is_numeric()).count();
    if facts.phrase.is_empty() || digits > 4 {
        return String::new();
    }
    let shown: String = facts.phrase.chars().filter(|c| !c.is_control()).take(60).collect();
    format!(" {shown}")
}
