//! What is wrong with a questionnaire that can be read: flow, keys, wording, prompts, patience.

mod fit;
mod flow;
mod keys;
mod patience;
mod prompts;
mod wording;

use std::collections::BTreeMap;
use std::time::Duration;

use super::plan::{Dialplan, Spoken};
use crate::document::{Fault, Faults};

/// One prompt as it was recorded or rendered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// What is said, if the manifest tells; the hospital's name in place.
    pub text: Option<String>,
    /// How long it takes.
    pub duration: Duration,
}

/// The prompts of the dialplan's language, by name.
pub type Prompts = BTreeMap<String, Recorded>;

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
    fit::check(plan, &mut faults);
    faults
}

pub(super) fn with_prompts(plan: &Dialplan, prompts: Option<&Prompts>, faults: &mut Faults) {
    wording::check(plan, prompts, faults);
    prompts::check(plan, prompts, faults);
    patience::check(plan, prompts, faults);
}

/// What a prompt says: in the words of the file, or in those of the manifest.
fn words<'p>(plan: &'p Dialplan, prompts: Option<&'p Prompts>, spoken: &Spoken) -> Option<&'p str> {
    let recorded = || prompts?.get(&spoken.name)?.text.as_deref();
    plan.prompt_text(&spoken.name).or_else(recorded)
}
