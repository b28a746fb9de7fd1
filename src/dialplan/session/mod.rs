//! One conversation: what was asked, what was heard, what comes next. Data that can be written down after any step.

mod carry_on;
mod course;
mod entry;
mod person;
#[cfg(test)]
mod tests;
mod turns;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::plan::{Choice, Dialplan, Question, Role, Target};
use super::{Answer, End, Progress, Resume, Step};
use crate::phone::Key;

/// The question id under which the stop-calling-me key is told in [`Heard`]; no dialplan may use it.
pub const STOP_CALLING: &str = "stop_calling";

/// How many wrong keys of one question are kept.
const MOST_WRONG_KEYS: usize = 40;

/// A session was resumed with a dialplan other than its own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the session belongs to another version of the dialplan ({session} is not {dialplan})")]
pub struct OtherDialplan {
    /// The hash of the dialplan that the session was started with.
    pub session: String,
    /// The hash of the dialplan that was given.
    pub dialplan: String,
}

/// One conversation over a dialplan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    dialplan: String,
    at: At,
    /// The attempts at the question now open.
    tries: Tries,
    /// The language that was chosen, or known before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    /// What each question got last; 1 for a message that had to be heard and was.
    heard: BTreeMap<String, Answer>,
    /// The questions that were put, and the messages that have to be heard and began.
    asked: BTreeSet<String>,
    /// Questions in a row without a usable key.
    missed: u32,
    plays: u32,
    keys: u32,
    last_key: Option<Key>,
    /// The part that was open when the far end hung up.
    left: Option<String>,
    /// The questions of `heard` that an earlier call brought.
    #[serde(default)]
    earlier: BTreeSet<String>,
    /// Of these, the ones that the conversation has not come by again.
    #[serde(default)]
    to_pass: BTreeSet<String>,
    /// Required questions of the earlier call, as far as could be told when it ended.
    #[serde(default)]
    required_before: u32,
    /// A call-back was offered: no person could be had.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    offered: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Tries {
    /// Attempts that came to nothing.
    failed: u32,
    /// Keys that the question does not take.
    wrong: String,
}

impl Tries {
    fn note(&mut self, keys: &str) {
        let room = MOST_WRONG_KEYS.saturating_sub(self.wrong.len());
        self.wrong.extend(keys.chars().take(room));
    }
}

/// Where the conversation is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum At {
    /// A message plays.
    Saying {
        message: String,
    },
    /// A question plays.
    Asking {
        question: String,
        before: Before,
    },
    /// A question waits for a key; the entry holds those it got.
    Waiting {
        question: String,
        entry: String,
    },
    /// The patient wants a person.
    AwaitingPerson,
    /// A person has taken over.
    WithPerson,
    /// A goodbye plays. The key that led here may be pressed twice by mistake: it does nothing while the goodbye plays.
    Parting {
        goodbye: End,
        result: End,
        deaf_to: Option<Key>,
    },
    /// The goodbye is over and the stop-calling-me key may still come.
    Lingering {
        goodbye: End,
        result: End,
    },
    Over {
        result: End,
    },
}

/// What is said before a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Before {
    Nothing,
    WrongKey,
    NoKey,
}

impl Session {
    /// Begins a conversation: the session, and its first steps.
    pub fn start(plan: &Dialplan) -> (Self, Vec<Step>) {
        Self::start_in(plan, None)
    }

    /// The same in the language of the patient, if it is known and the dialplan has it: then the question for the
    /// language is passed by.
    pub fn start_in(plan: &Dialplan, language: Option<&str>) -> (Self, Vec<Step>) {
        let mut session = Self::blank(plan);
        let known = |language: &&str| plan.languages().iter().any(|known| known == language);
        session.language = language.filter(known).map(str::to_owned);
        let mut steps = Vec::new();
        session.go(plan, &plan.start, &mut steps);
        (session, steps)
    }

    fn blank(plan: &Dialplan) -> Self {
        Self {
            dialplan: plan.hash().to_owned(),
            at: At::Over {
                result: End::TooManySteps,
            },
            tries: Tries::default(),
            language: None,
            heard: BTreeMap::new(),
            asked: BTreeSet::new(),
            missed: 0,
            plays: 0,
            keys: 0,
            last_key: None,
            left: None,
            earlier: BTreeSet::new(),
            to_pass: BTreeSet::new(),
            required_before: 0,
            offered: false,
        }
    }

    /// Goes on with what happened. The steps follow the contract of [`Step`]; what comes too late, such as the end of a
    /// prompt that was already stopped, is ignored.
    pub fn resume(&mut self, plan: &Dialplan, resume: Resume) -> Result<Vec<Step>, OtherDialplan> {
        self.owns(plan)?;
        let mut steps = Vec::new();
        match resume {
            Resume::Key(key) => {
                self.keys = self.keys.saturating_add(1);
                self.key(plan, key, &mut steps);
            }
            Resume::PromptDone => self.prompt_done(plan, &mut steps),
            Resume::Spoken => self.spoken(plan, &mut steps),
            Resume::Silence => self.silence(plan, &mut steps),
            Resume::PersonThere => self.person_there(),
            Resume::NobodyFree => self.nobody_free(plan, &mut steps),
            Resume::HungUp => self.hung_up(plan, &mut steps),
        }
        Ok(steps)
    }

    /// The step that is due now: for a session that was written down and goes on after a crash.
    pub fn due(&self, plan: &Dialplan) -> Result<Step, OtherDialplan> {
        self.owns(plan)?;
        Ok(self.step(plan))
    }

    /// How far the conversation got.
    pub fn progress(&self, plan: &Dialplan) -> Progress {
        let mut progress = Progress {
            keys: self.keys,
            end: self.end(),
            call_back_declined: self.is_call_back_declined(plan),
            ..Progress::default()
        };
        for question in plan.questions().filter(|question| !question.screening) {
            let has_value = matches!(self.heard.get(&question.id), Some(Answer::Value(_)));
            if self.earlier.contains(&question.id) {
                progress.answered_before += u32::from(has_value);
            } else {
                progress.answered += u32::from(has_value);
            }
            if question.required && self.asked.contains(&question.id) {
                progress.required += 1;
                progress.required_answered += u32::from(has_value);
            }
        }
        for message in plan.required_messages().filter(|id| self.asked.contains(*id)) {
            progress.required += 1;
            progress.required_answered += u32::from(self.heard.contains_key(message));
        }
        let chosen = || plan.questions().filter_map(|question| self.chosen(question));
        if progress.end == Some(End::Appointment) {
            progress.appointment = chosen().filter_map(|option| option.appointment).last();
            // Whoever asked for a person and chose no time is called back at the first.
            let offered = plan.call_back().filter(|_| self.offered).into_iter();
            let first = offered.flat_map(|question| &question.options);
            progress.appointment = progress
                .appointment
                .or(first.filter_map(|option| option.appointment).next());
        }
        progress.follow_up_days = chosen().filter_map(|option| option.follow_up_days).min();
        progress.required += self.required_ahead(plan);
        // As long as it has not come as far as before, what was known then is known better than what can be told now.
        if !self.to_pass.is_empty() && progress.end != Some(End::Completed) {
            progress.required = progress.required.max(self.required_before);
        }
        progress
    }

    /// Required questions that would still have come, along the ordinary way, had the far end not hung up.
    fn required_ahead(&self, plan: &Dialplan) -> u32 {
        let mut passed = BTreeSet::new();
        let mut at = self.left.as_deref();
        let mut ahead = 0;
        while let Some(part) = at.filter(|id| passed.insert(*id)).and_then(|id| plan.part(id)) {
            let next = match &part.role {
                Role::Message { next, required } => {
                    ahead += u32::from(*required && !self.asked.contains(&part.id));
                    next
                }
                Role::Question(question) => {
                    let is_new = !question.screening && question.required && !self.asked.contains(&question.id);
                    ahead += u32::from(is_new);
                    &question.next
                }
            };
            at = match &next.target {
                Target::Part(id) => Some(id),
                Target::End(_) | Target::Nowhere => None,
            };
        }
        ahead
    }

    /// The option that a question was answered with.
    fn chosen<'p>(&self, question: &'p Question) -> Option<&'p Choice> {
        match self.heard.get(&question.id) {
            Some(Answer::Value(value)) => question.option(*value),
            Some(Answer::Refused | Answer::Silent | Answer::Invalid) | None => None,
        }
    }

    /// The language in which it is held.
    pub fn language<'a>(&'a self, plan: &'a Dialplan) -> &'a str {
        self.language.as_deref().unwrap_or(plan.language())
    }

    /// The question now open, while it plays or waits.
    pub fn question(&self) -> Option<&str> {
        match &self.at {
            At::Asking { question, .. } | At::Waiting { question, .. } => Some(question),
            At::Saying { .. }
            | At::AwaitingPerson
            | At::WithPerson
            | At::Parting { .. }
            | At::Lingering { .. }
            | At::Over { .. } => None,
        }
    }

    /// The hash of the dialplan that this session belongs to.
    pub fn dialplan(&self) -> &str {
        &self.dialplan
    }

    const fn end(&self) -> Option<End> {
        match self.at {
            At::Parting { result, .. } | At::Lingering { result, .. } | At::Over { result } => Some(result),
            At::Saying { .. } | At::Asking { .. } | At::Waiting { .. } | At::AwaitingPerson | At::WithPerson => None,
        }
    }

    fn owns(&self, plan: &Dialplan) -> Result<(), OtherDialplan> {
        if self.dialplan == plan.hash() {
            return Ok(());
        }
        Err(OtherDialplan {
            session: self.dialplan.clone(),
            dialplan: plan.hash().to_owned(),
        })
    }
}
