//! The model of a questionnaire: messages, questions, endings, and where each answer leads.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{CallAgain, End, speech};
use crate::document::Place;
use crate::phone::Key;

/// A questionnaire, read from its file. One that [`super::parse`] gave out can be run.
#[derive(Clone, Debug)]
pub struct Dialplan {
    pub(super) hash: String,
    pub(super) id: String,
    pub(super) title: String,
    /// The languages of the prompts, the first one first; never empty in a plan that was read.
    pub(super) languages: Vec<String>,
    pub(super) parameters: Parameters,
    pub(super) start: Way,
    pub(super) stop_key: Option<(Key, Place)>,
    /// A key that calls for a person, and what follows it.
    pub(super) person: Option<Person>,
    pub(super) max_steps: u32,
    pub(super) give_up_after: u32,
    pub(super) say_invalid: Vec<Spoken>,
    pub(super) say_silent: Vec<Spoken>,
    pub(super) parts: Vec<Part>,
    pub(super) endings: Vec<Ending>,
    /// By the name under which they are played.
    pub(super) texts: BTreeMap<String, Text>,
    pub(super) for_agents: ForAgents,
    pub(super) place: Place,
}

/// What only a person at the desk says; by the ids of messages and questions.
#[derive(Clone, Debug, Default)]
pub(super) struct ForAgents {
    pub(super) phrases: Vec<String>,
    /// In place of the prompts of a part.
    pub(super) read: BTreeMap<String, String>,
    /// When an answer wants care.
    pub(super) probe: BTreeMap<String, String>,
}

impl Dialplan {
    /// SHA-256 of the file's text, in hexadecimal.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The identifier that campaigns and reports use.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The title, for people.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The first language of the prompts, such as `zh-CN`; the folder they lie in.
    pub fn language(&self) -> &str {
        self.languages.first().map_or("", String::as_str)
    }

    /// All languages that it can be held in, the first one first.
    pub fn languages(&self) -> &[String] {
        &self.languages
    }

    /// The first language, and those that an answer chooses; the others wait for patients whose language is known.
    pub fn languages_in_use(&self) -> BTreeSet<&str> {
        let options = self.questions().flat_map(|question| &question.options);
        let chosen = options.filter_map(|option| option.language.as_deref());
        chosen.chain([self.language()]).collect()
    }

    /// The values that stand for `{name}` in prompt texts of a language, as the file has them. What is heard is what was
    /// recorded.
    pub fn parameters(&self, language: &str) -> BTreeMap<&str, &str> {
        self.parameters.of(language)
    }

    /// The questions in the order of the file, screening ones included.
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.parts.iter().filter_map(Part::question)
    }

    /// The question with this id.
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.part(id).and_then(Part::question)
    }

    /// The names of all prompts that a call may play, each once, sorted: plain ones lie in the folder of the first
    /// language, `en-US/greeting` in another.
    pub fn prompts(&self) -> Vec<String> {
        let spoken = self.spoken();
        let names: BTreeSet<String> = spoken
            .flat_map(|spoken| {
                self.languages
                    .iter()
                    .map(|language| self.played(&spoken.name, language))
            })
            .collect();
        names.into_iter().collect()
    }

    /// The file of a prompt below the folder of all prompts, without its ending: `zh-CN/greeting`.
    pub fn recording(&self, prompt: &str) -> String {
        match speech::split(prompt) {
            (Some(_), _) => prompt.to_owned(),
            (None, name) => format!("{}/{name}", self.language()),
        }
    }

    /// What is played where the file names a prompt, in a conversation of this language.
    pub(super) fn played(&self, prompt: &str, language: &str) -> String {
        let (own, name) = speech::split(prompt);
        let language = own.unwrap_or(language);
        if language == self.language() {
            name.to_owned()
        } else {
            format!("{language}/{name}")
        }
    }

    /// The text of a prompt as the file has it, with `{name}` where parameters belong.
    pub fn prompt_text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(|text| text.words.as_str())
    }

    /// The text of a prompt as it is shown: the parameters in their places.
    pub fn shown_text(&self, name: &str) -> Option<String> {
        let language = speech::split(name).0.unwrap_or(self.language());
        Some(self.filled(self.prompt_text(name)?, language))
    }

    /// A text with the parameters of a language in their places.
    pub(super) fn filled(&self, text: &str, language: &str) -> String {
        let parameters = self.parameters(language);
        speech::filled(text, |parameter| {
            let value = parameters.get(parameter).copied();
            value.or((parameter == speech::HOSPITAL).then_some("……"))
        })
    }

    /// All prompt texts by the name under which they are played.
    pub fn prompt_texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts
            .iter()
            .map(|(name, text)| (name.as_str(), text.words.as_str()))
    }

    /// The prompts that a question says, in order.
    pub fn question_prompts(&self, id: &str) -> Vec<&str> {
        let part = self.part(id).into_iter();
        part.flat_map(|part| &part.say)
            .map(|spoken| spoken.name.as_str())
            .collect()
    }

    /// The prompts that may precede a question in the same play: "invalid key", "no key heard".
    pub fn lead_ins(&self) -> Vec<&str> {
        self.say_invalid
            .iter()
            .chain(&self.say_silent)
            .map(|spoken| spoken.name.as_str())
            .collect()
    }

    /// What is said, in a language of its own, before we must end a call that the patient did not end: the goodbye of
    /// silence.
    pub fn apology(&self, language: &str) -> Vec<String> {
        let ending = self.ending(End::Silent).into_iter();
        ending
            .flat_map(|ending| &ending.say)
            .map(|spoken| self.played(&spoken.name, language))
            .collect()
    }

    /// The messages that have to be heard to their end, in the order of the file.
    pub fn required_messages(&self) -> impl Iterator<Item = &str> {
        let required = self.parts.iter().filter(|part| part.is_required_message());
        required.map(|part| part.id.as_str())
    }

    /// The first message of the file, as the media play it in the first language: whoever waits for a person hears it too.
    pub fn opening(&self) -> Vec<String> {
        let message = self.parts.iter().find(|part| part.question().is_none());
        let said = message.map_or(&[][..], |part| part.say.as_slice());
        said.iter().map(|spoken| self.recording(&spoken.name)).collect()
    }

    /// What is said while a person is sought, at once and again and again, as the media play it in the first language.
    pub fn person_words(&self) -> (Vec<String>, Vec<String>) {
        let words = |said: &[Spoken]| said.iter().map(|spoken| self.recording(&spoken.name)).collect();
        let person = self.person.as_ref();
        person.map_or_else(Default::default, |person| (words(&person.say), words(&person.again)))
    }

    /// How a patient gets a person, if the file offers that.
    pub fn person(&self) -> Option<&Person> {
        self.person.as_ref()
    }

    pub(super) fn part(&self, id: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.id == id)
    }

    pub(super) fn ending(&self, end: End) -> Option<&Ending> {
        self.endings.iter().find(|ending| ending.end == end)
    }

    /// The stop-calling-me key where it works: unless the file says otherwise, where the call starts and in screening
    /// questions.
    pub(super) fn stop_key_in(&self, part: &Part) -> Option<Key> {
        let is_start = self.start.target == Target::Part(part.id.clone());
        let is_screening = part.question().is_some_and(|question| question.screening);
        let works = part.stop.unwrap_or(is_start || is_screening);
        self.stop_key.filter(|_| works).map(|(key, _)| key)
    }

    /// The key for a person where it works: everywhere but where the file says otherwise, and where a call-back is offered.
    pub(super) fn person_key_in(&self, part: &Part) -> Option<Key> {
        let person = self.person.as_ref()?;
        let is_offer = person.busy.target == Target::Part(part.id.clone());
        (part.person != Some(false) && !is_offer).then_some(person.key)
    }

    /// The question that offers a call-back to whom no person is there for.
    pub(super) fn call_back(&self) -> Option<&Question> {
        match &self.person.as_ref()?.busy.target {
            Target::Part(id) => self.question(id),
            Target::End(_) | Target::Nowhere => None,
        }
    }

    /// Every place where the file names a prompt.
    pub(super) fn spoken(&self) -> impl Iterator<Item = &Spoken> {
        let parts = self.parts.iter().flat_map(|part| &part.say);
        let endings = self.endings.iter().flat_map(|ending| &ending.say);
        let person = self.person.iter();
        let person = person.flat_map(|person| person.say.iter().chain(&person.again));
        let lead_ins = self.say_invalid.iter().chain(&self.say_silent);
        parts.chain(endings).chain(person).chain(lead_ins)
    }
}

/// How a patient gets a person.
#[derive(Clone, Debug)]
pub struct Person {
    /// The key.
    pub key: Key,
    /// What is said while a person is sought comes again after this time.
    pub every: Duration,
    /// So long a patient waits at most.
    pub longest: Duration,
    /// So many patients of a campaign wait at the same time at most.
    pub most: u32,
    /// What the person has to be able to do.
    pub skill: Option<String>,
    pub(super) place: Place,
    pub(super) say: Vec<Spoken>,
    pub(super) again: Vec<Spoken>,
    /// The key with which whoever waits has a call-back offered at once, if there is one.
    pub later: Option<Key>,
    /// The question that offers a call-back.
    pub(super) busy: Way,
}

/// A message or a question.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) id: String,
    pub(super) place: Place,
    pub(super) say: Vec<Spoken>,
    /// Whether the stop-calling-me key works here, if the file says so.
    pub(super) stop: Option<bool>,
    /// Whether the key for a person works here, if the file says so.
    pub(super) person: Option<bool>,
    pub(super) role: Role,
}

#[derive(Clone, Debug)]
pub(super) enum Role {
    /// Says something and goes on.
    Message {
        next: Way,
        /// The survey is complete only when it was heard to its end.
        required: bool,
    },
    Question(Box<Question>),
}

impl Part {
    pub(super) const fn question(&self) -> Option<&Question> {
        match &self.role {
            Role::Question(question) => Some(question),
            Role::Message { .. } => None,
        }
    }

    pub(super) const fn is_required_message(&self) -> bool {
        matches!(self.role, Role::Message { required: true, .. })
    }
}

/// A question: what reports need in the open, what the conversation needs within the module.
#[derive(Clone, Debug)]
pub struct Question {
    /// Its identifier, unique in the dialplan.
    pub id: String,
    /// What it asks, in a few words, for reports.
    pub title: String,
    /// What kind of answer it takes.
    pub kind: Kind,
    /// What it asks for, if the file says so.
    pub asks: Option<Asks>,
    /// The options in the order of the file: those of a choice, yes and no; empty for scores and numbers.
    pub options: Vec<Choice>,
    /// The codes (or scores) that count as satisfied; empty if the question does not measure that.
    pub satisfied: BTreeSet<i64>,
    /// It asks who is there and the like: its answers are no survey answers.
    pub screening: bool,
    /// The survey counts as complete only with a value here.
    pub required: bool,
    pub(super) barge_in: bool,
    pub(super) first: Duration,
    pub(super) between: Duration,
    pub(super) repeats: u32,
    pub(super) branches: Vec<Branch>,
    pub(super) next: Way,
    pub(super) on_silence: Way,
    pub(super) on_invalid: Way,
    pub(super) on_refusal: Way,
}

impl Question {
    /// The label of an answer's value: that of the option, or the number itself.
    pub fn label(&self, value: i64) -> String {
        let option = self.options.iter().find(|option| option.code == value);
        match (option, self.kind) {
            (Some(option), _) => option.label.clone(),
            (None, Kind::Open(_)) => SPOKEN.to_owned(),
            (None, Kind::Choice | Kind::YesNo | Kind::Score(_) | Kind::Number(_)) => value.to_string(),
        }
    }

    /// The points that a value is worth for the satisfaction score.
    pub fn points(&self, value: i64) -> Option<i64> {
        self.options.iter().find(|option| option.code == value)?.points
    }

    /// The option that has this value.
    pub(super) fn option(&self, value: i64) -> Option<&Choice> {
        self.options.iter().find(|option| option.code == value)
    }

    /// The value of the option that chooses a language.
    pub(super) fn value_of_language(&self, language: &str) -> Option<i64> {
        let chooses = |option: &&Choice| option.language.as_deref() == Some(language);
        self.options.iter().find(chooses).map(|option| option.code)
    }

    /// Where a value leads.
    pub(super) fn way(&self, value: i64) -> &Way {
        let branch = self
            .branches
            .iter()
            .find(|branch| (branch.low..=branch.high).contains(&value));
        let option = self
            .options
            .iter()
            .find(|option| option.code == value)
            .and_then(|option| option.next.as_ref());
        branch.map(|branch| &branch.way).or(option).unwrap_or(&self.next)
    }
}

/// The kind of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One key out of some options.
    Choice,
    /// Yes or no.
    YesNo,
    /// A score, usually 0 to 10.
    Score(Entry),
    /// A number of one or more digits.
    Number(Entry),
    /// What the patient says, recorded; the value 1 stands for it (R192).
    Open(Speech),
}

/// How long a spoken answer may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Speech {
    /// At most.
    pub longest: Duration,
    /// So much silence after the voice ends it.
    pub quiet: Duration,
}

/// What reports show for a spoken answer.
pub const SPOKEN: &str = "已录音";

/// What a score or a number may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The smallest value, 0 or more.
    pub min: i64,
    /// The largest value.
    pub max: i64,
    /// How many keys at most.
    pub digits: u32,
}

/// What a question asks for: its options must be answers to that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asks {
    /// How satisfied the person is.
    Satisfaction,
    /// How likely the person is to recommend us.
    Recommendation,
    /// Which of several things.
    Which,
    /// What is the case: yes or no, a number.
    Fact,
}

pub(super) const ASKS: [(&str, Asks); 4] = [
    ("satisfaction", Asks::Satisfaction),
    ("recommendation", Asks::Recommendation),
    ("which", Asks::Which),
    ("fact", Asks::Fact),
];

impl Asks {
    /// The word of the file.
    pub fn as_str(self) -> &'static str {
        ASKS.iter().find(|(_, asks)| *asks == self).map_or("", |(word, _)| word)
    }
}

/// One option of a choice.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The key that chooses it.
    pub key: Key,
    /// The value stored for it.
    pub code: i64,
    /// Its name, for reports.
    pub label: String,
    /// What it is worth for the satisfaction score, 0 to 100.
    pub points: Option<i64>,
    /// The language in which the conversation goes on.
    pub language: Option<String>,
    /// When the patient is to be called again.
    pub appointment: Option<CallAgain>,
    /// In how many days the next follow-up is due (R022).
    pub follow_up_days: Option<u32>,
    pub(super) next: Option<Way>,
    pub(super) place: Place,
}

#[derive(Clone, Debug)]
pub(super) struct Branch {
    pub(super) low: i64,
    pub(super) high: i64,
    pub(super) way: Way,
}

/// Where a conversation goes on.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub(super) target: Target,
    pub(super) place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Part(String),
    End(End),
    /// The file does not say, or names nothing that exists; a parsed dialplan has none of these.
    Nowhere,
}

/// The goodbye of one way to end.
#[derive(Clone, Debug)]
pub(super) struct Ending {
    pub(super) end: End,
    pub(super) place: Place,
    pub(super) say: Vec<Spoken>,
    /// How long to wait for the stop-calling-me key after the goodbye.
    pub(super) wait: Duration,
}

/// A prompt that is named somewhere.
#[derive(Clone, Debug)]
pub(super) struct Spoken {
    pub(super) name: String,
    pub(super) place: Place,
}

/// The values of `{name}` in texts: by language and name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(pub(super) BTreeMap<String, BTreeMap<String, String>>);

impl Parameters {
    /// The values of a language.
    pub fn of(&self, language: &str) -> BTreeMap<&str, &str> {
        let values = self.0.get(language).into_iter().flatten();
        values.map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// Sets a value.
    pub fn set(&mut self, language: &str, name: &str, value: &str) {
        let values = self.0.entry(language.to_owned()).or_default();
        values.insert(name.to_owned(), value.to_owned());
    }
}

#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) words: String,
    pub(super) place: Place,
}

/// The ends that a file can name, as it names them.
pub(super) const ENDS: [(&str, End); 7] = [
    ("completed", End::Completed),
    ("refused", End::Refused),
    ("silent", End::Silent),
    ("third_party", End::ThirdParty),
    ("wrong_number", End::WrongNumber),
    ("opted_out", End::OptedOut),
    ("appointment", End::Appointment),
];

pub(super) fn end_word(end: End) -> &'static str {
    ENDS.iter()
        .find(|(_, known)| *known == end)
        .map_or("", |(word, _)| word)
}
