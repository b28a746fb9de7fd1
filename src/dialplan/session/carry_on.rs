//! Going on with a questionnaire that an earlier call left unfinished.

use std::collections::BTreeSet;

use super::{At, OtherDialplan, Session};
use crate::dialplan::plan::{Dialplan, Question, Role, Target, Way};
use crate::dialplan::{Answer, End, Step};

impl Session {
    /// Begins another call of an unfinished questionnaire: the session, and its first steps.
    ///
    /// It begins as every call does, because whoever takes up the telephone has to hear who calls and say who is there:
    /// messages play and screening questions are put. Questions of the survey that were answered or refused are passed
    /// by, on the way that their answer leads; what nobody answered is put again. A message that only leads from one
    /// answered question to the next is passed by as well. It is held in the language of the call before, and the
    /// question for the language is passed by.
    pub fn carry_on(self, plan: &Dialplan) -> Result<(Self, Vec<Step>), OtherDialplan> {
        self.owns(plan)?;
        let mut session = Self::blank(plan);
        for question in plan.questions().filter(|question| !question.screening) {
            if let Some(answer) = self.heard.get(&question.id).filter(|answer| is_settled(**answer)) {
                session.heard.insert(question.id.clone(), *answer);
                session.earlier.insert(question.id.clone());
                session.asked.insert(question.id.clone());
            }
        }
        for message in plan.required_messages().filter(|id| self.heard.contains_key(*id)) {
            session.heard.insert(message.to_owned(), Answer::Value(1));
            session.asked.insert(message.to_owned());
        }
        session.language.clone_from(&self.language);
        session.to_pass.clone_from(&session.earlier);
        session.required_before = self.required_when_left(plan);
        let mut steps = Vec::new();
        session.go(plan, &plan.start, &mut steps);
        Ok((session, steps))
    }

    fn required_when_left(mut self, plan: &Dialplan) -> u32 {
        self.cut_off();
        self.progress(plan).required
    }

    /// Whether a question of the survey was answered, so that there is something to go on with, and nobody refused to.
    pub fn is_unfinished(&self, plan: &Dialplan) -> bool {
        let mut questions = plan.questions().filter(|question| !question.screening);
        let has_value = questions.any(|question| matches!(self.heard.get(&question.id), Some(Answer::Value(_))));
        let has_refused = match self.end() {
            Some(End::Refused) => !self.is_call_back_declined(plan),
            end => end == Some(End::OptedOut),
        };
        has_value && !has_refused
    }

    /// The line was cut without a word: what was being entered is no answer, because more keys may have followed.
    pub fn cut_off(&mut self) {
        self.leave();
        if self.end().is_none() {
            self.at = At::Over { result: End::HungUp };
        }
    }

    /// Where this way leads once what was answered before is passed by.
    pub(super) fn pass_by<'p>(&mut self, plan: &'p Dialplan, way: &'p Way) -> &'p Way {
        let mut way = way;
        let mut languages_passed = BTreeSet::new();
        loop {
            way = if let Some(question) = self.settled_ahead(plan, way) {
                self.to_pass.remove(&question.id);
                match self.heard.get(&question.id) {
                    Some(Answer::Value(value)) => question.way(*value),
                    Some(Answer::Refused | Answer::Silent | Answer::Invalid) | None => &question.on_refusal,
                }
            } else if let Some((question, value)) = self.language_ahead(plan, way)
                && languages_passed.insert(&question.id)
            {
                question.way(value)
            } else {
                return way;
            };
        }
    }

    /// The question for the language, if a way leads to it and the answer is known.
    fn language_ahead<'p>(&self, plan: &'p Dialplan, way: &'p Way) -> Option<(&'p Question, i64)> {
        let Target::Part(id) = &way.target else { return None };
        let question = plan.question(id)?;
        let is_for_language = question.options.iter().all(|option| option.language.is_some());
        let value = question.value_of_language(self.language.as_deref()?)?;
        is_for_language.then_some((question, value))
    }

    /// The question to which a way leads, if it is one to pass by. Messages stand between them, but not where the first
    /// of them is still ahead: what opens the survey is said.
    fn settled_ahead<'p>(&self, plan: &'p Dialplan, way: &'p Way) -> Option<&'p Question> {
        let has_passed = self.to_pass.len() < self.earlier.len();
        let mut seen = BTreeSet::new();
        let mut way = way;
        loop {
            let Target::Part(id) = &way.target else { return None };
            match &plan.part(id)?.role {
                Role::Question(question) => {
                    return Some(&**question).filter(|question| self.to_pass.contains(&question.id));
                }
                Role::Message { next, .. } if has_passed && seen.insert(id) => way = next,
                Role::Message { .. } => return None,
            }
        }
    }
}

const fn is_settled(answer: Answer) -> bool {
    match answer {
        Answer::Value(_) | Answer::Refused => true,
        Answer::Silent | Answer::Invalid => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialplan::tests::{plan_text, shipped};
    use crate::dialplan::{Progress, Resume, parse};
    use crate::phone::Key;

    /// A call as somebody has it who hears every prompt out and presses these keys, `!` to hang up.
    fn goes(plan: &Dialplan, session: &mut Session, mut steps: Vec<Step>, keys: &str) -> Vec<String> {
        let mut said = Vec::new();
        let mut keys = keys.chars();
        loop {
            let Some(step) = steps.pop() else {
                panic!("nothing follows")
            };
            let resume = match step {
                Step::Play { prompts } => {
                    said.extend(prompts);
                    Resume::PromptDone
                }
                Step::Wait { .. } => match keys.next() {
                    Some('!') => Resume::HungUp,
                    Some(key) => Resume::Key(Key::from_char(key).unwrap()),
                    None => Resume::Silence,
                },
                Step::Listen { .. } => Resume::Spoken,
                Step::Connect { .. } => Resume::NobodyFree,
                Step::Heard(_) => panic!("a step follows what was heard"),
                Step::Finished(_) => return said,
            };
            steps = session.resume(plan, resume).unwrap();
        }
    }

    fn first_call(plan: &Dialplan, keys: &str) -> Session {
        let (mut session, steps) = Session::start(plan);
        goes(plan, &mut session, steps, keys);
        // What is kept is what was written down.
        serde_json::from_str(&serde_json::to_string(&session).unwrap()).unwrap()
    }

    #[test]
    fn the_next_call_greets_asks_who_is_there_and_goes_on_at_the_first_question_without_an_answer() {
        let plan = shipped();
        let left = first_call(&plan, "112!");
        assert!(left.is_unfinished(&plan));
        let (mut session, steps) = left.carry_on(&plan).unwrap();
        let said = goes(&plan, &mut session, steps, "1119");
        assert_eq!(
            said,
            [
                "inpatient-greeting",
                "inpatient-identity",
                "inpatient-introduction",
                "inpatient-quality",
                "inpatient-instructions",
                "inpatient-recommend",
                "goodbye-completed"
            ]
        );
        let progress = session.progress(&plan);
        let expected = Progress {
            keys: 4,
            answered: 3,
            answered_before: 2,
            required: 5,
            required_answered: 5,
            end: Some(End::Completed),
            ..Progress::default()
        };
        assert_eq!(progress, expected);
    }

    #[test]
    fn an_answer_that_led_aside_leads_aside_again_and_what_it_led_by_is_not_said_twice() {
        let plan = shipped();
        let (session, steps) = first_call(&plan, "1114!").carry_on(&plan).unwrap();
        let mut session = session;
        let said = goes(&plan, &mut session, steps, "11");
        assert_eq!(
            said[2..5],
            ["inpatient-introduction", "inpatient-sorry", "inpatient-improve"]
        );
        let (mut again, steps) = session.carry_on(&plan).unwrap();
        let said = goes(&plan, &mut again, steps, "1");
        assert_eq!(said[2..4], ["inpatient-introduction", "inpatient-instructions"]);
        assert_eq!(again.progress(&plan).answered_before, 4);
    }

    #[test]
    fn whoever_hangs_up_the_second_call_at_once_answered_nothing_in_it() {
        let plan = shipped();
        let (mut session, steps) = first_call(&plan, "112!").carry_on(&plan).unwrap();
        goes(&plan, &mut session, steps, "!");
        let progress = session.progress(&plan);
        assert_eq!((progress.answered, progress.answered_before), (0, 2));
        assert_eq!((progress.required, progress.required_answered), (5, 2));
    }

    #[test]
    fn who_answered_nothing_or_refused_leaves_nothing_to_go_on_with() {
        let plan = shipped();
        for keys in ["!", "1!", "11##", "9", "2", "3"] {
            assert!(!first_call(&plan, keys).is_unfinished(&plan), "{keys}");
        }
    }

    #[test]
    fn a_question_that_was_refused_is_not_put_again_and_one_that_nobody_answered_is() {
        let plan = shipped();
        let (mut session, steps) = first_call(&plan, "11#").carry_on(&plan).unwrap();
        let said = goes(&plan, &mut session, steps, "1!");
        assert_eq!(said.last().unwrap(), "inpatient-quality");
    }

    #[test]
    fn an_entry_that_the_line_cut_off_is_no_answer() {
        let plan = shipped();
        let (mut session, mut steps) = Session::start(&plan);
        for key in "111111".chars() {
            while let Some(Step::Play { .. }) = steps.last() {
                steps = session.resume(&plan, Resume::PromptDone).unwrap();
            }
            steps = session
                .resume(&plan, Resume::Key(Key::from_char(key).unwrap()))
                .unwrap();
        }
        session.cut_off();
        let progress = session.progress(&plan);
        assert_eq!((progress.required, progress.required_answered), (5, 4));
        let (_, steps) = session.carry_on(&plan).unwrap();
        assert!(matches!(steps.last(), Some(Step::Play { .. })));
    }

    #[test]
    fn a_loop_of_answered_questions_is_passed_once() {
        let parts = r#"
            [[question]]
            id = "a"
            title = "甲"
            say = "a"
            ask = "choice"
            option = [{ key = 1, label = "好" }, { key = 2, label = "差" }]
            next = "b"
            [[question]]
            id = "b"
            title = "乙"
            say = "b"
            ask = "choice"
            option = [{ key = 1, label = "好" }, { key = 2, label = "再来", next = "a" }]
            next = "end.completed"
        "#;
        let plan = parse(&plan_text("a", parts)).unwrap();
        let (mut session, steps) = first_call(&plan, "12!").carry_on(&plan).unwrap();
        let said = goes(&plan, &mut session, steps, "!");
        assert_eq!(said, ["a"]);
    }

    #[test]
    fn another_version_does_not_go_on_with_it() {
        let plan = shipped();
        let other = parse(&format!(
            "{}\n# another\n",
            include_str!("../../../dialplans/inpatient-satisfaction.toml")
        ));
        assert!(first_call(&plan, "112!").carry_on(&other.unwrap()).is_err());
    }
}
