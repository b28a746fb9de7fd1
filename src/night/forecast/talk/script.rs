//! A person's mind as a script for the virtual world: which keys after which prompt.

use std::time::Duration;

use rand_chacha::ChaCha8Rng;

use super::super::chance::between;
use super::super::manner::Manner;
use super::{Questionnaire, keys};
use crate::dialplan::{End, Question, Resume, Session, Step};
use crate::night::Talk;
use crate::phone::Key;

impl Questionnaire {
    /// What a person of this mind does when the call is one of packets.
    pub(in super::super) fn script(&self, manner: Manner, chance: &mut ChaCha8Rng) -> Talk {
        let soon = Duration::from_millis(1_500);
        let first = self.first_prompt();
        match manner {
            Manner::Silent => Talk::silent(),
            Manner::LeavesAtOnce => Talk::silent().leaves_during(&first, soon),
            Manner::OptsOut => match self.stop {
                Some(key) => Talk::silent().at(&first, &key.to_string(), soon),
                None => self.answering(manner, chance),
            },
            Manner::LeavesAfter { answers } => {
                let asked = usize::try_from(answers).unwrap_or(usize::MAX);
                let talk = self.answering(manner, chance);
                self.leaving(talk, asked, soon)
            }
            Manner::BreaksOff => {
                let talk = self.answering(manner, chance);
                self.leaving(talk, 0, soon)
            }
            Manner::Answers | Manner::Refuses | Manner::ThirdParty | Manner::WrongNumber => {
                self.answering(manner, chance)
            }
        }
    }

    /// Presses keys at every question, most of them when its prompt is over.
    fn answering(&self, manner: Manner, chance: &mut ChaCha8Rng) -> Talk {
        let mut talk = Talk::silent();
        for question in self.plan.questions() {
            let prompts: Vec<String> = self
                .plan
                .question_prompts(&question.id)
                .iter()
                .map(ToString::to_string)
                .collect();
            let Some(prompt) = prompts.first() else { continue };
            let pressed: String = self
                .pressed(question, manner, chance)
                .iter()
                .map(Key::to_string)
                .collect();
            let after = self.length(&prompts) + between(chance, 200, 2_500);
            talk = talk.at(prompt, &pressed, after);
        }
        talk
    }

    fn pressed(&self, question: &Question, manner: Manner, chance: &mut ChaCha8Rng) -> Vec<Key> {
        let leading = |end| {
            let mut options = question.options.iter().map(|option| option.key);
            options.find(|key| self.leads_at_first(*key) == Some(end))
        };
        let said = match manner {
            Manner::ThirdParty if question.screening => leading(End::ThirdParty),
            Manner::WrongNumber if question.screening => leading(End::WrongNumber),
            Manner::Refuses | Manner::OptsOut if !question.screening => return vec![Key::HASH, Key::HASH],
            Manner::Answers
            | Manner::LeavesAfter { .. }
            | Manner::BreaksOff
            | Manner::LeavesAtOnce
            | Manner::Silent
            | Manner::Refuses
            | Manner::OptsOut
            | Manner::ThirdParty
            | Manner::WrongNumber => None,
        };
        said.map_or_else(|| keys::answer(question, chance).into(), |key| vec![key])
    }

    /// Hangs up during the question of the survey behind so many others.
    fn leaving(&self, talk: Talk, answers: usize, after: Duration) -> Talk {
        let mut survey = self.plan.questions().filter(|question| !question.screening);
        let question = survey.nth(answers);
        let prompt = question.and_then(|question| self.plan.question_prompts(&question.id).first().copied());
        match prompt {
            Some(prompt) => talk.at(prompt, "", Duration::ZERO).leaves_during(prompt, after),
            None => talk,
        }
    }

    fn first_prompt(&self) -> String {
        let (_, steps) = Session::start(&self.plan);
        let prompts = steps.into_iter().find_map(|step| match step {
            Step::Play { prompts } => prompts.into_iter().next(),
            Step::Heard(_) | Step::Wait { .. } | Step::Listen { .. } | Step::Connect { .. } | Step::Finished(_) => None,
        });
        prompts.unwrap_or_default()
    }

    /// Where a key leads at the first question of a call.
    fn leads_at_first(&self, key: Key) -> Option<End> {
        let (mut session, _) = Session::start(&self.plan);
        let mut messages = 0;
        while session.question().is_none() && messages < 20 {
            session.resume(&self.plan, Resume::PromptDone).ok()?;
            messages += 1;
        }
        session.resume(&self.plan, Resume::Key(key)).ok()?;
        session.progress(&self.plan).end
    }
}
