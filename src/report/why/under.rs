//! The facts under the sentence, line by line.

use chrono_tz::Tz;

use crate::dialer::Direction;
use crate::moment::Wall;
use crate::outcome::Language;
use crate::rules::{in_chinese, in_english};

use super::facts::{AttemptFacts, CampaignStanding, CaseFacts, ListedFacts, PatientFacts, RuleFacts, VisitFacts};
use super::said::{Answer, CaseAnswer, local, words};
use super::said_en::spoken;

/// The whole answer as lines: each sentence, and under it what it rests on.
pub fn facts_under(answer: &Answer, zone: Tz, language: Language) -> Vec<String> {
    let page = Page { zone, language };
    let mut lines = page.patient(&answer.patient);
    lines.extend(answer.sentence.iter().map(|sentence| format!("\n{sentence}")));
    for case in &answer.cases {
        lines.extend(page.case(case));
    }
    for visit in &answer.visits {
        lines.extend(page.visit(visit));
    }
    lines
}

struct Page {
    zone: Tz,
    language: Language,
}

impl Page {
    fn say(&self, zh: &'static str, en: &'static str) -> &'static str {
        match self.language {
            Language::Zh => zh,
            Language::En => en,
        }
    }

    fn at(&self, wall: Wall) -> String {
        local(wall, self.zone)
    }

    /// A label and its value, indented.
    fn fact(&self, zh: &'static str, en: &'static str, value: &str) -> String {
        match self.language {
            Language::Zh => format!("  {zh}：{value}"),
            Language::En => format!("  {en}: {value}"),
        }
    }

    fn patient(&self, patient: &PatientFacts) -> Vec<String> {
        let unnamed = self.say("无名", "without a name");
        let name = patient.name.as_deref().unwrap_or(unnamed);
        let number = patient.patient_no.as_deref().unwrap_or("-");
        let mut lines = vec![match self.language {
            Language::Zh => format!("患者 {number} {name}"),
            Language::En => format!("patient {number} {name}"),
        }];
        for state in &patient.states {
            let word = match self.language {
                Language::Zh => state.state.zh().to_owned(),
                Language::En => state.state.as_str().replace('_', " "),
            };
            let span = self.span(state.since, state.until);
            lines.push(self.fact("状态", "state", &format!("{word}{span} [{}]", state.source)));
        }
        for listed in &patient.listed {
            lines.push(self.fact("免打扰", "do-not-call", &self.listed(listed)));
        }
        for number in &patient.numbers {
            let owner = match (number.owner.as_deref(), number.relation.as_deref()) {
                (Some("kin"), Some(relation)) => format!(" {relation}"),
                (Some("kin"), None) => format!(" {}", self.say("家属", "kin")),
                (Some(_), _) => format!(" {}", self.say("本人", "own")),
                (None, _) => String::new(),
            };
            let listed: Vec<String> = number.listed.iter().map(|listed| self.listed(listed)).collect();
            let listed = if listed.is_empty() {
                String::new()
            } else {
                format!(", {} {}", self.say("免打扰", "do-not-call"), listed.join("; "))
            };
            let value = format!("{}{owner} {}{listed}", number.number, self.number_state(&number.state));
            lines.push(self.fact("号码", "number", &value));
        }
        lines
    }

    fn number_state<'s>(&self, state: &'s str) -> &'s str {
        match (self.language, state) {
            (Language::Zh, "ok") => "可拨",
            (Language::Zh, "suspect") => "存疑",
            (Language::Zh, "vacant") => "空号",
            (Language::Zh, "suspended") => "停机",
            (Language::Zh, "wrong") => "错号",
            (Language::Zh | Language::En, other) => other,
        }
    }

    fn listed(&self, listed: &ListedFacts) -> String {
        let only = listed.only.as_deref().unwrap_or(self.say("全部来电", "every call"));
        format!(
            "{only}{} [{}]",
            self.span(Some(listed.since), listed.until),
            listed.source
        )
    }

    /// Since when and until when, as far as they are known.
    fn span(&self, since: Option<Wall>, until: Option<Wall>) -> String {
        let since = since.map(|since| self.at(since));
        let until = until.map(|until| self.at(until));
        match (self.language, since, until) {
            (_, None, None) => String::new(),
            (Language::Zh, Some(since), None) => format!(" {since} 起"),
            (Language::En, Some(since), None) => format!(" since {since}"),
            (Language::Zh, None, Some(until)) => format!(" 至 {until}"),
            (Language::En, None, Some(until)) => format!(" until {until}"),
            (Language::Zh, Some(since), Some(until)) => format!(" {since} 至 {until}"),
            (Language::En, Some(since), Some(until)) => format!(" {since} until {until}"),
        }
    }

    fn case(&self, answer: &CaseAnswer) -> Vec<String> {
        let facts = &answer.facts;
        let mut lines = vec![match self.language {
            Language::Zh => format!("\n[{} 个案 {}] {}", facts.campaign, facts.case, answer.sentence),
            Language::En => format!("\n[{} case {}] {}", facts.campaign, facts.case, answer.sentence),
        }];
        let department = facts.department.as_deref().unwrap_or_default();
        lines.push(self.fact("就诊", "visit", format!("{} {department}", facts.visit_no).trim_end()));
        lines.extend(facts.rules.iter().map(|rule| self.rule(rule)));
        lines.push(self.fact("应回访", "due", &self.at(facts.due)));
        if let Some(deadline) = facts.deadline {
            lines.push(self.fact("期限", "deadline", &self.at(deadline)));
        }
        if let Some(appointment) = facts.appointment {
            lines.push(self.fact("预约", "appointment", &self.at(appointment)));
        }
        if facts.priority != 0 {
            lines.push(self.fact("优先级", "priority", &facts.priority.to_string()));
        }
        lines.push(self.fact("任务", "campaign", &self.standing(facts)));
        let counted = facts.budget.map_or_else(
            || facts.counted.to_string(),
            |budget| format!("{} / {budget}", facts.counted),
        );
        lines.push(self.fact("计入次数", "counted", &counted));
        for attempt in &facts.attempts {
            let (zh, en) = match attempt.direction {
                Direction::Out => ("拨打", "attempt"),
                Direction::In => ("来电", "called us"),
            };
            lines.push(self.fact(zh, en, &self.attempt(attempt)));
        }
        for decision in &facts.decisions {
            let until = decision.until.map(|until| match self.language {
                Language::Zh => format!("，至 {}", self.at(until)),
                Language::En => format!(", until {}", self.at(until)),
            });
            let value = format!(
                "{} {}{}",
                self.at(decision.at),
                words(decision.why, self.language),
                until.unwrap_or_default()
            );
            lines.push(self.fact("判断", "decision", &value));
        }
        if facts.closed.is_none() {
            lines.push(self.fact("下次查看", "next", &self.at(facts.next_at)));
        }
        lines
    }

    fn standing(&self, facts: &CaseFacts) -> String {
        let present = &facts.present;
        let state = match present.campaign {
            CampaignStanding::Draft => self.say("未启动", "draft").to_owned(),
            CampaignStanding::Stopped => self.say("已停止", "stopped").to_owned(),
            CampaignStanding::Running => self.say("运行中", "running").to_owned(),
            CampaignStanding::Paused { since } => match self.language {
                Language::Zh => format!("自 {} 起暂停", self.at(since)),
                Language::En => format!("paused since {}", self.at(since)),
            },
        };
        let window = match (present.opens, facts.closed) {
            (_, Some(_)) | (None, None) => String::new(),
            (Some(opens), None) if opens == present.at => self.say("，现在可拨打", ", dials now").to_owned(),
            (Some(opens), None) => match self.language {
                Language::Zh => format!("，{} 起可拨打", self.at(opens)),
                Language::En => format!(", dials from {}", self.at(opens)),
            },
        };
        format!("{state}{window}")
    }

    fn attempt(&self, attempt: &AttemptFacts) -> String {
        let how = match (self.language, attempt.disposition) {
            (_, None) => self.say("进行中", "under way").to_owned(),
            (Language::Zh, Some(disposition)) => disposition.zh().to_owned(),
            (Language::En, Some(disposition)) => spoken(disposition),
        };
        let rule = match (&attempt.rule, self.language) {
            (None, _) => String::new(),
            (Some(rule), Language::Zh) => format!("（规则 {rule}）"),
            (Some(rule), Language::En) => format!(" (rule {rule})"),
        };
        let talk = attempt
            .answered
            .zip(attempt.ended)
            .map(|(from, to)| match self.language {
                Language::Zh => format!("，通话 {} 秒", to.since(from).as_secs()),
                Language::En => format!(", talked {} s", to.since(from).as_secs()),
            });
        format!(
            "{} {} {} {how}{rule}{}",
            self.at(attempt.begun),
            attempt.number,
            attempt.trunk,
            talk.unwrap_or_default()
        )
    }

    fn visit(&self, visit: &VisitFacts) -> Vec<String> {
        let department = visit.department.as_deref().unwrap_or_default();
        let discharged = visit.discharged.map(|at| match self.language {
            Language::Zh => format!("，{} 出院", self.at(at)),
            Language::En => format!(", discharged {}", self.at(at)),
        });
        let head = format!("{} {department}{}", visit.visit_no, discharged.unwrap_or_default());
        let mut lines = vec![self.fact("没有个案的就诊", "visit without a follow-up", head.trim_end())];
        lines.extend(visit.rules.iter().map(|rule| format!("  {}", self.rule(rule))));
        lines
    }

    /// What a rule said, in its own words.
    fn rule(&self, rule: &RuleFacts) -> String {
        let said = match (&rule.detail, self.language) {
            (None, _) => rule.decided.clone(),
            (Some(decided), Language::Zh) => in_chinese(decided, self.zone),
            (Some(decided), Language::En) => in_english(decided, self.zone),
        };
        let value = format!("{} {} {}: {said}", self.at(rule.at), rule.rule_set, rule.rule);
        self.fact("规则", "rule", &value)
    }
}
