//! The questionnaire as a form: for a person who asks the questions, in the place of a [`super::Session`].

use std::collections::{BTreeMap, BTreeSet};

use super::plan::{Choice, Dialplan, Part, Question, Role, Target, Way};
use super::{Answer, End};

/// A step of the form: a message to read, or a question to ask.
#[derive(Clone, Debug)]
pub struct FormStep<'p> {
    /// Its identifier.
    pub id: &'p str,
    /// What is read aloud, parameters in their places: what `[agent]` has for it, else what the prompts say.
    pub text: String,
    /// What is asked further when an answer wants care, where the file says so.
    pub probe: Option<String>,
    /// The question; none: a message.
    pub question: Option<&'p Question>,
}

/// Where answers lead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormWay {
    /// The steps that were come by, in order; the open one is the last.
    pub path: Vec<String>,
    /// The first question without an answer; none: the end is reached.
    pub open: Option<String>,
    /// How the way ends, where nothing is open.
    pub end: Option<End>,
    /// Required questions without a value, those of the most likely way ahead among them.
    pub missing: Vec<String>,
}

impl FormWay {
    /// Whether the survey is complete: the goodbye of the ordinary end is reached, and no required question was left out.
    pub fn is_complete(&self) -> bool {
        self.open.is_none() && self.end == Some(End::Completed) && self.missing.is_empty()
    }
}

impl Dialplan {
    /// The steps in the order of the file; a question that only chooses the language of the prompts, or offers a call-back by
    /// a person, is left out: a person speaks.
    pub fn form(&self) -> Vec<FormStep<'_>> {
        let offer = self.call_back().map(|question| question.id.as_str());
        let asked = self.parts.iter().filter(|part| language_only(part).is_none());
        asked
            .filter(|part| offer != Some(part.id.as_str()))
            .map(|part| FormStep {
                id: &part.id,
                text: self.read_aloud(part),
                probe: self
                    .for_agents
                    .probe
                    .get(&part.id)
                    .map(|text| self.filled(text, self.language())),
                question: part.question(),
            })
            .collect()
    }

    /// Where these answers lead from the start.
    pub fn form_way(&self, answers: &BTreeMap<String, Answer>) -> FormWay {
        let mut found = FormWay::default();
        let mut been = BTreeSet::new();
        let mut target = &self.start.target;
        loop {
            let id = match target {
                Target::Part(id) => id,
                Target::End(end) => {
                    found.end = Some(*end).filter(|_| found.open.is_none());
                    return found;
                }
                Target::Nowhere => return found,
            };
            // A way that leads back is gone once.
            let Some(part) = self.part(id).filter(|_| been.insert(id)) else {
                return found;
            };
            if let Some(way) = language_only(part) {
                target = &way.target;
                continue;
            }
            if found.open.is_none() {
                found.path.push(id.clone());
            }
            target = match &part.role {
                Role::Message { next, .. } => &next.target,
                Role::Question(question) => {
                    let answer = answers.get(id);
                    if question.required && !matches!(answer, Some(Answer::Value(_))) {
                        found.missing.push(id.clone());
                    }
                    match answer {
                        Some(answer) => &after(question, *answer).target,
                        None => {
                            found.open.get_or_insert_with(|| id.clone());
                            &likely(question).target
                        }
                    }
                }
            };
        }
    }

    /// What helps in most talks, for whoever talks.
    pub fn phrases(&self) -> Vec<String> {
        let phrases = self.for_agents.phrases.iter();
        phrases.map(|phrase| self.filled(phrase, self.language())).collect()
    }

    fn read_aloud(&self, part: &Part) -> String {
        if let Some(text) = self.for_agents.read.get(&part.id) {
            return self.filled(text, self.language());
        }
        let said = part.say.iter().filter_map(|spoken| {
            let played = self.played(&spoken.name, self.language());
            self.shown_text(&played)
        });
        said.collect::<Vec<_>>().join(" ")
    }
}

impl Question {
    /// The smallest and the largest value of a score or a number.
    pub const fn range(&self) -> Option<(i64, i64)> {
        match self.kind {
            super::Kind::Score(entry) | super::Kind::Number(entry) => Some((entry.min, entry.max)),
            super::Kind::Choice | super::Kind::YesNo | super::Kind::Open(_) => None,
        }
    }

    /// Whether it takes this value.
    pub fn takes(&self, value: i64) -> bool {
        match self.range() {
            Some((min, max)) => (min..=max).contains(&value),
            None if matches!(self.kind, super::Kind::Open(_)) => value == 1,
            None => self.option(value).is_some(),
        }
    }

    /// The keys that make this value.
    pub fn keys_of(&self, value: i64) -> String {
        match self.option(value) {
            Some(Choice { key, .. }) => key.as_char().to_string(),
            None if self.range().is_some() => value.to_string(),
            None => String::new(),
        }
    }
}

fn after(question: &Question, answer: Answer) -> &Way {
    match answer {
        Answer::Value(value) => question.way(value),
        Answer::Refused => &question.on_refusal,
        Answer::Silent => &question.on_silence,
        Answer::Invalid => &question.on_invalid,
    }
}

/// The way that a question most likely leads: its own next, else that of its first option.
fn likely(question: &Question) -> &Way {
    match (&question.next.target, question.options.first()) {
        (Target::Nowhere, Some(option)) => question.way(option.code),
        (Target::Nowhere | Target::Part(_) | Target::End(_), _) => &question.next,
    }
}

/// Of a question that only chooses the language of the prompts the way of its first option.
fn language_only(part: &Part) -> Option<&Way> {
    let question = part.question().filter(|question| question.screening)?;
    let first = question.options.first().filter(|option| option.language.is_some())?;
    Some(question.way(first.code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Dialplan {
        super::super::parse(include_str!("../../dialplans/post-discharge.toml")).unwrap()
    }

    #[test]
    fn the_form_begins_after_the_choice_of_a_language_and_stops_at_the_first_open_question() {
        let plan = plan();
        let way = plan.form_way(&BTreeMap::new());
        assert_eq!(way.path, ["greeting", "identity"]);
        assert_eq!(way.open.as_deref(), Some("identity"));
        assert_eq!(way.end, None);
        assert!(way.missing.contains(&"recovery".to_owned()), "{way:?}");
        let form = plan.form();
        assert!(form.iter().all(|step| step.id != "language"));
        assert!(form.iter().any(|step| step.id == "recovery" && !step.text.is_empty()));
    }

    #[test]
    fn a_person_reads_what_the_file_has_for_persons_and_else_what_the_prompts_say() {
        let plan = plan();
        let form = plan.form();
        let step = |id: &str| form.iter().find(|step| step.id == id).unwrap();
        let greeting = &step("greeting").text;
        assert!(
            greeting.contains("示范医院") && !greeting.contains("智能语音"),
            "{greeting}"
        );
        assert!(step("medicine").text.contains("按照医嘱服药"));
        assert!(step("recovery").probe.is_some() && step("medicine").probe.is_none());
        assert!(!plan.phrases().is_empty());
    }

    #[test]
    fn an_answer_leads_where_the_file_says() {
        let answers = BTreeMap::from([("identity".to_owned(), Answer::Value(3))]);
        let way = plan().form_way(&answers);
        assert_eq!((way.open, way.end), (None, Some(End::WrongNumber)));
        let answers = BTreeMap::from([("identity".to_owned(), Answer::Value(1))]);
        let way = plan().form_way(&answers);
        assert_eq!(way.open.as_deref(), Some("recovery"));
        assert!(!way.is_complete());
    }

    #[test]
    fn the_survey_is_complete_when_every_question_on_the_way_has_its_answer() {
        let plan = plan();
        let mut answers = BTreeMap::new();
        for _ in 0..100 {
            let way = plan.form_way(&answers);
            let Some(open) = way.open.clone() else {
                assert!(way.is_complete(), "{way:?}");
                return;
            };
            assert!(!way.is_complete());
            let question = plan.question(&open).unwrap();
            let value = question.options.first().map(|option| option.code);
            let value = value.or(question.range().map(|(_, max)| max)).unwrap_or(1);
            assert!(question.takes(value));
            answers.insert(open, Answer::Value(value));
        }
        panic!("it never ends");
    }
}
