//! What each thing that happens does to the conversation: a key, a silence, the end of a prompt, a hang-up.

use super::entry::{self, Reading};
use super::{At, Before, STOP_CALLING, Session};
use crate::dialplan::plan::{Dialplan, Kind, Part, Question, Role, Target};
use crate::dialplan::{Answer, End, Heard, Step};
use crate::phone::Key;

impl Session {
    pub(super) fn key(&mut self, plan: &Dialplan, key: Key, steps: &mut Vec<Step>) {
        self.last_key = Some(key);
        match self.at.clone() {
            At::Saying { message } => {
                let Some(part) = plan.part(&message) else { return };
                if plan.stop_key_in(part) == Some(key) {
                    self.opt_out(plan, key, steps);
                } else if plan.person_key_in(part) == Some(key) {
                    self.wish(plan, steps);
                }
            }
            At::Asking { question, .. } => {
                let Some((part, asked)) = asked(plan, &question) else {
                    return;
                };
                if plan.stop_key_in(part) == Some(key) {
                    self.opt_out(plan, key, steps);
                } else if plan.person_key_in(part) == Some(key) {
                    self.wish(plan, steps);
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
                } else if entry.is_empty() && plan.person_key_in(part) == Some(key) {
                    self.wish(plan, steps);
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
            At::AwaitingPerson | At::WithPerson | At::Over { .. } => {}
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
            // Who speaks may touch a key: the answer goes on.
            Reading::Wrong if matches!(question.kind, Kind::Open(_)) => self.tries.note(&keys),
            Reading::Wrong => self.wrong(plan, question, &keys, steps),
            Reading::Value(_) | Reading::RefuseSurvey | Reading::RefuseQuestion => {
                self.settle(plan, question, reading, &keys, steps);
            }
        }
    }

    pub(super) fn silence(&mut self, plan: &Dialplan, steps: &mut Vec<Step>) {
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
            At::Saying { .. }
            | At::Asking { .. }
            | At::AwaitingPerson
            | At::WithPerson
            | At::Parting { .. }
            | At::Over { .. } => {}
        }
    }

    /// The patient spoke and has finished.
    pub(super) fn spoken(&mut self, plan: &Dialplan, steps: &mut Vec<Step>) {
        let At::Waiting { question, .. } = self.at.clone() else {
            return;
        };
        if let Some((_, question)) = asked(plan, &question)
            && matches!(question.kind, Kind::Open(_))
        {
            self.settle(plan, question, Reading::Value(1), "", steps);
        }
    }

    pub(super) fn prompt_done(&mut self, plan: &Dialplan, steps: &mut Vec<Step>) {
        match self.at.clone() {
            At::Saying { message } => {
                if let Some(Role::Message { next, required }) = plan.part(&message).map(|part| &part.role) {
                    if *required {
                        self.hear_out(&message, steps);
                    }
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
            At::Waiting { .. } | At::AwaitingPerson | At::WithPerson | At::Lingering { .. } | At::Over { .. } => {}
        }
    }

    /// Remembers what was open when the call ended.
    pub(super) fn leave(&mut self) {
        self.left = match &self.at {
            At::Saying { message } => Some(message.clone()),
            At::Asking { question, .. } | At::Waiting { question, .. } => Some(question.clone()),
            At::AwaitingPerson | At::WithPerson | At::Parting { .. } | At::Lingering { .. } | At::Over { .. } => {
                self.left.take()
            }
        };
    }

    /// Keys that were heard count even if nothing could follow them: an entry left open is read as after a silence.
    pub(super) fn hung_up(&mut self, plan: &Dialplan, steps: &mut Vec<Step>) {
        self.leave();
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
            At::Saying { .. } | At::Asking { .. } | At::Waiting { .. } | At::AwaitingPerson | At::WithPerson => {
                self.finish(End::HungUp, steps);
            }
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
        if let Some(language) = self.chosen(question).and_then(|option| option.language.clone()) {
            self.language = Some(language);
        }
        self.earlier.remove(&question.id);
        self.to_pass.remove(&question.id);
        let keys = keys.to_owned();
        steps.push(Step::Heard(Heard {
            question: question.id.clone(),
            answer,
            keys,
            opts_out: false,
            audio: None,
        }));
    }

    /// A message that had to be heard was: that is written down like an answer.
    fn hear_out(&mut self, message: &str, steps: &mut Vec<Step>) {
        self.heard.insert(message.to_owned(), Answer::Value(1));
        steps.push(Step::Heard(Heard {
            question: message.to_owned(),
            answer: Answer::Value(1),
            keys: String::new(),
            opts_out: false,
            audio: None,
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
            End::Refused | End::OptedOut | End::Silent | End::Appointment | End::HungUp | End::TooManySteps => {
                End::OptedOut
            }
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
            audio: None,
        }));
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
