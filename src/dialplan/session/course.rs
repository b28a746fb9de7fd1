//! Where the conversation goes next, and the step that each place calls for.

use super::{At, Before, Session, Tries};
use crate::dialplan::plan::{Dialplan, Kind, Role, Spoken, Target, Way};
use crate::dialplan::{End, Step};

impl Session {
    pub(super) fn go(&mut self, plan: &Dialplan, way: &Way, steps: &mut Vec<Step>) {
        let way = self.pass_by(plan, way);
        match &way.target {
            Target::End(end) => self.part_with(plan, *end, *end, steps),
            Target::Nowhere => self.part_with(plan, End::Silent, End::TooManySteps, steps),
            Target::Part(id) => match plan.part(id).map(|part| &part.role) {
                Some(Role::Message { required, .. }) => {
                    if *required {
                        self.asked.insert(id.clone());
                    }
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

    pub(super) fn ask(&mut self, plan: &Dialplan, question: &str, before: Before, steps: &mut Vec<Step>) {
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

    pub(super) fn part_with(&mut self, plan: &Dialplan, goodbye: End, result: End, steps: &mut Vec<Step>) {
        self.at = At::Parting {
            goodbye,
            result,
            deaf_to: self.last_key,
        };
        steps.push(self.step(plan));
    }

    pub(super) fn finish(&mut self, result: End, steps: &mut Vec<Step>) {
        self.at = At::Over { result };
        steps.push(Step::Finished(result));
    }

    /// The step that belongs to where the conversation is.
    pub(super) fn step(&self, plan: &Dialplan) -> Step {
        match &self.at {
            At::Saying { message } => self.say(plan, &[], plan.part(message).map_or(&[], |part| &part.say)),
            At::Asking { question, before } => {
                let is_open = plan
                    .question(question)
                    .is_some_and(|question| matches!(question.kind, Kind::Open(_)));
                let before = match before {
                    Before::Nothing => &[][..],
                    Before::WrongKey => &plan.say_invalid,
                    // No key was asked for where somebody was to speak.
                    Before::NoKey if is_open => &[][..],
                    Before::NoKey => &plan.say_silent,
                };
                self.say(plan, before, plan.part(question).map_or(&[], |part| &part.say))
            }
            At::Waiting { question, entry } => {
                if let Some(question) = plan.question(question)
                    && let Kind::Open(speech) = question.kind
                    && entry.is_empty()
                {
                    let first = question.first;
                    return Step::Listen { first, speech };
                }
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
            At::Parting { goodbye, .. } => self.say(plan, &[], plan.ending(*goodbye).map_or(&[], |ending| &ending.say)),
            At::Lingering { goodbye, .. } => Step::Wait {
                limit: plan.ending(*goodbye).map(|ending| ending.wait).unwrap_or_default(),
            },
            At::AwaitingPerson | At::WithPerson => self.connect(plan),
            At::Over { result } => Step::Finished(*result),
        }
    }

    fn connect(&self, plan: &Dialplan) -> Step {
        let person = plan.person.as_ref();
        Step::Connect {
            say: self.in_language(plan, person.map_or(&[], |person| &person.say)),
            again: self.in_language(plan, person.map_or(&[], |person| &person.again)),
        }
    }

    fn say(&self, plan: &Dialplan, before: &[Spoken], say: &[Spoken]) -> Step {
        let mut prompts = self.in_language(plan, before);
        prompts.extend(self.in_language(plan, say));
        Step::Play { prompts }
    }

    fn in_language(&self, plan: &Dialplan, spoken: &[Spoken]) -> Vec<String> {
        let language = self.language(plan);
        spoken
            .iter()
            .map(|spoken| plan.played(&spoken.name, language))
            .collect()
    }
}
