//! The chain of what happened to a patient's follow-ups and why: plain sentences, the newest first, each with its facts.

use chrono_tz::Tz;
use serde::Serialize;

use crate::dialer::Direction;
use crate::dialer::claim::Why;
use crate::ids::{AttemptId, CaseId};
use crate::moment::Wall;
use crate::outcome::{self, Disposition, Facts, Language, RULES, Verdict};
use crate::pii::scrub;
use crate::rules::{in_chinese, in_english};

use super::facts::{AttemptFacts, CaseFacts, DecisionFacts, Known, ListedFacts, RuleFacts, StateFacts};
use super::said::{local, sentence, words};
use super::said_en::spoken;

/// What a link is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// How a follow-up stands right now.
    Present,
    /// An attempt.
    Attempt,
    /// A decision of a claim, or of a person.
    Decision,
    /// What a follow-up rule said.
    Rule,
    /// How a follow-up was closed.
    Closed,
    /// A state of the patient.
    State,
    /// An entry of the do-not-call list.
    Listed,
}

impl LinkKind {
    /// As it is sent.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Attempt => "attempt",
            Self::Decision => "decision",
            Self::Rule => "rule",
            Self::Closed => "closed",
            Self::State => "state",
            Self::Listed => "listed",
        }
    }
}

/// A sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// One fact under a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkFact {
    /// What it is.
    pub label: Sentence,
    /// Its value.
    pub value: String,
}

/// One sentence of the chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// What it is about.
    pub kind: LinkKind,
    /// When; none where only a list says it.
    pub at: Option<Wall>,
    /// The follow-up that it is about.
    pub case: Option<CaseId>,
    /// The attempt that it is about.
    pub attempt: Option<AttemptId>,
    /// The sentence.
    pub sentence: Sentence,
    /// What it rests on, in words.
    pub facts: Vec<LinkFact>,
    /// The same as programs read it, digits of numbers masked.
    pub raw: serde_json::Value,
}

/// Who called and how it ended, in one plain sentence; without its facts (under way, or cleaned) by its disposition alone.
pub fn told(
    direction: Direction,
    disposition: Option<Disposition>,
    rule: Option<&str>,
    facts: Option<&Facts>,
) -> Sentence {
    let said = |zh: &str, en: &str| Sentence {
        zh: zh.to_owned(),
        en: en.to_owned(),
    };
    match (direction, disposition) {
        (Direction::Out, None) => said("正在拨打。", "It is being called."),
        (Direction::In, None) => said("患者来电，正在通话。", "The patient called us and is on the line."),
        (Direction::Out, Some(disposition)) => judged(disposition, rule, facts),
        (Direction::In, Some(disposition)) => {
            let Sentence { zh, en } = judged(disposition, rule, facts);
            said(&format!("患者来电，{zh}"), &format!("The patient called us; {en}"))
        }
    }
}

fn judged(disposition: Disposition, rule: Option<&str>, facts: Option<&Facts>) -> Sentence {
    let known = RULES.iter().find(|known| Some(known.id) == rule);
    match (facts, known) {
        (Some(facts), Some(known)) => {
            let verdict = Verdict {
                disposition,
                rule: known.id,
                why: known.en,
                why_zh: known.zh,
            };
            Sentence {
                zh: outcome::explain(facts, &verdict, Language::Zh),
                en: outcome::explain(facts, &verdict, Language::En),
            }
        }
        (Some(_) | None, Some(_) | None) => {
            let rule = rule.unwrap_or("-");
            Sentence {
                zh: format!("{}（规则 {rule}）。", disposition.zh()),
                en: format!("{} (rule {rule}).", spoken(disposition)),
            }
        }
    }
}

/// The chain, the newest first; how each open follow-up stands now goes before all. `facts_of` gives what an attempt was
/// judged by.
pub fn chain(known: &Known, zone: Tz, facts_of: impl Fn(AttemptId) -> Option<Facts>) -> Vec<Link> {
    let chain = Chain { zone };
    let mut links: Vec<Link> = Vec::new();
    for case in &known.cases {
        links.push(chain.present(case));
        for attempt in &case.attempts {
            links.push(chain.attempt(case, attempt, facts_of(attempt.attempt)));
        }
        links.extend(case.decisions.iter().map(|decision| chain.decision(case, decision)));
        links.extend(case.rules.iter().map(|rule| chain.rule(Some(case.case), rule)));
    }
    for visit in &known.visits {
        links.extend(visit.rules.iter().map(|rule| chain.rule(None, rule)));
    }
    links.extend(known.patient.states.iter().map(|state| chain.state(state)));
    let numbers = known.patient.numbers.iter();
    let of_numbers = numbers.flat_map(|number| number.listed.iter().map(|entry| (Some(number.number.as_str()), entry)));
    let listed = known.patient.listed.iter().map(|entry| (None, entry)).chain(of_numbers);
    links.extend(listed.map(|(number, entry)| chain.listed(number, entry)));
    let is_open = |link: &Link| link.kind == LinkKind::Present;
    links.sort_by_key(|link| (!is_open(link), std::cmp::Reverse(link.at)));
    links
}

struct Chain {
    zone: Tz,
}

fn fact(zh: &str, en: &str, value: impl Into<String>) -> LinkFact {
    LinkFact {
        label: Sentence {
            zh: zh.to_owned(),
            en: en.to_owned(),
        },
        value: value.into(),
    }
}

/// As programs read it; words of the network may hold a number.
fn raw(value: &impl Serialize) -> serde_json::Value {
    scrubbed(serde_json::to_value(value).unwrap_or_default())
}

fn scrubbed(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::String(text) => Value::String(scrub(&text)),
        Value::Array(items) => Value::Array(items.into_iter().map(scrubbed).collect()),
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(name, value)| (name, scrubbed(value)))
                .collect(),
        ),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_)) => other,
    }
}

impl Chain {
    fn at(&self, wall: Wall) -> String {
        local(wall, self.zone)
    }

    fn present(&self, case: &CaseFacts) -> Link {
        let mut facts = vec![
            fact("任务", "campaign", &case.campaign),
            fact("应回访", "due", self.at(case.due)),
            fact(
                "计入次数",
                "counted",
                case.budget.map_or_else(
                    || case.counted.to_string(),
                    |budget| format!("{} / {budget}", case.counted),
                ),
            ),
        ];
        if let Some(deadline) = case.deadline {
            facts.push(fact("期限", "deadline", self.at(deadline)));
        }
        if let Some(appointment) = case.appointment {
            facts.push(fact("约定", "appointment", self.at(appointment)));
        }
        if case.closed.is_none() {
            facts.push(fact("下次查看", "next", self.at(case.next_at)));
        }
        Link {
            kind: match case.closed {
                Some(_) => LinkKind::Closed,
                None => LinkKind::Present,
            },
            at: Some(case.closed.map_or(case.present.at, |closed| closed.at)),
            case: Some(case.case),
            attempt: None,
            sentence: Sentence {
                zh: sentence(case, self.zone, Language::Zh),
                en: sentence(case, self.zone, Language::En),
            },
            facts,
            raw: raw(&case.present),
        }
    }

    fn attempt(&self, case: &CaseFacts, attempt: &AttemptFacts, judged_by: Option<Facts>) -> Link {
        let mut facts = vec![
            fact("号码", "number", &attempt.number),
            fact("中继", "trunk", &attempt.trunk),
        ];
        if let Some(rule) = &attempt.rule {
            facts.push(fact("规则", "rule", rule));
        }
        if let Some(judged_by) = &judged_by {
            let status = judged_by.final_status.map(|status| status.to_string());
            let q850 = judged_by.q850.map(|q850| q850.to_string());
            let seconds = |millis: u32| format!("{}.{} s", millis / 1000, millis % 1000 / 100);
            facts.extend(status.map(|status| fact("状态", "status", status)));
            facts.extend(q850.map(|q850| fact("Q.850", "Q.850", q850)));
            facts.extend(judged_by.ring_ms.map(|ring| fact("响铃", "rang", seconds(ring))));
            facts.extend(judged_by.talk_ms.map(|talk| fact("通话", "talked", seconds(talk))));
        }
        Link {
            kind: LinkKind::Attempt,
            at: Some(attempt.begun),
            case: Some(case.case),
            attempt: Some(attempt.attempt),
            sentence: told(
                attempt.direction,
                attempt.disposition,
                attempt.rule.as_deref(),
                judged_by.as_ref(),
            ),
            facts,
            raw: raw(&judged_by),
        }
    }

    fn decision(&self, case: &CaseFacts, decision: &DecisionFacts) -> Link {
        let (zh, en) = (words(decision.why, Language::Zh), words(decision.why, Language::En));
        let said = match (decision.until, is_for_good(decision.why)) {
            (Some(until), false) => Sentence {
                zh: format!("{zh}，{} 再看。", self.at(until)),
                en: format!("{en}; looked at again at {}.", self.at(until)),
            },
            (Some(_) | None, _) => Sentence {
                zh: format!("{zh}。"),
                en: format!("{en}."),
            },
        };
        Link {
            kind: LinkKind::Decision,
            at: Some(decision.at),
            case: Some(case.case),
            attempt: None,
            sentence: said,
            facts: vec![
                fact("任务", "campaign", &case.campaign),
                fact("判断", "decision", decision.why.as_str()),
            ],
            raw: raw(decision),
        }
    }

    fn rule(&self, case: Option<CaseId>, rule: &RuleFacts) -> Link {
        let said = |language| match (&rule.detail, language) {
            (None, _) => rule.decided.clone(),
            (Some(decided), Language::Zh) => in_chinese(decided, self.zone),
            (Some(decided), Language::En) => in_english(decided, self.zone),
        };
        Link {
            kind: LinkKind::Rule,
            at: Some(rule.at),
            case,
            attempt: None,
            sentence: Sentence {
                zh: format!("规则“{}”：{}。", rule.rule, said(Language::Zh)),
                en: format!("Rule \"{}\": {}.", rule.rule, said(Language::En)),
            },
            facts: vec![
                fact("规则集", "rules", &rule.rule_set),
                fact("规则", "rule", &rule.rule),
            ],
            raw: raw(rule),
        }
    }

    fn state(&self, state: &StateFacts) -> Link {
        let mut facts = vec![fact("来源", "source", &state.source)];
        if let Some(until) = state.until {
            facts.push(fact("至", "until", self.at(until)));
        }
        Link {
            kind: LinkKind::State,
            at: state.since,
            case: None,
            attempt: None,
            sentence: Sentence {
                zh: format!("{}。", state.state.zh()),
                en: format!("State: {}.", state.state.as_str().replace('_', " ")),
            },
            facts,
            raw: raw(state),
        }
    }

    fn listed(&self, number: Option<&str>, entry: &ListedFacts) -> Link {
        let mut facts = vec![fact("来源", "source", &entry.source)];
        facts.extend(number.map(|number| fact("号码", "number", number)));
        facts.extend(entry.until.map(|until| fact("至", "until", self.at(until))));
        let sentence = match &entry.only {
            None => Sentence {
                zh: "在免打扰名单中，不再拨打。".to_owned(),
                en: "On the do-not-call list: never called.".to_owned(),
            },
            Some(only) => Sentence {
                zh: format!("在免打扰名单中，“{only}”不再拨打。"),
                en: format!("On the do-not-call list for \"{only}\"."),
            },
        };
        Link {
            kind: LinkKind::Listed,
            at: Some(entry.since),
            case: None,
            attempt: None,
            sentence,
            facts,
            raw: raw(entry),
        }
    }
}

/// Whether nothing is looked at again after such a decision, whatever time stands with it.
fn is_for_good(why: Why) -> bool {
    matches!(why, Why::Due | Why::NumberDead | Why::TooLate | Why::BudgetUsed)
}
