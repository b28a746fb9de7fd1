//! The person at the other end: hears prompts, presses keys after them, hangs up.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;

use crate::far_end::script::{HangUp, Talk, When};
use crate::moment::Moment;
use crate::phone::Key;

/// From one key of a reply to the next.
const BETWEEN_KEYS: Duration = Duration::from_millis(300);

/// What a patient does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Presses a key as the reply to a prompt.
    Press(Key, Arc<str>),
    /// Hangs up.
    HangUp,
}

/// One patient on one call.
#[derive(Debug)]
pub(super) struct Patient {
    talk: Arc<Talk>,
    chance: ChaCha8Rng,
    heard: BTreeMap<Arc<str>, usize>,
    intended: Option<Intended>,
    hang_up: Option<Moment>,
}

/// A reply on its way.
#[derive(Debug)]
struct Intended {
    prompt: Arc<str>,
    keys: VecDeque<Key>,
    due: Due,
    is_begun: bool,
}

#[derive(Debug)]
enum Due {
    At(Moment),
    AfterTheEnd(Duration),
}

impl Patient {
    /// A patient who has just answered.
    pub(super) fn new(talk: Arc<Talk>, mut chance: ChaCha8Rng, answered: Moment) -> Self {
        let fixed = talk.hang_ups.iter().filter_map(|hang_up| match hang_up {
            HangUp::At(span) => Some(answered + span.draw(&mut chance)),
            HangUp::On(..) => None,
        });
        let hang_up = fixed.min();
        Self {
            talk,
            chance,
            heard: BTreeMap::new(),
            intended: None,
            hang_up,
        }
    }

    /// A prompt is recognised; it began a moment ago.
    pub(super) fn hears(&mut self, now: Moment, prompt: &Arc<str>, began: Moment) {
        let times = self.heard.entry(prompt.clone()).or_default();
        let intention = self.talk.intention(prompt, *times, &mut self.chance);
        *times += 1;
        for hang_up in &self.talk.hang_ups {
            if let HangUp::On(pattern, span) = hang_up
                && pattern.fits(prompt)
            {
                let at = began + span.draw(&mut self.chance);
                self.hang_up = Some(self.hang_up.map_or(at, |earlier| earlier.min(at)));
            }
        }
        let waits = self.intended.take_if(|i| !i.is_begun);
        if self.intended.is_some() {
            return;
        }
        let Some(intention) = intention else { return };
        // One prompt after another without a pause is one question: what the script says about a named prompt holds
        // until it says something else.
        if let Some(mut waits) = waits.filter(|_| !intention.is_named) {
            if let Due::At(at) = waits.due {
                waits.due = Due::AfterTheEnd(at.since(now));
            }
            self.intended = Some(waits);
            return;
        }
        if !intention.keys.is_empty() {
            let due = match intention.when {
                When::AfterBeginning(wait) => Due::At((began + wait).max(now)),
                When::AfterEnd(wait) => Due::AfterTheEnd(wait),
            };
            let keys = intention.keys.into();
            self.intended = Some(Intended {
                prompt: prompt.clone(),
                keys,
                due,
                is_begun: false,
            });
        }
    }

    /// The prompt that was heard ended, or was cut.
    pub(super) fn heard_out(&mut self, now: Moment) {
        if let Some(intended) = &mut self.intended
            && let Due::AfterTheEnd(wait) = intended.due
        {
            intended.due = Due::At(now + wait);
        }
    }

    /// What is due now; ask until none.
    pub(super) fn acts(&mut self, now: Moment) -> Option<Act> {
        if self.hang_up.is_some_and(|at| at <= now) {
            self.hang_up = None;
            self.intended = None;
            return Some(Act::HangUp);
        }
        let intended = self.intended.as_mut()?;
        match intended.due {
            Due::At(at) if at <= now => {}
            Due::At(_) | Due::AfterTheEnd(_) => return None,
        }
        let key = intended.keys.pop_front();
        let act = key.map(|key| Act::Press(key, intended.prompt.clone()));
        intended.is_begun = true;
        intended.due = Due::At(now + BETWEEN_KEYS);
        if intended.keys.is_empty() {
            self.intended = None;
        }
        act
    }
}

#[cfg(test)]
mod tests {
    use rand_chacha::rand_core::SeedableRng;

    use crate::far_end::script::Script;

    use super::*;

    fn at(millis: u64) -> Moment {
        Moment::ZERO + Duration::from_millis(millis)
    }

    fn patient(behaviour: &str) -> Patient {
        let text = format!("far_end.default = \"p\"\n[[behaviour]]\nname = \"p\"\n{behaviour}");
        let script = Script::parse(&text).unwrap();
        let talk = script.behaviour("1", 1).unwrap().talk.clone();
        Patient::new(talk, ChaCha8Rng::seed_from_u64(1), at(0))
    }

    fn pressed(patient: &mut Patient, now: Moment) -> Option<(char, String)> {
        patient.acts(now).map(|act| match act {
            Act::Press(key, prompt) => (key.as_char(), prompt.to_string()),
            Act::HangUp => ('-', String::new()),
        })
    }

    #[test]
    fn a_key_follows_the_end_of_its_prompt() {
        let mut patient = patient("press_after = \"400ms\"\nkeys = { q1 = \"2\" }");
        patient.hears(at(300), &"q1".into(), at(0));
        assert_eq!(patient.acts(at(5_000)), None);
        patient.heard_out(at(5_000));
        assert_eq!(patient.acts(at(5_399)), None);
        assert_eq!(pressed(&mut patient, at(5_400)), Some(('2', "q1".into())));
        assert_eq!(patient.acts(at(9_000)), None);
    }

    #[test]
    fn a_named_reply_outlives_an_unnamed_prompt_that_follows_at_once() {
        let mut patient = patient("press_after = \"400ms\"\nkeys = { q1 = \"2\", default = \"1\" }");
        patient.hears(at(0), &"q1".into(), at(0));
        patient.heard_out(at(1_000));
        patient.hears(at(1_300), &"scale".into(), at(1_000));
        assert_eq!(patient.acts(at(2_000)), None);
        patient.heard_out(at(3_000));
        assert_eq!(pressed(&mut patient, at(3_500)), Some(('2', "q1".into())));
    }

    #[test]
    fn a_question_that_follows_at_once_replaces_the_reply_to_what_came_before() {
        let mut patient = patient("keys = { q1 = \"3\", default = \"1\" }");
        patient.hears(at(0), &"greeting".into(), at(0));
        patient.heard_out(at(1_000));
        patient.hears(at(1_300), &"q1".into(), at(1_000));
        patient.heard_out(at(2_000));
        assert_eq!(pressed(&mut patient, at(3_000)), Some(('3', "q1".into())));
        assert_eq!(patient.acts(at(9_000)), None);
    }

    #[test]
    fn two_keys_of_one_reply_are_both_pressed_though_the_first_cuts_the_prompt() {
        let mut patient = patient("barge_in = \"1s\"\nkeys = { q1 = \"10\" }");
        patient.hears(at(300), &"q1".into(), at(0));
        assert_eq!(pressed(&mut patient, at(1_000)), Some(('1', "q1".into())));
        patient.heard_out(at(1_100));
        patient.hears(at(1_200), &"q2".into(), at(1_100));
        assert_eq!(pressed(&mut patient, at(1_300)), Some(('0', "q1".into())));
    }

    #[test]
    fn a_patient_hangs_up_during_the_question_that_is_too_much() {
        let mut patient = patient("hang_up = [{ on = \"q2\", after = \"1s\" }]\nkeys = { q2 = \"1\" }");
        patient.hears(at(300), &"q2".into(), at(0));
        patient.heard_out(at(500));
        assert_eq!(patient.acts(at(999)), None);
        assert_eq!(patient.acts(at(1_000)), Some(Act::HangUp));
        assert_eq!(patient.acts(at(5_000)), None);
    }
}
