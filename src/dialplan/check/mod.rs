//! What is wrong with a questionnaire that can be read: flow, keys, wording, prompts, patience.

mod fit;
mod flow;
mod keys;
mod patience;
mod person;
mod prompts;
mod wording;

use std::collections::BTreeMap;
use std::time::Duration;

use super::plan::{Dialplan, Kind, Parameters, Spoken};
use crate::document::{Fault, Faults};

/// One prompt as it was recorded or rendered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// What is said, if the manifest tells; parameters in place.
    pub text: Option<String>,
    /// How long it takes.
    pub duration: Duration,
}

/// The prompts of a dialplan's languages, by the names under which it plays them, and the parameters of the place.
#[derive(Clone, Debug, Default)]
pub struct Prompts {
    /// What was recorded or rendered.
    pub recorded: BTreeMap<String, Recorded>,
    /// The values that the place has for `{name}` in texts; they go before those of the dialplan.
    pub parameters: Parameters,
    /// Whether calls are recorded.
    pub calls: Calls,
}

/// Whether calls are recorded: a spoken answer is a part of the recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Calls {
    /// They are.
    #[default]
    Recorded,
    /// `record = false`.
    NotRecorded,
}

/// All faults of a readable dialplan, sorted by place. Without prompts, what only prompts can tell is not checked.
pub fn check(plan: &Dialplan, prompts: Option<&Prompts>) -> Vec<Fault> {
    let mut faults = structure(plan);
    with_prompts(plan, prompts, &mut faults);
    faults.into_sorted()
}

/// The faults without which a session runs as it should.
pub(super) fn structure(plan: &Dialplan) -> Faults {
    let mut faults = Faults::new();
    flow::check(plan, &mut faults);
    keys::check(plan, &mut faults);
    person::check(plan, &mut faults);
    fit::check(plan, &mut faults);
    faults
}

pub(super) fn with_prompts(plan: &Dialplan, prompts: Option<&Prompts>, faults: &mut Faults) {
    wording::check(plan, prompts, faults);
    prompts::check(plan, prompts, faults);
    patience::check(plan, prompts, faults);
    if prompts.is_some_and(|prompts| prompts.calls == Calls::NotRecorded) {
        spoken_answers_need_a_recording(plan, faults);
    }
}

fn spoken_answers_need_a_recording(plan: &Dialplan, faults: &mut Faults) {
    for part in &plan.parts {
        if part
            .question()
            .is_some_and(|question| matches!(question.kind, Kind::Open(_)))
        {
            let message = format!(
                "\"{}\" asks for a spoken answer, and calls are not recorded: nothing would be kept of it; set record = true \
                 in [media], or leave the question out",
                part.id
            );
            faults.error(part.place, message);
        }
    }
}

/// What a prompt says in a language: in the words of the file, or in those of the manifest.
fn words<'p>(plan: &'p Dialplan, prompts: Option<&'p Prompts>, spoken: &Spoken, language: &str) -> Option<&'p str> {
    let name = plan.played(&spoken.name, language);
    let recorded = || prompts?.recorded.get(&name)?.text.as_deref();
    plan.prompt_text(&name).or_else(recorded)
}
