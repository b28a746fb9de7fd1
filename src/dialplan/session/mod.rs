//! One conversation: what was asked, what was heard, what comes next. Data that can be written down after any step.

mod entry;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use self::entry::Reading;
use super::plan::{Dialplan, Part, Question, Role, Spoken, Target, Way};
use super::{Answer, End, Heard, Progress, Resume, Step};
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
    /// What each question got last.
    heard: BTreeMap<String, Answer>,
    /// The questions that were put.
    asked: BTreeSet<String>,
    /// Questions in a row without a usable key.
    missed: u32,
    plays: u32,
    keys: u32,
    last_key: Option<Key>,
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
        let mut session = Self {
            dialplan: plan.hash().to_owned(),
            at: At::Over {
                result: End::TooManySteps,
            },
            tries: Tries::default(),
            heard: BTreeMap::new(),
            asked: BTreeSet::new(),
            missed: 0,
            plays: 0,
            keys: 0,
            last_key: None,
        };
        let mut steps = Vec::new();
        session.go(plan, &plan.start, &mut steps);
        (session, steps)
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
            Resume::Silence => self.silence(plan, &mut steps),
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
            ..Progress::default()
        };
        for question in plan.questions().filter(|question| !question.screening) {
            let has_value = matches!(self.heard.get(&question.id), Some(Answer::Value(_)));
            progress.answered += u32::from(has_value);
            if question.required && self.asked.contains(&question.id) {
                progress.required += 1;
                progress.required_answered += u32::from(has_value);
            }
        }
        progress
    }

    /// The question now open, while it plays or waits.
    pub fn question(&self) -> Option<&str> {
        match &self.at {
            At::Asking { question, .. } | At::Waiting { question, .. } => Some(question),
            At::Saying { .. } | At::Parting { .. } | At::Lingering { .. } | At::Over { .. } => None,
        }
    }

    /// The hash of the dialplan that this session belongs to.
    pub fn dialplan(&self) -> &str {
        &self.dialplan
    }

    const fn end(&self) -> Option<End> {
        match self.at {
            At::Parting { result, .. } | At::Lingering { result, .. } | At::Over { result } => Some(result),
            At::Saying { .. } | At::Asking { .. } | At::Waiting { .. } => None,
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

    fn key(&mut self, plan: &Dialplan, key: Key, steps: &mut Vec<Step>) {
        self.last_key = Some(key);
        match self.at.clone() {
            At::Saying { message } => {
                if plan.part(&message).and_then(|part| plan.stop_key_in(part)) == Some(key) {
                    self.opt_out(plan, key, steps);
                }
            }
            At::Asking { question, .. } => {
                let Some((part, asked)) = asked(plan, &question) else {
                    return;
                };
                if plan.stop_key_in(part) == Some(key) {
                    self.opt_out(plan, key, steps);
                } else if asked.barge_in {
                    self.read_key(plan, asked, Heeds::ValidOnly, "", key, steps);
                }
            }
            At::Waiting { question, entry } => {
                let Some((part, asked)) = asked(plan, &question) else {
                    return;
                };
                if entry.is_empty() && plan.stop_key_in(part) == Some(key) {
                    self.opt_out(plan, key, steps);
                } else {
                    self.read_key(plan, asked, Heeds::Everything, &entry, key, steps);
                }
            }
            At::Parting {
                goodbye,
                result,
                deaf_to,
            } => {
                if is_stop(plan, goodbye, key) && deaf_to != Some(key) {
                    self.opt_out_late(plan, result, key, steps);
                }
            }
            At::Lingering { goodbye, result } => {
                if is_stop(plan, goodbye, key) {
                    self.opt_out_late(plan, result, key, steps);
                } else {
                    self.finish(result, steps);
                }
            }
            At::Over { .. } => {}
        }
    }

    fn read_key(
        &mut self,
        plan: &Dialplan,
        question: &Question,
        heeds: Heeds,
        entry: &str,
        key: Key,
        steps: &mut Vec<Step>,
    ) {
        let keys = format!("{entry}{key}");
        let reading = entry::with_key(question, entry, key);
        match reading {
            Reading::Open => {
                self.at = At::Waiting {
                    question: question.id.clone(),
                    entry: keys,
                };
                steps.push(self.step(plan));
            }
            Reading::Again => self.ask(plan, &question.id, Before::Nothing, steps),
            Reading::Wrong if heeds == Heeds::ValidOnly => self.tries.note(&keys),
            Reading::Wrong => self.wrong(plan, question, &keys, steps),
            Reading::Value(_) | Reading::RefuseSurvey | Reading::RefuseQuestion => {
                self.settle(plan, question, reading, &keys, steps);
            }
        }
    }

    fn silence(&mut self, plan: &Dialplan, steps: &mut Vec<Step>) {
        match self.at.clone() {
            At::Waiting { question, entry } => {
                let Some((_, question)) = asked(plan, &question) else {
                    return;
                };
                if entry.is_empty() {
                    self.try_again(plan, question, Before::NoKey, steps);
                } else {
                    self.settle(plan, question, entry::at_silence(question, &entry), &entry, steps);
                }
            }
            At::Lingering { result, .. } => self.finish(result, steps),
            At::Saying { .. } | At::Asking { .. } | At::Parting { .. } | At::Over { .. } => {}
        }
    }

    fn prompt_done(&mut self, plan: &Dialplan, steps: &mut Vec<Step>) {
        match self.at.clone() {
            At::Saying { message } => {
                if let Some(Role::Message { next }) = plan.part(&message).map(|part| &part.role) {
                    self.go(plan, next, steps);
                }
            }
            At::Asking { question, .. } => {
                self.at = At::Waiting {
                    question,
                    entry: String::new(),
                };
                steps.push(self.step(plan));
            }
            At::Parting { goodbye, result, .. } => {
                let waits = plan.ending(goodbye).is_some_and(|ending| !ending.wait.is_zero());
                if waits && plan.stop_key.is_some() && goodbye != End::OptedOut {
                    self.at = At::Lingering { goodbye, result };
                    steps.push(self.step(plan));
                } else {
                    self.finish(result, steps);
                }
            }
            At::Waiting { .. } | At::Lingering { .. } | At::Over { .. } => {}
        }
    }

    /// Keys that were heard count even if nothing could follow them: an entry left open is read as after a silence.
    fn hung_up(&mut self, plan: &Dialplan, steps: &mut Vec<Step>) {
        match self.at.clone() {
            At::Waiting { question, entry } if !entry.is_empty() => {
                if let Some((_, question)) = asked(plan, &question) {
                    match entry::at_silence(question, &entry) {
                        Reading::Value(value) => self.hear(question, Answer::Value(value), &entry, steps),
                        Reading::RefuseQuestion => self.hear(question, Answer::Refused, &entry, steps),
                        Reading::Open | Reading::Again | Reading::RefuseSurvey | Reading::Wrong => {}
                    }
                }
                self.finish(End::HungUp, steps);
            }
            At::Saying { .. } | At::Asking { .. } | At::Waiting { .. } => self.finish(End::HungUp, steps),
            At::Parting { result, .. } | At::Lingering { result, .. } => self.finish(result, steps),
            At::Over { .. } => {}
        }
    }

    /// The question has its answer, or a refusal.
    fn settle(&mut self, plan: &Dialplan, question: &Question, reading: Reading, keys: &str, steps: &mut Vec<Step>) {
        match reading {
            Reading::Value(value) => {
                self.missed = 0;
                self.hear(question, Answer::Value(value), keys, steps);
                self.go(plan, question.way(value), steps);
            }
            Reading::RefuseQuestion => {
                self.missed = 0;
                self.hear(question, Answer::Refused, keys, steps);
                self.go(plan, &question.on_refusal, steps);
            }
            Reading::RefuseSurvey => {
                self.hear(question, Answer::Refused, keys, steps);
                self.part_with(plan, End::Refused, End::Refused, steps);
            }
            Reading::Wrong | Reading::Open | Reading::Again => self.wrong(plan, question, keys, steps),
        }
    }

    fn wrong(&mut self, plan: &Dialplan, question: &Question, keys: &str, steps: &mut Vec<Step>) {
        self.tries.note(keys);
        self.try_again(plan, question, Before::WrongKey, steps);
    }

    /// An attempt came to nothing: the question again, or, after the last repeat, on without an answer.
    fn try_again(&mut self, plan: &Dialplan, question: &Question, before: Before, steps: &mut Vec<Step>) {
        self.tries.failed += 1;
        if self.tries.failed <= question.repeats {
            return self.ask(plan, &question.id, before, steps);
        }
        let keys = std::mem::take(&mut self.tries.wrong);
        let (answer, way) = if keys.is_empty() {
            (Answer::Silent, &question.on_silence)
        } else {
            (Answer::Invalid, &question.on_invalid)
        };
        self.missed += 1;
        self.hear(question, answer, &keys, steps);
        let goes_on = matches!(way.target, Target::Part(_) | Target::End(End::Completed));
        if self.missed >= plan.give_up_after && goes_on {
            self.part_with(plan, End::Silent, End::Silent, steps);
        } else {
            self.go(plan, way, steps);
        }
    }

    fn hear(&mut self, question: &Question, answer: Answer, keys: &str, steps: &mut Vec<Step>) {
        self.heard.insert(question.id.clone(), answer);
        let keys = keys.to_owned();
        steps.push(Step::Heard(Heard {
            question: question.id.clone(),
            answer,
            keys,
            opts_out: false,
        }));
    }

    fn opt_out(&mut self, plan: &Dialplan, key: Key, steps: &mut Vec<Step>) {
        self.hear_stop(key, steps);
        self.part_with(plan, End::OptedOut, End::OptedOut, steps);
    }

    /// The stop-calling-me key in a goodbye: what the call already came to stays, a goodbye without result becomes one.
    fn opt_out_late(&mut self, plan: &Dialplan, result: End, key: Key, steps: &mut Vec<Step>) {
        self.hear_stop(key, steps);
        let result = match result {
            End::Completed | End::ThirdParty | End::WrongNumber => result,
            End::Refused | End::OptedOut | End::Silent | End::HungUp | End::TooManySteps => End::OptedOut,
        };
        self.part_with(plan, End::OptedOut, result, steps);
    }

    fn hear_stop(&self, key: Key, steps: &mut Vec<Step>) {
        let answer = Answer::Value(i64::from(key.event()));
        steps.push(Step::Heard(Heard {
            question: STOP_CALLING.to_owned(),
            answer,
            keys: key.to_string(),
            opts_out: true,
        }));
    }

    fn go(&mut self, plan: &Dialplan, way: &Way, steps: &mut Vec<Step>) {
        match &way.target {
            Target::End(end) => self.part_with(plan, *end, *end, steps),
            Target::Nowhere => self.part_with(plan, End::Silent, End::TooManySteps, steps),
            Target::Part(id) => match plan.part(id).map(|part| &part.role) {
                Some(Role::Message { .. }) => {
                    self.at = At::Saying { message: id.clone() };
                    self.play(plan, steps);
                }
                Some(Role::Question(_)) => {
                    self.tries = Tries::default();
                    self.asked.insert(id.clone());
                    self.ask(plan, id, Before::Nothing, steps);
                }
                None => self.part_with(plan, End::Silent, End::TooManySteps, steps),
            },
        }
    }

    fn ask(&mut self, plan: &Dialplan, question: &str, before: Before, steps: &mut Vec<Step>) {
        self.at = At::Asking {
            question: question.to_owned(),
            before,
        };
        self.play(plan, steps);
    }

    /// Plays what is due, unless the dialplan's bound is reached: then the goodbye.
    fn play(&mut self, plan: &Dialplan, steps: &mut Vec<Step>) {
        self.plays += 1;
        if self.plays > plan.max_steps {
            return self.part_with(plan, End::Silent, End::TooManySteps, steps);
        }
        steps.push(self.step(plan));
    }

    fn part_with(&mut self, plan: &Dialplan, goodbye: End, result: End, steps: &mut Vec<Step>) {
        self.at = At::Parting {
            goodbye,
            result,
            deaf_to: self.last_key,
        };
        steps.push(self.step(plan));
    }

    fn finish(&mut self, result: End, steps: &mut Vec<Step>) {
        self.at = At::Over { result };
        steps.push(Step::Finished(result));
    }

    /// The step that belongs to where the conversation is.
    fn step(&self, plan: &Dialplan) -> Step {
        match &self.at {
            At::Saying { message } => play(&[], plan.part(message).map_or(&[], |part| &part.say)),
            At::Asking { question, before } => {
                let before = match before {
                    Before::Nothing => &[][..],
                    Before::WrongKey => &plan.say_invalid,
                    Before::NoKey => &plan.say_silent,
                };
                play(before, plan.part(question).map_or(&[], |part| &part.say))
            }
            At::Waiting { question, entry } => {
                let limit = plan.question(question).map(|question| {
                    if entry.is_empty() {
                        question.first
                    } else {
                        question.between
                    }
                });
                Step::Wait {
                    limit: limit.unwrap_or_default(),
                }
            }
            At::Parting { goodbye, .. } => play(&[], plan.ending(*goodbye).map_or(&[], |ending| &ending.say)),
            At::Lingering { goodbye, .. } => Step::Wait {
                limit: plan.ending(*goodbye).map(|ending| ending.wait).unwrap_or_default(),
            },
            At::Over { result } => Step::Finished(*result),
        }
    }
}

/// Which keys a question heeds: while its prompt plays, a key that it does not take lets the prompt go on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Heeds {
    ValidOnly,
    Everything,
}

fn asked<'p>(plan: &'p Dialplan, id: &str) -> Option<(&'p Part, &'p Question)> {
    let part = plan.part(id)?;
    Some((part, part.question()?))
}

fn is_stop(plan: &Dialplan, goodbye: End, key: Key) -> bool {
    goodbye != End::OptedOut && plan.stop_key.is_some_and(|(stop, _)| stop == key)
}

fn play(before: &[Spoken], say: &[Spoken]) -> Step {
    Step::Play {
        prompts: before.iter().chain(say).map(|spoken| spoken.name.clone()).collect(),
    }
}
